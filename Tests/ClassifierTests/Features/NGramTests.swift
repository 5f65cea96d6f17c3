import Testing
import Text

@testable import Classifier

@Suite struct NGramTests {
    private func names(_ text: String, _ settings: FeatureSettings) -> [String] {
        let ngrams = NGrams(settings)
        var tokens = TokenizedText()
        Tokenizer(settings.text).tokenize(text, into: &tokens)
        var hashes: [UInt64] = []
        var names: [String] = []
        ngrams.forEachWord(in: tokens, hashes: &hashes) { names.append(ngrams.name(of: $1, in: tokens)) }
        ngrams.forEachCharacters(in: tokens) { names.append(ngrams.name(of: $1, in: tokens)) }
        return names.sorted()
    }

    private func settings(
        words: ClosedRange<Int>?,
        boundaries: Bool = true,
        characters: ClosedRange<Int>? = nil,
        unit: FeatureSettings.CharacterUnit = .word,
        pairs: ClosedRange<Int>? = nil
    ) -> FeatureSettings {
        FeatureSettings(
            words: words,
            boundaries: boundaries,
            pairs: pairs,
            pairRows: 2,
            characters: characters,
            characterUnit: unit
        )
    }

    @Test func `words, pairs and the two ends`() {
        #expect(names("My parcel", settings(words: 1...2)) == ["<s> my", "my", "my parcel", "parcel", "parcel </s>"])
        #expect(names("My parcel", settings(words: 1...2, boundaries: false)) == ["my", "my parcel", "parcel"])
        #expect(names("a b c", settings(words: 3...3, boundaries: false)) == ["a b c"])
        #expect(names("?!", settings(words: 1...2)) == ["<s> ?!", "?!", "?! </s>"])
        #expect(names("", settings(words: 1...2)) == [])
    }

    @Test func `pairs of words that are not neighbours`() {
        let found = names("d c b a", settings(words: 1...1, pairs: 2...2))
        #expect(found == ["a", "b", "c", "c … a", "d", "d … b"])
        #expect(names("d c b a", settings(words: 1...2, pairs: 3...9)).contains("d … a"))
        #expect(names("d", settings(words: 1...2, pairs: 2...9)) == ["<s> d", "d", "d </s>"])
        // In whatever order they stand.
        let settings = settings(words: 1...1, pairs: 2...4)
        let corpus = Corpus(
            ["a x b", "b y a"].map { CorpusRow(text: $0, keepsAll: false) },
            settings: settings
        )
        #expect(corpus.space.count == 3)
    }

    @Test func `characters inside a padded word`() {
        #expect(
            names("né", settings(words: nil, characters: 2...3)) == ["| n|", "| né|", "|né|", "|né |", "|é |"].sorted()
        )
        #expect(names("a", settings(words: nil, characters: 5...6)) == ["| a |"])
        #expect(names("a?", settings(words: nil, characters: 3...3)) == ["| a |"])
        #expect(names("a?", settings(words: nil, characters: 3...3, unit: .chunk)) == ["| a?|", "|a? |"])
        #expect(names("水z", settings(words: nil, characters: 4...4)) == ["| 水z |"])
    }

    @Test func `an n-gram has one hash wherever it stands`() {
        var hashes: [UInt64] = []
        var tokens = TokenizedText()
        let ngrams = NGrams(settings(words: 1...2))
        Tokenizer(TextSettings()).tokenize("where is my parcel", into: &tokens)
        var found: [UInt64] = []
        ngrams.forEachWord(in: tokens, hashes: &hashes) { hash, _ in found.append(hash) }
        #expect(found.contains(NGrams.hash(words: ["my", "parcel"])))
        #expect(found.contains(NGrams.hash(words: ["is"])))
        #expect(Set(found).count == found.count)
    }

    @Test func `blocks have length 1 each`() {
        let settings = FeatureSettings(minimumRows: 1)
        let corpus = Corpus(
            ["where is my parcel", "is my parcel my parcel here", ""].map { CorpusRow(text: $0, keepsAll: false) },
            settings: settings
        )
        for row in 0..<2 {
            let words = corpus.values[corpus.starts[row]..<corpus.wordEnds[row]]
            let characters = corpus.values[corpus.wordEnds[row]..<corpus.starts[row + 1]]
            #expect(abs(words.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            #expect(abs(characters.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
        #expect(corpus.starts[2] == corpus.starts[3])
    }

    @Test func `rare features are dropped unless their row keeps all`() {
        let texts = ["alpha beta", "alpha gamma"]
        func count(_ keep: [Bool], minimumRows: Int? = nil) -> Int {
            let settings = FeatureSettings(words: 1...1, characters: nil, minimumRows: minimumRows)
            return Corpus(zip(texts, keep).map { CorpusRow(text: $0, keepsAll: $1) }, settings: settings).space.count
        }
        #expect(count([false, false]) == 1)
        #expect(count([true, false]) == 2)
        #expect(count([true, true]) == 3)
        #expect(count([false, false], minimumRows: 1) == 3)
        #expect(count([true, true], minimumRows: 2) == 1)
    }

    @Test func `the most frequent features stay when there are too many`() {
        let settings = FeatureSettings(words: 1...1, characters: nil, minimumRows: 1, maximumFeatures: 2)
        let corpus = Corpus(
            ["a b", "a b", "a c"].map { CorpusRow(text: $0, keepsAll: true) },
            settings: settings
        )
        #expect(corpus.documentFrequency == [3, 2])
    }
}
