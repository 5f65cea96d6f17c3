import ArgumentParser
import Wire

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
