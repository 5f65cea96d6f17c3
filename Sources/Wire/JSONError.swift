/// The reason for which bytes are not the JSON that we accept.
package struct JSONError: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        /// The bytes are not RFC 8259 as we read it; JSON-RPC's -32700.
        case syntax
        /// The bytes are well-formed, but an object has a name twice; JSON-RPC's -32600.
        case duplicateKey
    }

    package var kind: Kind
    /// The offset of the first byte that is wrong.
    package var position: Int
    /// Half an English sentence, without a full stop.
    package var message: String
    /// The name that occurs twice; nil for a syntax error.
    package var name: String?

    package init(_ kind: Kind, at position: Int, _ message: String, name: String? = nil) {
        (self.kind, self.position, self.message, self.name) = (kind, position, message, name)
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(message) (at byte \(position))" }
}
