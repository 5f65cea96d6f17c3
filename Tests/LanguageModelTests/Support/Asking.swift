import Patience
import StubServer
import Synchronization
import Testing
import World

@testable import LanguageModel

/// What a stream gave.
struct Heard: Equatable {
    var text = ""
    var record: LLM.Record?
    var failure: LLM.Failure?
    /// Last deltas; more than one is a mistake.
    var ends = 0

    var kind: String? { failure?.kind.name }
}

func settings(_ url: String, _ change: (inout LLM.Settings) -> Void = { _ in }) -> LLM.Settings {
    var settings = LLM.Settings()
    settings.url = url
    settings.model = "m"
    // No answer comes to grief on a busy machine; a test that is about a limit has one of its own.
    settings.connectTimeout = Patience.seconds
    settings.firstByteTimeout = Patience.seconds
    settings.idleTimeout = Patience.seconds
    settings.totalTimeout = Patience.seconds
    settings.probeTimeout = Patience.seconds
    change(&settings)
    return settings
}

extension LLM.Prompt {
    static func user(_ text: String, uid: UInt32 = 1, model: String? = nil, maxTokens: Int? = nil) -> Self {
        Self([Message(.user, text)], model: model, uid: uid, maxTokens: maxTokens)
    }
}

extension LanguageModel {
    func hear(_ prompt: LLM.Prompt = .user("hello")) async -> Heard {
        var heard = Heard()
        for await delta in complete(prompt) {
            switch delta {
            case .text(let text):
                #expect(heard.ends == 0, "text after the end")
                heard.text += text
            case .finished(let record):
                heard.record = record
                heard.ends += 1
            case .failed(let failure):
                heard.failure = failure
                heard.ends += 1
            }
        }
        #expect(heard.ends == 1)
        return heard
    }
}

/// Waits until something is so; false where it hangs.
func eventually(_ isSo: @Sendable () -> Bool) async -> Bool { await Patience.eventually(isSo) }

/// A model that asks a stub; afterwards nothing may be left over: no permit, no open connection.
func withStub(
    path: String? = nil,
    _ change: @Sendable (inout LLM.Settings) -> Void = { _ in },
    _ chat: @escaping Stub.Handler = { _, line in line.answer(Recorded.plain) },
    _ body: (LanguageModel, Stub) async throws -> Void
) async throws {
    let stub = try Stub(path: path, chat)
    let model = try LanguageModel(settings(stub.url, change))
    try await body(model, stub)
    #expect(await eventually { model.counters.inFlight == 0 && model.counters.queued == 0 })
    await model.shutDown()
    #expect(await eventually { stub.open == 0 }, "connections stay open")
    stub.stop()
}

enum DecoderStreams {
    /// From a model that runs elsewhere.
    static let remote =
        #"{"message":{"content":"x"},"remote_model":"m","remote_host":"https://ollama.com:443","done":false}"# + "\n"
        + Recorded.end()
}
