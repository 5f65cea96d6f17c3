/// A strict reader of JSON: RFC 8259 in UTF-8, without a byte-order mark, at most 64 brackets deep, every number within
/// the range of a double, no lone surrogate, no name twice in one object (names are compared after their escapes are
/// resolved).
///
/// What RFC 8259 leaves open, readers decide differently, and a line that two of them understand differently can slip
/// past one that checks it. So everything doubtful is refused.
package struct JSONParser {
    /// The largest number of open brackets.
    package static let depthLimit = 64

    let bytes: UnsafeRawBufferPointer
    var position = 0
    var depth = 0
    /// The first name that occurred twice. Reading goes on after it, since a syntax error further on takes precedence.
    var duplicate: JSONError?

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads exactly one value, with optional white space around it.
    ///
    /// - Throws: `JSONError` with the position of the first wrong byte.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes)
        let value = try parser.document()
        if let duplicate = parser.duplicate { throw duplicate }
        return value
    }

    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        let outcome = bytes.withUnsafeBytes { buffer in Result { () throws(JSONError) in try parse(buffer) } }
        return try outcome.get()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }

    private mutating func document() throws(JSONError) -> JSON {
        skipSpace()
        let value = try value()
        try end()
        return value
    }

    /// Checks that nothing but white space is left.
    mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw syntax("there is more after the value") }
    }

    /// The byte at the reading position; nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func syntax(_ message: String) -> JSONError { JSONError(.syntax, at: position, message) }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Reads one value, before which white space has been skipped. Recursion ends at ``depthLimit``.
    mutating func value() throws(JSONError) -> JSON {
        guard let first = next else { throw syntax("a value is missing") }
        switch first {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default: throw syntax("a value cannot begin like this")
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count,
            (0..<count).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw syntax("only true, false and null are words of JSON") }
        position += count
    }

    mutating func open() throws(JSONError) {
        guard depth < Self.depthLimit else { throw syntax("more than \(Self.depthLimit) brackets are open") }
        depth += 1
        position += 1
        skipSpace()
    }

    /// Reads what follows an element.
    ///
    /// - Returns: true if the bracket closed, false if a comma leads to the next element.
    mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        switch next {
        case bracket:
            position += 1
            depth -= 1
            return true
        case UInt8(ascii: ","):
            position += 1
            skipSpace()
            if next == bracket { throw syntax("a comma must not stand before a closing bracket") }
            return false
        case nil: throw syntax("a bracket is not closed")
        default: throw syntax("a comma or a closing bracket is missing")
        }
    }

    private mutating func array() throws(JSONError) -> [JSON] {
        try open()
        var elements: [JSON] = []
        if try isEmpty(closedBy: UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value()) } while try !closes(with: UInt8(ascii: "]"))
        return elements
    }

    mutating func isEmpty(closedBy bracket: UInt8) throws(JSONError) -> Bool {
        guard next == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    mutating func object() throws(JSONError) -> [Member] {
        try open()
        var members: [Member] = []
        if try isEmpty(closedBy: UInt8(ascii: "}")) { return members }
        var names = NameSet()
        repeat {
            let start = position
            let name = try name()
            if !names.insert(name, among: members) { noteDuplicate(name, at: start) }
            members.append(Member(name, try value()))
        } while try !closes(with: UInt8(ascii: "}"))
        return members
    }

    /// Reads a member's name and its colon.
    mutating func name() throws(JSONError) -> String {
        guard next == UInt8(ascii: "\"") else { throw syntax("a member's name in double quotes is missing") }
        let name = try string()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw syntax("a colon is missing after a member's name") }
        position += 1
        skipSpace()
        return name
    }

    mutating func noteDuplicate(_ name: String, at position: Int) {
        if duplicate == nil {
            duplicate = JSONError(.duplicateKey, at: position, "a member's name stands twice in one object", name: name)
        }
    }
}
