import Statistics
import Testing

@testable import Classifier

@Suite struct `Out-of-scope rows in the fit` {
    private static func train(_ foreign: [Example], background: Double) async throws -> Model {
        try await Trainer.train(
            Samples.examples(perIntent: 30) + foreign,
            settings: Settings(background: background),
            threads: 1
        )
    }

    @Test func `are no class, and their texts come out less like any class than without them`() async throws {
        let without = try await Self.train(Samples.outOfScope, background: 0)
        let with = try await Self.train(Samples.outOfScope, background: 0.3)
        #expect(with.intents == Samples.intents)
        var (before, after) = (Workspace(), Workspace())
        var lower = 0
        for example in Samples.outOfScope {
            let old = without.predict(example.text, workspace: &before)
            let new = with.predict(example.text, workspace: &after)
            if new.logit < old.logit { lower += 1 }
            // As good as uniform over four classes.
            #expect(new.confidence < 0.6, "\(example.text)")
        }
        #expect(lower == Samples.outOfScope.count)
    }

    @Test func `leave the classes what they are`() async throws {
        let with = try await Self.train(Samples.outOfScope, background: 0.3)
        let evaluation = evaluate(with, on: Samples.examples(perIntent: 60, seed: 2))
        let plain = evaluate(
            try await Self.train([], background: 0.3),
            on: Samples.examples(perIntent: 60, seed: 2)
        )
        #expect(evaluation.accuracy >= plain.accuracy - 0.01)
    }

    @Test(arguments: [0.01, 0.3, 5]) func `are solved to the same gap`(_ share: Double) throws {
        let problem = try TrainingProblem(
            Samples.examples(perIntent: 12) + Samples.outOfScope,
            validation: [],
            settings: Settings(background: share)
        )
        #expect(problem.labels.count { $0 == -1 } == Samples.outOfScope.count)
        let corpus = problem.corpus()
        var solver = DualSolver(
            corpus: corpus,
            rows: Array(0..<corpus.rows),
            labels: problem.labels,
            costs: problem.costs,
            classes: problem.intents.count,
            bias: 1,
            seed: 1
        )
        for _ in 0..<60 { solver.epoch() }
        let gap = solver.relativeGap()
        #expect(gap < 0.001 && gap > -1e-4)
    }

    @Test func `only calibrate where their share is 0`() throws {
        let problem = try TrainingProblem(
            Samples.examples(perIntent: 12) + Samples.outOfScope,
            validation: [],
            settings: Settings(background: 0)
        )
        #expect(!problem.labels.contains(-1))
        #expect(problem.others.count == Samples.outOfScope.count)
    }
}
