// Clocks are handed in, so that a test can bring its own.

/// A moment of wall time: microseconds since 1970-01-01 UTC.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// RFC 3339 in UTC with microseconds, such as `2026-11-23T12:28:19.000001Z`.
    package var rfc3339: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``rfc3339`` without making a string: every telemetry line carries one. Years that four digits do not
    /// hold become the nearest moment that they do.
    package func write(to bytes: inout [UInt8]) {
        let microseconds = min(max(microseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let (seconds, micros) = microseconds.floorDivided(by: 1_000_000)
        let (days, secondOfDay) = seconds.floorDivided(by: 86_400)
        let (year, month, day) = Timestamp.civil(fromDays: days)
        bytes.append(year, width: 4, then: "-")
        bytes.append(month, width: 2, then: "-")
        bytes.append(day, width: 2, then: "T")
        bytes.append(secondOfDay / 3_600, width: 2, then: ":")
        bytes.append(secondOfDay / 60 % 60, width: 2, then: ":")
        bytes.append(secondOfDay % 60, width: 2, then: ".")
        bytes.append(micros, width: 6, then: "Z")
    }

    /// Reads RFC 3339 with a `Z` or a numeric offset, seconds optionally with a fraction; nil for anything else.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second < 61
        else { return nil }
        var micros: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction(places: 6) else { return nil }
            micros = fraction
        }
        var offset: Int64 = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let sign: Int64 = reader.skip("+") ? 1 : reader.skip("-") ? -1 : 0
            guard sign != 0, let hours = reader.digits(2), reader.skip(":"), let minutes = reader.digits(2),
                hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3_600 + minutes * 60)
        }
        guard reader.atEnd else { return nil }
        let days = Timestamp.days(fromCivil: year, month, day)
        // Refuse the 30th of February.
        guard Timestamp.civil(fromDays: days) == (year, month, day) else { return nil }
        let total = (days * 86_400 + hour * 3_600 + minute * 60 + second - offset) * 1_000_000 + micros
        guard Timestamp.writable.contains(total) else { return nil }
        microseconds = total
    }

    /// The years 0000 to 9999.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": proleptic Gregorian calendar.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.floorDivided(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.floorDivided(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Where time comes from.
package struct Clock: Sendable {
    /// Wall time; may jump.
    package var now: @Sendable () -> Timestamp
    /// Nanoseconds that only go forward; for durations.
    package var monotonic: @Sendable () -> UInt64
    /// Waits; throws `CancellationError` when the task is cancelled.
    package var sleep: @Sendable (_ seconds: Double) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        monotonic: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
    ) {
        (self.now, self.monotonic, self.sleep) = (now, monotonic, sleep)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ value: Int64, width: Int, then sign: Unicode.Scalar) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
        append(UInt8(truncatingIfNeeded: sign.value))
    }
}

private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    var atEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        let isThere = position < bytes.count && bytes[position] == UInt8(truncatingIfNeeded: character.value)
        if isThere { position += 1 }
        return isThere
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for _ in 0..<count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
            position += 1
        }
        return value
    }

    /// Digits after the point as an integer of `places` places; further ones are dropped.
    mutating func fraction(places: Int) -> Int64? {
        var value: Int64 = 0
        var seen = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            if seen < places { value = value * 10 + Int64(digit) }
            seen += 1
            position += 1
        }
        guard seen > 0 else { return nil }
        for _ in 0..<Swift.max(0, places - seen) { value *= 10 }
        return value
    }
}
