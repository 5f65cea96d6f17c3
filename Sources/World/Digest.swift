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
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first twelve digits, as answers show them.
    package static func short(_ digest: String) -> String { String(digest.prefix(12)) }
}
