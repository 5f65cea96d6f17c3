import Classifier
import Wire

/// Answers `chat`: classify, decide, speak, log. All of it happens on the event loop that read the request.
struct ChatService: Sendable {
    let clock: Clock
    let randomness: Randomness
    let log: ChatLog

    struct Request: Sendable {
        var message: String
        var characters: Int
        var mode: Mode
        var abProb: Double?
        var session: String?
    }

    /// - Parameter began: the monotonic clock when the request's line was complete.
    func answer(
        _ request: Request,
        uid: UInt32,
        snapshot: Snapshot,
        workspace: inout Workspace,
        began: UInt64
    ) -> LogLine {
        let rules = snapshot.rules
        let model = snapshot.model
        let at = clock.now()
        let id = Identifier(at: at, randomness: randomness)
        let classifying = clock.monotonic()
        let prediction = model.predict(request.message, top: 3, workspace: &workspace)
        let classified = clock.monotonic()

        let policy = snapshot.policies[prediction.intent]
        let abProb = request.abProb ?? rules.abProb
        let draw =
            Decision.drawsArm(mode: request.mode, policy: policy, abProb: abProb)
            ? Draw(abProb: abProb, salt: rules.experimentSalt, unit: Self.unit(request, uid, id, rules.unit)) : nil
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
            intent: model.intents[prediction.intent],
            confidence: prediction.confidence,
            threshold: snapshot.threshold,
            inScope: prediction.inScope,
            alternatives: workspace.ranked.map {
                Answer.Alternative(intent: model.intents[$0.intent], confidence: $0.confidence)
            },
            draw: draw,
            version: snapshot.version,
            digest: snapshot.digest,
            anomalies: rules.anomalies.find(
                in: request.message,
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
            session: request.session,
            mode: request.mode,
            promptCharacters: request.characters,
            text: Self.kept(request.message, rules.telemetryText),
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
        _ uid: UInt32,
        _ id: Identifier,
        _ unit: Configuration.Experiment.Unit
    ) -> String {
        switch (unit, request.session) {
        case (.uid, _): "uid \(uid)"
        case (.session, .some(let session)): "session \(uid) \(session)"
        case (.session, .none), (.request, _): id.description
        }
    }

    private static func kept(_ message: String, _ setting: Configuration.Telemetry.Text) -> String? {
        switch setting {
        case .none: nil
        case .full: message
        case .redacted: Redactor.redact(message)
        }
    }
}
