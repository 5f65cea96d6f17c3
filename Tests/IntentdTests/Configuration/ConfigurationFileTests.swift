import Engine
import Foundation
import Testing
import Wire
import World

@testable import intentd

@Suite struct `The configuration file` {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func parse(_ text: String) throws -> Configuration {
        try ConfigurationFile.parse(Array(text.utf8), path: "f.yaml")
    }

    @Test func `the file that is shipped holds every key with its default`() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("deploy/intentd.yaml"), encoding: .utf8)
        #expect(try parse(text) == Configuration())
        for key in ConfigurationKey.all {
            let name = try #require(key.name.split(separator: ".").last)
            #expect(text.contains("\n\(key.member.isEmpty ? "" : "  ")\(name):"), "\(key.name)")
        }
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "limits:\n", "limits: {}\n"])
    func `what is left out keeps its default`(_ text: String) throws {
        #expect(try parse(text) == Configuration())
    }

    @Test func `values are read with their units`() throws {
        let configuration = try parse(
            """
            language: tr
            local: { threshold: 0.8, target_precision: 0.99 }
            llm: { backend: off, connect_timeout: 1500ms, models: [a, "b c"] }
            telemetry: { text: none, rotate_size: 64KiB, keep: 7d }
            training: { policy: hold, four_eyes: true, cooldown: 2h }
            limits: { line: 2MiB, unfinished_line: 500ms }
            """
        )
        #expect("\(configuration.language)" == "tr")
        #expect(configuration.local.threshold == 0.8)
        #expect(configuration.llm.backend == .off)
        #expect(configuration.llm.connectTimeout == 1.5)
        #expect(configuration.llm.models == ["a", "b c"])
        #expect(configuration.telemetry.rotateSize == 65_536)
        #expect(configuration.telemetry.keep == 604_800)
        #expect(configuration.training.policy == .hold)
        #expect(configuration.limits.line == 2 << 20)
        #expect(configuration.limits.unfinishedLine == 0.5)
    }

    @Test(arguments: [
        ("limit: {}", 1, "limit"),
        ("language: turkish", 1, "language"),
        ("language: { tr: yes }", 1, "language"),
        ("limits:\n  lines: 1MiB", 2, "limits.lines"),
        ("limits:\n  line: 1 MiB", 2, "limits.line"),
        ("limits:\n  line: 12", 2, "limits.line"),
        ("limits:\n  line: -1MiB", 2, "limits.line"),
        ("limits:\n  line: 99999999999999999999GiB", 2, "limits.line"),
        ("limits:\n  line: \"1MiB\"", 2, "limits.line"),
        ("limits:\n  line: [1MiB]", 2, "limits.line"),
        ("limits:\n  line:", 2, "limits.line"),
        ("limits:\n  in_flight: 0", 2, "limits.in_flight"),
        ("limits:\n  in_flight: 1.5", 2, "limits.in_flight"),
        ("limits:\n  in_flight: many", 2, "limits.in_flight"),
        ("limits:\n  unfinished_line: 10", 2, "limits.unfinished_line"),
        ("limits:\n  unfinished_line: 10 s", 2, "limits.unfinished_line"),
        ("limits:\n  unfinished_line: -1s", 2, "limits.unfinished_line"),
        ("limits:\n  unfinished_line: 9999d", 2, "limits.unfinished_line"),
        ("local:\n  threshold: 1.5", 2, "local.threshold"),
        ("local:\n  threshold: high", 2, "local.threshold"),
        ("local:\n  threshold: nan", 2, "local.threshold"),
        ("local:\n  threshold: true", 2, "local.threshold"),
        ("local:\n  target_precision: 1", 2, "local.target_precision"),
        ("local:\n  unproven: maybe", 2, "local.unproven"),
        ("replies:\n  about: I think this is about {intnt}.", 2, "replies.about"),
        ("replies:\n  about: \"\"", 2, "replies.about"),
        ("replies:\n  about: [a, b]", 2, "replies.about"),
        ("replies:\n  policy: \"{intent} is for people.\"", 2, "replies.policy"),
        ("replies:\n  default: {a: b}", 2, "replies.default"),
        ("replies:\n  lm_off: No.", 2, "replies.lm_off"),
        ("replies: No.", 1, "replies"),
        ("local: 0.8", 1, "local"),
        ("local: [threshold]", 1, "local"),
        ("llm:\n  backend: gpt", 2, "llm.backend"),
        ("llm:\n  url: \"\"", 2, "llm.url"),
        ("llm:\n  models: llama", 2, "llm.models"),
        ("llm:\n  models: [[a]]", 2, "llm.models"),
        ("llm:\n  allow_remote: \"yes\"", 2, "llm.allow_remote"),
        ("llm:\n  api_key: hunter2", 2, "llm.api_key"),
        ("experiment:\n  ab_prob: 2", 2, "experiment.ab_prob"),
        ("experiment:\n  unit: person", 2, "experiment.unit"),
        ("telemetry:\n  text: all", 2, "telemetry.text"),
        ("training:\n  policy: auto", 2, "training.policy"),
        ("training:\n  feedback_weight: 0", 2, "training.feedback_weight"),
        ("training:\n  memory: 1MiB", 2, "training.memory"),
        ("access:\n  admins: root", 2, "access.admins"),
        ("anomalies:\n  long_prompt: 0", 2, "anomalies.long_prompt"),
        ("registry:\n  keep: 0", 2, "registry.keep"),
    ])
    func `what is wrong is refused with line and key`(_ text: String, _ line: Int, _ key: String) throws {
        let failure = #expect(throws: ConfigurationFile.Failure.self) { try parse(text) }
        #expect(failure?.line == line)
        #expect(failure?.key == key)
        #expect(failure?.description.contains("f.yaml, line \(line): ") == true)
    }

    @Test(arguments: ["limits: {", "a: b: c", "\t- x", "- a\n- b", "just words", "limits:\n  line: 1MiB\n  line: 2MiB"])
    func `what is no such YAML is refused`(_ text: String) {
        #expect(throws: ConfigurationFile.Failure.self) { try parse(text) }
    }

    @Test(arguments: [("limits:\n  line: [1]\n3", 3), ("limits:\n  line: 1MiB\n3\n", 3), ("a: [", 1), ("3", 1)])
    func `what is missing at the end is said of a line that is there`(_ text: String, _ line: Int) {
        let failure = #expect(throws: ConfigurationFile.Failure.self) { try parse(text) }
        #expect(failure?.line == line)
    }

    @Test func `a list that holds itself many times over is refused at once`() {
        var text = "llm:\n  models:\n    - &a0 [x]\n"
        for level in 1...60 { text += "    - &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let failure = #expect(throws: ConfigurationFile.Failure.self) { try parse(text) }
        #expect(failure?.key == "llm.models")
    }

    @Test func `bytes that are no text, and floods of them, are refused`() {
        #expect(throws: ConfigurationFile.Failure.self) { try ConfigurationFile.parse([0xFF, 0xFE], path: "f") }
        let flood = [UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) + 1)
        #expect(throws: ConfigurationFile.Failure.self) { try ConfigurationFile.parse(flood, path: "f") }
    }

    @Test func `the daemon's sentences are read in any language`() throws {
        let replies = try parse(
            """
            replies:
              about: यह {intent} के बारे में है।
              out_of_scope: Das gehört nicht hierher, bitte rufen Sie an.
              policy: ""
              default: |
                Ich weiß es nicht.
            """
        ).replies
        #expect(replies.about == "यह {intent} के बारे में है।")
        #expect(replies.outOfScope == "Das gehört nicht hierher, bitte rufen Sie an.")
        #expect(replies.policy.isEmpty && replies.fewRows.isEmpty)
        #expect(replies.otherwise == "Ich weiß es nicht.")
        #expect(throws: ConfigurationFile.Failure.self) {
            try parse("replies:\n  default: \"\(String(repeating: "a", count: 2_001))\"")
        }
    }

    @Test func `the soft limit may not be above the hard one`() {
        #expect(throws: ConfigurationFile.Failure.self) {
            try parse("limits: { output_soft: 2MiB, output_hard: 1MiB }")
        }
    }

    @Test func `a reload names what changed`() throws {
        let changes = ConfigurationFile.changes(
            from: Configuration(),
            to: try parse("local: { threshold: 0.5 }\ntraining: { policy: hold }")
        )
        #expect(changes.changed == ["local.threshold", "training.policy"])
        #expect(changes.needsRestart.isEmpty)
    }

    @Test(arguments: [
        ("2.2d", "3168m"), ("59.9996s", "1m"), ("1.0004s", "1s"), ("0.5d", "12h"), ("1500ms", "1500ms"), ("90s", "90s"),
    ])
    func `a duration is shown as the millisecond that it means`(_ written: String, _ shown: String) throws {
        let configuration = try parse("training:\n  cooldown: \(written)")
        let key = try #require(ConfigurationKey.all.first { $0.name == "training.cooldown" })
        #expect(key.show(configuration) == shown)
        #expect(key.show(try parse("training:\n  cooldown: \(shown)")) == shown)
    }

    @Test func `every value is shown as it is read`() throws {
        for key in ConfigurationKey.all {
            let shown = key.show(Configuration())
            var section = key.member.isEmpty ? "\(key.section): " : "\(key.section):\n  \(key.member): "
            if key.accepts.hasPrefix("a list") { continue }
            section += key.accepts == "a text" ? "\"\(shown)\"" : shown
            #expect(try key.show(parse(section)) == shown, "\(key.name)")
        }
    }
}
