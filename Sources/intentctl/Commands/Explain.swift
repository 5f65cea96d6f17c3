import ArgumentParser
import Terminal
import Wire

struct Explain: Question {
    static let configuration = CommandConfiguration(abstract: "Show why a text or an answer got its intent.")

    @Argument(help: ArgumentHelp("A text; several words are one.", valueName: "text"))
    var words: [String] = []

    @Option(help: ArgumentHelp("An answer's id.", valueName: "id"))
    var id: String?

    @OptionGroup var options: GlobalOptions

    private var text: String? { words.isEmpty ? nil : words.joined(separator: " ") }

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
        var text =
            style.bold("\(result.cell("intent")) \(result.share("confidence"))") + " by v\(result.cell("model"))\n"
        if let second = result.list("alternatives").dropFirst().first {
            text += "runner-up: \(second.cell("intent")) \(second.share("confidence"))\n"
        }
        text += "\(result.cell("route")): \(reason(result))\n\n"
        text += contributions(result, limit: brief ? 8 : 20)
        let legend = others(result) == nil ? legend : legend + " " + othersLegend
        text += style.dim(legend.wrapped(to: Output.standard.columns)) + "\n"
        var table = Table(.text("NEAREST EXAMPLE"), .left("INTENT"), .right("SIMILARITY"))
        for example in result.list("nearest").prefix(brief ? 3 : 10) {
            table.add(example.cells("text", "intent") + [example.share("similarity")])
        }
        return table.isEmpty ? text : text + "\n" + table.text()
    }

    private static let legend = """
        A weight is what a feature adds to the intent's score (logit) or takes from it. Features are words, neighbours, \
        pairs of words (a … b), and parts of words (|par|).
        """

    private static let othersLegend = """

        Words that fewer than three people have said are named to admins alone; others' words are the sum of their weights.
        """

    /// The sum of what is not named to this user; the daemon puts it last.
    private static func others(_ result: JSON) -> JSON? {
        result.list("contributions").last.flatMap { $0["feature"]?.string == "others' words" ? $0 : nil }
    }

    private static func reason(_ result: JSON) -> String {
        let threshold = result["threshold"]?.double
        var words: String
        switch result.text("reason") {
        case "confident": words = "confident" + (threshold.map { ", at or above the threshold \($0.fixed(2))" } ?? "")
        case "below_threshold":
            words = threshold.map { "below the threshold \($0.fixed(2))" } ?? "no threshold is known"
        case "out_of_scope": return "out of scope: it resembles nothing that the model was trained on"
        default: words = ReasonWords.text(result) + (threshold.map { ", threshold \($0.fixed(2))" } ?? "")
        }
        if result["in_scope"]?.bool == false { words += "; out of scope" }
        return words
    }

    private static func contributions(_ result: JSON, limit: Int) -> String {
        func number(_ json: JSON, _ name: String) -> Double { json[name]?.double ?? 0 }
        let others = others(result)
        let all = result.list("contributions").dropLast(others == nil ? 0 : 1)
        let strongest = result.list("contributions").map { number($0, "weight").magnitude }.max() ?? 0
        var table = Table(.text("FEATURE"), .right("WEIGHT"), .left(""))
        func add(_ contribution: JSON) {
            let weight = number(contribution, "weight")
            let length = strongest > 0 ? Int((weight.magnitude / strongest * 20).rounded()) : 0
            table.add(contribution.cell("feature"), weight.signed(3), String(repeating: "▪", count: length))
        }
        all.prefix(limit).forEach(add)
        let rest = all.dropFirst(limit)
        if !rest.isEmpty {
            table.add("… \(rest.count) more", rest.reduce(0) { $0 + number($1, "weight") }.signed(3), "")
        }
        if let others { add(others) }
        table.add("bias", number(result, "bias").signed(3), "")
        table.add("logit", number(result, "logit").signed(3), "the sum of the above")
        return table.text { row, column, text in
            guard column > 0, row < min(limit, all.count) else { return text }
            return number(all[row], "weight") < 0 ? style.red(text) : style.green(text)
        }
    }
}
