/// Joins the lines of a JSON object, which some servers spread over several.
struct SpreadObject {
    private(set) var bytes: [UInt8] = []
    private var brackets = Brackets()

    var isUnderWay: Bool { !bytes.isEmpty }

    /// Adds a line.
    ///
    /// - Returns: the object once its last bracket has closed, or once it cannot become one; nil while it goes on.
    mutating func take(_ line: some Sequence<UInt8>) -> [UInt8]? {
        add(line)
        return brackets.areOpen && bytes.count <= LineSource.limit ? nil : end()
    }

    mutating func add(_ line: some Sequence<UInt8>) {
        if !bytes.isEmpty { bytes.append(0x0A) }
        let start = bytes.count
        bytes.append(contentsOf: line)
        brackets.read(bytes[start...])
    }

    /// Whether it begins and ends like an object.
    var isWhole: Bool { bytes.first == UInt8(ascii: "{") && brackets.areClosed }

    /// Takes what is there.
    mutating func end() -> [UInt8] {
        defer { self = SpreadObject() }
        return bytes
    }
}

/// Counts the brackets of a JSON text that comes line by line.
private struct Brackets {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Whether more has to come. A line cannot end inside a string, so that after such a line nothing can be mended.
    var areOpen: Bool { depth > 0 && !isInString }
    var areClosed: Bool { depth == 0 && !isInString }

    mutating func read(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
        }
    }
}
