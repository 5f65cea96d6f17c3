import Classifier
import Wire

/// Answers `chat`: classify, decide, speak, log. All of it happens on the event loop that read the request.
struct ChatService: Sendable {
    let clock: Clock
    let randomness: Randomness
    let log: ChatLog

    /// What is asked; the message, and the session's name if there is one, stand in the buffers.
    struct Request: Sendable {
        /// Of the message, in Unicode scalars.
        var characters: Int
        var mode: Mode
        var abProb: Double?
        var hasSession: Bool
    }

    /// - Parameter began: the monotonic clock when the request's line was complete.
    func answer(
        _ request: Request,
        uid: UInt32,
        snapshot: Snapshot,
        buffers: inout Buffers,
        began: UInt64
    ) -> LogLine {
        let rules = snapshot.rules
        let model = snapshot.model
        let at = clock.now()
        let id = Identifier(at: at, randomness: randomness)
        let classifying = clock.monotonic()
        let prediction = buffers.predict(model, top: 3)
        let classified = clock.monotonic()

        let policy = snapshot.policies[prediction.intent]
        let abProb = request.abProb ?? rules.abProb
        let draw =
            Decision.drawsArm(mode: request.mode, policy: policy, abProb: abProb)
            ? Draw(abProb: abProb, salt: rules.experimentSalt, unit: Self.unit(request, buffers, uid, id, rules.unit))
            : nil
        let decision = Decision(
            Question(
                mode: request.mode,
                policy: policy,
                confidence: prediction.confidence,
                threshold: snapshot.threshold,
                inScope: prediction.inScope,
                arm: draw?.arm
            )
        )
        let (route, reason) = Self.settle(decision, llmFailure: .llmOff)
        let reply = route == .local ? snapshot.reply(for: prediction.intent, answer: id) : Self.fallbackReply
        let answer = Answer(
            id: id,
            at: at,
            reply: reply,
            route: route,
            reason: reason,
            ranked: buffers.workspace.ranked,
            names: model.intents,
            threshold: snapshot.threshold,
            inScope: prediction.inScope,
            draw: draw,
            version: snapshot.version,
            digest: snapshot.digest,
            anomalies: rules.detectors.find(
                in: buffers.message,
                characters: request.characters,
                confidence: prediction.confidence
            ),
            totalMicroseconds: Int((clock.monotonic() - began) / 1_000),
            classifyMicroseconds: Int((classified - classifying) / 1_000),
            llmMicroseconds: nil
        )
        return LogLine(
            answer: answer,
            seq: log.nextSequence(),
            uid: uid,
            session: request.hasSession ? buffers.session : nil,
            mode: request.mode,
            promptCharacters: request.characters,
            text: buffers.kept(rules.telemetryText),
            error: nil
        )
    }

    static let fallbackReply =
        "I am not sure what you mean, and nobody else can answer just now. Please put it another way."

    /// What a decision comes to when the LLM fails for `llmFailure`.
    static func settle(_ decision: Decision, llmFailure: Reason) -> (Route, Reason) {
        switch decision {
        case .local(let reason): (.local, reason)
        case .fallback(let reason): (.fallback, reason)
        case .relay(_, let localIfItFails): (localIfItFails ? .local : .fallback, llmFailure)
        }
    }

    private static func unit(
        _ request: Request,
        _ buffers: borrowing Buffers,
        _ uid: UInt32,
        _ id: Identifier,
        _ unit: Configuration.Experiment.Unit
    ) -> String {
        switch (unit, request.hasSession) {
        case (.uid, _): "uid \(uid)"
        case (.session, true): "session \(uid) \(String(decoding: buffers.session, as: UTF8.self))"
        case (.session, false), (.request, _): id.description
        }
    }
}

extension Buffers {
    /// The best class for the message.
    mutating func predict(_ model: Model, top: Int) -> Prediction {
        message.withUnsafeBufferPointer { model.predict($0, top: top, workspace: &workspace) }
    }

    /// The message as the log keeps it.
    fileprivate mutating func kept(_ setting: Configuration.Telemetry.Text) -> [UInt8]? {
        switch setting {
        case .none: nil
        case .full: message
        case .redacted: message.withUnsafeBufferPointer({ Redactor.redact($0, into: &redacted) }) ? redacted : message
        }
    }
}
