import Classifier
import TestSupport
import Testing

@testable import Learning

@Suite struct `The gate and the data file` {
    @Test(arguments: [
        (["a": 500, "b": 500], Gate.Outcome.pass), (["a": 498, "b": 497], .pass), (["a": 494, "b": 500], .borderline),
        (["a": 2_000, "b": 249], .borderline), (["a": 2_000, "b": 250], .pass), (["a": 2_000], .borderline),
        (["a": 500, "b": 500, "c": 9], .pass),
    ])
    func `rows that are not read any more are no pass`(now: [String: Int], outcome: Gate.Outcome) {
        var verdict = Gate.Verdict()
        let file = Gate.FileRows(now: now, before: ["a": 500, "b": 500])
        Gate(tests: [], file: file, clock: ManualClock().clock).checkFile(file, &verdict)
        #expect(verdict["file_rows"]?.outcome == outcome)
        if now["b"] ?? 0 < 250 { #expect(verdict["file_rows"]?.message.contains("b (") == true) }
    }
}
