import Learning
import TestSupport
import Wire
import World

@testable import Engine

/// Lines of a log in which arms were drawn, and ratings of them.
struct DrawnLines {
    private let clock = ManualClock(at: "2026-02-01T00:00:00Z")
    private let randomness = Randomness.seeded(77)
    private var seq = 0
    private(set) var bytes: [UInt8] = []

    var now: Timestamp { clock.now }

    func advance(seconds: Double) { clock.advance(seconds: seconds) }

    /// Adds a line and gives back its answer's id.
    ///
    /// - Parameters:
    ///   - arm: nil for a line that takes no part.
    ///   - abProb: the probability of the LLM arm.
    ///   - llm: what the LLM's part of the line says.
    @discardableResult
    mutating func add(
        _ arm: Arm?,
        abProb: Double = 0.5,
        route: Route = .local,
        reason: Reason = .confident,
        uid: UInt32 = 1_000,
        session: String? = nil,
        latency: Int = 100,
        llm: JSON? = nil,
        error: String? = nil
    ) -> String {
        var answer = LogFixtures.answer(
            at: clock.clock.now(),
            randomness: randomness,
            route: route,
            reason: reason,
            latency: latency
        )
        if let arm {
            var draw = Draw(abProb: abProb, salt: "", unit: "")
            draw.arm = arm
            draw.propensity = arm == .llm ? abProb : 1 - abProb
            answer.draw = draw
        }
        seq += 1
        var line = LogFixtures.line(answer, seq: seq, uid: uid)
        line.session = session.map { Array($0.utf8) }
        line.error = error
        var text = String(decoding: LogFixtures.bytes(line), as: UTF8.self)
        if let llm, let place = text.firstRange(of: "\"llm\":null") {
            text.replaceSubrange(place, with: "\"llm\":\(llm)")
        }
        bytes += Array(text.utf8)
        return answer.id.description
    }

    static let tokens: JSON = [
        "backend": "standin", "model": "m", "prompt_tokens": 20, "completion_tokens": 7, "first_token_ms": 3,
        "truncated": false, "left_host": false,
    ]
}

extension Engine {
    /// A rating as the store gets it.
    func rate(
        _ answer: String,
        _ rating: Rating,
        intent: String? = nil,
        state: FeedbackState = .pending
    ) async throws {
        _ = try await feedback.submit(
            FeedbackStore.Submission(
                uid: 1_000,
                answer: answer,
                text: "where is my parcel",
                intent: intent,
                predicted: "delivery",
                rating: rating,
                comment: nil,
                key: nil,
                request: answer,
                byAdmin: false,
                state: state
            )
        )
    }
}
