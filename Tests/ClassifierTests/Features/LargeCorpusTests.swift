import Statistics
import Testing

@testable import Classifier

@Suite struct `Texts that are read twice` {
    private func rows(_ count: Int) -> [CorpusRow] {
        var random = SplitMix64(seed: 3)
        return (0..<count).map { row in
            let words = (0..<6).map { _ in "w\(random.next(below: 40) * random.next(below: 8))" }
            return CorpusRow(text: words.joined(separator: " "), keepsAll: row % 5 == 0)
        }
    }

    @Test func `give the same rows`() {
        let (once, twice) = (
            Corpus(atOnce: rows(400), settings: FeatureSettings()),
            Corpus(twice: rows(400), settings: FeatureSettings())
        )
        #expect(once.space.hashes == twice.space.hashes && once.space.idf == twice.space.idf)
        #expect(once.documentFrequency == twice.documentFrequency)
        #expect(once.starts == twice.starts && once.wordEnds == twice.wordEnds)
        #expect(once.indices == twice.indices && once.values == twice.values && once.counts == twice.counts)
        #expect(once.occurrences == twice.occurrences && twice.leftOut == 0)
    }

    @Test func `lose the rarest features where there is no room, and say how many`() throws {
        let all = Corpus(atOnce: rows(400), settings: FeatureSettings())
        let room = all.indices.count / 2
        let less = Corpus(twice: rows(400), settings: FeatureSettings(), maximumEntries: room)
        #expect(less.indices.count <= room && less.leftOut == all.space.count - less.space.count && less.leftOut > 0)
        #expect(Array(all.space.hashes.prefix(less.space.count)) == less.space.hashes)
        let forgetful = Corpus(twice: rows(400), settings: FeatureSettings(), maximumCounted: 500)
        #expect(forgetful.space.count > 0 && forgetful.leftOut > 0)
        let frequent = Set(all.space.hashes.prefix(50))
        #expect(frequent.isSubset(of: forgetful.space.hashes))
    }
}
