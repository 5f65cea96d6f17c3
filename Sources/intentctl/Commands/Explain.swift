import ArgumentParser
import Terminal
import Wire

struct Explain: Question {
    static let configuration = CommandConfiguration(abstract: "Show why a text or an answer got its intent.")

    @Argument(help: "A text.")
    var text: String?

    @Option(help: ArgumentHelp("An answer's id.", valueName: "id"))
    var id: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard (text == nil) != (id == nil) else { throw ValidationError("Give either a text or --id.") }
        if text?.isEmpty ?? id?.isEmpty ?? false { throw ValidationError("The text or id to explain is empty.") }
    }

    var call: Call { (.explain, ["text": text.map(JSON.string), "id": id.map(JSON.string)]) }

    func render(_ result: JSON) -> String { Explanation.text(result, brief: false) }
}

/// An explanation in words.
enum Explanation {
    static func text(_ result: JSON, brief: Bool) -> String {
        let threshold = result["threshold"]?.double.map { ", threshold \($0.fixed(2))" } ?? ""
        var text =
            style.bold("\(result.cell("intent")) \(result.share("confidence"))") + " by v\(result.cell("model"))\n"
        text += "\(result.cell("route")) (\(result.cell("reason"))\(threshold))\n\n"
        text += contributions(result, limit: brief ? 8 : 20)
        var table = Table(.text("NEAREST EXAMPLE"), .left("INTENT"), .right("SIMILARITY"))
        for example in result.list("nearest").prefix(brief ? 3 : 10) {
            table.add(example.cells("text", "intent") + [example.share("similarity")])
        }
        return table.isEmpty ? text : text + "\n" + table.text()
    }

    private static func contributions(_ result: JSON, limit: Int) -> String {
        func number(_ json: JSON, _ name: String) -> Double { json[name]?.double ?? 0 }
        let all = result.list("contributions")
        let strongest = all.map { number($0, "weight").magnitude }.max() ?? 0
        var table = Table(.text("FEATURE"), .right("WEIGHT"), .left(""))
        for contribution in all.prefix(limit) {
            let weight = number(contribution, "weight")
            let length = strongest > 0 ? Int((weight.magnitude / strongest * 20).rounded()) : 0
            table.add(contribution.cell("feature"), weight.signed(3), String(repeating: "▪", count: length))
        }
        let rest = all.dropFirst(limit)
        if !rest.isEmpty {
            table.add("… \(rest.count) more", rest.reduce(0) { $0 + number($1, "weight") }.signed(3), "")
        }
        table.add("bias", number(result, "bias").signed(3), "")
        table.add("logit", number(result, "logit").signed(3), "the sum of the above")
        return table.text { row, column, text in
            guard column > 0, row < min(limit, all.count) else { return text }
            return number(all[row], "weight") < 0 ? style.red(text) : style.green(text)
        }
    }
}
