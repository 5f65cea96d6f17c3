/// Fits a model to examples.
///
///     let model = try await Trainer.train([
///         Example(text: "where is my parcel", intent: "order_status"),
///         Example(text: "i want my money back", intent: "refund"),
///     ])
package struct Trainer {
    /// Trains a model. The result depends only on the arguments before `threads`.
    ///
    /// - Parameters:
    ///   - examples: the rows to learn from, of at least two intents. Rows of intent `outOfScopeIntent` form no class, but
    ///     show what to leave alone.
    ///   - validation: rows that only help to calibrate.
    ///   - withheld: intents whose answers are not given locally, besides those of a single group.
    ///   - threads: the number of fits that run at the same time.
    ///   - progress: called for one report at a time, with fractions that never fall.
    /// - Throws: `TrainingError`. Cancelling the task ends the training after the epochs under way with `.cancelled`.
    package static func train(
        _ examples: [Example],
        validation: [Example] = [],
        withheld: Set<String> = [],
        settings: Settings = Settings(),
        threads: Int = 1,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws(TrainingError) -> Model {
        try await learn(
            examples,
            validation: validation,
            withheld: withheld,
            settings: settings,
            threads: threads,
            progress: progress
        ).model
    }

    /// A model, and the rows whose labels look wrong to it.
    package struct Learnt: Sendable {
        package var model: Model
        /// The label errors, the surest first.
        package var labelErrors: [LabelError]
        /// How many features were left out so that the training fits into memory; they are the rarest.
        package var featuresLeftOut: Int
    }

    /// Trains a model and looks for label errors on the way. See ``train(_:validation:settings:threads:progress:)``.
    package static func learn(
        _ examples: [Example],
        validation: [Example],
        withheld: Set<String> = [],
        settings: Settings,
        threads: Int,
        progress: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws(TrainingError) -> Learnt {
        let problem = try TrainingProblem(examples, validation: validation, withheld: withheld, settings: settings)
        progress(TrainingProgress(step: "features", fraction: 0, gap: nil, epochs: 0))
        let meter = ProgressMeter(folds: settings.folds, report: progress)
        let corpus = problem.corpus()
        await meter.advance("features", to: 1)

        let (space, leftOut) = (corpus.space, corpus.leftOut)
        let scarce = corpus.scarce(problem.hasSupport)
        var held = await problem.fits(on: corpus, threads: max(1, threads), meter: meter)
        guard let final = held.final, !Task.isCancelled else { throw .cancelled }
        await meter.advance("calibrate", to: 0)
        let model = problem.model(space: space, scarce: scarce, final: final, heldOut: &held.heldOut)
        let errors = LabelErrors(heldOut: held.heldOut, problem: problem, temperature: model.calibration.temperature)
        let learnt = Learnt(model: model, labelErrors: errors.find(), featuresLeftOut: leftOut)
        await meter.advance("done", to: 1)
        return learnt
    }
}
