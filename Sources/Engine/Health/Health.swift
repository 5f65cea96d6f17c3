import Synchronization
package import Wire

/// The features that do not work as they should, and why, as `status.degraded` and `systemctl status` show them.
///
/// The features are a closed list, so that a monitor can know all of them.
///
///     health.set(.llm, "llm_unreachable: connection refused")
///     health.degraded.map(\.feature)    // [.llm]
///     health.set(.llm, nil)             // it works again
package final class Health: Sendable {
    package enum Feature: String, Sendable, CaseIterable {
        case database, disk, log, socket, clock
        case model, registry, local, data, responses, configuration, llm, sessions, watch, drift, journal
        /// Somebody's words are still in the files.
        case forgetting
        /// The champion was trained on words of somebody who has been forgotten.
        case unlearning
        /// The champion's test rows contradict what it promises.
        case promise
    }

    package struct Degradation: Sendable, Equatable {
        package var feature: Feature
        package var reason: String

        package init(feature: Feature, reason: String) {
            (self.feature, self.reason) = (feature, reason)
        }
    }

    private let reasons = Mutex<[Feature: String]>([:])

    package init() {}

    /// Replaces the reason why a feature does not work; nil means that it works.
    package func set(_ feature: Feature, _ reason: String?) { reasons.withLock { $0[feature] = reason } }

    /// The features that do not work, in the order of ``Feature``.
    package var degraded: [Degradation] {
        let reasons = reasons.withLock { $0 }
        return Feature.allCases.compactMap { feature in
            reasons[feature].map { Degradation(feature: feature, reason: $0) }
        }
    }

    package var json: JSON {
        .array(degraded.map { ["feature": .string($0.feature.rawValue), "reason": .string($0.reason)] })
    }
}

/// The state of the daemon, short enough for the one line of `systemctl status`.
package struct Condition: Sendable, Equatable {
    package struct Job: Sendable, Equatable {
        package var step: String
        /// 0…1
        package var fraction: Double

        package init(step: String, fraction: Double) {
            (self.step, self.fraction) = (step, fraction)
        }
    }

    package var champion: Int?
    /// The running job.
    package var job: Job?
    package var degraded: [Health.Degradation]

    package init(champion: Int?, job: Job?, degraded: [Health.Degradation]) {
        (self.champion, self.job, self.degraded) = (champion, job, degraded)
    }
}
