// Decimal places without a formatter: a tool that starts in milliseconds loads no Foundation.
extension Double {
    /// The number with exactly so many places (0…6).
    package func fixed(_ places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard isFinite, scaled < 1e15 else { return description }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// The number with at most so many places.
    package func rounded(to places: Int) -> String {
        let text = fixed(places)
        guard text.contains("."), !text.contains("e") else { return text }
        var trimmed = text[...]
        while trimmed.last == "0" { trimmed.removeLast() }
        if trimmed.last == "." { trimmed.removeLast() }
        return String(trimmed)
    }

    /// The number with its sign, also when it is positive.
    package func signed(_ places: Int) -> String { (self < 0 ? "" : "+") + fixed(places) }

    /// A share in percent.
    package func percent(_ places: Int) -> String { (100 * self).fixed(places) + " %" }

    /// A difference of two shares in percentage points.
    package func points(_ places: Int) -> String { (100 * self).signed(places) + " pt" }
}

/// Milliseconds in words: "12 s", "3 min 5 s".
package func duration(milliseconds: Int) -> String {
    let seconds = (max(0, milliseconds) + 999) / 1_000
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
    if seconds < 86_400 { return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min" }
    return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
}
