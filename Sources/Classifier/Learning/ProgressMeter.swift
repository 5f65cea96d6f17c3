/// Turns the reports of a training's concurrent tasks into one rising fraction.
actor ProgressMeter {
    private let folds: Int
    private let report: @Sendable (TrainingProgress) -> Void
    private var highest = 0.0
    private var foldsDone = 0
    private var fitDone = 0.0
    private var gap: Double?
    private var epochs = 0

    init(folds: Int, report: @escaping @Sendable (TrainingProgress) -> Void) {
        (self.folds, self.report) = (folds, report)
    }

    /// Reports one of the steps before and after the fits. `done` is the part of that step, 0…1.
    func advance(_ step: String, to done: Double) {
        switch step {
        case "features": send(step, 0.1 * done)
        case "calibrate": send(step, 0.95)
        default: send(step, 1)
        }
    }

    /// Reports an epoch of the final fit.
    func fit(_ rule: StoppingRule) {
        gap = rule.gap
        epochs = rule.epochs
        fitDone = max(fitDone, rule.fraction)
        send("fit", fits)
    }

    /// Reports that a fold is done.
    func fold() {
        foldsDone += 1
        send("folds", fits)
    }

    private var fits: Double { 0.1 + 0.85 * (fitDone + Double(foldsDone) / Double(folds)) / 2 }

    private func send(_ step: String, _ fraction: Double) {
        highest = max(highest, min(1, fraction))
        report(TrainingProgress(step: step, fraction: highest, gap: gap, epochs: epochs))
    }
}
