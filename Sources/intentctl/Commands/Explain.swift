import ArgumentParser
import Terminal
import Wire

struct Explain: DaemonCommand {
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

    func run(with client: inout Client) throws {
        let params = parameters(["text": text.map(JSON.string), "id": id.map(JSON.string)])
        show(try client.call(.explain, params)) { Explanation.text($0, brief: false) }
    }
}

/// An explanation in words.
enum Explanation {
    static func text(_ result: JSON, brief: Bool) -> String {
        let style = Style(for: .standard)
        let threshold = result["threshold"]?.double.map { ", threshold \($0.fixed(2))" } ?? ""
        var text =
            style.bold("\(result.cell("intent")) \(result.share("confidence"))") + " by v\(result.cell("model"))\n"
        text += "\(result.cell("route")) (\(result.cell("reason"))\(threshold))\n\n"
        text += contributions(result, limit: brief ? 8 : 20, style)
        let nearest = (result["nearest"]?.array ?? []).prefix(brief ? 3 : 10)
        guard !nearest.isEmpty else { return text }
        var table = Table(.text("NEAREST EXAMPLE"), .left("INTENT"), .right("SIMILARITY"))
        for example in nearest { table.add(example.cell("text"), example.cell("intent"), example.share("similarity")) }
        return text + "\n" + table.text()
    }

    private static func contributions(_ result: JSON, limit: Int, _ style: Style) -> String {
        let all = result["contributions"]?.array ?? []
        let strongest = all.compactMap { $0["weight"]?.double?.magnitude }.max() ?? 0
        var table = Table(.text("FEATURE"), .right("WEIGHT"), .left(""))
        for contribution in all.prefix(limit) {
            let weight = contribution["weight"]?.double ?? 0
            let length = strongest > 0 ? Int((weight.magnitude / strongest * 20).rounded()) : 0
            table.add(contribution.cell("feature"), weight.signed(3), String(repeating: "▪", count: length))
        }
        let rest = all.dropFirst(limit)
        if !rest.isEmpty {
            let sum = rest.reduce(0) { $0 + ($1["weight"]?.double ?? 0) }
            table.add("… \(rest.count) more", sum.signed(3), "")
        }
        table.add("bias", (result["bias"]?.double ?? 0).signed(3), "")
        table.add("logit", (result["logit"]?.double ?? 0).signed(3), "the sum of the above")
        return table.text { row, column, text in
            guard column > 0, row < min(limit, all.count) else { return text }
            return (all[row]["weight"]?.double ?? 0) < 0 ? style.red(text) : style.green(text)
        }
    }
}
