import Wire
import World

/// The paths and bodies of requests.
enum Requests {
    static func path(_ backend: LLM.Backend) -> String {
        backend == .openai ? "/v1/chat/completions" : "/api/chat"
    }

    static func chat(_ prompt: LLM.Prompt, model: String, _ settings: LLM.Settings) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("model")
        writer.value(model)
        writer.name("messages")
        writer.beginArray()
        for message in prompt.messages {
            writer.beginObject()
            writer.name("role")
            writer.value(message.role.rawValue)
            writer.name("content")
            writer.value(message.text)
            writer.endObject()
        }
        writer.endArray()
        writer.name("stream")
        writer.value(true)
        if settings.backend == .openai {
            writer.name("stream_options")
            writer.value(["include_usage": true] as JSON)
            if let limit = prompt.maxTokens {
                writer.name("max_tokens")
                writer.value(limit)
            }
        } else {
            // Models that can think do so unless told not to, and the user would wait without seeing anything.
            writer.name("think")
            writer.value(false)
            keepAlive(settings, &writer)
            if let limit = prompt.maxTokens {
                writer.name("options")
                writer.value(["num_predict": .integer(limit)] as JSON)
            }
        }
        writer.endObject()
        return writer.bytes
    }

    /// Has Ollama load the model, which a question without messages does.
    static func load(_ model: String, _ settings: LLM.Settings) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("model")
        writer.value(model)
        writer.name("messages")
        writer.beginArray()
        writer.endArray()
        writer.name("stream")
        writer.value(false)
        keepAlive(settings, &writer)
        writer.endObject()
        return writer.bytes
    }

    static func show(_ model: String) -> [UInt8] {
        Array((["model": .string(model)] as JSON).description.utf8)
    }

    private static func keepAlive(_ settings: LLM.Settings, _ writer: inout JSONWriter) {
        guard let time = settings.keepAlive else { return }
        writer.name("keep_alive")
        writer.value(time)
    }
}
