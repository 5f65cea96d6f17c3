import ArgumentParser
import Terminal
import Wire

struct Predict: Question {
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

    var call: Call { (.predict, ["texts": .array(texts.map(JSON.string)), "top_k": .integer(topK)]) }

    func render(_ result: JSON) -> String {
        var table = Table(.text("TEXT"), .left("INTENT"), .right("CONFIDENCE"), .left("SCOPE"))
        for (text, prediction) in zip(texts, result.list("predictions")) {
            let scope = prediction["in_scope"]?.bool == false ? "out" : "in"
            table.add(Printable.line(text), prediction.cell("intent"), prediction.share("confidence"), scope)
            for other in prediction.list("alternatives").dropFirst().prefix(topK - 1) {
                table.add("", other.cell("intent"), other.share("confidence"), "")
            }
        }
        return table.text()
    }
}
