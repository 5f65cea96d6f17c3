import Statistics
package import Wire

// A new champion must be judged while people use it, and the sooner the better; but a test that is repeated at every
// look will raise a false alarm some day. Both comparisons here are confidence sequences: however often one looks, all
// looks together raise a false alarm with at most the stated probability. People correct little and late, so their
// corrections alone would take weeks. How often a model is sure can be compared on every message, since the champion
// before scores the same ones; it says nothing about being right, so only a large loss counts.

/// Decides whether a new champion is worse than the one before it: whether people correct it more, or it is sure of
/// fewer messages. Each of the two has half of the allowed false alarms.
///
///     let rule = WatchRule(now: now, before: before, scored: 900, lost: 120, gained: 30)
///     if let why = rule.alarm { rollBack(because: why) }
package struct WatchRule: Sendable, Equatable {
    /// The probability that a version that is not worse is rolled back at any time of its watch.
    package static let falseAlarms = 0.01
    /// The least fall in the share of messages that it answers alone, 0…1.
    package static let surenessMargin = 0.05
    package struct Corrections: Sendable, Equatable {
        package var answers: Int
        package var corrections: Int

        package init(answers: Int = 0, corrections: Int = 0) {
            self.answers = answers
            // An answer may be corrected twice, or long after it was given.
            self.corrections = min(answers, corrections)
        }

        init(_ json: JSON) {
            self.init(answers: json["answers"]?.quantity ?? 0, corrections: json["corrections"]?.quantity ?? 0)
        }

        var members: [Member] { [Member("answers", .integer(answers)), Member("corrections", .integer(corrections))] }

        package static func + (one: Corrections, other: Corrections) -> Corrections {
            Corrections(answers: one.answers + other.answers, corrections: one.corrections + other.corrections)
        }

        var rates: RateSequence { RateSequence(successes: corrections, trials: answers) }
    }

    /// The new champion up to now.
    package var now: Corrections
    /// The champion before, over its whole reign.
    package var before: Corrections
    /// Messages that both champions have scored.
    package var scored: Int
    /// Those of them that only the champion before was sure of.
    package var lost: Int
    /// Those of them that only the new champion was sure of.
    package var gained: Int

    /// The reason why the new champion is worse; nil while that is not proven.
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

    /// The intervals have two sides and only one is looked at, so each comparison has half of the false alarms.
    private static let alpha = falseAlarms

    private var isCorrectedMore: Bool {
        guard let rate = now.rates.estimate, let old = before.rates.estimate, rate > old else { return false }
        return correctionRise.interval(alpha: Self.alpha).low > 0
    }

    private var isLessSure: Bool {
        guard scored > 0, Double(lost - gained) / Double(scored) > Self.surenessMargin else { return false }
        return surenessLoss.interval(alpha: Self.alpha).low > Self.surenessMargin
    }

    /// The rise of the rate of corrections, from pairs of an answer now and an answer before.
    ///
    /// The two samples are independent, so they are paired at random: both of a pair are corrected as often as chance
    /// has it. The longer sample is scaled down to the shorter one. This is an approximation; a test holds simulated
    /// watches below the stated rate of false alarms.
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

    /// The figures that `models.show` shows.
    package var json: JSON {
        let (rise, loss) = (correctionRise.interval(alpha: Self.alpha), surenessLoss.interval(alpha: Self.alpha))
        return [
            "false_alarms": .double(Self.falseAlarms),
            "corrections": .object(
                now.members + [
                    Member("before", .object(before.members)), Member("low", .double(rise.low.rounded(toPlaces: 4))),
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
}
