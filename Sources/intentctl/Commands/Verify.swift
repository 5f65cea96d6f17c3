import ArgumentParser
import Terminal
import Wire

struct Verify: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the audit trail, the tables made from it, every version's files, and the aliases.",
        discussion: "The exit code is 1 if something is not as it was recorded."
    )

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        let result = try client.call(.verify)
        show(result) { Self.text($0, Style(for: .standard)) }
        if result["ok"]?.bool != true { throw ExitCode(1) }
    }

    private static func text(_ result: JSON, _ style: Style) -> String {
        var problems: [String] = []
        let events = result["events"] ?? .null
        if let broken = events["broken"], !broken.isNull {
            var record = "Record \(broken.cell("seq")) of the audit trail"
            if let kind = broken.text("kind"), let id = broken.text("id") {
                record += " (\(kind), \(broken.moment("at")) UTC, \(id))"
            }
            problems.append(record + " is the first broken one: \(broken.cell("problem")).")
        }
        for broken in result["models"]?["broken"]?.array ?? [] {
            let file = broken.text("file").map { ", \($0)" } ?? ""
            problems.append("Version \(broken.cell("version"))\(file): \(broken.cell("problem")).")
        }
        for broken in result["aliases"]?["broken"]?.array ?? [] {
            problems.append("Alias \(broken.cell("alias")): \(broken.cell("problem")).")
        }
        for broken in result["tables"]?["broken"]?.array ?? [] {
            let column = broken.text("column").map { ", column \($0)" } ?? ""
            problems.append(
                "Table \(broken.cell("table")), row \(broken.cell("key"))\(column): \(broken.cell("problem"))."
            )
        }
        var text = problems.map { style.red($0) + "\n" }.joined()
        if problems.isEmpty {
            let erased = events["erased"]?.int ?? 0
            text += style.green("Everything is as it was recorded.") + "\n"
            text += facts(
                [
                    ("audit trail", counted(events["records"], "record") + (erased > 0 ? ", \(erased) erased" : "")),
                    ("its end", events.cell("head")),
                    ("tables", counted(result["tables"]?["checked"], "table") + " made anew from it and compared"),
                    ("models", counted(result["models"]?["checked"], "version")),
                    ("aliases", "agree with the history and the links"),
                ],
                style
            )
        } else {
            text += "Not everything is as it was recorded. Compare with a backup of data/ and models/.\n"
        }
        return text
    }

    private static func counted(_ number: JSON?, _ noun: String) -> String {
        "\((number ?? .null).cell) \(noun)\(number?.int == 1 ? "" : "s")"
    }
}
