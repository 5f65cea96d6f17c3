import Histogram
import Statistics
import Synchronization
package import Wire
package import World

/// What `metrics` counts. Derived from the lines of the chat log: a recount of the log gives the same figures.
package struct Counters: Sendable {
    package private(set) var requests = 0
    package private(set) var byRoute: [Route: Int] = [:]
    package private(set) var byReason: [Reason: Int] = [:]
    package private(set) var byIntent: [String: Int] = [:]
    package private(set) var arms: [Arm: Int] = [:]
    package private(set) var anomalies: [Anomaly.Kind: Int] = [:]
    package private(set) var errors = 0
    /// Read and written by an LLM.
    package private(set) var llmTokens = 0
    package private(set) var since: Timestamp?
    /// Ten-thousandths.
    private var confidence = Histogram<UInt32>(highestTrackableValue: 10_000, numberOfSignificantValueDigits: .three)
    /// By whether an LLM was asked, in vain or not.
    private var latency: [Bool: Histogram<UInt32>] = [:]

    package init() {}

    package mutating func count(_ line: CountedLine) {
        requests += 1
        byRoute[line.route, default: 0] += 1
        byReason[line.reason, default: 0] += 1
        byIntent[line.intent, default: 0] += 1
        if let arm = line.arm { arms[arm, default: 0] += 1 }
        if !line.anomalies.isEmpty {
            for kind in Anomaly.Kind.allCases where line.anomalies.contains(Anomaly.Kinds(kind)) {
                anomalies[kind, default: 0] += 1
            }
        }
        if line.isError { errors += 1 }
        llmTokens += line.llmTokens
        since = min(since ?? line.at, line.at)
        confidence.record(UInt64(max(0, min(1, line.confidence)) * 10_000))
        latency[line.asksLLM, default: Self.latencies].record(UInt64(max(0, line.latencyMicroseconds)))
    }

    package mutating func add(_ other: Counters) {
        requests += other.requests
        byRoute.merge(other.byRoute, uniquingKeysWith: +)
        byReason.merge(other.byReason, uniquingKeysWith: +)
        byIntent.merge(other.byIntent, uniquingKeysWith: +)
        arms.merge(other.arms, uniquingKeysWith: +)
        anomalies.merge(other.anomalies, uniquingKeysWith: +)
        errors += other.errors
        llmTokens += other.llmTokens
        if let theirs = other.since { since = min(since ?? theirs, theirs) }
        confidence.add(other.confidence)
        for (kind, histogram) in other.latency { latency[kind, default: Self.latencies].add(histogram) }
    }

    private static var latencies: Histogram<UInt32> {
        var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .two)
        histogram.autoResize = true
        return histogram
    }

    /// Questions that an LLM was to answer and did not.
    package var llmFallbacks: Int { byReason.reduce(0) { $0 + ($1.key.isFailureOfLLM ? $1.value : 0) } }

    /// Questions that were put to one.
    package var llmCalls: Int { (byRoute[.llm] ?? 0) + llmFallbacks }

    package var confidenceSummary: JSON {
        guard requests > 0 else { return ["mean": .null, "p10": .null, "p50": .null, "p90": .null] }
        func share(_ value: Double) -> JSON { .double((value / 10_000).rounded(toPlaces: 4)) }
        return [
            "mean": share(confidence.mean),
            "p10": share(Double(confidence.valueAtPercentile(10))),
            "p50": share(Double(confidence.valueAtPercentile(50))),
            "p90": share(Double(confidence.valueAtPercentile(90))),
        ]
    }

    /// Percentiles of the time from the parsed request to its encoded answer, in microseconds.
    ///
    /// - Parameter asksLLM: of answers that an LLM was asked for, or of the others.
    package func latencySummary(asksLLM: Bool) -> JSON {
        let merged = latency[asksLLM, default: Self.latencies]
        guard merged.totalCount > 0 else { return ["p50": .null, "p90": .null, "p99": .null, "max": .null] }
        return [
            "p50": .integer(Int(merged.valueAtPercentile(50))),
            "p90": .integer(Int(merged.valueAtPercentile(90))),
            "p99": .integer(Int(merged.valueAtPercentile(99))),
            "max": .integer(Int(merged.max)),
        ]
    }
}

/// Counters of one event loop, so that loops do not wait for each other; `metrics` adds them up.
package final class CounterShard: Sendable {
    private struct State {
        var counters = Counters()
        /// What came since it was last taken.
        var tally = IntentTally(version: 0, threshold: nil, intents: 0)
    }

    private let state = Mutex(State())

    package init() {}

    package func count(_ line: LogLine) {
        state.withLock { state in
            state.counters.count(line.counted)
            state.tally.count(line.answer)
        }
    }

    package func read() -> Counters { state.withLock { $0.counters } }

    /// Runs `body` with the intents that were asked for since they were last taken.
    func withTally(_ body: (inout IntentTally) -> Void) { state.withLock { body(&$0.tally) } }
}
