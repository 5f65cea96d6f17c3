import Statistics
package import Wire
package import World

/// Compares what people ask now with what they asked in the champion's first answers.
///
/// Looked at one window after the other. A window has a fixed number of answers at least and lasts a day at least, so that
/// a month has 31 of them at most; each of its two tests gets an equal part of the false alarms that a month may have,
/// and all together raise one with at most that probability, as long as messages come independently of each other from
/// one mix. What is proven must also be large: a busy host proves every trifle.
package struct DriftFigures: Sendable, Equatable {
    /// The probability of an alarm in a month in which nothing changes.
    package static let falseAlarms = 0.01
    package static let windowsPerMonth = 31
    /// Answers of the beginning, with which all later ones are compared.
    package static let firstAnswers = 1_000
    package static let windowAnswers = 500
    /// Seconds that each of them lasts at least: a day has its own course.
    package static let span = 86_400.0
    /// The least change that matters: of the mix of intents, and of the share of messages that the model is unsure of.
    package static let mixMargin = 0.15
    package static let unsureMargin = 0.1

    /// The reign that this belongs to.
    package let version: Int
    package let began: Timestamp
    package let threshold: Float?
    /// The champion's.
    package let intents: [String]
    /// What was asked in the beginning; nil until that is known.
    package private(set) var first: IntentTally?
    package private(set) var window: IntentTally
    package private(set) var windowBegan: Timestamp
    /// How far the last whole window was from the beginning, 0…1; nil before the first one.
    package private(set) var score: Double?
    /// Why there is an alarm; empty while there is none. It stays until another champion reigns.
    package private(set) var reasons: [String] = []
    /// Whether a retraining has begun because of the alarm.
    package var hasTrained = false

    package init(version: Int, began: Timestamp, threshold: Float?, intents: [String], at now: Timestamp) {
        (self.version, self.began, self.threshold, self.intents) = (version, began, threshold, intents)
        window = IntentTally(version: version, threshold: threshold, intents: intents.count)
        windowBegan = now
    }

    package var isAlarm: Bool { !reasons.isEmpty }

    func isOf(version: Int, began: Timestamp, threshold: Float?, intents: [String]) -> Bool {
        self.version == version && self.began == began && self.threshold == threshold && self.intents == intents
    }

    package mutating func count(_ intent: Int, isSure: Bool) { window.count(intent, isSure: isSure) }

    mutating func take(from tally: inout IntentTally) { window.take(from: &tally) }

    /// Looks at the window if it is whole, and begins the next.
    ///
    /// - Returns: whether the alarm began.
    package mutating func look(at now: Timestamp) -> Bool {
        let needed = first == nil ? Self.firstAnswers : Self.windowAnswers
        // The clock was ahead when it began.
        if windowBegan > now { windowBegan = now }
        guard now.microseconds - windowBegan.microseconds >= Int64(Self.span * 1e6), window.answers >= needed
        else { return false }
        let whole = window
        window = IntentTally(version: version, threshold: threshold, intents: intents.count)
        windowBegan = now
        guard let first else {
            self.first = whole
            return false
        }
        return judge(whole, beside: first)
    }

    private mutating func judge(_ now: IntentTally, beside first: IntentTally) -> Bool {
        let alpha = Self.falseAlarms / Double(2 * Self.windowsPerMonth)
        let mix = MixComparison(first.intents, now.intents)
        let sureness = MixComparison(
            [first.unsure, first.answers - first.unsure],
            [now.unsure, now.answers - now.unsure]
        )
        score = max(mix.distance, sureness.distance)
        guard !isAlarm else { return false }
        if sureness.p <= alpha, sureness.distance >= Self.unsureMargin {
            let (share, before) = (Self.percent(now.unsure, now), Self.percent(first.unsure, first))
            reasons.append("the local model is not sure of \(share) of the messages, at first \(before)")
        }
        if mix.p <= alpha, mix.distance >= Self.mixMargin { reasons += movers(first, now) }
        return isAlarm
    }

    /// The three intents whose shares have changed most.
    private func movers(_ first: IntentTally, _ now: IntentTally) -> [String] {
        let changes = intents.indices.map { index in
            let share = Double(now.intents[index]) / Double(now.answers)
            return (index: index, by: abs(share - Double(first.intents[index]) / Double(first.answers)))
        }
        return changes.sorted { ($1.by, $0.index) < ($0.by, $1.index) }.prefix(3).map { change in
            let (share, before) = (
                Self.percent(now.intents[change.index], now), Self.percent(first.intents[change.index], first)
            )
            return "\(intents[change.index]) is \(share) of the messages, at first \(before)"
        }
    }

    private static func percent(_ part: Int, _ whole: IntentTally) -> String {
        "\((Double(part) / Double(whole.answers) * 100).rounded(toPlaces: 1)) %"
    }

    /// For `metrics`.
    package var json: JSON {
        [
            "score": JSON(score?.rounded(toPlaces: 4)), "alarm": .bool(isAlarm),
            "reasons": .array(reasons.map { .string($0) }),
        ]
    }
}

extension DriftFigures {
    var stored: JSON {
        [
            "version": .integer(version), "began": .integer(Int(began.microseconds)),
            "threshold": JSON(threshold.map { Double($0) }), "names": .array(intents.map { .string($0) }),
            "first": first?.json(intents) ?? .null, "window": window.json(intents),
            "window_began": .integer(Int(windowBegan.microseconds)), "score": JSON(score),
            "reasons": .array(reasons.map { .string($0) }), "has_trained": .bool(hasTrained),
        ]
    }

    /// nil where the value is not a stored drift.
    init?(stored json: JSON) {
        guard let version = json["version"]?.int, let began = json["began"].flatMap(Timestamp.init(stored:)),
            let names = json["names"]?.array?.compactMap(\.string),
            let windowBegan = json["window_began"].flatMap(Timestamp.init(stored:))
        else { return nil }
        let threshold = json["threshold"]?.double.map { Float($0) }
        func tally(_ name: String) -> IntentTally? {
            json[name].flatMap { IntentTally($0, version: version, threshold: threshold, names: names) }
        }
        guard let window = tally("window") else { return nil }
        self.init(
            version: version,
            began: began,
            threshold: threshold,
            intents: names,
            at: windowBegan
        )
        self.window = window
        first = tally("first")
        score = json["score"]?.double
        reasons = json["reasons"]?.array?.compactMap(\.string) ?? []
        hasTrained = json["has_trained"]?.bool ?? false
    }
}
