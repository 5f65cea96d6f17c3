import Classifier
import Learning
import Terminal
import Wire
import World

/// Makes the texts and the JSON that the offline commands print.
enum Report {
    static func training(_ built: VersionBuilder.Built, out: String) -> String {
        var text = findings(built.findings, of: "the data")
        text += "\(built.model.intents.count) intents, \(built.model.featureCount) features, "
        text += "\(built.seconds.fixed(2)) s; the version is in \(out) (\(Digest.short(built.digest))).\n"
        text += threshold(built.model.threshold)
        guard let measured = built.evaluation else {
            return text + "The data has no rows of split test, so nothing was measured.\n"
        }
        return text + "\n" + evaluation(measured)
    }

    static func evaluation(_ evaluation: Evaluation) -> String {
        var figures = Table(.left(""), .right(""))
        figures.add("rows", "\(evaluation.rows)")
        figures.add("accuracy", percent(evaluation.accuracy))
        figures.add("macro F1", percent(evaluation.macroF1))
        figures.add("calibration error", percent(evaluation.ece))
        figures.add("log loss", evaluation.nll.fixed(4))
        if let auroc = evaluation.oosAUROC {
            figures.add("out of scope AUROC", percent(auroc))
            figures.add("  recall", percent(evaluation.oosRecall))
            figures.add("  precision", percent(evaluation.oosPrecision))
        }
        if let threshold = evaluation.threshold {
            figures.add("threshold", threshold.fixed(4))
            figures.add("  answered locally", percent(evaluation.coverage))
            figures.add("  right among those", percent(evaluation.selectiveAccuracy))
        }
        return figures.text() + weakest(evaluation) + confusions(evaluation)
    }

    private static func weakest(_ evaluation: Evaluation) -> String {
        var table = Table(.text("WEAKEST INTENTS"), .right("PRECISION"), .right("RECALL"), .right("ROWS"))
        let intents = evaluation.intents.filter { $0.support > 0 }.sorted { ($0.f1, $0.intent) < ($1.f1, $1.intent) }
        for intent in intents.prefix(5) {
            let name = Printable.line(intent.intent)
            table.add(name, percent(intent.precision), percent(intent.recall), "\(intent.support)")
        }
        return table.isEmpty ? "" : "\n" + table.text()
    }

    private static func confusions(_ evaluation: Evaluation) -> String {
        var table = Table(.text("MOST CONFUSED"), .left("TAKEN FOR"), .right("ROWS"))
        for confusion in evaluation.confusions.prefix(5) {
            table.add(Printable.line(confusion.from), Printable.line(confusion.to), "\(confusion.count)")
        }
        return table.isEmpty ? "" : "\n" + table.text()
    }

    static func preparation(_ report: PreparationReport) -> String {
        var table = Table(
            .text("INTENT"),
            .right("TEMPLATES"),
            .right("SENTENCES"),
            .right("TRAIN"),
            .right("VAL"),
            .right("TEST")
        )
        func add(_ name: String, templates: Int, sentences: String, rows: (Split) -> Int) {
            table.add(name, "\(templates)", sentences, "\(rows(.train))", "\(rows(.val))", "\(rows(.test))")
        }
        for intent in report.intents {
            let count = intent.sentences >= SentenceSource.unbounded ? "countless" : "\(intent.sentences)"
            add(Printable.line(intent.name), templates: templates(intent), sentences: count) { intent.rows[$0] ?? 0 }
        }
        add("total", templates: report.intents.map(templates).reduce(0, +), sentences: "") { report.rows(of: $0) }
        return table.text()
    }

