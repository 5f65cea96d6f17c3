import Crypto
import FoundationEssentials
import Text

// Clients choose the names of sessions and the keys of retries, and some choose a telephone number or an address. Nobody
// has to read such a name back; it has to be found again. So a hash of it is kept, under a secret of the database: without
// it, guesses cannot be tested. What people are shown is the name as the redactor leaves it.

/// Makes of a name that a client chose what may be kept of it: `#`, 32 hexadecimal digits of its hash, `:`, and the redacted
/// name. The same name gives the same text.
///
///     let kept = seal.seal("+49 170 1234567")    // "#9f…:<phone>"
///     NameSeal.shown(kept)                       // "<phone>"
package struct NameSeal: Sendable {
    private static let digits = 32
    private static let hexadecimal = Array("0123456789abcdef".utf8)
    private let key: SymmetricKey

    init(secret: String) { key = SymmetricKey(data: Array(secret.utf8)) }

    package func seal(_ name: String) -> String { String(decoding: seal(Array(name.utf8)), as: UTF8.self) }

    /// - Parameter name: in UTF-8.
    func seal(_ name: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(Self.digits + 2 + name.count)
        kept.append(UInt8(ascii: "#"))
        append(hashOf: name, to: &kept)
        kept.append(UInt8(ascii: ":"))
        var redacted: [UInt8] = []
        let isRedacted = name.withUnsafeBufferPointer { Redactor.redact($0, into: &redacted) }
        kept += isRedacted ? redacted : name
        return kept
    }

    /// The hash alone, of a text that nobody has to be shown.
    func hash(_ text: String) -> String {
        var hash: [UInt8] = []
        append(hashOf: Array(text.utf8), to: &hash)
        return String(decoding: hash, as: UTF8.self)
    }

    private func append(hashOf name: [UInt8], to bytes: inout [UInt8]) {
        for byte in HMAC<SHA256>.authenticationCode(for: name, using: key).prefix(Self.digits / 2) {
            bytes.append(Self.hexadecimal[Int(byte >> 4)])
            bytes.append(Self.hexadecimal[Int(byte & 0xF)])
        }
    }

    /// What people are shown of a kept name. A name that an earlier intentd kept as it was is redacted.
    static func shown(_ kept: String) -> String {
        isSealed(kept) ? String(decoding: kept.utf8.dropFirst(digits + 2), as: UTF8.self) : Redactor.redact(kept)
    }

    static func isSealed(_ kept: String) -> Bool {
        let head = Array(kept.utf8.prefix(digits + 2))
        return head.count == digits + 2 && head[0] == UInt8(ascii: "#") && head[digits + 1] == UInt8(ascii: ":")
            && head[1...digits].allSatisfy(hexadecimal.contains)
    }
}
