import Classifier
import Learning
import Statistics
import Wire
import World

/// What the offline commands print.
enum Report {
    static func training(_ built: VersionBuilder.Built, out: String) -> String {
        var text = findings(built.findings, of: "the data")
        text += "\(built.model.intents.count) intents, \(built.model.featureCount) features, "
        text += "\(fixed(built.seconds, 2)) s; the version is in \(out) (\(Digest.short(built.digest))).\n"
        text += threshold(built.model.threshold)
        if let evaluation = built.evaluation {
            text += "\n" + self.evaluation(evaluation)
        } else {
            text += "The data has no rows of split test, so nothing was measured.\n"
        }
        return text
    }

    static func evaluation(_ evaluation: Evaluation) -> String {
        var lines = [
            row("rows", "\(evaluation.rows)"), row("accuracy", percent(evaluation.accuracy)),
            row("macro F1", percent(evaluation.macroF1)), row("calibration error", percent(evaluation.ece)),
            row("log loss", fixed(evaluation.nll, 4)),
        ]
        if let auroc = evaluation.oosAUROC {
            lines.append(row("out of scope AUROC", percent(auroc)))
            lines.append(row("  recall", percent(evaluation.oosRecall)))
            lines.append(row("  precision", percent(evaluation.oosPrecision)))
        }
        if let threshold = evaluation.threshold {
            lines.append(row("threshold", fixed(threshold, 4)))
            lines.append(row("  answered locally", percent(evaluation.coverage)))
            lines.append(row("  right among those", percent(evaluation.selectiveAccuracy)))
        }
        let weakest = evaluation.intents.filter { $0.support > 0 }.sorted { ($0.f1, $0.intent) < ($1.f1, $1.intent) }
        if !weakest.isEmpty {
            lines.append("")
            lines.append("  weakest intents               precision   recall   rows")
            for intent in weakest.prefix(5) {
                lines.append(
                    "    " + pad(intent.intent, 28) + pad(percent(intent.precision), 9, right: true)
                        + pad(percent(intent.recall), 9, right: true) + pad("\(intent.support)", 7, right: true)
                )
            }
        }
        if !evaluation.confusions.isEmpty {
            lines.append("")
            lines.append("  most confused")
            for confusion in evaluation.confusions.prefix(5) {
                lines.append("    \(confusion.from) taken for \(confusion.to): \(confusion.count)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func findings(_ findings: [Finding], of name: String) -> String {
        guard !findings.isEmpty else { return "" }
        var lines = ["Findings in \(name):"]
        var count: [String: Int] = [:]
        for finding in findings {
            count[finding.code, default: 0] += 1
            // A file may repeat one mistake thousands of times: a few of each kind are enough to read.
            if count[finding.code, default: 0] <= 3 { lines.append("  \(finding)") }
        }
        for (code, number) in count.sorted(by: { $0.key < $1.key }) where number > 3 {
            lines.append("  … and \(number - 3) more of \(code)")
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
                        "templates": .integer(intent.templates.values.reduce(0, +)), "rows": .integer(intent.total),
                    ]
                }
            ),
        ]
    }

    static func unusable(_ path: String) -> String { "\(path) cannot be used; the findings say why." }

    /// - Parameter source: the file that was checked.
    static func brought(_ parsed: DataFile.Parsed, _ rows: [DataRow], _ source: String, _ path: String) -> JSON {
        let error: [Member] = parsed.usable ? [] : [Member("error", .string(unusable(source)))]
        let result: JSON = [
            "path": .string(path), "usable": .bool(parsed.usable), "rows": .integer(rows.count),
            "findings": .array(parsed.findings.map(\.json)),
        ]
        return .object(error + (result.object ?? []))
    }

    private static func threshold(_ threshold: Threshold) -> String {
        switch threshold {
        case .proven(let value, let coverage, let precision):
            "Answers by itself from confidence \(fixed(Double(value), 3)): about \(percent(coverage)) of what is asked, "
                + "proven right at least \(percent(precision)) of the time.\n"
        case .unproven(let rows):
            "No confidence is proven to be right often enough, so nothing is answered locally in mode auto; "
                + "about \(rows) more rows would do.\n"
        case .fixed(let value): "Answers by itself from confidence \(fixed(Double(value), 3)), as configured.\n"
        }
    }

    private static func row(_ name: String, _ value: String) -> String {
        "  " + pad(name, 22) + pad(value, 10, right: true)
    }

    private static func percent(_ share: Double?) -> String { share.map { fixed($0 * 100, 2) + " %" } ?? "–" }

    static func fixed(_ value: Double, _ places: Int) -> String {
        let scaled = value.rounded(toPlaces: places)
        let text = "\(scaled)"
        guard !text.contains("e") else { return text }
        let fraction = text.split(separator: ".", omittingEmptySubsequences: false).last?.count ?? 0
        return text + String(repeating: "0", count: max(0, places - fraction))
    }

    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return right ? space + text : text + space
    }
}
