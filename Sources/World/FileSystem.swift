// Nobody but intentd touches a disk: everybody else is handed one. So a test can be the disk, and the crash.

/// Why a file operation failed.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable { case notFound, full, denied, tooLarge, failed }

    package var kind: Kind
    package var operation: String
    package var path: String
    /// The system's own words, such as "No space left on device".
    package var detail: String

    package init(_ kind: Kind, operation: String, path: String, detail: String) {
        (self.kind, self.operation, self.path, self.detail) = (kind, operation, path, detail)
    }

    package var description: String { "cannot \(operation) \(path): \(detail)" }
}

package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case file, directory, link, other }

    package var kind: Kind
    /// Bytes.
    package var size: Int
    package var identity: FileIdentity
    /// How many names lead to it; 0 for an open file that was removed.
    package var links: Int

    package init(
        kind: Kind,
        size: Int,
        identity: FileIdentity = FileIdentity(device: 0, inode: 0),
        links: Int = 1
    ) {
        (self.kind, self.size, self.identity, self.links) = (kind, size, identity, links)
    }
}

/// The identity of a file. It stays when the file is renamed, and another file in its place has another.
package struct FileIdentity: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) { (self.device, self.inode) = (device, inode) }
}

/// The file operations that the daemon needs, with the durability that each promises.
///
/// Paths are absolute or relative to the process, and lie below the folders of ``Folders`` only.
package protocol FileSystem: Sendable {
    /// The whole file.
    func read(_ path: String) throws(FileError) -> [UInt8]

    /// At most `count` bytes from `offset`; fewer at the end of the file.
    func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8]

    /// What is at `path` (a link is followed), or nil.
    func status(_ path: String) -> FileStatus?

    /// Names in a folder, sorted, without `.` and `..`.
    func list(_ path: String) throws(FileError) -> [String]

    /// Makes a folder and its parents; one that exists is fine.
    func makeDirectory(_ path: String) throws(FileError)

    /// Puts `bytes` at `path`, whole or not at all, on stable storage when it returns:
    /// temporary file of mode 0600 in the same folder, fsync, rename, fsync of the folder.
    func replace(_ path: String, with bytes: [UInt8]) throws(FileError)

    /// Renames within one file system and syncs the target's folder.
    func rename(_ from: String, to: String) throws(FileError)

    /// Points the symbolic link at `path` to `target`, atomically.
    func link(_ path: String, to target: String) throws(FileError)

    /// Syncs a finished folder: its files, then itself, then its parent.
    func synchronize(_ path: String) throws(FileError)

    /// Removes a file, a link or a whole folder; nothing there is fine.
    func remove(_ path: String) throws(FileError)

    /// Opens for appending; makes the file (mode 0600) where there is none.
    func append(to path: String) throws(FileError) -> any AppendFile
}

extension FileSystem {
    /// The whole of a regular file that has at most `limit` bytes. Nothing is read of a larger one, and nothing waits for what
    /// is no file.
    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        if let status = status(path) {
            guard status.kind == .file else {
                throw FileError(.failed, operation: "read", path: path, detail: "it is not a regular file")
            }
            guard status.size <= limit else { throw .tooLarge(path, status.size, limit: limit) }
        }
        // It may have grown since.
        let bytes = try read(path, at: 0, count: limit + 1)
        guard bytes.count <= limit else { throw .tooLarge(path, bytes.count, limit: limit) }
        return bytes
    }
}

extension FileError {
    fileprivate static func tooLarge(_ path: String, _ size: Int, limit: Int) -> FileError {
        let detail = "it has \(size) bytes, and at most \(limit) (\(limit >> 10) KiB) are read"
        return FileError(.tooLarge, operation: "read", path: path, detail: detail)
    }
}

/// The most bytes of a file that are read into memory.
package enum FileLimit {
    /// A configuration, a secret, a mark of the daemon's own.
    package static let configuration = 1 << 20
    /// What a person writes by hand: templates, responses, golden and behaviour cases.
    package static let source = 64 << 20
    /// Rows to train on; some million of them.
    package static let data = 512 << 20
    /// What is kept of a version beside the model.
    package static let metadata = 256 << 20
    /// A model.
    package static let model = 2 << 30
}

/// A file that only grows; it is closed when its last holder lets it go. Its owner serialises `truncate`; `write` may come from several threads.
package protocol AppendFile: Sendable {
    /// Bytes in the file when it was opened, and those written since by way of this value.
    var size: Int { get }

    /// What the open file is now, whatever lies at its path; nil if the system does not tell.
    var status: FileStatus? { get }

    /// Appends all bytes in one go, so that two writers' lines never mix.
    func write(_ bytes: [UInt8]) throws(FileError)

    func synchronize() throws(FileError)

    func truncate(to size: Int) throws(FileError)
}
