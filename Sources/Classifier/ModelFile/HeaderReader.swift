/// A strict reader for the JSON of a safetensors header: one object of tensors (`dtype`, `shape`, `data_offsets`) and
/// `__metadata__` (strings). Every name may occur once, and anything else is refused. This room has no JSON parser to
/// use, and a file that somebody else has written deserves the smallest one.
struct HeaderReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func read() throws(ModelFileError) -> (metadata: [(name: String, value: String)], tensors: [TensorInfo]) {
        var metadata: [(name: String, value: String)]?
        var tensors: [TensorInfo] = []
        var names = Set<String>()
        try object { reader, name throws(ModelFileError) in
            guard names.insert(name).inserted else { throw reader.malformed }
            if name == "__metadata__" {
                var entries: [(name: String, value: String)] = []
                var keys = Set<String>()
                try reader.object { reader, key throws(ModelFileError) in
                    guard keys.insert(key).inserted else { throw reader.malformed }
                    entries.append((key, try reader.string()))
                }
                metadata = entries
            } else {
                tensors.append(try reader.tensor(name))
            }
        }
        // Spaces may pad the header.
        while position < end, bytes[position] == 0x20 { position += 1 }
        guard position == end else { throw malformed }
        return (metadata ?? [], tensors)
    }

    private var malformed: ModelFileError { .malformedHeader(position: position) }

    private mutating func tensor(_ name: String) throws(ModelFileError) -> TensorInfo {
        var type: TensorType?
        var shape: [Int]?
        var offsets: [Int]?
        try object { reader, key throws(ModelFileError) in
            switch key {
            case "dtype" where type == nil:
                guard let known = TensorType(rawValue: try reader.string()) else { throw .badTensor(name) }
                type = known
            case "shape" where shape == nil: shape = try reader.integers()
            case "data_offsets" where offsets == nil: offsets = try reader.integers()
            default: throw reader.malformed
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else { throw malformed }
        return TensorInfo(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
    }

    private mutating func skipSpace() {
        while position < end, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    /// Reads the next character if it is `character`.
    ///
    /// - Returns: whether it is.
    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < end, let wanted = character.asciiValue, bytes[position] == wanted else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(ModelFileError) {
        guard take(character) else { throw malformed }
    }

    private mutating func object(
        _ member: (inout HeaderReader, String) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            try member(&self, name)
        } while take(",")
        try expect("}")
    }

    private mutating func integers() throws(ModelFileError) -> [Int] {
        var values: [Int] = []
        try expect("[")
        if take("]") { return values }
        repeat {
            guard values.count < 8 else { throw malformed }
            values.append(try integer())
        } while take(",")
        try expect("]")
        return values
    }

    /// Reads 0, or digits without a leading 0, below 2^63.
    private mutating func integer() throws(ModelFileError) -> Int {
        skipSpace()
        let start = position
        var value = 0
        while position < end, (0x30...0x39).contains(bytes[position]) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[position] - 0x30))
            guard !overflow, !carry else { throw malformed }
            value = sum
            position += 1
        }
        guard position > start, position == start + 1 || bytes[start] != 0x30 else { throw malformed }
        return value
    }

    private mutating func string() throws(ModelFileError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22:
                guard let string = String(validating: text, as: UTF8.self) else { throw malformed }
                return string
            case 0x5c:
                guard position < end else { throw malformed }
                let escape = bytes[position]
                position += 1
                switch escape {
                case 0x22, 0x2f, 0x5c: text.append(escape)
                case 0x75: text.append(contentsOf: String(try escapedScalar()).utf8)
                default: throw malformed
                }
            case 0..<0x20: throw malformed
            default: text.append(byte)
            }
        }
        throw malformed
    }

    /// Reads four hexadecimal digits. Surrogates, which the writer never makes, are refused.
    private mutating func escapedScalar() throws(ModelFileError) -> Character {
        guard end - position >= 4 else { throw malformed }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { throw malformed }
            value = value * 16 + UInt32(digit)
        }
        guard let scalar = UnicodeScalar(value) else { throw malformed }
        position += 4
        return Character(scalar)
    }
}
