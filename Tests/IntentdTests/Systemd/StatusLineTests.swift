import Engine
import Testing
import intentd

@Suite struct `The status line` {
    private func degraded(_ feature: Health.Feature, _ reason: String) -> Health.Degradation {
        Health.Degradation(feature: feature, reason: reason)
    }

    @Test func `says what serves, what runs and what is degraded`() {
        #expect(Condition(champion: nil, job: nil, degraded: []).line(isStarting: true) == "Starting")
        let training = Condition(champion: nil, job: .init(step: "fit", fraction: 0.319), degraded: [])
        #expect(training.line(isStarting: true) == "Training the first model: fit, 31 %")
        #expect(Condition(champion: 12, job: nil, degraded: []).line() == "Version 12 serves")
        let all = Condition(
            champion: 12,
            job: .init(step: "gate", fraction: 0.88),
            degraded: [degraded(.model, "why"), degraded(.journal, "how")]
        )
        #expect(all.line() == "Version 12 serves; retraining: gate, 88 %; degraded: journal (how), model (why)")
        #expect(Condition(champion: nil, job: nil, degraded: []).line() == "No model serves")
    }

    @Test func `is one line, and no longer than a person reads`() {
        let forged = Condition(champion: 1, job: nil, degraded: [degraded(.model, "a\nREADY=1\u{85}b\u{7F}")])
        #expect(forged.line() == "Version 1 serves; degraded: model (a READY=1 b )")
        let long = Condition(champion: 1, job: nil, degraded: [degraded(.model, String(repeating: "x", count: 9_000))])
        #expect(long.line().unicodeScalars.count == 601 && long.line().hasSuffix("…"))
    }
}
