import GRDB

/// Any text in a column. SQLite's text ends at U+0000 for many of its readers, GRDB among them, so that a NUL is kept as
/// U+001A and a zero, and U+001A itself as U+001A and a one.
struct StoredText: DatabaseValueConvertible {
    private static let escape = Unicode.Scalar(0x1A as UInt8)

    var text: String

    init(_ text: String) { self.text = text }

    var databaseValue: DatabaseValue {
        guard text.utf8.contains(where: { $0 == 0 || $0 == 0x1A }) else { return text.databaseValue }
        var stored = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0: stored += "\u{1A}0"
            case 0x1A: stored += "\u{1A}1"
            default: stored.unicodeScalars.append(scalar)
            }
        }
        return stored.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> StoredText? {
        guard let stored = String.fromDatabaseValue(value) else { return nil }
        guard stored.unicodeScalars.contains(escape) else { return StoredText(stored) }
        var text = ""
        var isEscaped = false
        for scalar in stored.unicodeScalars {
            if isEscaped {
                // A row of before this rule has U+001A alone.
                switch scalar {
                case "0": text.unicodeScalars.append("\0")
                case "1": text.unicodeScalars.append(escape)
                default: text.unicodeScalars.append(contentsOf: [escape, scalar])
                }
                isEscaped = false
            } else if scalar == escape {
                isEscaped = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        if isEscaped { text.unicodeScalars.append(escape) }
        return StoredText(text)
    }
}
