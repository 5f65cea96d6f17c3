/// An LLM as its users know it: a question goes in, an answer comes out piece by piece, and its health can be read
/// without asking it.
///
/// The words stand here because two rooms need them that do not know each other: one asks over HTTP, the other decides
/// when to ask and what an answer means. A test hands in an LLM of two closures.
///
///     for await delta in llm.complete(LLM.Prompt([.init(.user, "Where is my parcel?")], uid: 1000)) {
///         switch delta {
///         case .text(let text): print(text)
///         case .finished(let record): print(record.model)
///         case .failed(let failure): print(failure.message)
///         }
///     }
package struct LLM: Sendable {
    /// Asks, and gives the answer piece by piece. Dropping the stream, or cancelling the task that reads it, cancels
    /// the question.
    package var complete: @Sendable (Prompt) -> AsyncStream<Delta>
    /// The last known health. Costs no request.
    package var health: @Sendable () -> Health
    /// Looks at the LLM, without a question, so that `health` is of now. It returns within the limit of a look.
    package var look: @Sendable () async -> Void

    package init(
        complete: @escaping @Sendable (Prompt) -> AsyncStream<Delta>,
        health: @escaping @Sendable () -> Health,
        look: @escaping @Sendable () async -> Void = {}
    ) { (self.complete, self.health, self.look) = (complete, health, look) }
}

// MARK: A question

extension LLM {
    /// One question with the conversation before it.
    package struct Prompt: Sendable, Equatable {
        package enum Role: String, Sendable { case system, user, assistant }

        package struct Message: Sendable, Equatable {
            package var role: Role
            package var text: String

            package init(_ role: Role, _ text: String) { (self.role, self.text) = (role, text) }
        }

        /// The oldest first.
        package var messages: [Message]
        /// The model to ask; nil asks the configured one.
        package var model: String?
        /// The user who asks. Users with waiting questions take turns.
        package var uid: UInt32
        /// The longest reply in tokens; nil leaves it to the LLM.
        package var maxTokens: Int?

        package init(_ messages: [Message], model: String? = nil, uid: UInt32, maxTokens: Int? = nil) {
            (self.messages, self.model, self.uid, self.maxTokens) = (messages, model, uid, maxTokens)
        }
    }
}

// MARK: An answer

extension LLM {
    /// A piece of an answer. Exactly one `finished` or `failed` comes, and it comes last.
    package enum Delta: Sendable, Equatable {
        case text(String)
        case finished(Record)
        case failed(Failure)
    }

    /// The facts that became known while an answer was made.
    package struct Record: Sendable, Equatable {
        package var backend: Backend
        package var model: String
        package var promptTokens: Int?
        package var completionTokens: Int?
        /// The time from the question to the first text.
        package var firstTokenMilliseconds: Int?
        /// Why the answer ended, in the LLM's own word: `stop`, `length`.
        package var doneReason: String?
        /// Whether something did not fit: the history, the message, or the end of the answer.
        package var isTruncated = false
        /// Whether text was sent to another host.
        package var leftHost = false

        package init(backend: Backend, model: String) { (self.backend, self.model) = (backend, model) }
    }

    /// Why there is no answer, or only the beginning of one.
    package struct Failure: Error, Sendable, Equatable {
        package enum Kind: Sendable, Hashable {
            case unreachable, timeout, modelMissing, loading, busy, off
            /// The answer broke off.
            case interrupted
            /// The LLM reported an error, or did not speak its protocol; the text says which, for the journal.
            case error(String)

            /// A word for counters.
            package var name: String {
                switch self {
                case .modelMissing: "model_missing"
                case .error: "error"
                // The word is the case's own name.
                case .unreachable, .timeout, .loading, .busy, .off, .interrupted: "\(self)"
                }
            }
        }

        package var kind: Kind
        /// An English sentence for the journal, with the remedy where there is one.
        package var message: String
        /// The LLM's own words, on one line and without anything that acts on a terminal; nil if it said none. They are
        /// untrusted: only an admin and the journal get them.
        package var said: String?
        /// The facts about an answer that broke off after its first text; nil if no text came.
        package var record: Record?

        package init(_ kind: Kind, _ message: String, said: String? = nil, record: Record? = nil) {
            (self.kind, self.message, self.said, self.record) = (kind, message, said, record)
        }
    }
}

