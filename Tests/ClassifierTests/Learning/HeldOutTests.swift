import Statistics
import Testing

@testable import Classifier

@Suite struct `Rows that are held out` {
    /// Four rows leave at least three of seven folds empty.
    @Test func `are all there though some folds have none`() async throws {
        let examples = ["alpha one", "alpha two", "beta one", "beta two"].map {
            Example(text: $0, intent: String($0.prefix(4)))
        }
        var settings = Settings()
        settings.folds = 7
        let problem = try TrainingProblem(examples, validation: [], settings: settings)
        let meter = ProgressMeter(folds: settings.folds) { _ in }
        let fits = await problem.fits(on: problem.corpus(), threads: 2, meter: meter)
        #expect(fits.heldOut.rows.map(\.row).sorted() == [0, 1, 2, 3])
        #expect(fits.heldOut.scores.count == 4)
    }

    @Test func `count for nothing where their class has one group`() {
        var random = SplitMix64(seed: 5)
        var (all, some) = (HeldOut(), HeldOut())
        for number in 0..<300 {
            // Class 2 has one group of every third row.
            let label = Int32(number % 3)
            var scores = Float8(repeating: 0)
            for lane in 0..<3 { scores[lane] = Float(random.unit()) }
            scores[Int(label)] += Float(random.unit() * 4)
            func add(to heldOut: inout HeldOut) {
                heldOut.append(
                    row: Int32(number),
                    group: label == 2 ? 2 : Int32(number / 2),
                    label: label,
                    known: SIMD2(1, 1),
                    scores: [scores],
                    classes: 3
                )
            }
            add(to: &all)
            if label < 2 { add(to: &some) }
        }
        let settings = Settings(targetPrecision: 0.8)
        let withheld = [false, false, true]
        func calibration(_ heldOut: HeldOut) -> Calibration {
            Calibrator(heldOut: heldOut, groups: [100, 100, 1], withheld: withheld, settings: settings).fit()
        }
        #expect(calibration(all) == calibration(some))
        #expect(calibration(some).threshold.value != nil)
    }
}
