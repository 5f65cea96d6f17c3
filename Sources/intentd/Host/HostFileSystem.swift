import Glibc
import Synchronization
package import World

/// The disk of this host, by system calls, because only they give the durability that `FileSystem` promises.
///
/// A file system of some folders reads nothing there that a link takes out of them; the folders themselves may be links.
package struct HostFileSystem: FileSystem {
    /// The folders as they are named, and where they are.
    private let folders: [(name: String, place: String)]

    /// - Parameter folders: what lies in them must stay in them.
    package init(within folders: [String] = []) {
        self.folders = folders.map { ($0 + "/", (Self.place(of: $0) ?? $0) + "/") }
    }

    /// The path with every link in it followed; nil if there is nothing.
    private static func place(of path: String) -> String? {
        guard let place = realpath(path, nil) else { return nil }
        defer { free(place) }
        return String(cString: place)
    }

    /// - Throws: ``FileError`` if a link took the path out of its folder.
    private func check(_ descriptor: Int32, _ path: String) throws(FileError) {
        guard folders.contains(where: { path.hasPrefix($0.name) }) else { return }
        var buffer = [CChar](repeating: 0, count: 4_097)
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, 4_096)
        // Without /proc nobody can say where it leads.
        guard count > 0 else { return }
        let place = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/"
        // A folder that was moved meanwhile is where it is now.
        guard !folders.contains(where: { place.hasPrefix($0.place) }),
            !folders.contains(where: { place.hasPrefix((Self.place(of: String($0.name.dropLast())) ?? "?") + "/") })
        else { return }
        let detail = "a link leads out of the folder, to \(place.dropLast()); put the file itself there"
        throw FileError(.failed, operation: "read", path: path, detail: detail)
    }

    package func read(_ path: String) throws(FileError) -> [UInt8] { try read(path, at: 0, count: nil) }

    package func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        // Whoever reads a large file in pieces lets an event loop that has been woken run between two of them, instead of
        // after the scheduler's slice, which is several milliseconds.
        sched_yield()
        return try read(path, at: offset, count: .some(count))
    }

    private func read(_ path: String, at offset: Int, count: Int?) throws(FileError) -> [UInt8] {
        let descriptor = try open(path, flags: O_RDONLY, to: "read")
        defer { Glibc.close(descriptor) }
        try check(descriptor, path)
        var information = Glibc.stat()
        guard fstat(descriptor, &information) == 0 else { throw .host("read", path) }
        // A named pipe or a device would keep us waiting, or never end.
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw FileError(.failed, operation: "read", path: path, detail: "not a regular file")
        }
        let wanted = min(count ?? .max, max(0, Int(information.st_size) - offset))
        // ThreadSanitizer sees a race otherwise: emptying an array writes the count of the one that all empty arrays share.
        guard wanted > 0 else { return [] }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let free = buffer.baseAddress.map { $0 + filled }
                let step = pread(descriptor, free, wanted - filled, off_t(offset + filled))
                if step < 0 {
                    if errno == EINTR { continue }
                    failed = true
                }
                if step <= 0 { return }
                filled += step
            }
        }
        if failed { throw .host("read", path) }
        return bytes
    }

    package func status(_ path: String) -> FileStatus? {
        var information = Glibc.stat()
        guard stat(path, &information) == 0 else { return nil }
        return FileStatus(information)
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        guard let folder = opendir(path) else { throw .host("list", path) }
        defer { closedir(folder) }
        try check(dirfd(folder), path + "/")
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o755) != 0 {
            if errno == EEXIST { return }
            let parent = Self.parent(of: path)
            guard errno == ENOENT, parent != path else { throw .host("make", path) }
            try makeDirectory(parent)
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .host("make", path) }
        }
        try synchronizeFolder(of: path)
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let temporary = path + ".tmp"
        unlink(temporary)
        var old = stat()
        let isThere = lstat(path, &old) == 0 && old.st_mode & S_IFMT == S_IFREG
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .host("write", path) }
        do throws(FileError) {
            defer { Glibc.close(descriptor) }
            try Self.write(bytes, to: descriptor, path: path)
            if isThere { Self.giveRights(of: old, to: descriptor) }
            guard fsync(descriptor) == 0 else { throw .host("sync", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard Glibc.rename(temporary, path) == 0 else { throw .host("rename", path) }
        try synchronizeFolder(of: path)
    }

    /// Whoever could read and edit the file before can do so afterwards, as far as the kernel lets this process say so.
    private static func giveRights(of old: stat, to descriptor: Int32) {
        if old.st_uid != geteuid() || old.st_gid != getegid(), fchown(descriptor, old.st_uid, old.st_gid) != 0 {
            _ = fchown(descriptor, uid_t.max, old.st_gid)
        }
        _ = fchmod(descriptor, old.st_mode & 0o777)
    }

    package func rename(_ from: String, to path: String) throws(FileError) {
        guard Glibc.rename(from, path) == 0 else { throw .host("rename", from) }
        try synchronizeFolder(of: path)
        if Self.parent(of: from) != Self.parent(of: path) { try synchronizeFolder(of: from) }
    }

    package func link(_ path: String, to target: String) throws(FileError) {
        var current = [CChar](repeating: 0, count: 4_097)
        let length = readlink(path, &current, 4_096)
        if length >= 0, String(decoding: current[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) == target {
            return
        }
        let temporary = path + ".tmp"
        unlink(temporary)
        guard symlink(target, temporary) == 0, Glibc.rename(temporary, path) == 0 else { throw .host("link", path) }
        try synchronizeFolder(of: path)
    }

    package func synchronize(_ path: String) throws(FileError) {
        for name in try list(path) { try flush(path + "/" + name) }
        try synchronizeFolder(of: path + "/.")
        try synchronizeFolder(of: path)
    }

    package func remove(_ path: String) throws(FileError) {
        var information = Glibc.stat()
        guard lstat(path, &information) == 0 else {
            if errno == ENOENT { return }
            throw .host("remove", path)
        }
        let isFolder = information.st_mode & S_IFMT == S_IFDIR
        if isFolder { for name in try list(path) { try remove(path + "/" + name) } }
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else { throw .host("remove", path) }
    }

    package func append(to path: String) throws(FileError) -> any AppendFile {
        let isNew = status(path) == nil
        // Neither a link, which may lead anywhere, nor a pipe, which would keep us waiting.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .host("open", path) }
        let file = HostAppendFile(descriptor: descriptor, path: path)
        guard file.status?.kind == .file else {
            throw FileError(.failed, operation: "open", path: path, detail: "not a regular file")
        }
        if isNew { try synchronizeFolder(of: path) }
        return file
    }

    private func open(_ path: String, flags: Int32, to operation: String) throws(FileError) -> Int32 {
        // O_NONBLOCK, because opening a named pipe must not wait for its writer.
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .host(operation, path) }
        return descriptor
    }

    private func synchronizeFolder(of path: String) throws(FileError) {
        try flush(Self.parent(of: path), flags: O_RDONLY | O_DIRECTORY)
    }

    private func flush(_ path: String, flags: Int32 = O_RDONLY) throws(FileError) {
        let descriptor = try open(path, flags: flags, to: "sync")
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .host("sync", path) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    fileprivate static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let step = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if step < 0 {
                if errno == EINTR { continue }
                throw .host("write", path)
            }
            written += step
        }
    }
}

