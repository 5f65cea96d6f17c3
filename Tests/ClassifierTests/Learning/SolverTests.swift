import Statistics
import Testing

@testable import Classifier

@Suite struct SolverTests {
    @Test func `omega solves its equation`() {
        for step in 0..<4_000 {
            let y = Float(step) / 10 - 50
            let w = SimplexStep.omega(Float8(repeating: y))[3]
            // Conditioned by the derivative of ω: an error of y shows as y·ω/(1+ω).
            let residual = Double(w) + Portable.log(Double(w)) - Double(y)
            #expect(
                abs(residual) < 2e-5 * max(1, abs(Double(y))) * (1 + Double(w)) / Double(w) * min(1, Double(w) + 0.5)
            )
        }
    }

    @Test func `lanes of different regions do not disturb each other`() {
        let y = Float8(-50, -5, -4.5, -0.1, 0.1, 3.4, 3.6, 400)
        let together = SimplexStep.omega(y)
        for lane in 0..<8 {
            let alone = SimplexStep.omega(Float8(repeating: y[lane]))[lane]
            #expect(abs(together[lane] - alone) <= 1e-5 * alone)
        }
    }

    @Test(arguments: [Float(0.01), 1, 50, 1_500, 100_000])
    func `a step ends in a distribution that fulfils its condition`(a: Float) {
        var random = SplitMix64(seed: UInt64(a * 100))
        let classes = 13
        var padding = Float8(repeating: 0)
        for lane in 5..<8 { padding[lane] = 1e6 }
        for _ in 0..<50 {
            var scores = [Float8](repeating: Float8(repeating: 0), count: 2)
            var old = scores
            var total: Float = 0
            for k in 0..<classes {
                scores[k / 8][k % 8] = Float(random.unit() * 20 - 10)
                old[k / 8][k % 8] = Float(random.unit())
                total += old[k / 8][k % 8]
            }
            for c in 0..<2 { old[c] /= total }
            var lambda: Float = 0
            var target = scores
            var result = scores
            SimplexStep.solve(
                scores: &scores,
                old: &old,
                a: a,
                padding: padding,
                chunks: 2,
                lambda: &lambda,
                target: &target,
                result: &result
            )
            var sum: Float = 0
            for k in 0..<16 {
                let p = result[k / 8][k % 8]
                #expect(p >= 0 && p <= 1.00001)
                if k >= classes { #expect(p < 1e-20) }
                sum += p
                guard k < classes, p > 1e-12 else { continue }
                // ln p + a·p − z − a·q is the same number for all classes.
                let q = old[k / 8][k % 8]
                let value = Double(Portable.log(p)) + Double(a) * Double(p - q) - Double(scores[k / 8][k % 8])
                #expect(abs(value + Double(lambda)) < 0.02 + 2e-6 * Double(a))
            }
            #expect(abs(sum - 1) < 1e-5)
        }
    }

    @Test(arguments: [(Float(1), 50.0), (10, 50), (1_000, 50), (1, 0.001), (1, 0.1), (1, 1_000)])
    func `the gap is reached whatever a row weighs or costs`(weight: Float, cost: Double) throws {
        var examples = Samples.examples(perIntent: 20)
        examples[3].weight = weight
        examples[45].weight = weight
        let problem = try TrainingProblem(examples, validation: [], settings: Settings(cost: cost))
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
        var gap = 1.0
        for _ in 0..<300 where gap > 1e-3 {
            solver.epoch()
            let (primal, dual) = solver.objective()
            #expect(primal.isFinite && dual.isFinite)
            #expect(dual <= primal * (1 + 1e-5))
            gap = solver.relativeGap()
        }
        #expect(gap <= 1e-3)
    }
}
