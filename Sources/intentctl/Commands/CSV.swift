import Terminal
import Wire

/// Writes figures as CSV (RFC 4180), one line per figure, with dotted names.
enum CSV {
    static func text(_ value: JSON) -> String {
        "metric,value\r\n"
            + rows(value, "").map { field($0.name) + "," + field($0.value) + "\r\n" }.joined()
    }

    private static func rows(_ value: JSON, _ name: String) -> [(name: String, value: String)] {
        switch value {
        case .object(let members):
            members.flatMap { rows($0.value, name.isEmpty ? $0.name : "\(name).\($0.name)") }
        case .array(let elements): elements.enumerated().flatMap { rows($1, "\(name).\($0)") }
        case .null: [(name, "")]
        case .string(let text): [(name, harmless(text))]
        default: [(name, value.description)]
        }
    }

    /// An apostrophe keeps a spreadsheet from running a text that begins like a formula.
    private static func harmless(_ text: String) -> String {
        guard let first = text.trimmed.unicodeScalars.first, "=+-@＝＋－＠".unicodeScalars.contains(first) else {
            return text
        }
        return "'" + text
    }

    private static func field(_ text: String) -> String {
        let text = Printable.line(text)
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
