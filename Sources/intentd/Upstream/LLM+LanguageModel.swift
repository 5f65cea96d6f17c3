import Engine
import LanguageModel
import Logging
import NIOCore

// The engine's idea of an LLM over the room that asks one: two vocabularies, one meaning.
extension LLM {
    init(_ model: LanguageModel) {
        self.init(
            complete: { prompt in
                let deltas = model.complete(LanguageModel.Prompt(prompt))
                // Unbuffered: whoever reads slowly holds the LLM back.
                return AsyncStream { await deltas.first().map(Delta.init) }
            },
            health: { Health(model.health) }
        )
    }
}

extension AsyncStream {
    /// The next element; nil at the end, and where the reading task is cancelled.
    fileprivate func first() async -> Element? {
        for await element in self { return element }
        return nil
    }
}

extension LanguageModel.Prompt {
    init(_ prompt: LLM.Prompt) {
        let messages = prompt.messages.map { message in
            let role: Role =
                switch message.role {
                case .system: .system
                case .user: .user
                case .assistant: .assistant
                }
            return Message(role, message.text)
        }
        self.init(messages, model: prompt.model, uid: prompt.uid)
    }
}

extension LLM.Delta {
    init(_ delta: LanguageModel.Delta) {
        switch delta {
        case .text(let text): self = .text(text)
        case .finished(let record): self = .finished(LLM.Record(record))
        case .failed(let failure): self = .failed(LLM.Failure(failure))
        }
    }
}

extension LLM.Record {
    init(_ record: LanguageModel.Record) {
        self.init(
            backend: record.backend.rawValue,
            model: record.model,
            promptTokens: record.promptTokens,
            completionTokens: record.completionTokens,
            firstTokenMilliseconds: record.firstTokenMilliseconds.map { Int($0) },
            isTruncated: record.isTruncated,
            leftHost: record.leftHost
        )
    }
}

extension LLM.Failure {
    init(_ failure: LanguageModel.Failure) {
        let reason: Reason =
            switch failure.kind {
            case .unreachable: .llmUnreachable
            case .timeout: .llmTimeout
            case .modelMissing: .llmModelMissing
            case .loading: .llmLoading
            case .busy: .llmBusy
            case .off: .llmOff
            case .interrupted, .error: .llmError
            }
        self.init(reason, failure.message, record: failure.record.map(LLM.Record.init))
    }
}

extension LLM.Health {
    init(_ health: LanguageModel.Health) {
        let state: State =
            switch health.state {
            case .unknown: .unknown
            case .unreachable: .unreachable
            case .notOllama: .notOllama
            case .forbidden: .forbidden
            case .modelMissing: .modelMissing
            case .loading: .loading
            case .ready: .ready
            case .busy: .busy
            }
        self.init(state: state, reason: health.reason, contextLength: health.contextLength)
    }
}
