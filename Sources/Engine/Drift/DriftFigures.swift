import Statistics
package import Wire
package import World

// Drift is looked for in windows and not continuously, because a day has its own course: morning and evening differ
// without anything having changed. A window lasts a day at least, so a month has at most 31; each of its two tests gets
// an equal part of the false alarms that a month may have, and all together raise one with at most that probability, as
// long as messages come independently from one mix. On a busy host every trifle is significant, so a change must also
// be large. The comparison is with the champion's first answers and not with its training data, whose mix is what its
// authors chose.

/// Compares the messages of now with those of the champion's first answers: their mix of intents, and the share of
/// which the model is not sure.
///
///     figures.count(intent, isSure: true)    // every answer
///     if figures.look(at: now) { print(figures.reasons) }
package struct DriftFigures: Sendable, Equatable {
    /// The probability of an alarm in a month in which nothing changes.
    package static let falseAlarms = 0.01
    package static let windowsPerMonth = 31
    /// The least number of first answers, with which all later ones are compared.
    package static let firstAnswers = 1_000
    /// The least number of answers in a window. One account has at most a tenth of them there, however many it has got.
    package static let windowAnswers = 500
    /// The least length of each of them, in seconds.
    package static let span = 86_400.0
    /// The least change of the mix of intents that matters, 0…1.
    package static let mixMargin = 0.15
    /// The least change that matters in the share of messages of which the model is not sure, 0…1.
    package static let unsureMargin = 0.1

    /// The version whose answers are counted.
    package let version: Int
    /// The beginning of its reign.
    package let began: Timestamp
    package let threshold: Float?
    /// The champion's intents.
    package let intents: [String]
    /// The first answers; nil until there are enough.
    package private(set) var first: IntentTally?
    package private(set) var window: IntentTally
    package private(set) var windowBegan: Timestamp
    /// The distance of the last whole window from the first answers, 0…1; nil before the first window.
    package private(set) var score: Double?
    /// The reasons for the alarm; empty if there is none. An alarm stays until another champion reigns.
    package private(set) var reasons: [String] = []
    /// Whether a retraining has begun because of the alarm.
    package var hasTrained = false

    package init(version: Int, began: Timestamp, threshold: Float?, intents: [String], at now: Timestamp) {
        (self.version, self.began, self.threshold, self.intents) = (version, began, threshold, intents)
        window = IntentTally(version: version, threshold: threshold, intents: intents.count)
        windowBegan = now
    }

    package var isAlarm: Bool { !reasons.isEmpty }

    /// Whether both count answers of the same reign under the same threshold.
    func isOfSame(_ other: DriftFigures) -> Bool {
        version == other.version && began == other.began && threshold == other.threshold && intents == other.intents
    }

    package mutating func count(_ intent: Int, isSure: Bool) { window.count(intent, isSure: isSure) }

    mutating func take(from tally: inout IntentTally) { window.take(from: &tally) }

    /// Judges the window if it is whole, and begins the next one.
    ///
    /// - Returns: whether an alarm began.
    package mutating func look(at now: Timestamp) -> Bool {
        let needed = first == nil ? Self.firstAnswers : Self.windowAnswers
        // The clock was ahead when the window began.
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
        let sureness = MixComparison([first.unsure, first.sure], [now.unsure, now.sure])
        score = max(mix.distance, sureness.distance)
        guard !isAlarm else { return false }
        if sureness.p <= alpha, sureness.distance >= Self.unsureMargin {
            let (share, before) = (Self.percent(now.unsure, now), Self.percent(first.unsure, first))
            reasons.append("the local model is not sure of \(share) of the messages, at first \(before)")
        }
        if mix.p <= alpha, mix.distance >= Self.mixMargin { reasons += movers(first, now) }
        return isAlarm
    }

    /// Describes the three intents whose shares have changed most.
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

    /// The figures that `metrics` shows.
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

    /// Reads stored figures; nil if the value is not a record of them.
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
        self.init(version: version, began: began, threshold: threshold, intents: names, at: windowBegan)
        self.window = window
        first = tally("first")
        score = json["score"]?.double
        reasons = json["reasons"]?.array?.compactMap(\.string) ?? []
        hasTrained = json["has_trained"]?.bool ?? false
    }
}
