/// How the daemon is, in what one line can hold.
package struct Condition: Sendable, Equatable {
    package var champion: Int?
    /// The running job's step and how far it is, 0…1.
    package var job: (step: String, fraction: Double)?
    package var degraded: [Engine.Degradation]

    package static func == (one: Condition, other: Condition) -> Bool {
        one.champion == other.champion && one.degraded == other.degraded && one.job?.step == other.job?.step
            && one.job?.fraction == other.job?.fraction
    }

    package init(champion: Int?, job: (step: String, fraction: Double)?, degraded: [Engine.Degradation]) {
        self.champion = champion
        self.job = job
        self.degraded = degraded
    }
}

extension Engine {
    package var condition: Condition {
        Condition(champion: champion, job: jobs?.current.map { ($0.step, $0.fraction) }, degraded: degraded)
    }

    /// For the watchdog: whether the database still answers. Never waits.
    package func probeDatabase(_ answered: @escaping @Sendable (StorageError?) -> Void) { ledger.probe(answered) }
}
