import Statistics
package import Wire

/// Whether a new champion is worse than the one before it, judged while people use it.
///
/// Two things are looked at as often as one likes, each with half of the false alarms that are allowed: how often people
/// correct it, against the rate under the champion before; and how often it is sure enough to answer alone, against the
/// champion before on the same messages. Both are confidence sequences: all looks together raise a false alarm with
/// at most the stated probability.
package struct WatchRule: Sendable, Equatable {
    /// The probability that a version that is no worse is rolled back from, over the whole of its watch.
    package static let falseAlarms = 0.01
    /// By how much the share of messages that it answers alone must have fallen.
    package static let surenessMargin = 0.05
    /// Corrections of one user whom no admin has vouched for count as many as those of all others together, and this
    /// many in any case: nobody brings a version down alone.
    package static let loneCorrections = 3

    package struct Corrections: Sendable, Equatable {
        package var answers: Int
        package var corrections: Int

        package init(answers: Int, corrections: Int) {
            self.answers = answers
            // Somebody may correct an answer twice, or an old one.
            self.corrections = min(answers, corrections)
        }

        package static func + (one: Corrections, other: Corrections) -> Corrections {
            Corrections(answers: one.answers + other.answers, corrections: one.corrections + other.corrections)
        }

        var rates: RateSequence { RateSequence(successes: corrections, trials: answers) }
    }

    /// Of one new champion by now.
    package var now: Corrections
    /// Of the champion before, as long as it reigned.
    package var before: Corrections
    /// Messages that both have scored, those that only the one before was sure of, and those that only the new one was.
    package var scored: Int
    package var lost: Int
    package var gained: Int

    package init(now: Corrections, before: Corrections, scored: Int, lost: Int, gained: Int) {
        (self.now, self.before) = (now, before)
        (self.scored, self.lost, self.gained) = (scored, lost, gained)
    }

    /// Why it is worse; nil while that is not proven.
    package var alarm: String? {
        if isCorrectedMore {
            return "people correct it more: \(Self.percent(now)) of \(now.answers) answers, against "
                + "\(Self.percent(before)) of \(before.answers) of the version before"
        }
        if isLessSure {
            return
                "it is sure of fewer messages: of \(scored), the version before alone was sure of \(lost) and it alone "
                + "of \(gained)"
        }
        return nil
    }

    /// Two-sided, and only one side is looked at: each of the two things has half of the false alarms.
    private static let alpha = falseAlarms

    private var isCorrectedMore: Bool {
        guard let rate = now.rates.estimate, let old = before.rates.estimate, rate > old else { return false }
        return correctionRise.interval(alpha: Self.alpha).low > 0
    }

    private var isLessSure: Bool {
        guard scored > 0, Double(lost - gained) / Double(scored) > Self.surenessMargin else { return false }
        return surenessLoss.interval(alpha: Self.alpha).low > Self.surenessMargin
    }

    /// An approximation; that simulated watches stay below the stated rate of false alarms is a test.
    ///
    /// Answers of now, each beside one of before. Which belongs to which does not matter, for nothing connects them, and so
    /// their outcomes meet as often as chance has it; of the longer side as large a part counts as the shorter one has.
    private var correctionRise: DifferenceSequence {
        let pairs = min(now.answers, before.answers)
        guard pairs > 0 else { return DifferenceSequence() }
        let here = now.corrections * pairs / now.answers
        let there = (before.corrections * pairs + before.answers - 1) / before.answers
        let both = here * there / pairs
        return DifferenceSequence(counts: [(1, here - both), (-1, there - both), (0, pairs - here - there + both)])
    }

    private var surenessLoss: DifferenceSequence {
        DifferenceSequence(counts: [(1, lost), (-1, gained), (0, scored - lost - gained)])
    }

    private static func percent(_ value: Corrections) -> String {
        "\((Double(value.corrections) / Double(max(1, value.answers)) * 100).rounded(toPlaces: 1)) %"
    }

    /// For `models.show`.
    package var json: JSON {
        func rate(_ corrections: Corrections) -> [Member] {
            [
                Member("answers", .integer(corrections.answers)),
                Member("corrections", .integer(corrections.corrections)),
            ]
        }
        let (rise, loss) = (correctionRise.interval(alpha: Self.alpha), surenessLoss.interval(alpha: Self.alpha))
        return [
            "false_alarms": .double(Self.falseAlarms),
            "corrections": .object(
                rate(now) + [
                    Member("before", .object(rate(before))), Member("low", .double(rise.low.rounded(toPlaces: 4))),
                    Member("high", .double(rise.high.rounded(toPlaces: 4))), Member("limit", 0.0),
                ]
            ),
            "sureness": [
                "answers": .integer(scored), "lost": .integer(lost), "gained": .integer(gained),
                "low": .double((-loss.high).rounded(toPlaces: 4)), "high": .double((-loss.low).rounded(toPlaces: 4)),
                "limit": .double(-Self.surenessMargin),
            ],
        ]
    }

    /// What people's corrections count for.
    ///
    /// - Parameters:
    ///   - byUser: of users whom no admin has vouched for.
    ///   - vouched: by admins, or accepted by one.
    package static func counted(byUser: [Int], vouched: Int) -> Int {
        let all = byUser.reduce(0, +) + vouched
        return vouched + byUser.reduce(0) { $0 + min($1, max(loneCorrections, all - $1)) }
    }
}
