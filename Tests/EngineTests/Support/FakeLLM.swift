import Engine
import Synchronization
import World

/// An LLM that says what a test wants, and keeps what it was asked.
final class FakeLLM: Sendable {
    enum Play: Sendable {
        case says([String], LLM.Record)
        case fails(after: [String], LLM.Failure)
        /// Says something, and nothing more as long as somebody listens.
        case hangs(after: [String])
        /// Ends without a last delta.
        case vanishes(after: [String])
    }

    private struct State {
        var play: Play
        var prompts: [LLM.Prompt] = []
        var abandoned = 0
        var health = LLM.Health(state: .ready)
        /// The health that a look finds; nil leaves it as it is.
        var found: LLM.Health?
        var looks = 0
    }

    private let state: Mutex<State>

    static let record = {
        var record = LLM.Record(backend: .ollama, model: "m")
        (record.promptTokens, record.completionTokens, record.firstTokenMilliseconds) = (70, 5, 12)
        return record
    }()

    init(_ play: Play = .says(["It is ", "raining."], record)) { state = Mutex(State(play: play)) }

    var play: Play {
        get { state.withLock { $0.play } }
        set { state.withLock { $0.play = newValue } }
    }

    var health: LLM.Health {
        get { state.withLock { $0.health } }
        set { state.withLock { $0.health = newValue } }
    }

    /// The health that a look finds; nil leaves it as it is.
    var found: LLM.Health? {
        get { state.withLock { $0.found } }
        set { state.withLock { $0.found = newValue } }
    }

    var looks: Int { state.withLock { $0.looks } }

    var prompts: [LLM.Prompt] { state.withLock { $0.prompts } }

    /// Questions whose asker went away before their end.
    var abandoned: Int { state.withLock { $0.abandoned } }

    var llm: LLM {
        LLM(
            complete: { [self] prompt in
                let play = state.withLock { state in
                    state.prompts.append(prompt)
                    return state.play
                }
                let (stream, continuation) = AsyncStream.makeStream(of: LLM.Delta.self)
                continuation.onTermination = { [self] reason in
                    if case .cancelled = reason { state.withLock { $0.abandoned += 1 } }
                }
                let (words, last): ([String], LLM.Delta?) =
                    switch play {
                    case .says(let words, let record): (words, .finished(record))
                    case .fails(let words, let failure): (words, .failed(failure))
                    case .hangs(let words), .vanishes(let words): (words, nil)
                    }
                for word in words { continuation.yield(.text(word)) }
                if let last { continuation.yield(last) }
                if case .hangs = play { return stream }
                continuation.finish()
                return stream
            },
            health: { [self] in health },
            look: { [self] in
                state.withLock { state in
                    state.looks += 1
                    if let found = state.found { state.health = found }
                }
            }
        )
    }
}
