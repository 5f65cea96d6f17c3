import Wire
import World

/// The paths and bodies of requests.
enum Requests {
    /// The members of a question that not every server understands. One that refuses a question because of such a member is
    /// asked without it from then on.
    struct Dialect: Sendable, Equatable {
        var hasUsage = true
        var hasThink = true
        var limit = "max_tokens"

        /// Gives up what an answer complains of.
        ///
        /// - Returns: whether the question is worth another try.
        mutating func yield(to answer: HTTPAnswer, from backend: LLM.Backend) -> Bool {
            guard answer.status == 400 || answer.status == 422 else { return false }
            let before = self
            let words = answer.text.lowercased()
            if backend == .ollama {
                if words.contains("think") { hasThink = false }
            } else {
                if words.contains("stream_options") || words.contains("include_usage") { hasUsage = false }
                if words.contains("max_completion_tokens") { limit = "max_completion_tokens" }
            }
            return self != before
        }
    }

    static func path(_ backend: LLM.Backend) -> String { backend == .openai ? "/v1/chat/completions" : "/api/chat" }

    static func chat(
        _ prompt: LLM.Prompt,
        model: String,
        _ settings: LLM.Settings,
        dialect: Dialect = Dialect()
    ) -> [UInt8] {
        let messages = prompt.messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] as JSON }
        var members = question(model, messages, stream: true)
        if settings.backend == .openai {
            if dialect.hasUsage { members.append(Member("stream_options", ["include_usage": true])) }
            if let limit = prompt.maxTokens { members.append(Member(dialect.limit, .integer(limit))) }
        } else {
            // Models that can think do so unless told not to, and the user would wait without seeing anything.
            if dialect.hasThink { members.append(Member("think", false)) }
            members += keepAlive(settings)
            if let limit = prompt.maxTokens { members.append(Member("options", ["num_predict": .integer(limit)])) }
        }
        return bytes(members)
    }

    /// Has Ollama load the model, which a question without messages does.
    static func load(_ model: String, _ settings: LLM.Settings) -> [UInt8] {
        bytes(question(model, [], stream: false) + keepAlive(settings))
    }

    static func show(_ model: String) -> [UInt8] { bytes([Member("model", .string(model))]) }

    private static func question(_ model: String, _ messages: [JSON], stream: Bool) -> [Member] {
        [Member("model", .string(model)), Member("messages", .array(messages)), Member("stream", .bool(stream))]
    }

    private static func keepAlive(_ settings: LLM.Settings) -> [Member] {
        settings.keepAlive.map { [Member("keep_alive", JSON($0))] } ?? []
    }

    private static func bytes(_ members: [Member]) -> [UInt8] { Array(JSON.object(members).description.utf8) }
}
