import Synchronization
package import World

/// Time that a test moves. It ticks a little at every look, so that no two moments are the same.
package final class ManualClock: Sendable {
    private struct State {
        var microseconds: Int64
        var nanoseconds: UInt64 = 1_000_000_000
        var tick: Int64
    }

    private let state: Mutex<State>

    /// - Parameter tick: microseconds by which each look at the wall clock moves it.
    package init(at start: String = "2026-03-01T12:00:00Z", tick: Int64 = 1_000) {
        let began = Timestamp(rfc3339: start)?.microseconds ?? 0
        state = Mutex(State(microseconds: began, tick: tick))
    }

    package var now: Timestamp { Timestamp(microseconds: state.withLock { $0.microseconds }) }

    /// Goes to a moment, however often somebody looked at the clock before.
    package func set(_ time: Timestamp, nanoseconds: UInt64) {
        state.withLock { state in
            state.microseconds = time.microseconds
            state.nanoseconds = nanoseconds
        }
    }

    package func advance(seconds: Double) {
        state.withLock { state in
            state.microseconds += Int64(seconds * 1e6)
            state.nanoseconds += UInt64(seconds * 1e9)
        }
    }

    /// Sets the wall clock alone, forward or back.
    package func jump(seconds: Double) { state.withLock { $0.microseconds += Int64(seconds * 1e6) } }

    package var clock: Clock {
        Clock(
            now: { [self] in
                state.withLock { state in
                    state.microseconds += state.tick
                    return Timestamp(microseconds: state.microseconds)
                }
            },
            monotonic: { [self] in
                state.withLock { state in
                    state.nanoseconds += 1_000
                    return state.nanoseconds
                }
            },
            sleep: { [self] seconds in
                try Task.checkCancellation()
                advance(seconds: seconds)
                // Who tries something so many times gives others time for it, whatever the clock shows.
                try await Task.sleep(for: .seconds(min(seconds, 0.05)))
            }
        )
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that every run draws the same.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for index in elements.indices.dropFirst().reversed() { elements.swapAt(index, below(index + 1)) }
        return elements
    }
}

extension Randomness {
    package static func seeded(_ seed: UInt64) -> Randomness {
        let source = SeededSource(seed)
        return Randomness { source.next() }
    }
}

private final class SeededSource: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(_ seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func next() -> UInt64 { generator.withLock { $0.next() } }
}
