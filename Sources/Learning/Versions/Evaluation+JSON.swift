package import Classifier
import Statistics
package import Wire

extension Evaluation {
    /// The figures that a list of versions shows.
    package var summary: JSON {
        [
            "rows": .integer(rows), "accuracy": Self.share(accuracy), "macro_f1": Self.share(macroF1),
            "ece": Self.share(ece), "nll": Self.share(nll), "oos_auroc": Self.share(oosAUROC),
            "oos_recall": Self.share(oosRecall), "oos_precision": Self.share(oosPrecision),
            "threshold": Self.share(threshold), "coverage": Self.share(coverage),
            "selective_accuracy": Self.share(selectiveAccuracy),
        ]
    }

    /// All figures, as `intentd evaluate --json` prints them and a version's folder keeps them.
    package var json: JSON {
        let details: [Member] = [
            Member(
                "intents",
                .object(
                    intents.map { intent in
                        Member(
                            intent.intent,
                            [
                                "precision": Self.share(intent.precision), "recall": Self.share(intent.recall),
                                "f1": Self.share(intent.f1), "support": .integer(intent.support),
                            ]
                        )
                    }
                )
            ),
            Member(
                "confusions",
                .array(
                    confusions.prefix(50).map {
                        ["from": .string($0.from), "to": .string($0.to), "count": .integer($0.count)]
                    }
                )
            ),
            Member(
                "risk_coverage",
                .array(riskCoverage.map { ["coverage": Self.share($0.coverage), "risk": Self.share($0.risk)] })
            ),
        ]
        return .object((summary.object ?? []) + details)
    }

    private static func share(_ value: Double?) -> JSON { JSON(value?.rounded(toPlaces: 6)) }
}

extension Threshold {
    package var json: JSON {
        switch self {
        case .proven(let value, let coverage, let precision):
            [
                "state": "proven", "value": JSON(value), "coverage": .double(coverage.rounded(toPlaces: 6)),
                "precision_low": .double(precision.rounded(toPlaces: 6)),
            ]
        case .unproven(let rowsNeeded): ["state": "unproven", "rows_needed": .integer(rowsNeeded)]
        case .fixed(let value): ["state": "fixed", "value": JSON(value)]
        }
    }
}
