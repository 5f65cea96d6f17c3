import Testing
import Wire

@Suite struct ExperimentTests {
    @Test func `the answers of these tests are what the method table describes`() {
        #expect(Method.experimentReport.result?.violation(in: Answers.experiment) == nil)
    }

    @Test func `a report is a table of the arms, the difference and a verdict`() throws {
        let outcome = try FakeDaemon.usual().run("experiment")
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for line in [
            "ARM LOCAL LLM", "answers 120 120", "by fallback 5 5", "rated 40 (33.3 %) 40 (33.3 %)",
            "success 70.0 % 90.0 %", "from … to 55.0 % … 95.0 % 55.0 % … 95.0 %", "latency p50 0.12 ms 0.12 ms",
            "latency p99 1200 ms 1200 ms", "tokens in, out 900, 400 900, 400",
            "difference +20.0 llm over local, from +1.2 to +38.8 points, 95.0 % for all looks",
            "arms 118 of 230 drawn for llm, 115.0 expected, p 1", "verdict llm better", "Each session counts once.",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
    }

    @Test func `a mismatch is red on a terminal, a difference green, and none bold`() throws {
        func screen(_ changes: [Member]) throws -> String {
            let members = (Answers.experiment.object ?? []).map { member in
                changes.first { $0.name == member.name } ?? member
            }
            return try FakeDaemon { _, _, _ in [.result(.object(members))] }.onTerminal("experiment").screen
        }
        #expect(try screen([]).contains("\u{1B}[32mllm better"))
        let alarm: JSON = ["units": 9, "llm": 9, "llm_expected": 4.5, "p": 0.001, "alarm": true]
        let mismatch = try screen([Member("mismatch", alarm), Member("verdict", "no verdict")])
        #expect(mismatch.contains("\u{1B}[31mno verdict") && mismatch.contains("\u{1B}[31m9 of 9"))
        let open: JSON = ["estimate": nil, "low": -1, "high": 1, "blocks": 0, "excludes_zero": false]
        let nothing = try screen([Member("difference", open), Member("verdict", "nothing to compare yet")])
        #expect(nothing.contains("\u{1B}[1mnothing to compare yet"))
        #expect(nothing.contains("– llm over local, from -100.0 to +100.0 points"))
    }

    @Test func `a report of another daemon with nothing in it is told all the same`() throws {
        let outcome = try FakeDaemon { _, _, _ in [.result([:])] }.run("experiment")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("answers"))
    }
}
