import Wire

/// An LLM as far as the engine knows one: how it is asked stands elsewhere and is handed in.
package struct LLM: Sendable {
    /// The answer, piece by piece; letting go of the stream, or cancelling the task that reads it, ends the question.
    package var complete: @Sendable (Prompt) -> AsyncStream<Delta>
    /// What is known of it, without asking.
    package var health: @Sendable () -> Health

    package init(
        complete: @escaping @Sendable (Prompt) -> AsyncStream<Delta>,
        health: @escaping @Sendable () -> Health
    ) {
        self.complete = complete
        self.health = health
    }

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
        /// nil is the configured one.
        package var model: String?
        /// Who asks: those who wait take turns by it.
        package var uid: UInt32
    }

    /// A piece of an answer; one of the last two comes last.
    package enum Delta: Sendable {
        case text(String)
        case finished(Record)
        case failed(Failure)
    }

    /// What is known of an answer that came whole.
    package struct Record: Sendable, Equatable {
        package var backend: String
        package var model: String
        package var promptTokens: Int?
        package var completionTokens: Int?
        /// From the question to the first text.
        package var firstTokenMilliseconds: Int?
        /// Something did not fit: the history, the message, or the end of the answer.
        package var isTruncated: Bool
        /// Text went to another host.
        package var leftHost: Bool

        package init(
            backend: String,
            model: String,
            promptTokens: Int? = nil,
            completionTokens: Int? = nil,
            firstTokenMilliseconds: Int? = nil,
            isTruncated: Bool = false,
            leftHost: Bool = false
        ) {
            self.backend = backend
            self.model = model
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.firstTokenMilliseconds = firstTokenMilliseconds
            self.isTruncated = isTruncated
            self.leftHost = leftHost
        }

        var tokens: Int { (promptTokens ?? 0) + (completionTokens ?? 0) }

        func write(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.name("backend")
            writer.value(backend)
            writer.name("model")
            writer.value(model)
            writer.name("prompt_tokens")
            writer.value(JSON(promptTokens))
            writer.name("completion_tokens")
            writer.value(JSON(completionTokens))
            writer.name("first_token_ms")
            writer.value(JSON(firstTokenMilliseconds))
            writer.name("truncated")
            writer.value(isTruncated)
            writer.name("left_host")
            writer.value(leftHost)
            writer.endObject()
        }
    }

    /// Why there is no answer, or no whole one.
    package struct Failure: Error, Sendable, Equatable {
        /// One of those that begin with `llm_`.
        package var reason: Reason
        /// For the journal.
        package var message: String
        /// Of an answer that broke off.
        package var record: Record?

        package init(_ reason: Reason, _ message: String, record: Record? = nil) {
            self.reason = reason
            self.message = message
            self.record = record
        }
    }

    package struct Health: Sendable, Equatable {
        /// As `status` shows it.
        package enum State: String, Sendable, CaseIterable {
            case off, unknown, unreachable, forbidden, loading, ready, busy
            case notOllama = "not_ollama"
            case modelMissing = "model_missing"

            /// Whether an operator has something to mend.
            var isTrouble: Bool {
                switch self {
                case .unreachable, .forbidden, .notOllama, .modelMissing: true
                case .off, .unknown, .loading, .ready, .busy: false
                }
            }
        }

        package var state: State
        package var reason: String?
        /// Tokens that the model can hold; nil while nobody knows.
        package var contextLength: Int?

        package init(state: State, reason: String? = nil, contextLength: Int? = nil) {
            self.state = state
            self.reason = reason
            self.contextLength = contextLength
        }
    }
}
