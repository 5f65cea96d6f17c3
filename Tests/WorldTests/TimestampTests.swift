import TestSupport
import Testing
import World

@Suite struct `Timestamps` {
    static let known: [(text: String, microseconds: Int64)] = [
        ("1970-01-01T00:00:00.000000Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1900-03-01T00:00:00.000000Z", -2_203_891_200_000_000),
        ("2000-02-29T12:00:00.000000Z", 951_825_600_000_000),
        ("2026-11-23T12:28:19.000001Z", 1_795_436_899_000_001),
        ("2100-02-28T23:59:59.999999Z", 4_107_542_399_999_999),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000),
    ]

    @Test(arguments: known)
    func `are written and read as RFC 3339`(text: String, microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31 12:00:00Z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z"),
        ("2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00.123456Z"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000000Z"),
        ("2026-01-31T23:30:00-01:30", "2026-02-01T01:00:00.000000Z"),
        ("2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00.000000Z"),
    ])
    func `are read in every form of RFC 3339`(text: String, canonical: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == canonical)
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "2025-02-30T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zx", "2026-01-01X00:00:00Z", "26-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func `in no form of RFC 3339 are refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `come back from their text, in every century`() {
        var generator = SeededGenerator(seed: 11)
        let first: Int64 = -62_167_219_200_000_000
        let span = UInt64(253_402_300_799_999_999 - first)
        for _ in 0..<20_000 {
            let time = Timestamp(microseconds: first + Int64(generator.next() % span))
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    @Test func `go up with their text`() {
        var generator = SeededGenerator(seed: 12)
        var times = (0..<2_000).map { _ in Timestamp(microseconds: Int64(generator.next() % 250_000_000_000_000_000)) }
        times.sort()
        #expect(times.map(\.rfc3339) == times.map(\.rfc3339).sorted())
    }

    @Test(arguments: [Int64.min, -62_167_219_200_000_001, 253_402_300_800_000_000, Int64.max])
    func `outside of four-digit years are written as something, and nothing falls over`(microseconds: Int64) {
        let text = Timestamp(microseconds: microseconds).rfc3339
        #expect(text.utf8.count == 27)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
    }
}
