import ArgumentParser
import Terminal
import Wire

struct Intents: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, rename, merge and remove what can be asked about.",
        subcommands: [List.self, Rename.self, Merge.self, Remove.self, Undo.self],
        defaultSubcommand: List.self
    )
}

extension Intents {
    struct List: Question {
        static let configuration = CommandConfiguration(
            abstract: "List the intents with their rows, recall and policy (default).",
            discussion: """
                ROWS counts the data file and the accepted feedback. RECALL is the share of its test rows that the \
                version in service gets right.
                """
        )

        @OptionGroup var options: GlobalOptions

        var call: Call { (.intentsList, [:]) }

        func render(_ result: JSON) -> String {
            var table = Table([
                .left("INTENT"), .right("ROWS"), .right("RECALL"), .left("POLICY"), .left("RESPONSES"),
                .text("SUMMARY"),
            ])
            var missing = ""
            for intent in result.list("intents") {
                let responses = intent["has_responses"]?.bool == true ? "yes" : "no"
                table.add(
                    [intent.cell("intent"), intent.cell("rows"), intent.percent("recall"), intent.cell("policy")]
                        + [responses, intent.text("summary") ?? ""]
                )
                if let count = intent["missing"]?.int, count > 0 {
                    missing +=
                        "\(intent.cell("intent")) is not answered locally yet: give \(count) more "
                        + "\(count == 1 ? "sentence" : "sentences") in other words.\n"
                }
            }
            return table.isEmpty ? "There is no intent yet.\n" : table.text() + missing
        }
    }
}
