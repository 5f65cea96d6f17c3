import Glibc
import Testing
import World

@testable import LanguageModel

private let realURL = getenv("INTENTD_LLM_URL").map { String(cString: $0) }

/// `make test-llm` starts a model and says where it is.
@Suite(.enabled(if: realURL != nil)) struct `A real model` {
    @Test func `a real model answers, counts its tokens and stops when nobody listens`() async throws {
        let url = try #require(realURL)
        let model = try LanguageModel(
            settings(url) {
                $0.backend = .openai
                $0.firstByteTimeout = 60
                $0.totalTimeout = 120
            }
        )
        var heard = await model.hear(.user("Where is Paris?", maxTokens: 40))
        // It may still be reading its weights.
        for _ in 0..<100 where heard.kind == "loading" {
            try await Task.sleep(for: .milliseconds(200))
            heard = await model.hear(.user("Where is Paris?", maxTokens: 40))
        }
        let record = try #require(heard.record, "\(heard)")
        #expect(heard.text.contains { $0.isLetter })
        #expect(try #require(record.promptTokens) > 5)
        #expect(try #require(record.completionTokens) > 0)
        #expect(record.firstTokenMilliseconds != nil)
        #expect(!record.leftHost)
        print("the model said: \(heard.text)\n\(record)")

        let short = await model.hear(.user("Tell me a long story.", maxTokens: 3))
        #expect(short.record?.isTruncated == true)
        #expect(short.record?.completionTokens == 3)

        for await delta in model.complete(.user("Tell me a very long story.", maxTokens: 1_000)) {
            guard case .text = delta else { continue }
            break
        }
        #expect(await eventually { model.counters.inFlight == 0 })
        #expect(model.counters.cancelled == 1)
        await model.shutDown()
    }
}
