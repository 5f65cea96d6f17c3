package import Classifier
import Statistics
package import Wire

extension Evaluation {
    /// The figures that a list of versions shows.
    package var summary: JSON {
        [
            "rows": .integer(rows), "accuracy": .share(accuracy), "macro_f1": .share(macroF1),
            "ece": .share(ece), "nll": .share(nll), "oos_auroc": .share(oosAUROC),
            "oos_recall": .share(oosRecall), "oos_precision": .share(oosPrecision),
            "threshold": .share(threshold), "coverage": .share(coverage),
            "selective_accuracy": .share(selectiveAccuracy),
        ]
    }

    /// All figures, as `intentd evaluate --json` prints them and a version's folder keeps them.
    package var json: JSON {
        let figures = intents.map { intent in
            let figures: JSON = [
                "precision": .share(intent.precision), "recall": .share(intent.recall), "f1": .share(intent.f1),
                "support": .integer(intent.support),
            ]
            return Member(intent.intent, figures)
        }
        let mistakes: [JSON] = confusions.prefix(50).map {
            ["from": .string($0.from), "to": .string($0.to), "count": .integer($0.count)]
        }
        let curve: [JSON] = riskCoverage.map { ["coverage": .share($0.coverage), "risk": .share($0.risk)] }
        let bins: [JSON] = reliability.map {
            ["confidence": .share($0.confidence), "accuracy": .share($0.accuracy), "rows": .integer($0.rows)]
        }
        let details: JSON = [
            "intents": .object(figures), "confusions": .array(mistakes), "risk_coverage": .array(curve),
            "reliability": .array(bins),
        ]
        return .object((summary.object ?? []) + (details.object ?? []))
    }
}

extension JSON {
    /// A share as reports show it.
    static func share(_ value: Double?) -> JSON { JSON(value?.rounded(toPlaces: 6)) }
}

extension Threshold {
    package var json: JSON {
        switch self {
        case .proven(let value, let coverage, let precision):
            [
                "state": "proven", "value": JSON(value), "coverage": .share(coverage),
                "precision_low": .share(precision),
            ]
        case .estimated(let value, let coverage, let precision, let groupsMissing):
            [
                "state": "estimated", "value": JSON(value), "coverage": .share(coverage),
                "precision_low": .share(precision), "groups_missing": .integer(groupsMissing),
            ]
        case .unproven(let groupsMissing): ["state": "unproven", "groups_missing": JSON(groupsMissing)]
        case .fixed(let value): ["state": "fixed", "value": JSON(value)]
        }
    }
}
