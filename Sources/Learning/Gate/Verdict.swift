import Statistics
package import Wire

extension Gate {
    /// How a check, or all of them, ended; ordered from good to bad.
    package enum Outcome: String, Sendable, Comparable, CaseIterable {
        case pass, borderline, fail

        package static func < (left: Outcome, right: Outcome) -> Bool { left.rank < right.rank }

        private var rank: Int { self == .pass ? 0 : self == .borderline ? 1 : 2 }
    }

    /// The unit of a check's numbers.
    package enum Unit: String, Sendable {
        /// A difference of shares, −1…1.
        case points
        /// 0…1.
        case share
        case count
        case bytes
        /// A multiple of the champion's figure.
        case ratio
    }

    package struct Check: Sendable, Equatable {
        package var name: String
        package var outcome: Outcome
        package var unit: Unit
        package var value: Double
        /// Nil where there is nothing to compare with.
        package var limit: Double?
        /// The ends of two one-sided intervals; nil if chance plays no part.
        package var low: Double?
        package var high: Double?
        /// One sentence for a person.
        package var message: String

        package var json: JSON {
            [
                "name": .string(name), "outcome": .string(outcome.rawValue), "unit": .string(unit.rawValue),
                "value": .double(value.rounded(toPlaces: 5)), "limit": JSON(limit?.rounded(toPlaces: 5)),
                "low": JSON(low?.rounded(toPlaces: 5)), "high": JSON(high?.rounded(toPlaces: 5)),
                "message": .string(message),
            ]
        }
    }

    /// A behaviour case that the challenger does not get right.
    package struct Missed: Sendable, Equatable {
        package enum Kind: String, Sendable { case must, mustNot = "must_not", invariance, direction }

        package var kind: Kind
        package var text: String
        /// The intent that the case names.
        package var intent: String
        /// The challenger's answer.
        package var got: String

        var json: JSON {
            [
                "kind": .string(kind.rawValue), "text": .string(text), "intent": .string(intent), "got": .string(got),
            ]
        }
    }

    package struct Verdict: Sendable, Equatable {
        package var outcome = Outcome.pass
        package var checks: [Check] = []
        /// The locked rows that only the challenger gets right, and that only the champion did.
        package var fixed: [DataRow] = []
        package var broken: [DataRow] = []
        package var goldenMissed: [DataRow] = []
        package var behaviourMissed: [Missed] = []
        package var findings: [Finding] = []

        package init() {}

        package subscript(name: String) -> Check? { checks.first { $0.name == name } }

        /// The names of the checks that end in this outcome.
        package func names(of outcome: Outcome) -> [String] {
            checks.filter { $0.outcome == outcome }.map(\.name)
        }

        private static let shown = 20

        package var json: JSON {
            [
                "verdict": .string(outcome.rawValue),
                "checks": .array(checks.map(\.json)),
                "fixed": fixed.sentences(atMost: Self.shown),
                "broken": broken.sentences(atMost: Self.shown),
                "golden_missed": goldenMissed.sentences(atMost: Self.shown),
                "behaviour_missed": .array(behaviourMissed.prefix(Self.shown).map(\.json)),
                "findings": .array(findings.map(\.json)),
            ]
        }
    }
}

extension [DataRow] {
    /// The first of them, as answers show rows.
    func sentences(atMost limit: Int) -> JSON {
        .array(prefix(limit).map { ["text": .string($0.text), "intent": .string($0.intent)] })
    }
}

extension Finding {
    package var json: JSON {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "line": JSON(line),
            "message": .string(message), "remedy": .string(remedy),
        ]
    }
}
