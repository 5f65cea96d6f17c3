import ArgumentParser
import Terminal
import Wire

/// The most items that a list may have.
struct Limit: ExpressibleByArgument {
    let json: JSON

    init(_ count: Int) { json = .integer(count) }

    init?(argument: String) {
        guard let count = Int(argument), 1...1_000 ~= count else { return nil }
        self.init(count)
    }

    var defaultValueDescription: String { json.cell }
}

/// A version as people write it: 7, v7, 000007.
struct Version: ExpressibleByArgument {
    let number: Int
    var json: JSON { .integer(number) }

    init?(argument: String) {
        let digits = argument.hasPrefix("v") ? argument.dropFirst() : argument[...]
        guard let number = Int(digits), 1...999_999 ~= number else { return nil }
        self.number = number
    }
}

/// A moment as people write it, in UTC: 2026-11-02, 2026-11-02T10:00Z, "2026-11-02 10:00:30".
struct Moment: ExpressibleByArgument {
    /// The moment in the form that the protocol asks for.
    let text: String

    static let words = "a time in UTC such as 2026-11-02, 2026-11-02T10:00Z or \"2026-11-02 10:00:30\""

    init?(argument: String) {
        var time = argument
        if time.hasSuffix("Z") || time.hasSuffix("z") { time.removeLast() }
        var bytes = Array(time.utf8)
        if bytes.count > 10, [UInt8(ascii: " "), UInt8(ascii: "t")].contains(bytes[10]) {
            bytes[10] = UInt8(ascii: "T")
        }
        switch bytes.count {
        // A day means its midnight.
        case 10 where time.utf8.count == argument.utf8.count: bytes += Array("T00:00:00".utf8)
        case 16: bytes += Array(":00".utf8)
        default: break
        }
        let text = String(decoding: bytes, as: UTF8.self) + "Z"
        guard Schema.Pattern.time.matches(text) else { return nil }
        self.text = text
    }
}
