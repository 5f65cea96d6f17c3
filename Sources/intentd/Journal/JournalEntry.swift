import Engine
package import Logging

/// Makes a log event into the journal's fields.
///
/// A value may hold anything: fields are handed over with their lengths, so no value can forge another field.
package enum JournalEntry {
    package static let identifier = "intentd"

    package static func fields(_ event: LogEvent, _ metadata: Logger.Metadata) -> JournalQueue.Entry {
        var fields = [
            field("MESSAGE", event.message.description),
            field("PRIORITY", String(priority(event.level))),
            field("SYSLOG_IDENTIFIER", identifier),
            field("CODE_FILE", event.file),
            field("CODE_LINE", String(event.line)),
            field("CODE_FUNC", event.function),
        ]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if key == JournalMessage.key, let event = JournalMessage(rawValue: "\(value)") {
                fields.append(field("MESSAGE_ID", event.messageID))
            }
            fields.append(field(name(of: key), "\(value)"))
        }
        return fields
    }

    /// The entry that tells of a gap.
    package static func loss(of count: Int) -> JournalQueue.Entry {
        [
            field("MESSAGE", "\(count) lines are missing before this one: the journal did not take them."),
            field("PRIORITY", "4"), field("SYSLOG_IDENTIFIER", identifier),
            field("MESSAGE_ID", JournalMessage.journalLost.messageID),
            field("INTENTD_EVENT", JournalMessage.journalLost.rawValue),
            field("INTENTD_LOST", String(count)),
        ]
    }

    /// `model_version` becomes `INTENTD_MODEL_VERSION`. Characters that the journal refuses in a name become underscores.
    package static func name(of key: String) -> String {
        let letters = key.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        // The journal takes names of at most 64 bytes.
        return "INTENTD_" + String(decoding: letters.prefix(56), as: UTF8.self)
    }

    /// The number that syslog(3) has for a level.
    package static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    private static func field(_ name: String, _ value: String) -> [UInt8] { Array((name + "=" + value).utf8) }
}
