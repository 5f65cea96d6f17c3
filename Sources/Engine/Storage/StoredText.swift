import FoundationEssentials
import GRDB

/// Any text in a column. SQLite's text ends at U+0000 for many of its readers, GRDB among them, so that one with a NUL
/// is kept as a blob of its UTF-8.
struct StoredText: DatabaseValueConvertible {
    var text: String

    init(_ text: String) { self.text = text }

    var databaseValue: DatabaseValue {
        text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> StoredText? {
        switch value.storage {
        case .string(let text): StoredText(text)
        case .blob(let bytes): StoredText(String(decoding: bytes, as: UTF8.self))
        case .null, .int64, .double: nil
        }
    }
}
