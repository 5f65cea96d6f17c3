/// Why bytes are not the JSON we take.
package struct JSONError: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        /// Not RFC 8259 as we read it: JSON-RPC's -32700.
        case syntax
        /// Well-formed, but an object has a name twice: -32600.
        case duplicateKey
    }

    package var kind: Kind
    /// Offset of the first byte that is wrong.
    package var position: Int
    /// Half an English sentence, without a full stop.
    package var message: String
    /// The name that stands twice.
    package var name: String?

    package init(_ kind: Kind, at position: Int, _ message: String, name: String? = nil) {
        self.kind = kind
        self.position = position
        self.message = message
        self.name = name
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(message) (at byte \(position))" }
}
