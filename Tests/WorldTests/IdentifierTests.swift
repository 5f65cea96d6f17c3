import TestSupport
import Testing
import World

@Suite struct `Identifiers` {
    private let randomness = Randomness.seeded(3)

    @Test func `are UUIDs of version 7 and variant 10, whatever is drawn`() {
        for drawn in [0, 1, UInt64.max, 0x5555_5555_5555_5555, 0xAAAA_AAAA_AAAA_AAAA] {
            let id = Identifier(at: Timestamp(microseconds: 1_795_436_899_123_456), randomness: Randomness { drawn })
            let text = Array(id.description.utf8)
            #expect(text.count == 36)
            #expect(text[14] == UInt8(ascii: "7"))
            #expect("89ab".utf8.contains(text[19]))
        }
    }

    @Test func `carry their time to the millisecond`() {
        let time = Timestamp(microseconds: 1_795_436_899_123_456)
        let id = Identifier(at: time, randomness: randomness)
        #expect(id.time.microseconds == 1_795_436_899_123_000)
        // RFC 9562, 5.7: 48 bits of Unix milliseconds lead.
        #expect(id.description.hasPrefix("01a2"))
    }

    @Test func `sort by time, as text too`() {
        var generator = SeededGenerator(seed: 4)
        var time: Int64 = 1_795_436_899_000_000
        var texts: [String] = []
        for _ in 0..<5_000 {
            // 12 bits divide a millisecond into 4,096 parts: every microsecond is its own.
            time += 1 + Int64(generator.below(3_000))
            texts.append(Identifier(at: Timestamp(microseconds: time), randomness: randomness).description)
        }
        #expect(texts == texts.sorted())
        #expect(Set(texts).count == texts.count)
    }

    @Test func `come back from their text`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            let time = Timestamp(microseconds: Int64(generator.next() % 250_000_000_000_000_000))
            let id = Identifier(at: time, randomness: randomness)
            #expect(Identifier(id.description) == id)
            var bytes: [UInt8] = [1]
            id.write(to: &bytes)
            #expect(bytes == [1] + Array(id.description.utf8))
        }
    }

    @Test(arguments: [
        "", "0", "01a20000-0000-7000-8000-00000000000", "01a20000-0000-7000-8000-0000000000000",
        "01A20000-0000-7000-8000-000000000000", "01a2000000007000800000000000000000000",
        "01a20000_0000_7000_8000_000000000000", "01a20000-0000-7000-8000-00000000000g",
        "01a20000-0000-7000-80000-0000000000-0", "{1a20000-0000-7000-8000-000000000000",
        "01a20000-0000-7000-8000-00000000000０", "------------------------------------",
        "01a20000-0000-7000-8000-000000000000 ",
    ])
    func `in any other form are refused`(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test func `before 1970 stay valid`() {
        let id = Identifier(at: Timestamp(microseconds: -5), randomness: randomness)
        #expect(id.time.microseconds == 0)
        #expect(Identifier(id.description) == id)
    }
}
