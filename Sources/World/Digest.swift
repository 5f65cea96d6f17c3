import Crypto

package enum Digest {
    /// SHA-256 in lower-case hexadecimal.
    package static func hex(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    /// The SHA-256 of a file, without holding it in memory.
    package static func hex(of path: String, in files: any FileSystem) throws(FileError) -> String {
        let file = DigestedFile(path, in: files)
        while !file.next().isEmpty {}
        if let error = file.error { throw error }
        return file.digest
    }

    /// Two lower-case digits a byte.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The first twelve digits, as answers show them.
    package static func short(_ digest: String) -> String { String(digest.prefix(12)) }
}

/// A file, piece by piece, and its digest. A piece is small enough to stay in the processor's cache while it is hashed
/// and used, and for the allocator to keep its memory for the next one.
package final class DigestedFile {
    private let path: String
    private let files: any FileSystem
    private var hasher = SHA256()
    private var offset = 0
    package let size: Int
    /// Why there are no more pieces.
    package private(set) var error: FileError?

    package init(_ path: String, in files: any FileSystem) {
        self.path = path
        self.files = files
        let status = files.status(path)
        size = status?.size ?? 0
        // A hole of terabytes is hashed by nobody.
        if let status, status.size > FileLimit.model {
            let detail = "it has \(status.size) bytes, and at most \(FileLimit.model) are read"
            error = FileError(.tooLarge, operation: "read", path: path, detail: detail)
        }
    }

    /// Empty at the end.
    package func next() -> [UInt8] {
        guard error == nil else { return [] }
        do throws(FileError) {
            let piece = try files.read(path, at: offset, count: 1 << 18)
            offset += piece.count
            hasher.update(data: piece)
            return piece
        } catch {
            self.error = error
            return []
        }
    }

    /// SHA-256 of the pieces so far, in lower-case hexadecimal.
    package var digest: String { Digest.hexadecimal(hasher.finalize()) }
}
