import Statistics
import Testing

@testable import Learning

@Suite struct SamplingTests {
    private func source(_ text: String) throws -> SentenceSource {
        SentenceSource(try SentenceTemplate(text), slots: [:])
    }

    @Test func `drawing repeats nothing and can draw everything`() throws {
        let source = try source("(a|b|c) [d] (e|f (g|h)|[i] j)")
        for number in [1, 5, 23, 24, 100] {
            var random = SplitMix64(seed: UInt64(number))
            let sentences = source.sample(number, with: &random)
            #expect(sentences.count == min(number, Int(source.count)))
            #expect(Set(sentences).count == sentences.count)
        }
    }

    @Test func `every sentence is drawn equally often`() throws {
        // Lopsided on purpose: one branch has one sentence, the other six.
        let source = try source("(a|(b|c) (d|e|f))")
        var counts: [String: Int] = [:]
        for seed in 0..<7_000 {
            var random = SplitMix64(seed: UInt64(seed))
            for sentence in source.sample(2, with: &random) { counts[sentence, default: 0] += 1 }
        }
        #expect(counts.count == 7)
        // 2,000 expected, with a standard deviation of 38.
        for (_, count) in counts { #expect((1_800...2_200).contains(count)) }
    }

    @Test func `the same seed draws the same`() throws {
        let source = try source("(a|b|c|d|e|f) (g|h|i|j) [k]")
        func draw(_ seed: UInt64) -> [String] {
            var random = SplitMix64(seed: seed, for: "order_status")
            return source.sample(10, with: &random)
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
    }

    @Test func `a bomb gives as many sentences as were asked for`() throws {
        let source = try source(String(repeating: "(a|b|c|d|e|f|g|h)", count: 200))
        var random = SplitMix64(seed: 3)
        let sentences = source.sample(50, with: &random)
        #expect(Set(sentences).count == 50)
        #expect(sentences.allSatisfy { $0.utf8.count == 200 })
    }

    @Test func `noise changes spelling and never the meaning`() {
        let noise = SampleNoise([IntentsFile.Misspelling(word: "parcel", variants: ["parcell"])], share: 1)
        var seen: Set<String> = []
        for seed in 0..<200 {
            var random = SplitMix64(seed: UInt64(seed))
            seen.insert(noise.apply(to: "where is my parcel", with: &random))
        }
        #expect(
            seen == [
                "where is my parcell", "where is my parcell?", "Where is my parcell", "Where is my parcell?",
            ]
        )
    }
}
