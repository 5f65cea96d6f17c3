import Classifier
import Wire
import World

/// Answers `chat`: classify, decide, speak. Where no LLM is asked, all of it happens on the event loop that read the
/// request.
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

    /// Classifies and decides.
    ///
    /// - Parameter began: the monotonic clock when the request's line was complete.
    func consider(
        _ request: Request,
        uid: UInt32,
        snapshot: Snapshot,
        buffers: inout Buffers,
        began: UInt64
    ) -> Considered {
        let rules = snapshot.rules
        let at = clock.now()
        let id = Identifier(at: at, randomness: randomness)
        let classifying = clock.monotonic()
        let prediction = buffers.predict(snapshot.model, top: 3)
        let classified = clock.monotonic()
        let ranked = buffers.workspace.ranked
        let scores = snapshot.scores(&buffers, prediction.intent)

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
        return Considered(
            request: request,
            uid: uid,
            snapshot: snapshot,
            id: id,
            at: at,
            began: began,
            ranked: ranked,
            inScope: prediction.inScope,
            scores: scores,
            draw: draw,
            decision: decision,
            anomalies: rules.detectors.find(
                in: buffers.message,
                characters: request.characters,
                confidence: prediction.confidence
            ),
            classifyMicroseconds: Int((classified - classifying) / 1_000),
            session: request.hasSession ? buffers.session : nil,
            text: buffers.kept(rules.telemetryText)
        )
    }

    /// The answer and its line in the log.
    func answer(_ considered: Considered, _ ending: Ending) -> LogLine {
        let snapshot = considered.snapshot
        snapshot.count(considered, ending.route)
        let reply =
            switch ending.route {
            case .llm: ending.reply ?? ""
            case .local: snapshot.reply(for: considered.ranked[0].intent, answer: considered.id)
            case .fallback: Self.fallbackReply(ending.reason)
            }
        return LogLine(
            answer: Answer(
                id: considered.id,
                at: considered.at,
                reply: reply,
                route: ending.route,
                reason: ending.reason,
                ranked: considered.ranked,
                names: snapshot.model.intents,
                threshold: snapshot.threshold,
                inScope: considered.inScope,
                draw: considered.draw,
                version: snapshot.version,
                digest: snapshot.digest,
                llm: ending.llm,
                anomalies: considered.anomalies,
                totalMicroseconds: Int((clock.monotonic() - considered.began) / 1_000),
                classifyMicroseconds: considered.classifyMicroseconds,
                llmMicroseconds: ending.llmMicroseconds
            ),
            seq: log.nextSequence(),
            uid: considered.uid,
            session: considered.session,
            mode: considered.request.mode,
            promptCharacters: considered.request.characters,
            text: considered.text,
            error: ending.error
        )
    }

    static func fallbackReply(_ reason: Reason) -> String {
        switch reason {
        case .llmLoading, .llmBusy:
            "I am not sure what you mean, and who might know is busy. Please ask again in a moment."
        default: "I am not sure what you mean, and nobody else can answer just now. Please put it another way."
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
