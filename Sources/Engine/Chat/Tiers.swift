import Classifier
import Text
import Wire
import World

/// The tiers that answer on the event loop: the local model and the fallback. They use only the memory of the lane that
/// read the request.
struct LocalTiers: Sendable {
    let clock: Clock
    let randomness: Randomness
    let log: ChatLog
    let seal: NameSeal

    /// Classifies the message in the buffers and makes the plan.
    ///
    /// - Parameter began: the time when the request's line was complete, in nanoseconds of the monotonic clock.
    func classify(
        _ request: ChatRequest,
        of caller: Caller.Identity,
        serving: (model: ServingModel, tally: ServingTally),
        buffers: inout Buffers,
        began: UInt64
    ) -> ClassifiedRequest {
        let model = serving.model
        let rules = model.rules
        let at = clock.now()
        let id = Identifier(at: at, randomness: randomness)
        let classifyBegan = clock.monotonic()
        let prediction = buffers.predict(model.model, top: 3)
        let classifyEnded = clock.monotonic()
        let ranked = buffers.workspace.ranked
        let scores = model.scores(&buffers, prediction.intent)

        let policy = model.policies[prediction.intent]
        let abProb = request.abProb ?? rules.abProb
        var draw: Draw?
        if Question.drawsArm(mode: request.mode, policy: policy, abProb: abProb) {
            let unit = Self.unit(of: request, in: buffers, uid: caller.uid, id: id, by: rules.unit)
            draw = Draw(abProb: abProb, salt: rules.experimentSalt, unit: unit)
        }
        let question = Question(
            mode: request.mode,
            policy: policy,
            confidence: prediction.confidence,
            threshold: model.threshold,
            inScope: prediction.inScope,
            isWithheld: prediction.isWithheld,
            arm: draw?.arm
        )
        return ClassifiedRequest(
            request: request,
            uid: caller.uid,
            account: caller.account,
            model: model,
            tally: serving.tally,
            id: id,
            at: at,
            began: began,
            ranked: ranked,
            inScope: prediction.inScope,
            isWithheld: prediction.isWithheld,
            doubt: question.doubt,
            scores: scores,
            draw: draw,
            plan: Plan(question),
            anomalies: rules.detectors.find(
                in: buffers.message,
                characters: request.characters,
                confidence: prediction.confidence
            ),
            classifyMicroseconds: Int((classifyEnded - classifyBegan) / 1_000),
            session: request.hasSession ? seal.seal(buffers.session) : nil,
            text: buffers.kept(rules.telemetryText)
        )
    }

    /// Makes the answer as the log has it.
    func answer(_ classified: ClassifiedRequest, _ ending: Ending) -> LogLine {
        let model = classified.model
        let reply =
            switch ending.tier {
            case .llm: ending.reply ?? ""
            case .lexical: model.reply(for: classified.ranked[0].intent, answer: classified.id)
            case .fallback: model.fallback(for: classified, ending.reason)
            }
        return LogLine(
            answer: Answer(
                id: classified.id,
                at: classified.at,
                reply: reply,
                route: ending.tier.route,
                reason: ending.reason,
                ranked: classified.ranked,
                names: model.model.intents,
                threshold: model.threshold,
                inScope: classified.inScope,
                isWithheld: classified.isWithheld,
                thresholdBasis: model.thresholdBasis,
                doubt: classified.doubt,
                draw: classified.draw,
                version: model.version,
                digest: model.digest,
                llm: ending.llm,
                llmError: ending.llmError,
                anomalies: classified.anomalies,
                totalMicroseconds: Int((clock.monotonic() - classified.began) / 1_000),
                classifyMicroseconds: classified.classifyMicroseconds,
                llmMicroseconds: ending.llmMicroseconds
            ),
            seq: log.nextSequence(),
            uid: classified.uid,
            session: classified.session,
            mode: classified.request.mode,
            promptCharacters: classified.request.characters,
            text: classified.text,
            error: ending.error
        )
    }

    /// The name of the unit that keeps its arm in the experiment.
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

extension ServingModel {
    /// What is said where nobody answers a message.
    fileprivate func fallback(for classified: ClassifiedRequest, _ reason: Reason) -> String {
        // Of a text that is out of scope the best intent is only the least wrong one, whose sentence would mislead.
        guard classified.inScope else { return rules.replies.fallback(reason, .outOfScope) }
        return handOff(of: classified.ranked[0].intent, answer: classified.id)
            ?? rules.replies.fallback(reason, classified.doubt)
    }
}

extension Buffers {
    /// Returns the best class for the message.
    mutating func predict(_ model: Model, top: Int) -> Prediction {
        message.withUnsafeBufferPointer { model.predict($0, top: top, workspace: &workspace) }
    }

    /// Returns the message as the log may keep it; nil if it must not.
    fileprivate mutating func kept(_ setting: Configuration.Telemetry.Text) -> [UInt8]? {
        switch setting {
        case .none: nil
        case .full: message
        case .redacted: message.withUnsafeBufferPointer({ Redactor.redact($0, into: &redacted) }) ? redacted : message
        }
    }
}
