// What is asked and what comes back. The names are nested, for the daemon has prompts and records of its own.
extension LanguageModel {
    /// One question with what was said before it.
    package struct Prompt: Sendable, Equatable {
        package enum Role: String, Sendable { case system, user, assistant }

        package struct Message: Sendable, Equatable {
            package var role: Role
            package var text: String

            package init(_ role: Role, _ text: String) {
                self.role = role
                self.text = text
            }
        }

        package var messages: [Message]
        /// nil takes the configured one.
        package var model: String?
        /// Who asks: waiting ones are served round-robin by it.
        package var uid: UInt32
        /// The longest reply in tokens; nil leaves it to the LLM.
        package var maxTokens: Int?

        package init(_ messages: [Message], model: String? = nil, uid: UInt32, maxTokens: Int? = nil) {
            self.messages = messages
            self.model = model
            self.uid = uid
            self.maxTokens = maxTokens
        }
    }

    /// A piece of an answer. Exactly one of the last two comes, and it comes last.
    package enum Delta: Sendable, Equatable {
        case text(String)
        case finished(Record)
        case failed(Failure)
    }

    /// What is known of an answer that came whole.
    package struct Record: Sendable, Equatable {
        package var backend: Backend
        package var model: String
        package var promptTokens: Int?
        package var completionTokens: Int?
        package var firstTokenMilliseconds: Double?
        /// As the LLM says it: `stop`, `length`.
        package var doneReason: String?
        /// The answer ended for want of room: the limit of the reply, or the context.
        package var isTruncated = false
        /// Text went to another host.
        package var leftHost = false

        package init(_ backend: Backend, model: String) {
            self.backend = backend
            self.model = model
        }
    }

    /// Why there is no answer, or no whole one.
    package struct Failure: Error, Sendable, Equatable {
        package enum Kind: Sendable, Hashable {
            case unreachable, timeout, modelMissing, loading, busy, off, interrupted
            /// With what the LLM said, for the journal.
            case error(String)

            /// A word for counters.
            package var name: String {
                switch self {
                case .unreachable: "unreachable"
                case .timeout: "timeout"
                case .modelMissing: "model_missing"
                case .loading: "loading"
                case .busy: "busy"
                case .off: "off"
                case .interrupted: "interrupted"
                case .error: "error"
                }
            }
        }

        package var kind: Kind
        /// A plain English sentence, with the remedy where there is one.
        package var message: String
        /// What is known of an answer that broke off after some of it had come.
        package var record: Record?
        /// Some of the answer came before.
        package var hasText: Bool { record != nil }

        package init(_ kind: Kind, _ message: String) {
            self.kind = kind
            self.message = message
        }
    }
}

typealias Prompt = LanguageModel.Prompt
typealias Delta = LanguageModel.Delta
typealias Record = LanguageModel.Record
typealias Failure = LanguageModel.Failure
typealias Settings = LanguageModel.Settings
typealias Health = LanguageModel.Health
