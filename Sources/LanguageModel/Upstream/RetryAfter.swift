import Glibc

/// The header `Retry-After`: seconds, or a date.
enum RetryAfter {
    /// The longest time that is heeded. After it, a question finds out whether the server still wants to be left alone.
    private static let longest = 300.0

    /// Returns how long to wait; nil for what cannot be read, and for a time that is over.
    ///
    /// - Parameter now: in seconds since 1970.
    static func pause(_ value: String, at now: Double) -> Duration? {
        let seconds = Double(value).flatMap { $0.isFinite ? $0 : nil } ?? date(value).map { $0 - now }
        guard let seconds, seconds > 0 else { return nil }
        return .seconds(min(seconds, longest))
    }

    /// Reads a date such as `Wed, 21 Oct 2026 07:28:00 GMT`, in seconds since 1970.
    private static func date(_ value: String) -> Double? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = value.split { $0 == " " || $0 == "," }
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
            let day = Int32(words[1]), let year = Int32(words[3]), 1970...9999 ~= year, 1...31 ~= day
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int32($0) }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1_900, Int32(month), day)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (time[0], time[1], time[2])
        return Double(timegm(&fields))
    }
}
