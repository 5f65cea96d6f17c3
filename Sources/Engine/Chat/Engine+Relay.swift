import Classifier
import Logging
import Wire
import World

// The way through the LLM: a task of its own, which the event loop does not wait for.
extension Engine {
    /// What the caller asked for beyond the words.
    struct Exchange: Sendable {
        var message: [UInt8]
        /// The LLM's model, if one was named.
        var model: String?
        /// Where pieces of the answer go, and the request that they belong to; nil where nobody wants them.
        var pieces: (id: RequestID, notify: @Sendable ([UInt8]) -> Void)?
        var id: RequestID?
        var counters: CounterShard
    }

    /// Asks the LLM. Before its first words any failure becomes the local answer or the fallback; after them the caller
    /// is told that the answer broke off, with what came.
    ///
    /// - Throws: `RPCError` `upstream_interrupted`; `CancellationError` where nobody waits any more.
    func relay(_ considered: Considered, _ exchange: Exchange) async throws -> JSON {
        guard considered.isForLLM, let llm = world.llm, case .relay(let reason, _) = considered.decision else {
            return try give(chat.answer(considered, considered.decision.ending(llmFailure: .llmOff)), exchange)
        }
        // What is known is how much the configured model holds; another one may hold less.
        let isUsual = exchange.model.map { $0 == configuration.llm.model } ?? true
        let (prompt, isCut) = await prompt(for: considered, exchange, isUsual ? llm.health().contextLength : nil)
        let asked = world.clock.monotonic()
        var reply = ""
        var pieces = 0
        var outcome: Result<LLM.Record, LLM.Failure>?
        for await delta in llm.complete(prompt) {
            switch delta {
            case .text(let text):
                reply += text
                if let (id, notify) = exchange.pieces { notify(Self.delta(id, pieces, text)) }
                pieces += 1
            case .finished(let record): outcome = .success(record)
            case .failed(let failure): outcome = .failure(failure)
            }
        }
        var ending = Ending(route: .llm, reason: reason)
        ending.llmMicroseconds = Int((world.clock.monotonic() - asked) / 1_000)
        switch outcome {
        case .success(var record):
            record.isTruncated = record.isTruncated || isCut || prompt.isCutShort(promptTokens: record.promptTokens)
            ending.llm = record
            ending.reply = reply
            return try give(chat.answer(considered, ending), exchange)
        case nil where Task.isCancelled:
            ending.error = RPCError.Reason.cancelled.rawValue
            note(chat.answer(considered, ending), exchange)
            throw CancellationError()
        case nil, .failure:
            let failure = outcome.failure() ?? LLM.Failure(.llmError, "The answer has no end.")
            noteFailure(failure, considered)
            guard reply.isEmpty else {
                ending.llm = failure.record
                ending.error = RPCError.Reason.upstreamInterrupted.rawValue
                note(chat.answer(considered, ending), exchange)
                throw RPCError.upstreamInterrupted(partial: reply)
            }
            var instead = considered.decision.ending(llmFailure: failure.reason)
            instead.llmMicroseconds = ending.llmMicroseconds
            return try give(chat.answer(considered, instead), exchange)
        }
    }

    /// Writes the line of an answer, remembers the turn and gives the answer back.
    func give(_ line: LogLine, _ exchange: Exchange) throws -> JSON {
        note(line, exchange)
        remember(line, message: exchange.message)
        var writer = JSONWriter()
        line.answer.write(to: &writer)
        return try JSONParser.parse(writer.bytes)
    }

    private func note(_ line: LogLine, _ exchange: Exchange) {
        var bytes: [UInt8] = []
        line.write(to: &bytes)
        log.write(bytes, count: 1)
        exchange.counters.count(line)
        noteAnswer(line, exchange.id)
    }

    private func prompt(
        for considered: Considered,
        _ exchange: Exchange,
        _ window: Int?
    ) async -> (prompt: LLM.Prompt, isCut: Bool) {
        var context = LLM.Prompt.Context(
            message: String(decoding: exchange.message, as: UTF8.self),
            instructions: configuration.llm.instructions,
            alternatives: considered.ranked.map { (considered.snapshot.model.intents[$0.intent], $0.confidence) },
            threshold: considered.snapshot.threshold,
            inScope: considered.inScope,
            window: window
        )
        if let session = considered.session {
            let name = String(decoding: session, as: UTF8.self)
            context.history = await sessions.history(uid: considered.uid, name: name)
        }
        return LLM.Prompt.asking(context, model: exchange.model, uid: considered.uid)
    }

    private static func delta(_ id: RequestID, _ number: Int, _ text: String) -> [UInt8] {
        Reply.notification("chat.delta") { writer in
            writer.beginObject()
            writer.name("request")
            writer.value(id)
            writer.name("seq")
            writer.value(number)
            writer.name("text")
            writer.value(text)
            writer.endObject()
        }
    }

    /// At debug level: while an LLM is away this happens with every question, and `status` says so already.
    private func noteFailure(_ failure: LLM.Failure, _ considered: Considered) {
        world.logger.debug(
            "The LLM did not answer: \(failure.message)",
            metadata: ["answer": .string(considered.id.description), "reason": .string(failure.reason.rawValue)]
        )
    }

    // MARK: How it is

    /// For `status` and `metrics`.
    var llmState: LLM.Health.State {
        guard configuration.llm.backend != .off, let llm = world.llm else { return .off }
        return llm.health().state
    }

    var llmStatus: JSON {
        let settings = configuration.llm
        let state = llmState
        guard state != .off else { return ["state": "off", "backend": nil, "model": nil] }
        let isStandin = settings.backend == .standin && !settings.model.hasPrefix("standin:")
        return [
            "state": .string(state.rawValue), "backend": .string(settings.backend.rawValue),
            "model": .string(isStandin ? "standin" : settings.model),
        ]
    }

    /// What `status.degraded` says of it.
    var llmTrouble: String? {
        guard llmState.isTrouble, let health = world.llm?.health() else { return nil }
        return "llm_\(health.state.rawValue)" + (health.reason.map { ": \($0)" } ?? "")
    }
}

extension Optional {
    fileprivate func failure<Success, Failure>() -> Failure? where Wrapped == Result<Success, Failure> {
        if case .failure(let failure)? = self { failure } else { nil }
    }
}