private final class HostAppendFile: AppendFile {
    private let descriptor: Int32
    private let path: String
    private let length: Atomic<Int>

    init(descriptor: Int32, path: String) {
        (self.descriptor, self.path) = (descriptor, path)
        length = Atomic(Int(lseek(descriptor, 0, SEEK_END)))
    }

    deinit { Glibc.close(descriptor) }

    var size: Int { length.load(ordering: .relaxed) }

    var status: FileStatus? {
        var information = stat()
        return fstat(descriptor, &information) == 0 ? FileStatus(information) : nil
    }

    func write(_ bytes: [UInt8]) throws(FileError) {
        try HostFileSystem.write(bytes, to: descriptor, path: path)
        length.add(bytes.count, ordering: .relaxed)
    }

    func synchronize() throws(FileError) {
        guard fdatasync(descriptor) == 0 else { throw .host("sync", path) }
    }

    func truncate(to size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .host("truncate", path) }
        length.store(size, ordering: .relaxed)
    }
}

extension FileStatus {
    init(_ information: stat) {
        let kind: Kind =
            switch information.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        self.init(
            kind: kind,
            size: Int(information.st_size),
            identity: FileIdentity(device: UInt64(information.st_dev), inode: UInt64(information.st_ino)),
            links: Int(information.st_nlink)
        )
    }
}

extension FileError {
    /// The error that `errno` stands for.
    static func host(_ operation: String, _ path: String) -> FileError {
        let code = errno
        let kind: Kind =
            switch code {
            case ENOENT, ENOTDIR: .notFound
            case ENOSPC, EDQUOT: .full
            case EACCES, EPERM, EROFS: .denied
            default: .failed
            }
        return FileError(kind, operation: operation, path: path, detail: String(cString: strerror(code)))
    }
}
