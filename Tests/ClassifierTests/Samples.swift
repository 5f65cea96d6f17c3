import Classifier
import Foundation
import Statistics
import Testing

/// Small made-up data, the same in every run.
enum Samples {
    private static let phrases: [String: [String]] = [
        "delivery": ["parcel", "courier", "shipping", "tracking number", "delivery van", "box"],
        "refund": ["refund", "money back", "reimbursement", "credit", "chargeback", "cash return"],
        "hours": ["opening hours", "closing time", "sunday opening", "shop hours", "late opening", "holiday hours"],
        "account": ["password", "login", "user name", "profile", "email address change", "account"],
    ]
    private static let frames = [
        "where is my %", "i have a question about the %", "tell me about your %", "what about the % please",
        "% is wrong", "can you help me with the %", "the % again", "need % now", "no % so far", "is there a % today",
        "how does the % work", "my friend asked for the %", "something with %", "about % i wonder", "% ?",
    ]

    static let intents = phrases.keys.sorted()

    static func examples(perIntent: Int, intents: [String] = intents, seed: UInt64 = 1) -> [Example] {
        var random = SplitMix64(seed: seed)
        var examples: [Example] = []
        for intent in intents {
            let words = phrases[intent] ?? []
            var texts: [String] = []
            for frame in frames {
                for word in words { texts.append(frame.replacingOccurrences(of: "%", with: word)) }
            }
            random.shuffle(&texts)
            examples += texts.prefix(perIntent).map { Example(text: $0, intent: intent) }
        }
        return examples
    }

    static let outOfScope = [
        "who won the football match", "what is the capital of peru", "sing me a song", "how tall is the eiffel tower",
        "is it going to rain", "tell me a joke", "what do cats eat", "translate bread to french", "buy some stocks",
        "turn off the lights", "set an alarm for six", "play some jazz", "how old is the universe",
        "recipe for pancakes",
    ].map { Example(text: $0, intent: outOfScopeIntent) }

    /// Random text of all sorts: ASCII, accents, CJK, emoji, controls.
    static func text(_ random: inout SplitMix64, length: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<length {
            let range: ClosedRange<UInt32> =
                switch random.next(below: 6) {
                case 0: 0x20...0x7e
                case 1: 0x61...0x7a
                case 2: 0xa0...0x24f
                case 3: 0x4e00...0x4fff
                case 4: 0x1f300...0x1f6ff
                default: 0x00...0x2fff
                }
            let value = range.lowerBound + UInt32(random.next(below: Int(range.upperBound - range.lowerBound + 1)))
            if let scalar = UnicodeScalar(value) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}

func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
}
