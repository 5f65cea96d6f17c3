import Crypto

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
        size = files.status(path)?.size ?? 0
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
