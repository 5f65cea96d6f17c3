import Testing

@testable import intentd

@Suite struct `The rate of connections` {
    private let second: UInt64 = 1_000_000_000

    /// How many of `count` connections are admitted, `gap` nanoseconds apart.
    private func admitted(
        _ rate: inout ConnectionRate,
        _ uid: UInt32,
        count: Int,
        from start: UInt64,
        gap: UInt64
    ) -> Int {
        (0..<count).count { rate.judge(uid, at: start + UInt64($0) * gap) == .admitted }
    }

    @Test func `lets a thousand in at once, and five hundred a second from then on`() {
        var rate = ConnectionRate()
        #expect(admitted(&rate, 1, count: 5_000, from: second, gap: 0) == 1_000)
        // One may get lost in rounding.
        let later = admitted(&rate, 1, count: 100_000, from: second, gap: 100_000)
        #expect(4_999...5_000 ~= later)
    }

    @Test(arguments: [2_000_000, 10_000_000, 60_000_000_000] as [UInt64]) func `never refuses whoever is not faster`(
        gap: UInt64
    ) {
        var rate = ConnectionRate()
        #expect(admitted(&rate, 1, count: 3_000, from: 0, gap: gap) == 3_000)
    }

    @Test func `refuses nobody because of another`() {
        var rate = ConnectionRate()
        var (hostile, others) = (0, 0)
        for user in 0..<10_000 as Range<UInt32> {
            if rate.judge(7, at: second) == .admitted { hostile += 1 }
            if rate.judge(100 + user % 100, at: second) == .admitted { others += 1 }
        }
        #expect(hostile == 1_000 && others == 10_000)
    }

    @Test func `tells whoever is refused a hundred times a second, and drops the rest in silence`() {
        var rate = ConnectionRate()
        let verdicts = (0..<200_000 as Range<UInt64>).map { rate.judge(1, at: second + $0 * 5_000) }
        #expect(1_499...1_500 ~= verdicts.count { $0 == .admitted })
        #expect(90...101 ~= verdicts.count { $0 == .refused })
    }

    @Test func `remembers a bounded number of users, and those who storm among them`() {
        var rate = ConnectionRate()
        for user in 0..<4_000 as Range<UInt32> { _ = rate.judge(100 + user, at: 90 * second) }
        _ = admitted(&rate, 7, count: 1_000, from: 100 * second, gap: 0)
        for user in 0..<4_000 as Range<UInt32> { _ = rate.judge(10_000 + user, at: 100 * second) }
        let isAdmitted = rate.judge(7, at: 100 * second) == .admitted
        #expect(!isAdmitted)
    }
}

@Suite struct `The company of other users` {
    private let second: UInt64 = 1_000_000_000

    @Test func `is whoever else was served within the last second`() {
        let company = Company()
        let now = 10 * second
        #expect(!company.isThere(beside: 1, at: now))
        company.mark(1, at: now)
        #expect(!company.isThere(beside: 1, at: now))
        company.mark(2, at: now)
        #expect(company.isThere(beside: 1, at: now + second / 2))
        #expect(company.isThere(beside: 2, at: now + second / 2))
        #expect(!company.isThere(beside: 1, at: now + 2 * second))
        #expect(!company.isThere(beside: 3, at: now + 2 * second))
        company.mark(2, at: now + 2 * second)
        #expect(company.isThere(beside: 1, at: now + 2 * second))
    }
}