// MARK: Health

extension LLM {
    /// The last known health of an LLM.
    package struct Health: Sendable, Equatable {
        /// The raw values are those of `status`.
        package enum State: String, Sendable, CaseIterable {
            case off, unknown, unreachable, forbidden, loading, ready, busy
            /// It is there, and its last answers were errors.
            case failing
            case notOllama = "not_ollama"
            case modelMissing = "model_missing"

            /// Whether an operator has to repair something.
            package var isTrouble: Bool {
                switch self {
                case .unreachable, .forbidden, .notOllama, .modelMissing, .failing: true
                case .off, .unknown, .loading, .ready, .busy: false
                }
            }
        }

        /// When somebody looked last.
        package enum Look: Sendable, Equatable {
            case never
            /// In seconds since 1970.
            case at(Double)
            /// Its state is known without a look.
            case notNeeded
        }

        package var state: State
        /// An English sentence, where there is something to say.
        package var reason: String?
        /// What the LLM itself said about its trouble, as in ``LLM/Failure/said``; nil while there is none.
        package var said: String?
        /// When `state` last changed, in seconds since 1970.
        package var since: Double
        /// The size of the model's context window in tokens; nil while it is unknown.
        package var contextLength: Int?
        /// Whether questions are refused for now without being sent, after several failed in a row.
        package var isBreakerOpen = false
        package var lookedAt = Look.notNeeded
        /// Whether somebody chose this LLM; false for the one that is looked for by default.
        package var isConfigured = true
        /// Whether it has ever answered this process.
        package var hasAnswered = false

        package init(state: State = .unknown, reason: String? = nil, since: Double = 0, contextLength: Int? = nil) {
            (self.state, self.reason, self.since, self.contextLength) = (state, reason, since, contextLength)
        }
    }
}

// MARK: Settings

extension LLM {
    /// The protocol that an LLM's server speaks.
    package enum Backend: String, Sendable, CaseIterable {
        /// Ollama's own protocol.
        case ollama
        /// `/v1/chat/completions`, as llama.cpp, vLLM and others speak it.
        case openai
        /// The built-in stand-in: canned sentences, for trying things out without an LLM.
        case standin
        /// No LLM.
        case off
    }

    /// A text that never shows up in a description.
    package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
        CustomReflectable
    {
        package let value: String

        package init(_ value: String) { self.value = value }

        package var description: String { "(secret)" }
        package var debugDescription: String { description }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// How an LLM is asked. All times are in seconds.
    package struct Settings: Sendable, Equatable {
        package var backend = Backend.ollama
        package var url = "http://127.0.0.1:11434"
        package var model = "llama3.2"
        /// Further models that a client may name.
        package var models: [String] = []
        package var connectTimeout = 0.25
        package var firstByteTimeout = 30.0
        package var idleTimeout = 10.0
        package var totalTimeout = 120.0
        package var maxInFlight = 4
        package var maxQueued = 64
        package var allowRemote = false
        /// Sent as a bearer token.
        package var key: Secret?
        /// How long Ollama keeps the model in memory, in Ollama's spelling (`5m`; `-1m` for ever); nil leaves it to Ollama.
        package var keepAlive: String?
        /// The limit of a request that only asks for the LLM's state.
        package var probeTimeout = 1.0
        /// How long a question waits for a model that is being loaded before it fails with `loading`.
        package var loadPatience = 1.0
        /// The limit of loading a model.
        package var loadTimeout = 300.0
        /// The time between two requests for the LLM's state while there are questions.
        package var probeInterval = 5.0
        /// How long after a question the LLM's state is still followed.
        package var interest = 300.0

        package init() {}
    }
}
