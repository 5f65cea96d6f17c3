import Testing

@testable import Classifier

@Suite struct `Words that few people said` {
    private let text = "is my zanzibar parcel late"

    private func model(_ said: [String] = ["my zanzibar parcel is late"], support: Int) async throws -> Model {
        // As heavy as feedback, of which no feature is too rare.
        let said = said.map { Example(text: $0, intent: "delivery", weight: 10, support: support) }
        return try await Trainer.train(Samples.examples(perIntent: 20) + said)
    }

    /// The features that stand by their name.
    private func named(_ explanation: Explanation) -> [String] {
        explanation.contributions.map(\.feature).filter { $0 != Explanation.othersWords }
    }

    @Test func `are not named to whoever they are hidden from, and their terms are one`() async throws {
        let model = try await model(support: 1)
        let whole = model.explain(text)
        #expect(named(whole).contains("zanzibar") && named(whole) == whole.contributions.map(\.feature))
        let explanation = model.explain(text, hiding: model.scarce)
        let last = try #require(explanation.contributions.last)
        #expect(last.feature == "others' words")
        #expect(explanation.contributions.count { $0.feature == Explanation.othersWords } == 1)
        let hidden = whole.contributions.filter { !named(explanation).contains($0.feature) }
        #expect(hidden.contains { $0.feature == "zanzibar" })
        #expect(abs(hidden.reduce(0) { $0 + $1.weight } - last.weight) < 1e-5)
        let sum = explanation.contributions.reduce(explanation.bias) { $0 + $1.weight }
        #expect(abs(sum - explanation.logit) < 1e-4)
        #expect(explanation.logit == whole.logit && explanation.intent == whole.intent)
        // The letters go with their word, but for those that another word has, too.
        for feature in named(explanation) where feature.hasPrefix("|") {
            let letters = feature.dropFirst().dropLast()
            #expect([" is ", " my ", " parcel ", " late "].contains { $0.contains(letters) }, "\(feature)")
        }
        #expect(named(explanation).contains("parcel") && named(explanation).contains("|parc|"))
    }

    @Test(arguments: [1, 2])
    func `stay hidden, however often one person says them`(support: Int) async throws {
        let said = ["my zanzibar parcel is late", "zanzibar parcel again", "the zanzibar courier", "oh zanzibar"]
        let model = try await model(said, support: support)
        #expect(!named(model.explain(text, hiding: model.scarce)).contains { $0.contains("zanz") })
    }

    @Test func `are named once three people say the same`() async throws {
        let model = try await model(support: 3)
        #expect(model.explain(text, hiding: model.scarce) == model.explain(text))
    }

    @Test func `are marked, and nothing else of the model depends on it`() async throws {
        let (one, three) = (try await model(support: 1).serialized(), try await model(support: 3).serialized())
        let tensor = try #require(try SafeTensors(one).tensors.last)
        #expect(tensor.name == "sparse.scarce")
        let isSame = one.dropLast(tensor.end - tensor.start) == three.dropLast(tensor.end - tensor.start)
        #expect(isSame)
        #expect(three.suffix(tensor.end - tensor.start).allSatisfy { $0 == 0 })
        let read = try Model(safetensors: one)
        let isWrittenAlike = read.serialized() == one
        #expect(isWrittenAlike && read.scarce?.bytes.contains { $0 != 0 } == true)
        #expect(read.named(read.classes.map { "the " + $0 }).scarce == read.scarce)
    }

    /// The same model as it was written before features were marked.
    private func earlier(_ model: Model) throws -> Model {
        let whole = Model(
            intents: model.classes,
            groups: model.groups,
            withheld: model.withheld,
            settings: model.settings,
            space: model.space,
            weights: model.weights,
            bias: model.bias,
            calibration: model.calibration
        )
        return try Model(safetensors: whole.serialized())
    }

    @Test func `of a version without marks are those that no given text has`() async throws {
        let model = try await model(support: 1)
        let earlier = try earlier(model)
        #expect(earlier.scarce == nil)
        #expect(earlier.explain(text) == model.explain(text))
        var search = FeatureSearch(earlier)
        #expect(named(earlier.explain(text, hiding: search.missing)).isEmpty)
        for example in Samples.examples(perIntent: 20) { search.look(at: example.text) }
        #expect(search.missing == model.scarce)
    }

    @Test func `are read from as many bits as there are features, and from no others`() async throws {
        for count in 0...17 {
            let bits = (0..<count).map { $0 % 3 == 0 }
            let made = FeatureBits(bits)
            #expect(bits.indices.map { made[$0] } == bits)
            #expect(FeatureBits(bytes: made.bytes, count: count) == made)
            #expect(FeatureBits(bytes: made.bytes + [0], count: count) == nil)
            if count % 8 != 0 {
                let last = made.bytes.last ?? 0
                #expect(FeatureBits(bytes: made.bytes.dropLast() + [0x80 | last], count: count) == nil)
            }
        }
        var bytes = try await model(support: 1).serialized()
        let model = try Model(safetensors: bytes)
        if model.featureCount % 8 != 0 {
            bytes[bytes.count - 1] |= 0x80
            #expect(throws: ModelFileError.badTensor("sparse.scarce")) { try Model(safetensors: bytes) }
        }
    }

    /// A text of many hidden words is no more work than any other.
    @Test func `may be as many as a text can hold`() async throws {
        let model = try await model(support: 1)
        let text = String(repeating: "zanzibar ", count: 1_800)
        #expect(named(model.explain(text, hiding: model.scarce)).isEmpty)
    }
}
