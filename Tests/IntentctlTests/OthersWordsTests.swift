import Testing
import Wire

@Suite struct `What the tool shows of others' words` {
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    @Test func `is their sum in an explanation, above the bias, and what it means`() throws {
        let outcome = try FakeDaemon.usual().run("explain", "x")
        let lines = lines(outcome.output)
        let place = try #require(lines.firstIndex { $0.hasPrefix("others' words +1.200") })
        #expect(lines[place - 1].hasPrefix("is -0.210") && lines[place + 1].hasPrefix("bias -0.100"))
        #expect(outcome.output.contains("others' words are the sum of their weights"))
    }

    @Test func `stays last, however many features there are`() throws {
        let features = (0..<30).map { number -> JSON in ["feature": .string("f\(number)"), "weight": 0.5] }
        let words: JSON = ["feature": "others' words", "weight": -3]
        let members = (Answers.of("explain").object ?? []).map { member in
            member.name == "contributions" ? Member(member.name, .array(features + [words])) : member
        }
        let outcome = try FakeDaemon { _, _, _ in [.result(.object(members))] }.run("explain", "x")
        let lines = lines(outcome.output)
        let place = try #require(lines.firstIndex { $0.hasPrefix("others' words -3.000") })
        #expect(lines[place - 1].hasPrefix("… 10 more +5.000"))
    }

    @Test func `is a number in a verdict`() throws {
        let members =
            (Answers.verdict.object ?? []) + [
                Member("others_words", ["golden_missed": 1, "behaviour_missed": 2])
            ]
        let daemon = try FakeDaemon { _, _, _ in
            [.failure(.gateRefused("The gate refused version 4.", verdict: .object(members)))]
        }
        let errors = try daemon.run("promote", "4").errors
        #expect(errors.contains("1 golden case is wrong whose words only an admin may read."))
        #expect(errors.contains("2 behaviour cases are missed whose words only an admin may read."))
    }
}
