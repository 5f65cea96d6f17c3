import Engine
import Testing
import World

@Suite struct IntentNamesTests {
    private static func step(_ sources: [String], _ target: String?, through: Int) -> IntentNames.Step {
        IntentNames.Step(
            sources: sources,
            target: target,
            through: through,
            at: Timestamp(microseconds: Int64(through) * 1_000_000)
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: [IntentNames.Step]
        /// Version, name as it was, name as it is; nil for one that is gone.
        var expected: [(Int, String, String?)]
    }

    @Test(arguments: [
        Case(testDescription: "nothing", steps: [], expected: [(1, "a", "a")]),
        Case(
            testDescription: "a renaming holds for the versions of before",
            steps: [step(["a"], "b", through: 3)],
            expected: [(1, "a", "b"), (3, "a", "b"), (4, "a", "a"), (3, "b", "b"), (3, "c", "c")]
        ),
        Case(
            testDescription: "a name that is renamed twice is followed",
            steps: [step(["a"], "b", through: 3), step(["b"], "c", through: 5)],
            expected: [(3, "a", "c"), (5, "b", "c"), (4, "a", "a"), (6, "b", "b")]
        ),
        Case(
            testDescription: "back and forth",
            steps: [step(["a"], "b", through: 3), step(["b"], "a", through: 5)],
            expected: [(3, "a", "a"), (4, "b", "a"), (5, "b", "a"), (6, "b", "b")]
        ),
        Case(
            testDescription: "an old name that somebody has given to another intent since",
            steps: [step(["a"], "b", through: 3), step(["a"], "d", through: 8)],
            expected: [(3, "a", "b"), (4, "a", "d"), (8, "a", "d"), (9, "a", "a")]
        ),
        Case(
            testDescription: "several become one, which is renamed",
            steps: [step(["a", "b"], "c", through: 2), step(["c"], "d", through: 2)],
            expected: [(2, "a", "d"), (1, "b", "d"), (2, "c", "d"), (3, "c", "c")]
        ),
        Case(
            testDescription: "removed",
            steps: [step(["a"], nil, through: 2), step(["b"], "a", through: 3)],
            expected: [(2, "a", nil), (3, "a", "a"), (2, "b", "a")]
        ),
    ])
    func `reads the names of earlier versions`(_ item: Case) {
        let names = IntentNames(item.steps)
        for (version, before, now) in item.expected {
            #expect(names.now(before, of: version) == now, "\(before) of \(version)")
            let changed = names.changed(of: version)
            #expect((changed[before] ?? before) == now)
        }
    }

    @Test func `reads what was written down at a time`() {
        let names = IntentNames([Self.step(["a"], "b", through: 3), Self.step(["b"], "c", through: 5)])
        #expect(names.now("a", since: Timestamp(microseconds: 1)) == "c")
        #expect(names.now("b", since: Timestamp(microseconds: 4_000_000)) == "c")
        #expect(names.now("a", since: Timestamp(microseconds: 4_000_000)) == "a")
        #expect(names.now("b", since: Timestamp(microseconds: 5_000_000)) == "b")
    }
}
