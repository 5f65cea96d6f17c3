import ArgumentParser
import Terminal
import Wire

struct Diff: Question {
    static let configuration = CommandConfiguration(
        abstract: "Compare two versions on the locked test rows.",
        discussion: """
            Differences are TO minus FROM. Both ends of an interval are one-sided at 95 %: the difference is above the \
            lower one, and below the upper one, with that probability.
            """
    )

    @Argument(
        help: "The version to compare with: 6, champion, candidate or last-good.",
        completion: Version.completion,
        transform: Version.parse
    )
    var from: Version

    @Argument(
        help: "The version that is compared.",
        completion: Version.completion,
        transform: Version.parse
    )
    var to: Version

    @OptionGroup var options: GlobalOptions

    var call: Call { (.modelsDiff, ["from": from.json, "to": to.json]) }

    func render(_ result: JSON) -> String {
        let (from, to) = ("v" + result.cell("from"), "v" + result.cell("to"))
        if result["identical"]?.bool == true { return "\(from) and \(to) are identical: they have the same bytes.\n" }
        var table = Table(.text("METRIC"), .right(from), .right(to), .right("DIFFERENCE"), .left("95 % INTERVAL"))
        for metric in result["metrics"]?.object ?? [] {
            let difference = metric.value["delta"]?.double?.signed(4) ?? "–"
            let interval = Excerpt.interval(metric.value.cells("low", "high"))
            table.add([Printable.line(metric.name)] + metric.value.cells("from", "to") + [difference, interval])
        }
        func texts(_ name: String, words: String, paint: (String) -> String) -> String {
            Excerpt.texts(result[name], of: result[name + "_total"]?.int, limit: 10, words: words, paint: paint)
        }
        return "On \(result.cell("rows")) locked rows:\n" + table.text()
            + texts("broken", words: "wrong in \(to), right in \(from)", paint: style.yellow)
            + texts("fixed", words: "right in \(to), wrong in \(from)", paint: style.green)
    }
}
