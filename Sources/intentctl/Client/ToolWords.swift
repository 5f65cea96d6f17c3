import Wire

/// Says what the daemon refused in the tool's words: people type options and commands, not members and methods.
enum ToolWords {
    static func message(_ error: Refusal) -> String {
        switch error.reason {
        case "unknown_method" where isAgeGap(error):
            return "The daemon does not know this command: it is older than the tool."
        case "forbidden", "invalid_params":
            return translated(error.message, field: error.data["field"]?.string)
        default: return error.message
        }
    }

    static func hint(_ error: Refusal) -> String? {
        switch error.reason {
        case "unknown_method" where isAgeGap(error): "update the daemon, then: `sudo systemctl restart intentd`"
        case "not_found" where error.hint?.contains("new_intent") == true:
            "if a new intent is meant, teach it: `intentctl feedback --text TEXT --intent NAME --new-intent`"
        case "forbidden": error.hint ?? "use sudo, or have an administrator name you in access.admins"
        default: error.hint
        }
    }

    /// Whether the daemon lacks a method that the tool knows.
    private static func isAgeGap(_ error: Refusal) -> Bool { error.message.hasPrefix("There is no method ") }

    /// - Parameter field: the member that the message is about.
    private static func translated(_ message: String, field: String?) -> String {
        var message = message
        for method in Method.allCases {
            // "models.promote needs the role admin": the person typed the command, and knows which.
            if message.hasPrefix(method.rawValue + " needs the role ") {
                message = "This" + message.dropFirst(method.rawValue.count)
                message = message.split(separator: ";").first.map { $0 + "." } ?? message
            }
        }
        message = message.replacing("leave uid out", with: "leave --uid out")
        guard let field, message.hasPrefix(field + " "), options.contains(field) else { return message }
        return "--" + field.map { $0 == "_" ? "-" : String($0) }.joined() + message.dropFirst(field.count)
    }

    /// The members that are options of the tool; the others are its arguments.
    private static let options: Set<String> = [
        "ab_prob", "accept", "comment", "expected", "intent", "key", "limit", "mode", "model", "new_intent", "rating",
        "reason", "since", "state", "top_k", "uid", "window",
    ]
}
