import ArgumentParser
import Terminal
import Wire

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List and show the versions of the model.",
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self
    )
}

extension Models {
    struct List: Question {
        static let configuration = CommandConfiguration(abstract: "List the versions (default).")

        @OptionGroup var options: GlobalOptions

        var call: Call { (.modelsList, [:]) }

        func render(_ result: JSON) -> String {
            var table = Table([
                .right("VERSION"), .left("CREATED (UTC)"), .right("ACCURACY"), .left("VERDICT"), .left("DIGEST"),
                .left("ALIASES"),
            ])
            for model in result.list("models") {
                table.add(
                    model.cell("version"),
                    String(model.moment("created_at").dropLast(3)),
                    (model["metrics"] ?? .null).percent("accuracy"),
                    (model["verdict"]?["verdict"] ?? model["verdict"] ?? .null).cell,
                    model.cell("digest"),
                    model.list("aliases").map(\.cell).joined(separator: " ")
                )
            }
            guard !table.isEmpty else { return "There is no version yet; make one with: intentctl retrain\n" }
            return table.text { _, column, text in column == 3 ? Verdict.paint(text, style) : text }
        }
    }

    struct Show: Question {
        static let configuration = CommandConfiguration(
            abstract: "Show one version: metadata, evaluation, verdict, and what live traffic says."
        )

        @Argument(
            help: "The version: 7, champion, candidate or last-good.",
            completion: Version.completion,
            transform: Version.parse
        )
        var version: Version

        @Flag(help: "List the test rows that it gets wrong, the surest mistakes first.")
        var wrong = false

        @OptionGroup var options: GlobalOptions

        var call: Call { (.modelsShow, ["version": version.json, "wrong": wrong ? true : nil]) }

        func render(_ result: JSON) -> String {
            if let wrong = result.known("wrong") { return mistakes(wrong, of: result.cell("version")) }
            var text = style.bold("Version \(result.cell("version"))") + "\n"
            for section in ["metadata", "evaluation"] {
                guard let members = result[section]?.object else { continue }
                // The metadata's metrics are a part of the evaluation.
                let value = JSON.object(members.filter { $0.name != "metrics" })
                text += "\n" + style.bold(section) + "\n" + facts(Outline.pairs(value), style)
            }
            if let verdict = result.known("verdict") { text += "\n" + Verdict.text(verdict, style, shown: 20) }
            return text + Observation.text(result)
        }

        private func mistakes(_ wrong: JSON, of version: String) -> String {
            let (items, total, rows) = (wrong.list("items"), wrong["total"]?.int ?? 0, wrong.cell("rows"))
            guard total > 0 else { return "Version \(version) gets all \(rows) test rows right.\n" }
            var table = Table(.text("TEXT"), .left("IS"), .left("TAKEN FOR"), .right("CONFIDENCE"), .left("SCOPE"))
            for item in items {
                let scope = item["in_scope"]?.bool == false ? "out" : "in"
                table.add(item.cells("text", "intent", "got") + [item.share("confidence"), scope])
            }
            let more = total > items.count ? "… and \(total - items.count) more\n" : ""
            return style.bold("Version \(version) gets \(total) of \(rows) test rows wrong.") + "\n" + table.text()
                + more
        }
    }
}

/// Shows any object as names and values. Members of members get dotted names, and long lists are only counted: the tool
/// does not know all that a newer daemon may say of a version, and should show it all the same.
enum Outline {
    private static let longest = 12

    static func pairs(_ value: JSON, under prefix: String = "") -> Facts {
        (value.object ?? []).flatMap { member -> Facts in
            let name = prefix + Printable.line(member.name)
            switch member.value {
            case .object(let members) where !members.isEmpty && members.count <= longest:
                return pairs(member.value, under: name + ".")
            case .object(let members): return [(name, members.isEmpty ? "–" : "\(members.count) entries (--json)")]
            case .array(let elements) where elements.count > longest || elements.contains { $0.object != nil }:
                return [(name, "\(elements.count) entries (--json)")]
            default: return [(name, member.value.cell)]
            }
        }
    }
}
