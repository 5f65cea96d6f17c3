import Wire

/// The words of an error that a server reports, whichever project it comes from: Ollama, OpenAI, llama.cpp, vLLM, FastAPI,
/// Mistral, Google, text-generation-inference.
enum ReportedError {
    /// Members that hold the words, the best first.
    private static let names = [
        "message", "detail", "msg", "error", "errors", "error_message", "error_msg", "error_description", "description",
        "reason", "title", "type", "code",
    ]

    /// What an object reports; nil if it reports no error.
    static func words(in value: JSON) -> String? {
        for name in ["error", "errors"] {
            if let error = value[name], !isNothing(error) { return text(error) }
        }
        if ["type", "object", "status"].contains(where: { value[$0]?.string == "error" }) { return text(value) }
        // These are errors by themselves, but only in an object that is no part of an answer.
        guard value["choices"] == nil, value["done"] == nil else { return nil }
        for name in ["detail", "message", "msg", "error_message", "error_msg"] {
            if let said = value[name], !isNothing(said), name != "message" || said.string != nil { return text(said) }
        }
        return nil
    }

    /// The words of an `error` member, or of a whole object that is an error.
    static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): return text
        case .array(let items): return items.prefix(4).map { text($0) }.joined(separator: "; ")
        case .object:
            guard let words = names.lazy.compactMap({ value[$0] }).first(where: { !isNothing($0) }) else { break }
            // FastAPI names the field that it complains of, and repeats what stood in it, which is nobody's business.
            let place = value["loc"]?.array.map { $0.map { text($0) }.joined(separator: ".") + ": " }
            return (place ?? "") + text(words)
        case .null, .bool, .integer, .double: break
        }
        return value.description
    }

    private static func isNothing(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool(false), .integer(0), .string(""): true
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        case .bool, .integer, .double, .string: false
        }
    }
}
