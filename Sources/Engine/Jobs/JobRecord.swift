import GRDB
import Learning
import Statistics
package import Wire
package import World

package enum JobState: String, Sendable, CaseIterable {
    case queued, running, done, refused, failed, cancelled

    package var isFinal: Bool { self != .queued && self != .running }
}

/// A retraining from its request to its end. The ledger has a row for each.
package struct JobRecord: Sendable, Equatable {
    package var id: String
    package var createdAt: Timestamp
    package var uid: UInt32
    package var policy: Configuration.Training.Policy
    /// The words of its ``Cause``; nil in rows of an older intentd.
    package var cause: String?
    /// Whether it only tells what it would do. The event of the request has it; the row of a job that has ended shows it:
    /// only a dry run has a verdict about no version.
    package var isDryRun = false
    package var state: JobState
    package var step: String
    /// 0…1
    package var fraction: Double
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// The version that it registered.
    package var candidate: Int?
    /// The version that was known before, and whose bytes it made again.
    package var sameAs: Int?
    package var verdict: JSON?
    package var learned: JSON?
    package var error: String?

    /// Whether it has begun to train on what it has read; before, nobody knows what it reads.
    var hasRead: Bool { state == .running && !["queued", "snapshot"].contains(step) }

    package init(id: String, at time: Timestamp, uid: UInt32, policy: Configuration.Training.Policy) {
        self.id = id
        self.createdAt = time
        self.uid = uid
        self.policy = policy
        self.state = .queued
        self.step = "queued"
        self.fraction = 0
    }

    /// The reason that the history shows.
    package var reason: String { cause.map { "retrained \($0)" } ?? "retrained" }

    package var json: JSON {
        [
            "job": .string(id), "state": .string(state.rawValue), "step": .string(step),
            "fraction": .double(fraction.rounded(toPlaces: 3)), "started_at": JSON(startedAt),
            "finished_at": JSON(finishedAt), "candidate": JSON(candidate), "same_as": JSON(sameAs),
            "verdict": verdict ?? .null, "learned": learned ?? .null, "error": JSON(error), "cause": JSON(cause),
            "dry_run": .bool(isDryRun),
        ]
    }

    init?(_ row: Row) {
        guard let state = JobState(rawValue: row["state"]),
            let policy = Configuration.Training.Policy(rawValue: row["policy"])
        else { return nil }
        id = row["id"]
        createdAt = Timestamp(microseconds: row["created_at"])
        uid = UInt32(truncatingIfNeeded: row["uid"] as Int64)
        self.policy = policy
        self.state = state
        step = row["step"]
        fraction = row["fraction"]
        startedAt = (row["started_at"] as Int64?).map(Timestamp.init(microseconds:))
        finishedAt = (row["finished_at"] as Int64?).map(Timestamp.init(microseconds:))
        candidate = row["candidate"]
        sameAs = row["same_as"]
        verdict = JSON(stored: row["verdict"])
        learned = JSON(stored: row["learned"])
        error = row["error"]
        cause = row["cause"]
        isDryRun = (state == .done || state == .refused) && verdict != nil && candidate == nil && sameAs == nil
    }
}
