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
        show(result, Self.text)
        if result["ok"]?.bool != true { throw ExitCode(1) }
    }

    private static func text(_ result: JSON) -> String {
        var problems: [String] = []
        func failures(_ name: String) -> [JSON] { result[name]?["broken"]?.array ?? [] }
        let events = result["events"] ?? .null
        if let broken = events.known("broken") {
            var record = "Record \(broken.cell("seq")) of the audit trail"
            if let kind = broken.text("kind"), let id = broken.text("id") {
                record += " (\(kind), \(broken.moment("at")) UTC, \(id))"
            }
            problems.append(record + " is the first broken one: \(broken.cell("problem")).")
        }
        for broken in failures("models") {
            let file = broken.text("file").map { ", \($0)" } ?? ""
            problems.append("Version \(broken.cell("version"))\(file): \(broken.cell("problem")).")
        }
        for broken in failures("aliases") {
            problems.append("Alias \(broken.cell("alias")): \(broken.cell("problem")).")
        }
        for broken in failures("tables") {
            let column = broken.text("column").map { ", column \($0)" } ?? ""
            let place = "\(broken.cell("table")), row \(broken.cell("key"))\(column)"
            problems.append("Table \(place): \(broken.cell("problem")).")
        }
        guard problems.isEmpty else {
            return problems.map { style.red($0) + "\n" }.joined()
                + "Not everything is as it was recorded. Compare with a backup of data/ and models/.\n"
        }
        func checked(_ name: String, _ noun: String) -> String { (result[name] ?? .null).counted("checked", noun) }
        let erased = events["erased"]?.int ?? 0
        let sound: Facts = [
            ("audit trail", events.counted("records", "record") + (erased > 0 ? ", \(erased) erased" : "")),
            ("its end", events.cell("head")),
            ("tables", checked("tables", "table") + " made anew from it and compared"),
            ("models", checked("models", "version")),
            ("aliases", "agree with the history and the links"),
        ]
        return style.green("Everything is as it was recorded.") + "\n" + facts(sound, style)
    }
}
