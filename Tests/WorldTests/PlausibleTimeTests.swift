import TestSupport
import Testing
import World

@Suite struct `Time that may be believed` {
    private let clock = ManualClock(tick: 0)

    @Test func `is known after ten minutes`() {
        let time = PlausibleTime(clock: clock.clock)
        #expect(time.now == nil)
        clock.advance(seconds: 599)
        #expect(time.now == nil)
        clock.advance(seconds: 2)
        #expect(time.now == clock.now)
        // Nothing is wrong meanwhile.
        #expect(time.waits == nil)
    }

    @Test(arguments: [-1e9, -90_000, 90_000, 1e8])
    func `is unknown for ten minutes after a jump`(seconds: Double) {
        let time = PlausibleTime(clock: clock.clock)
        time.look()
        clock.advance(seconds: 1_000)
        #expect(time.now != nil)
        let before = clock.now
        clock.jump(seconds: seconds)
        #expect(time.now == nil)
        #expect(time.waits?.contains(before.rfc3339.prefix(16)) == true)
        clock.advance(seconds: 500)
        #expect(time.now == nil)
        clock.advance(seconds: 601)
        #expect(time.now == clock.now)
        #expect(time.waits == nil)
    }

    @Test func `begins again when the clock jumps back`() {
        let time = PlausibleTime(clock: clock.clock)
        time.look()
        clock.advance(seconds: 1_000)
        time.look()
        clock.jump(seconds: 1e8)
        time.look()
        clock.advance(seconds: 300)
        time.look()
        clock.jump(seconds: -1e8)
        #expect(time.now == nil)
        clock.advance(seconds: 599)
        #expect(time.now == nil)
        clock.advance(seconds: 1)
        time.look()
        clock.advance(seconds: 601)
        #expect(time.now == clock.now)
    }

    @Test(arguments: [-3_600, 3_600, 80_000])
    func `may be corrected by less than a day`(seconds: Double) {
        let time = PlausibleTime(clock: clock.clock)
        time.look()
        clock.advance(seconds: 1_000)
        time.look()
        clock.jump(seconds: seconds)
        #expect(time.now == clock.now)
        #expect(time.waits == nil)
    }

    @Test(arguments: [(0, true), (86_000, true), (-86_000, true), (200_000, false), (-200_000, false)])
    func `begins at the last record of an earlier process`(seconds: Double, isPlausible: Bool) {
        let time = PlausibleTime(clock: clock.clock)
        time.recall(Timestamp(microseconds: clock.now.microseconds - Int64(seconds * 1e6)))
        #expect(time.now == nil)
        #expect((time.waits == nil) == isPlausible)
        clock.advance(seconds: 1)
        time.look()
        clock.advance(seconds: 601)
        #expect(time.now == clock.now)
    }
}
