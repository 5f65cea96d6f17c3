import Classifier
import Text
import Wire
import World

/// The tiers that answer on the event loop: the local model, and the fallback. Everything here happens on the loop that
/// read the request, from the lane's own memory.
struct LocalTiers: Sendable {
    let clock: Clock
    let randomness: Randomness
    let log: ChatLog

    /// Classifies the message in the buffers and plans who is asked for an answer.
    ///
    /// - Parameter began: the monotonic clock when the request's line was complete.
    func consider(
        _ request: ChatRequest,
        uid: UInt32,
        serving: (model: ServingModel, tally: ServingTally),
        buffers: inout Buffers,
        began: UInt64
    ) -> Considered {
        let model = serving.model
        let rules = model.rules
        let at = clock.now()
        let id = Identifier(at: at, randomness: randomness)
        let classifying = clock.monotonic()
        let prediction = buffers.predict(model.model, top: 3)
        let classified = clock.monotonic()
        let ranked = buffers.workspace.ranked
        let scores = model.scores(&buffers, prediction.intent)

        let policy = model.policies[prediction.intent]
        let abProb = request.abProb ?? rules.abProb
        let draw =
            Question.drawsArm(mode: request.mode, policy: policy, abProb: abProb)
            ? Draw(abProb: abProb, salt: rules.experimentSalt, unit: Self.unit(of: request, in: buffers, uid: uid, id: id, by: rules.unit))
            : nil
        let plan = Plan(
            Question(
                mode: request.mode,
                policy: policy,
                confidence: prediction.confidence,
                threshold: model.threshold,
                inScope: prediction.inScope,
                arm: draw?.arm
            )
        )
        return Considered(
            request: request,
            uid: uid,
            model: model,
            tally: serving.tally,
            id: id,
            at: at,
            began: began,
            ranked: ranked,
            inScope: prediction.inScope,
            scores: scores,
            draw: draw,
            plan: plan,
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
        let model = considered.model
        let reply =
            switch ending.tier {
            case .llm: ending.reply ?? ""
            case .lexical: model.reply(for: considered.ranked[0].intent, answer: considered.id)
            case .fallback: Self.fallbackReply(ending.reason)
            }
        return LogLine(
            answer: Answer(
                id: considered.id,
                at: considered.at,
                reply: reply,
                route: ending.tier.route,
                reason: ending.reason,
                ranked: considered.ranked,
                names: model.model.intents,
                threshold: model.threshold,
                inScope: considered.inScope,
                draw: considered.draw,
                version: model.version,
                digest: model.digest,
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

    /// The name of what keeps its arm of the experiment.
    private static func unit(
        of request: ChatRequest,
        in buffers: borrowing Buffers,
        uid: UInt32,
        id: Identifier,
        by unit: Configuration.Experiment.Unit
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
