import Testing
import Wire

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same cases everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SeededGenerator {
    mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...20, using: &self) {
            let range: ClosedRange<UInt32> =
                switch Int.random(in: 0...5, using: &self) {
                case 0: 0...0x1F
                case 1: 0x80...0x7FF
                case 2: 0x2000...0x20FF
                case 3: 0xE000...0xFFFF
                case 4: 0x1F300...0x1FAFF
                default: 0x20...0x7E
                }
            if let scalar = Unicode.Scalar(.random(in: range, using: &self)) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    mutating func value(depth: Int = 0) -> JSON {
        switch Int.random(in: 0...(depth < 6 ? 8 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .integer(Int(truncatingIfNeeded: next()) >> Int.random(in: 0..<64, using: &self))
        case 3:
            let value = Double(bitPattern: next())
            return value.isFinite ? .double(value) : .double(0.5)
        case 4: return .double(Double.random(in: -1...1, using: &self))
        case 5: return .string(text())
        case 6: return .array((0..<Int.random(in: 0...5, using: &self)).map { _ in value(depth: depth + 1) })
        default:
            var members: [Member] = []
            for _ in 0..<Int.random(in: 0...(depth == 0 ? 20 : 4), using: &self) {
                let name = text()
                if !members.contains(where: { $0.name.hasSameBytes(as: name) }) {
                    members.append(Member(name, value(depth: depth + 1)))
                }
            }
            return .object(members)
        }
    }
}

@Suite struct JSONPropertyTests {
    @Test(arguments: 0..<8)
    func whatIsWrittenReadsBackAsItWas(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<300 {
            let value = generator.value()
            let text = value.description
            let again = try JSONParser.parse(text)
            #expect(again == value)
            // `==` takes equivalent strings for equal; bytes do not.
            #expect(again.description.hasSameBytes(as: text))
        }
    }

    @Test(arguments: 0..<8)
    func whatIsWrittenHarmsNoTerminalAndNoLog(seed: UInt64) {
        var generator = SeededGenerator(state: seed &+ 100)
        for _ in 0..<200 {
            let isHarmful = generator.value().description.unicodeScalars.contains { scalar in
                switch scalar.value {
                case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
                default: false
                }
            }
            #expect(!isHarmful)
        }
    }

    @Test(arguments: 0..<8)
    func anyBytesAreReadOrRefusedButNeverCrash(seed: UInt64) {
        var generator = SeededGenerator(state: seed &+ 200)
        let alphabet = Array("{}[]:,\"\\u0dDeE+-.1 tfnrue".utf8) + [0x80, 0xC3, 0xA9, 0xED, 0xF0, 0xFF, 0x00, 0x0A]
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            check(bytes)
            check((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test(arguments: 0..<4)
    func damagedJSONIsReadOrRefusedButNeverCrashes(seed: UInt64) {
        var generator = SeededGenerator(state: seed &+ 300)
        for _ in 0..<300 {
            var bytes = Array(generator.value().description.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            check(bytes)
        }
    }

    /// Every beginning of a valid text ends in an error at its end, or is valid itself.
    @Test func everyBeginningIsRefusedInOnePiece() throws {
        let whole = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00y"],"b":{"c":null,"d":true}}"#.utf8)
        _ = try JSONParser.parse(whole)
        for count in 0..<whole.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(whole[..<count])) }
        }
    }

    private func check(_ bytes: [UInt8]) {
        do throws(JSONError) {
            let value = try JSONParser.parse(bytes)
            #expect((try? JSONParser.parse(value.description)) == value)
        } catch {
            #expect((0...bytes.count).contains(error.position))
        }
        _ = Incoming.parse(bytes)
    }
}
