import ArgumentParser
import Terminal
import Wire

struct Diff: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two versions on the locked test rows.",
        discussion: """
            Differences are TO minus FROM. Both ends of an interval are one-sided at 95 %: the difference is above the \
            lower one, and below the upper one, with that probability.
            """
    )

    @Argument(help: "The version to compare with, such as 6.")
    var from: Version

    @Argument(help: "The version that is compared, such as 7.")
    var to: Version

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        let params = parameters(["from": from.json, "to": to.json])
        show(try client.call(.modelsDiff, params)) { Self.text($0, Style(for: .standard)) }
    }

    private static func text(_ result: JSON, _ style: Style) -> String {
        let (from, to) = ("v" + result.cell("from"), "v" + result.cell("to"))
        var table = Table(
            .text("METRIC"),
            .right(from),
            .right(to),
            .right("DIFFERENCE"),
            .left("95 % INTERVAL")
        )
        for metric in result["metrics"]?.object ?? [] {
            let bounds = [metric.value.cell("low"), metric.value.cell("high")]
            table.add(
                Printable.line(metric.name),
                metric.value.cell("from"),
                metric.value.cell("to"),
                metric.value["delta"]?.double.map { $0.signed(4) } ?? "–",
                bounds == ["–", "–"] ? "" : bounds.joined(separator: " … ")
            )
        }
        func texts(_ name: String, words: String, paint: (String) -> String) -> String {
            Excerpt.texts(result[name], of: result[name + "_total"]?.int, limit: 10, words: words, paint: paint)
        }
        return "On \(result.cell("rows")) locked rows:\n" + table.text()
            + texts("broken", words: "wrong in \(to), right in \(from)", paint: style.yellow)
            + texts("fixed", words: "right in \(to), wrong in \(from)", paint: style.green)
    }
}
