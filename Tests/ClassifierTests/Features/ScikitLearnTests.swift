import Statistics
import Testing
import Text

@testable import Classifier

/// Equality with scikit-learn, whose figures `scripts/sklearn-fixtures.py` wrote down.
@Suite struct ScikitLearnTests {
    struct Features: Decodable {
        var texts: [String]
        var unseen: [String]
        var idf: [String: Double]
        var train: [[String: Double]]
        var test: [[String: Double]]
    }

    struct Logistic: Decodable {
        struct Fit: Decodable {
            var cost: Double
            var balanced: Bool
            var bias: Double
            var objective: Double
            var probabilities: [[Double]]
        }
        var texts: [String]
        var intents: [String]
        var unseen: [String]
        var fits: [Fit]
    }

    private static let words = FeatureSettings.scikitLearn
    private static var characters: FeatureSettings {
        var settings = FeatureSettings.scikitLearn
        settings.words = nil
        settings.characters = 2...4
        settings.characterUnit = .chunk
        return settings
    }

    @Test(arguments: [("tfidf_words", words), ("tfidf_characters", characters)])
    func `features equal TfidfVectorizer's`(name: String, settings: FeatureSettings) throws {
        let expected: Features = try fixture(name)
        let corpus = Corpus(expected.texts.map { CorpusRow(text: $0, keepsAll: false) }, settings: settings)
        let ngrams = NGrams(settings)
        #expect(corpus.space.count == expected.idf.count)
        var named: [Int: String] = [:]
        func collect(_ text: String) -> SparseVector {
            var tokens = TokenizedText()
            Tokenizer(settings.text).tokenize(text, into: &tokens)
            var hashes: [UInt64] = []
            func note(_ hash: UInt64, _ origin: NGrams.Origin) {
                let index = corpus.space.index(of: hash)
                if index >= 0 { named[index] = Self.plain(ngrams.name(of: origin, in: tokens)) }
            }
            ngrams.forEachWord(in: tokens, hashes: &hashes) { note($0, $1) }
            ngrams.forEachCharacters(in: tokens) { note($0, $1) }
            var vector = SparseVector()
            vector.fill(from: tokens, ngrams: ngrams, space: corpus.space, sublinear: settings.sublinear)
            return vector
        }
        func check(_ vector: SparseVector, _ row: [String: Double]) {
            #expect(vector.indices.count == row.count)
            for (index, value) in zip(vector.indices, vector.values) {
                let name = named[Int(index)] ?? "?"
                #expect(abs(Double(value) - (row[name] ?? .nan)) < 1e-6, "\(name)")
            }
        }
        for (position, text) in expected.texts.enumerated() {
            let vector = collect(text)
            check(vector, expected.train[position])
            // What training uses is bit by bit what prediction makes.
            let range = corpus.starts[position]..<corpus.starts[position + 1]
            #expect(Array(corpus.indices[range]) == vector.indices)
            #expect(Array(corpus.values[range]) == vector.values)
        }
        for (text, row) in zip(expected.unseen, expected.test) { check(collect(text), row) }
        for (index, name) in named {
            #expect(abs(Double(corpus.space.idf[index]) - (expected.idf[name] ?? .nan)) < 1e-6, "\(name)")
        }
        #expect(named.count == expected.idf.count)
    }

    @Test(arguments: 0..<4)
    func `the optimum equals LogisticRegression's`(position: Int) async throws {
        let expected: Logistic = try fixture("logistic")
        let fit = expected.fits[position]
        var settings = Settings()
        settings.features = Self.words
        settings.cost = fit.cost
        settings.balanced = fit.balanced
        settings.bias = fit.bias
        settings.gap = 1e-6
        settings.maximumEpochs = 5_000
        let examples = zip(expected.texts, expected.intents).map { Example(text: $0, intent: $1) }
        let problem = try TrainingProblem(examples, validation: [], settings: settings)
        let corpus = problem.corpus()
        var solver = DualSolver(
            corpus: corpus,
            rows: Array(0..<corpus.rows),
            labels: problem.labels,
            costs: problem.costs,
            classes: problem.intents.count,
            bias: Float(fit.bias),
            seed: 1
        )
        for _ in 0..<settings.maximumEpochs {
            solver.epoch()
            if solver.relativeGap() <= settings.gap { break }
        }
        let (primal, dual) = solver.objective()
        #expect(abs(primal - fit.objective) < 1e-4 * fit.objective)
        #expect(dual <= fit.objective * (1 + 1e-5))

        // And so do its probabilities.
        let model = try await Trainer.train(examples, settings: settings)
        var workspace = Workspace()
        for (text, probabilities) in zip(expected.unseen, fit.probabilities) {
            model.tokenizer.tokenize(text, into: &workspace.tokens)
            model.score(&workspace)
            var found: [Float8] = []
            _ = Softmax.fill(&found, workspace.scores, classes: 3, temperature: 1)
            for (k, probability) in probabilities.enumerated() {
                #expect(abs(Double(found[k / 8][k % 8]) - probability) < 5e-3)
            }
        }
    }

    /// A name as scikit-learn has it.
    private static func plain(_ name: String) -> String {
        name.hasPrefix("|") ? String(name.dropFirst().dropLast()) : name
    }
}
