import Synchronization
import Wire
import World

/// A report that is being made.
struct ReportUnderWay: Sendable {
    var since: Timestamp?
    var task: Task<JSON, any Error>
}

extension Engine {
    func experimentReport(_ call: Call) throws -> Given {
        let since = try call.params.string("since").map { text throws(RPCError) in
            guard let time = Timestamp(rfc3339: text) else {
                throw RPCError.invalidParams("since is a time such as 2026-11-02T10:00:00Z.", field: "since")
            }
            return time
        }
        return .later { [self] in try await report(since: since).value }
    }

    /// Everybody may ask and every report reads the whole log: there is one at a time, and who asks for the same
    /// meanwhile gets it too.
    private func report(since: Timestamp?) throws(RPCError) -> Task<JSON, any Error> {
        try reportUnderWay.withLock { underWay throws(RPCError) in
            if let underWay {
                guard underWay.since == since else {
                    throw RPCError(
                        .overloaded,
                        "A report over another span is being made; ask again in a moment.",
                        retryAfterMS: 1_000
                    )
                }
                return underWay.task
            }
            let task = Task.detached(priority: .utility) { [self] in
                defer { reportUnderWay.withLock { $0 = nil } }
                return try await makeReport(since: since)
            }
            underWay = ReportUnderWay(since: since, task: task)
            return task
        }
    }

    private func makeReport(since: Timestamp?) async throws -> JSON {
        let settings = configuration.experiment
        let rated = try await feedback.ratedAnswers()
        for _ in 1..<Self.attempts {
            let before = try log.segments().map(\.path)
            let tally = try? tally(settings, rated, since)
            // A segment that was rotated or removed meanwhile was read in part, or not at all.
            if let tally, try log.segments().map(\.path) == before { return tally.json(abProb: settings.abProb) }
        }
        return try tally(settings, rated, since).json(abProb: settings.abProb)
    }

    private static let attempts = 4

    private func tally(
        _ settings: Configuration.Experiment,
        _ rated: [FeedbackStore.RatedAnswer],
        _ since: Timestamp?
    ) throws(FileError) -> ExperimentTally {
        var tally = ExperimentTally(unit: settings.unit, rated: rated)
        for segment in try log.segments() {
            try segment.forEachLine { line in
                if let answer = DrawnAnswer(line: line), answer.at >= since ?? answer.at { tally.count(answer) }
                return true
            }
        }
        tally.compare()
        return tally
    }
}
