import Testing
import Wire

@Suite struct ObservationTests {
    private func lines(_ changes: [Member] = []) throws -> [String] {
        let usual = Answers.of("models.show").object ?? []
        let members = usual.map { member in changes.first { $0.name == member.name } ?? member }
        let outcome = try FakeDaemon { _, _, _ in [.result(.object(members))] }.run("models", "show", "4")
        #expect(outcome.code == 0)
        return outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    @Test func `a version shows how it does beside the champion, and what was missed`() throws {
        let lines = try lines()
        for line in [
            "Beside version 3", "It waits, and scores along without answering: 40 answers.",
            "29 of 30 local answers scored.",
            "Same intent: 95.0 %. Sure of it: both 25, only version 3 4, only this one 2.", "INTENT ANSWERS SAME",
            "refund_status 10 80.0 %",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(!lines.contains { $0.hasPrefix("order_status 30") })
    }

    @Test func `a champion shows what it is watched by`() throws {
        let watching = try lines()
        for line in [
            "Watched against version 3", "corrections 6 of 120 27 of 900 -2.1 pt … +8.3 pt ≤ +0.0 pt",
            "sure alone 7 of 118 alone 5 of 118 -8.0 pt … +11.0 pt ≥ -5.0 pt",
        ] {
            #expect(watching.contains(line), "\(line) in \(watching)")
        }
        for (state, words) in [
            ("passed", "passed: no worse, over 120 answers."), ("worse", "worse: it was rolled back from."),
        ] {
            let watch = (Answers.watch.object ?? []).map { $0.name == "state" ? Member("state", .string(state)) : $0 }
            #expect(try lines([Member("watch", .object(watch))]).contains(words))
        }
        let neither = try lines([Member("watch", nil), Member("shadow", nil)])
        #expect(!neither.contains { $0.hasPrefix("Watched") || $0.hasPrefix("Beside") })
    }
}
