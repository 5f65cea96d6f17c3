package import Classifier
import Statistics
package import Wire

/// Holds what a version promises of itself against its test rows. A bound may be proven and still be about other texts than
/// those that come: then the test rows say so, and a person must hear of it before anything else.
enum PromiseCheck {
    /// An intent with fewer test rows is hardly measured.
    private static let enoughTestRows = 10

    /// The contradictions, the loudest first.
    static func findings(of threshold: Threshold, _ evaluation: Evaluation) -> [Finding] {
        precision(of: threshold, evaluation) + coverage(of: threshold, evaluation) + recall(evaluation)
            + fewTestRows(evaluation)
    }

    private static func promise(_ threshold: Threshold) -> (coverage: Double, precision: Double, word: String)? {
        switch threshold {
        case .proven(_, let coverage, let precision): (coverage, precision, "proven")
        case .estimated(_, let coverage, let precision, _): (coverage, precision, "estimated")
        case .unproven, .fixed: nil
        }
    }

    private static let remedy = "Write more templates, or sentences in other words: more rows of the same do not help."

    /// More wrong answers than the promised precision allows, by an exact one-sided test at 95 %.
    private static func precision(of threshold: Threshold, _ evaluation: Evaluation) -> [Finding] {
        let measured = Proportion(successes: evaluation.answeredRight, trials: evaluation.answered)
        guard let promise = promise(threshold), measured.trials > 0,
            measured.upperBound(confidence: 0.95) < promise.precision
        else { return [] }
        let message =
            "Of the test rows that it answers by itself only \(measured.estimate.percent) are right "
            + "(\(measured.successes) of \(measured.trials)), though at least \(promise.precision.percent) are "
            + "\(promise.word)."
        return [Finding(.promiseBroken, .warning, message: message, remedy: remedy)]
    }

    /// Fewer in-scope rows answered than promised, by more than ten points and by the same test.
    private static func coverage(of threshold: Threshold, _ evaluation: Evaluation) -> [Finding] {
        let answered = Int((evaluation.coverage * Double(evaluation.inScopeRows)).rounded())
        let measured = Proportion(successes: answered, trials: evaluation.inScopeRows)
        guard let promise = promise(threshold), measured.trials > 0,
            measured.upperBound(confidence: 0.95) < promise.coverage - 0.1
        else { return [] }
        let message =
            "It answers \(measured.estimate.percent) of the test rows by itself, though about "
            + "\(promise.coverage.percent) were expected."
        return [Finding(.promiseBroken, .warning, message: message, remedy: remedy)]
    }

    private static func recall(_ evaluation: Evaluation) -> [Finding] {
        let weak = evaluation.intents.filter { $0.support > 0 && $0.recall < 0.5 }
            .sorted { ($0.recall, $0.intent) < ($1.recall, $1.intent) }
        guard !weak.isEmpty else { return [] }
        let names = weak.prefix(5).map { "\($0.intent.shown) (\($0.recall.percent))" }.joined(separator: ", ")
        let message =
            "\(weak.count.counted("intent is", "intents are")) recognised in less than half of their test rows: "
            + names + (weak.count > 5 ? " and others." : ".")
        return [Finding(.lowRecall, .warning, message: message, remedy: remedy)]
    }

    private static func fewTestRows(_ evaluation: Evaluation) -> [Finding] {
        let few = evaluation.intents.filter { $0.support > 0 && $0.support < enoughTestRows }.map(\.intent.shown)
        guard !few.isEmpty else { return [] }
        let message =
            "\(few.count.counted("intent has", "intents have")) fewer than \(enoughTestRows) test rows, which measure "
            + "little: " + few.prefix(5).joined(separator: ", ") + (few.count > 5 ? " and others." : ".")
        let remedy = "Write more templates, or sentences in other words, and some of them go to split test."
        return [Finding(.fewTestRows, .note, message: message, remedy: remedy)]
    }
}

extension Double {
    /// A share as messages show it: "89.0 %".
    fileprivate var percent: String { "\((self * 100).rounded(toPlaces: 1)) %" }
}

extension Evaluation {
    /// The content of a version's evaluation file: the figures, and the findings against its promises.
    ///
    /// - Parameter threshold: the version's own.
    package func report(on threshold: Threshold) -> (json: JSON, findings: [Finding]) {
        let findings = PromiseCheck.findings(of: threshold, self)
        return (.object((json.object ?? []) + [Member("findings", .array(findings.map(\.json)))]), findings)
    }
}
