import Wire
import World

/// The paths and bodies of requests.
enum Requests {
    static func path(_ backend: LLM.Backend) -> String { backend == .openai ? "/v1/chat/completions" : "/api/chat" }

    static func chat(_ prompt: LLM.Prompt, model: String, _ settings: LLM.Settings) -> [UInt8] {
        let messages = prompt.messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] as JSON }
        var members = question(model, messages, stream: true)
        if settings.backend == .openai {
            members.append(Member("stream_options", ["include_usage": true]))
            if let limit = prompt.maxTokens { members.append(Member("max_tokens", .integer(limit))) }
        } else {
            // Models that can think do so unless told not to, and the user would wait without seeing anything.
            members += [Member("think", false)] + keepAlive(settings)
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
