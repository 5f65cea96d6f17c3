import Classifier
import TestSupport
import World

@testable import Engine

/// Lines of the chat log as a test wants them.
enum LogFixtures {
    static func answer(
        at time: Timestamp,
        randomness: Randomness,
        intent: String = "delivery",
        route: Route = .local,
        reason: Reason = .confident,
        confidence: Float = 0.87,
        latency: Int = 120,
        doubt: Doubt? = nil
    ) -> Answer {
        Answer(
            id: Identifier(at: time, randomness: randomness),
            at: time,
            reply: "never in the log",
            route: route,
            reason: reason,
            ranked: [Ranked(intent: 0, confidence: confidence)],
            names: [intent],
            threshold: 0.5,
            inScope: true,
            isWithheld: false,
            thresholdBasis: .fixed,
            doubt: doubt,
            draw: nil,
            version: 3,
            digest: "0123456789ab",
            anomalies: Anomalies(),
            totalMicroseconds: latency,
            classifyMicroseconds: 80,
            llmMicroseconds: nil
        )
    }

    static func line(_ answer: Answer, seq: Int, uid: UInt32 = 1_000, text: String? = "where is my parcel") -> LogLine {
        LogLine(
            answer: answer,
            seq: seq,
            uid: uid,
            session: Array("s-1".utf8),
            mode: .auto,
            promptCharacters: 18,
            text: text.map { Array($0.utf8) },
            error: nil
        )
    }

    static func bytes(_ line: LogLine) -> [UInt8] {
        var bytes: [UInt8] = []
        line.write(to: &bytes)
        return bytes
    }

    /// `count` lines, a few milliseconds apart, of all kinds.
    static func lines(_ count: Int, from clock: ManualClock, seed: UInt64 = 21, log: ChatLog) -> [LogLine] {
        var generator = SeededGenerator(seed: seed)
        let randomness = Randomness.seeded(seed)
        return (0..<count).map { _ in
            var answer = answer(
                at: clock.clock.now(),
                randomness: randomness,
                intent: ["delivery", "refund", "hours"][generator.below(3)],
                route: Route.allCases[generator.below(3)],
                reason: Reason.allCases[generator.below(Reason.allCases.count)],
                confidence: Float(generator.below(10_001)) / 10_000,
                latency: generator.below(5_000_000),
                doubt: generator.below(2) == 0 ? nil : Doubt.allCases[generator.below(Doubt.allCases.count)]
            )
            if generator.below(3) == 0 { answer.draw = Draw(abProb: 0.3, salt: "s", unit: "\(generator.next())") }
            if generator.below(4) == 0 {
                answer.anomalies.longPrompt = Anomaly(kind: .longPrompt, value: .count(3_000), limit: .count(2_000))
            }
            var line = line(
                answer,
                seq: log.nextSequence(),
                text: generator.below(5) == 0 ? nil : "tëxt \"\\\u{1F600}\n"
            )
            if generator.below(9) == 0 { line.error = "cancelled" }
            return line
        }
    }
}
