import Synchronization
package import Wire

/// What does not work as it should, and why: `status.degraded`, `systemctl status`.
///
/// The features are a closed list, so that a monitor can know all of them.
package final class Health: Sendable {
    package enum Feature: String, Sendable, CaseIterable {
        case database, model, registry, local, responses, configuration, llm, sessions, watch, drift, journal
        /// Somebody's words are still in the files.
        case forgetting
        /// The champion was trained on words of somebody who is forgotten.
        case unlearning
    }

    package struct Degradation: Sendable, Equatable {
        package var feature: Feature
        package var reason: String

        package init(feature: Feature, reason: String) {
            self.feature = feature
            self.reason = reason
        }
    }

    private let reasons = Mutex<[Feature: String]>([:])

    package init() {}

    /// Replaces what was said about a feature before; nil says that it works.
    package func set(_ feature: Feature, _ reason: String?) { reasons.withLock { $0[feature] = reason } }

    /// In the order of the features.
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

/// How the daemon is, in what one line can hold.
package struct Condition: Sendable, Equatable {
    package struct Job: Sendable, Equatable {
        package var step: String
        /// 0…1
        package var fraction: Double

        package init(step: String, fraction: Double) {
            self.step = step
            self.fraction = fraction
        }
    }

    package var champion: Int?
    /// The job that runs.
    package var job: Job?
    package var degraded: [Health.Degradation]

    package init(champion: Int?, job: Job?, degraded: [Health.Degradation]) {
        (self.champion, self.job, self.degraded) = (champion, job, degraded)
    }
}
