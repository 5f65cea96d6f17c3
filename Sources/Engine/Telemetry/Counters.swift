import Histogram
import Statistics
import Synchronization
package import Wire
package import World

// Metrics are sums that can be added: one set per event loop, one for the lines of earlier processes. Times and
// confidences are kept in histograms of fixed precision, since exact quantiles would need every value, and mean
// quantiles of parts cannot be added. Everything is derived from log lines and from nothing else, so that a recount of
// the log gives the same figures and no counter needs a file of its own.

/// The figures that `metrics` shows.
///
///     var counters = Counters()
///     counters.count(line.counted)
///     counters.add(shard.read())
///     counters.latencySummary(asksLLM: false)["p99"]
package struct Counters: Sendable {
    package private(set) var requests = 0
    package private(set) var byRoute: [Route: Int] = [:]
    package private(set) var byReason: [Reason: Int] = [:]
    package private(set) var byDoubt: [Doubt: Int] = [:]
    private var byClass: [Class: Int] = [:]
    package private(set) var arms: [Arm: Int] = [:]
    package private(set) var anomalies: [Anomaly.Kind: Int] = [:]
    package private(set) var errors = 0
    /// The tokens read and written by an LLM.
    package private(set) var llmTokens = 0
    package private(set) var since: Timestamp?
    /// In ten-thousandths.
    private var confidence = Histogram<UInt32>(highestTrackableValue: 10_000, numberOfSignificantValueDigits: .three)
    /// In microseconds, separately for answers for which an LLM was asked and for the others.
    private var latency: [Bool: Histogram<UInt32>] = [:]

    /// An intent as a version calls it. What that means now is looked up when the figures are shown, so that a recount gives
    /// the same whatever has been renamed since.
    private struct Class: Hashable, Sendable {
        var version: Int
        var intent: String
    }

    package init() {}

    /// The number of answers by intent.
    package func byIntent(_ names: IntentNames = IntentNames()) -> [String: Int] {
        byClass.reduce(into: [:]) { sum, entry in
            let name = names.now(entry.key.intent, of: entry.key.version) ?? entry.key.intent
            sum[name, default: 0] += entry.value
        }
    }

    package mutating func count(_ line: CountedLine) {
        requests += 1
        byRoute[line.route, default: 0] += 1
        byReason[line.reason, default: 0] += 1
        if let doubt = line.doubt { byDoubt[doubt, default: 0] += 1 }
        byClass[Class(version: line.version, intent: line.intent), default: 0] += 1
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
        latency[line.asksLLM, default: .latencies].record(UInt64(max(0, line.latencyMicroseconds)))
    }

    package mutating func add(_ other: Counters) {
        requests += other.requests
        byRoute.merge(other.byRoute, uniquingKeysWith: +)
        byReason.merge(other.byReason, uniquingKeysWith: +)
        byDoubt.merge(other.byDoubt, uniquingKeysWith: +)
        byClass.merge(other.byClass, uniquingKeysWith: +)
        arms.merge(other.arms, uniquingKeysWith: +)
        anomalies.merge(other.anomalies, uniquingKeysWith: +)
        errors += other.errors
        llmTokens += other.llmTokens
        if let theirs = other.since { since = min(since ?? theirs, theirs) }
        confidence.add(other.confidence)
        for (kind, histogram) in other.latency { latency[kind, default: .latencies].add(histogram) }
    }

    /// The number of questions that an LLM should have answered and did not.
    package var llmFallbacks: Int { byReason.reduce(0) { $0 + ($1.key.isFailureOfLLM ? $1.value : 0) } }

    /// The number of questions that were put to an LLM.
    package var llmCalls: Int { (byRoute[.llm] ?? 0) + llmFallbacks }

    package var confidenceSummary: JSON {
        guard requests > 0 else { return ["mean": .null, "p10": .null, "p50": .null, "p90": .null] }
        func share(_ value: Double) -> JSON { .double((value / 10_000).rounded(toPlaces: 4)) }
        return [
            "mean": share(confidence.mean), "p10": share(Double(confidence.valueAtPercentile(10))),
            "p50": share(Double(confidence.valueAtPercentile(50))),
            "p90": share(Double(confidence.valueAtPercentile(90))),
        ]
    }

    /// Returns percentiles of the time from the parsed request to its encoded answer, in microseconds.
    ///
    /// - Parameter asksLLM: whether to summarise the answers for which an LLM was asked, or the others.
    package func latencySummary(asksLLM: Bool) -> JSON { latency[asksLLM, default: .latencies].summary }
}

extension Histogram<UInt32> {
    /// For times in microseconds, however long.
    static var latencies: Self {
        var histogram = Self(numberOfSignificantValueDigits: .two)
        histogram.autoResize = true
        return histogram
    }

    /// Percentiles; null while there is nothing to count.
    var summary: JSON {
        func figure(_ value: @autoclosure () -> UInt64) -> JSON { totalCount == 0 ? .null : .integer(Int(value())) }
        return [
            "p50": figure(valueAtPercentile(50)), "p90": figure(valueAtPercentile(90)),
            "p99": figure(valueAtPercentile(99)), "max": figure(max),
        ]
    }
}

/// The counters of one event loop, so that loops do not wait for each other; `metrics` adds them up.
package final class CounterShard: Sendable {
    private struct State {
        var counters = Counters()
        /// The intents since they were last taken.
        var tally = IntentTally(version: 0, threshold: nil, intents: 0)
        /// The number of messages that each account has in the present window of drift.
        var messages: [UInt32: Int] = [:]
        /// The most that one account may have there.
        var limit = 1

        /// Returns whether a message counts in the drift of what people ask.
        mutating func admits(_ account: UInt32?) -> Bool {
            guard let account else { return true }
            let known = messages.count < AccountCounts.limit || messages[account] != nil ? account : .max
            guard messages[known, default: 0] < limit else { return false }
            messages[known, default: 0] += 1
            return true
        }
    }

    private let state = Mutex(State())

    /// - Parameter account: the uid that asked; nil for one that counts without a limit.
    package func count(_ line: LogLine, of account: UInt32?) {
        state.withLock { state in
            state.counters.count(line.counted)
            if state.admits(account) { state.tally.count(line.answer) }
        }
    }

    /// Sets the number of messages in a window of drift that one account may have on this event loop.
    func limitAccounts(to limit: Int) { state.withLock { $0.limit = limit } }

    /// Begins a window of drift, in which no account has a message yet.
    func beginWindow() { state.withLock { $0.messages.removeAll(keepingCapacity: true) } }

    package func read() -> Counters { state.withLock { $0.counters } }

    /// Runs `body` with the intents that were counted since `body` last took them.
    func withTally(_ body: (inout IntentTally) -> Void) { state.withLock { body(&$0.tally) } }
}
