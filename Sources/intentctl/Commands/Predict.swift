import ArgumentParser
import Terminal
import Wire

struct Predict: DaemonCommand {
    static let configuration = CommandConfiguration(abstract: "Classify texts without answering them.")

    @Argument(help: ArgumentHelp("One or more texts, each in quotes.", valueName: "text"))
    var texts: [String]

    @Option(help: ArgumentHelp("How many intents to name for each.", valueName: "n"))
    var topK = 1

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard 1...20 ~= topK else { throw ValidationError("--top-k must be a number from 1 to 20.") }
        guard 1...1_000 ~= texts.count else { throw ValidationError("Give 1 to 1000 texts.") }
        guard !texts.contains("") else { throw ValidationError("A text is empty.") }
    }

    func run(with client: inout Client) throws {
        let params = [Member("texts", .array(texts.map(JSON.string))), Member("top_k", .integer(topK))]
        show(try client.call(.predict, params), render)
    }

    private func render(_ result: JSON) -> String {
        var table = Table(.text("TEXT"), .left("INTENT"), .right("CONFIDENCE"), .left("SCOPE"))
        for (text, prediction) in zip(texts, result["predictions"]?.array ?? []) {
            table.add(
                Printable.line(text),
                prediction.cell("intent"),
                prediction.share("confidence"),
                prediction["in_scope"]?.bool == false ? "out" : "in"
            )
            for other in prediction["alternatives"]?.array?.dropFirst().prefix(topK - 1) ?? [] {
                table.add("", other.cell("intent"), other.share("confidence"), "")
            }
        }
        return table.text()
    }
}
