import Synchronization
import Wire
import World

/// `experiment.report`. Everybody may ask for it, and every report reads the whole log. So only one is made at a time,
/// and callers who ask for the same one meanwhile share it.
struct ExperimentMethods: Sendable {
    let log: ChatLog
    let feedback: FeedbackStore
    let settings: Settings
    let workers: Workers
    private let underWay = UnderWay()

    /// The report that is being made. A request for another span is refused until it is done.
    private final class UnderWay: Sendable {
        let span = Mutex<(since: Timestamp?, count: Int)?>(nil)
        let report = Shared<JSON>(priority: .utility)
    }

    func report(_ call: Call) throws -> Response {
        let since = try call.params.string("since").map { text throws(RPCError) in
            guard let time = Timestamp(rfc3339: text) else {
                throw RPCError.invalidParams("since must be a time such as 2026-11-02T10:00:00Z.", field: "since")
            }
            return time
        }
        return .laterValue {
            try enter(since)
            defer { leave() }
            return try await underWay.report.value {
                try await workers.together { try await makeReport(since: since) }
            }
        }
    }

    private func enter(_ since: Timestamp?) throws(RPCError) {
        try underWay.span.withLock { span throws(RPCError) in
            if let others = span, others.since != since {
                throw RPCError(
                    .overloaded,
                    "A report over another span is being made; ask again in a moment.",
                    retryAfterMS: 1_000
                )
            }
            span = (since, (span?.count ?? 0) + 1)
        }
    }

    private func leave() {
        underWay.span.withLock { span in
            guard let current = span else { return }
            span = current.count > 1 ? (current.since, current.count - 1) : nil
        }
    }

    private func makeReport(since: Timestamp?) async throws -> JSON {
        let settings = settings.current.experiment
        let rated = try await feedback.ratedAnswers()
        for _ in 1..<Self.attempts {
            try Task.checkCancellation()
            let before = try log.segments().map(\.path)
            let tally = try? tally(settings, rated, since: since)
            // If a segment was rotated or removed meanwhile, some lines were missed: read again.
            if let tally, try log.segments().map(\.path) == before { return tally.json(abProb: settings.abProb) }
        }
        return try tally(settings, rated, since: since).json(abProb: settings.abProb)
    }

    private static let attempts = 4

    private func tally(
        _ settings: Configuration.Experiment,
        _ rated: [FeedbackStore.RatedAnswer],
        since: Timestamp?
    ) throws(FileError) -> ExperimentTally {
        var tally = ExperimentTally(unit: settings.unit, rated: rated)
        for segment in try log.segments() {
            try segment.forEachLine { line in
                // The last of those who asked has gone.
                if Task.isCancelled { return false }
                guard let drawn = DrawnAnswer(line: line) else { return true }
                let at = drawn.answer.counted.at
                if at >= since ?? at { tally.count(drawn) }
                return true
            }
        }
        tally.compare()
        return tally
    }
}
