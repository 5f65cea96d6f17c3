import Foundation
import Testing
import Text

@testable import Classifier

@Suite struct `A model from before there were word rules` {
    private struct Answer: Decodable {
        var text: String
        var intent: String
        var confidence: Float
        var inScope: Bool
    }

    private func fixture(_ ending: String) throws -> Data {
        let url = Bundle.module.url(forResource: "Fixtures/alphanumeric_words", withExtension: ending)
        return try Data(contentsOf: #require(url))
    }

    @Test func `cuts words by its own rule and answers as it did`() throws {
        let model = try Model(safetensors: [UInt8](try fixture("safetensors")))
        #expect(model.settings.features.text.wordRule == .alphanumeric)
        #expect(model.settings.features.text.language == .und)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answers = try decoder.decode([Answer].self, from: try fixture("json"))
        #expect(answers.count >= 30)
        var workspace = Workspace()
        for answer in answers {
            let prediction = model.predict(answer.text, workspace: &workspace)
            #expect(model.intents[prediction.intent] == answer.intent, "\(answer.text)")
            #expect(prediction.confidence == answer.confidence, "\(answer.text)")
            #expect(prediction.inScope == answer.inScope, "\(answer.text)")
        }
    }

    @Test func `keeps its rule when it is written again`() throws {
        let model = try Model(safetensors: [UInt8](try fixture("safetensors")))
        let again = try Model(safetensors: model.serialized())
        #expect(again.settings == model.settings)
    }
}