    /// - Parameter showsAll: whether every finding gets its line. A file may repeat one mistake thousands of times, and a few
    ///   of each kind are enough to read.
    static func findings(_ findings: [Finding], of name: String, showsAll: Bool = false) -> String {
        guard !findings.isEmpty else { return "" }
        var lines = ["Findings in \(name):"]
        if showsAll {
            lines += findings.map { "  " + Printable.line("\($0)") }
        } else {
            let entries = FindingList.entries(findings.map(\.json), most: 3)
            var shown: [String: Int] = [:]
            for entry in entries {
                let code = entry.finding.cell("code")
                shown[code, default: 0] += entry.count
                let place = entry.finding["line"]?.int.map { "line \($0): " } ?? ""
                let more = entry.count > 1 ? " (and \(entry.count - 1) more of \(code))" : ""
                let words = "\(entry.finding.cell("message"))\(more) → \(entry.finding.cell("remedy"))"
                lines.append("  \(place)\(entry.finding.cell("severity")) \(code): \(words)")
            }
            let counts = Dictionary(findings.map { ($0.code, 1) }, uniquingKeysWith: +)
            for (code, number) in counts.sorted(by: { $0.key < $1.key }) where number > shown[code, default: 0] {
                lines.append("  … and \(number - shown[code, default: 0]) more of \(code)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func prepared(_ data: Preparation.Prepared, _ path: String) -> JSON {
        [
            "path": .string(path), "rows": .integer(data.rows.count),
            "seed": .string(String(data.report.seed)), "findings": .array(data.findings.map(\.json)),
            "intents": .array(
                data.report.intents.map { intent in
                    [
                        "intent": .string(intent.name), "sentences": .string(String(intent.sentences)),
                        "templates": .integer(templates(intent)), "rows": .integer(intent.total),
                    ]
                }
            ),
        ]
    }

    private static func templates(_ intent: PreparationReport.Intent) -> Int { intent.templates.values.reduce(0, +) }

    static func unusable(_ path: String) -> String { "\(path) cannot be used; the findings say why." }

    /// Says that rows were left out, and so nothing was written.
    static func leftOut(_ parsed: DataFile.Parsed, _ path: String) -> String {
        let all = parsed.rows.count + parsed.leftOut
        return
            "\(parsed.leftOut) of \(all) rows of \(path) cannot be read, so nothing was written. Mend them, or bring in the "
            + "others with --partial."
    }

    /// - Parameters:
    ///   - path: the data file.
    ///   - error: why nothing was written; nil if it was.
    static func brought(
        _ parsed: DataFile.Parsed,
        rows: [DataRow],
        to path: String,
        keptAside: String?,
        error: String?
    ) -> JSON {
        let error: [Member] = error.map { [Member("error", .string($0))] } ?? []
        let result: JSON = [
            "path": .string(path), "usable": .bool(parsed.usable), "rows": .integer(rows.count),
            "left_out": .integer(parsed.leftOut), "kept_aside": JSON(keptAside),
            "findings": .array(parsed.findings.map(\.json)),
        ]
        return .object(error + (result.object ?? []))
    }

    private static func threshold(_ threshold: Threshold) -> String {
        switch threshold {
        case .proven(let value, let coverage, let precision):
            "Answers by itself from confidence \(Double(value).fixed(3)): about \(percent(coverage)) of what is asked, "
                + "proven right at least \(percent(precision)) of the time.\n"
        case .estimated(let value, let coverage, let precision, let missing):
            "Answers by itself from confidence \(Double(value).fixed(3)): about \(percent(coverage)) of what is asked. "
                + "That it is right at least \(percent(precision)) of the time is estimated, not proven; about \(missing) "
                + "more templates, or sentences in other words, would prove a threshold.\n"
        case .unproven(let missing):
            "No confidence is right often enough, so nothing is answered locally in mode auto; "
                + (missing.map { "about \($0) more templates, or sentences in other words, would do" }
                    ?? "train it again")
                + ".\n"
        case .fixed(let value): "Answers by itself from confidence \(Double(value).fixed(3)), as configured.\n"
        }
    }

    private static func percent(_ share: Double?) -> String { share?.percent(2) ?? "–" }
}
