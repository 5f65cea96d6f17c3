import Statistics
import Testing

@Suite struct `What is drawn the same everywhere` {
    /// The vectors of the authors' own test suite.
    @Test(
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)]
    )
    func `is a hash of bytes`(text: String, hash: UInt64) {
        #expect(FNV1a.hash(text.utf8) == hash)
    }

    @Test func `is a generator of its own for each purpose`() {
        func draw(_ seed: UInt64, _ purpose: String) -> UInt64 {
            var generator = SplitMix64(seed: seed, for: purpose)
            return generator.next()
        }
        #expect(draw(1, "a") == draw(1, "a"))
        #expect(draw(1, "a") != draw(1, "b"))
        #expect(draw(1, "a") != draw(2, "a"))
    }
}
