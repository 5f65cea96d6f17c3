package import Logging

/// An event as one line for standard error, whatever it holds: `message key=value…`.
package enum LogLine {
    /// Nothing in it ends the line or acts on a terminal.
    package static func text(_ message: String, _ metadata: Logger.Metadata) -> String {
        var line = escaped(message)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let text = escaped("\(value)")
            // A value that would look like a further field, or like the end of this one, stands in quotes.
            let isPlain = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }
            let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            line += " \(key)=" + (isPlain ? text : "\"\(quoted)\"")
        }
        return line
    }

    private static func escaped(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
