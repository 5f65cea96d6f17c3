/// Fits a model to examples.
package struct Trainer {
    /// Trains on `examples`; `validation` rows only help to calibrate. Rows of intent `outOfScopeIntent` in either
    /// help to calibrate too. The result depends on the arguments before `threads` alone.
    ///
    /// `progress` is called one call at a time, with fractions that never fall. Cancelling the task ends the training
    /// after the epochs under way with `.cancelled`.
    package static func train(
        _ examples: [Example],
        validation: [Example] = [],
        settings: Settings = Settings(),
        threads: Int = 1,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws(TrainingError) -> Model {
        try await learn(examples, validation: validation, settings: settings, threads: threads, progress: progress)
            .model
    }

    /// A model, and what its making showed about the rows.
    package struct Learnt: Sendable {
        package var model: Model
        /// The surest first.
        package var labelErrors: [LabelError]
    }

    package static func learn(
        _ examples: [Example],
        validation: [Example],
        settings: Settings,
        threads: Int,
        progress: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws(TrainingError) -> Learnt {
        let problem = try TrainingProblem(examples, validation: validation, settings: settings)
        progress(TrainingProgress(step: "features", fraction: 0, gap: nil, epochs: 0))
        let meter = ProgressMeter(folds: settings.folds, report: progress)
        let corpus = problem.corpus()
        await meter.advance("features", to: 1)

        let held = await problem.fits(on: corpus, threads: max(1, threads), meter: meter)
        guard let final = held.final, !Task.isCancelled else { throw .cancelled }
        await meter.advance("calibrate", to: 0)
        let model = problem.model(corpus: corpus, final: final, heldOut: held.heldOut)
        let errors = LabelErrors(heldOut: held.heldOut, problem: problem, temperature: model.calibration.temperature)
        let learnt = Learnt(model: model, labelErrors: errors.find())
        await meter.advance("done", to: 1)
        return learnt
    }
}
