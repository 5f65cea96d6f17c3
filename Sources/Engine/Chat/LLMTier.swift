import Classifier
import Logging
import Wire
import World

/// The tier that asks an LLM. It runs in a task, and no event loop waits for it.
struct LLMTier: Sendable {
    let llm: LLM
    let sessions: SessionMemory
    let ground: Ground

    /// The rest of a chat request, which only an LLM needs.
    struct Exchange: Sendable {
        var message: [UInt8]
        /// The LLM's model; nil for the configured one.
        var model: String?
        /// The receiver of the answer's pieces and the id of their request; nil unless the client asked for pieces.
        var pieces: (id: RequestID, notify: @Sendable ([UInt8]) -> Void)?
        var id: RequestID?
        var tallies: LaneTallies
        /// Whether the caller may read what the LLM says about a failure.
        var isAdmin = false
    }

    /// What is left of a question that got no answer.
    struct Failure {
        var reason: Reason
        var microseconds: Int
        /// The LLM's own words, if the caller may read them.
        var said: String?
    }

    enum Result {
        case answered(Ending)
        /// The LLM failed before its first words; the next tier is asked.
        case failed(Failure)
        /// The answer broke off after its first words, which the client may have seen.
        case interrupted(Ending, partial: String)
        /// The client has left or cancelled the request.
        case cancelled(Ending)
    }

    func ask(_ classified: ClassifiedRequest, _ exchange: Exchange, because reason: Reason) async -> Result {
        let (prompt, isCut) = await prompt(for: classified, exchange)
        let asked = ground.clock.monotonic()
        var reply = ""
        var pieces = 0
        var end: Swift.Result<LLM.Record, LLM.Failure>?
        for await delta in llm.complete(prompt) {
            switch delta {
            case .text(let text):
                reply += text
                if let (id, notify) = exchange.pieces { notify(Self.delta(of: id, number: pieces, text)) }
                pieces += 1
            case .finished(let record): end = .success(record)
            case .failed(let failure): end = .failure(failure)
            }
        }
        let spent = Int((ground.clock.monotonic() - asked) / 1_000)
        var ending = Ending(tier: .llm, reason: reason, llmMicroseconds: spent)
        switch end {
        case .success(var record):
            record.isTruncated = record.isTruncated || isCut || prompt.isCutShort(promptTokens: record.promptTokens)
            ending.llm = record
            ending.reply = reply
            return .answered(ending)
        case nil where Task.isCancelled:
            ending.error = RPCError.Reason.cancelled.rawValue
            return .cancelled(ending)
        case nil:
            let failure = LLM.Failure(.interrupted, "The answer broke off without an end.")
            return failed(failure, of: classified.id, after: reply, ending: ending)
        case .failure(let failure):
            ending.llmError = exchange.isAdmin ? failure.said : nil
            return failed(failure, of: classified.id, after: reply, ending: ending)
        }
    }

    private func failed(_ failure: LLM.Failure, of id: Identifier, after reply: String, ending: Ending) -> Result {
        // Only at debug level: while an LLM is away this happens with every question, and `status` shows it.
        ground.logger.debug(
            "The LLM did not answer: \(failure.message)",
            metadata: ["answer": .string(id.description), "reason": .string(failure.reason.rawValue)]
        )
        guard !reply.isEmpty else {
            return .failed(
                Failure(
                    reason: failure.reason,
                    microseconds: ending.llmMicroseconds ?? 0,
                    said: ending.llmError
                )
            )
        }
        var ending = ending
        ending.llm = failure.record
        ending.error = RPCError.Reason.upstreamInterrupted.rawValue
        return .interrupted(ending, partial: reply)
    }

    private func prompt(
        for classified: ClassifiedRequest,
        _ exchange: Exchange
    ) async -> (prompt: LLM.Prompt, isCut: Bool) {
        let configuration = ground.settings.current.llm
        // The known window is that of the configured model; another one may hold less.
        let isUsual = exchange.model.map { $0 == configuration.model } ?? true
        var context = LLM.Prompt.Context(
            message: String(decoding: exchange.message, as: UTF8.self),
            instructions: ground.settings.current.instructions,
            alternatives: classified.ranked.map { entry in
                let model = classified.model
                return (model.model.intents[entry.intent], entry.confidence, model.summaries[entry.intent])
            },
            threshold: classified.model.threshold,
            inScope: classified.inScope,
            window: isUsual ? llm.health().contextLength : nil
        )
        if let session = classified.session {
            let name = String(decoding: session, as: UTF8.self)
            context.history = await sessions.history(uid: classified.uid, name: name)
        }
        return LLM.Prompt.asking(context, model: exchange.model, uid: classified.uid)
    }

    private static func delta(of id: RequestID, number: Int, _ text: String) -> [UInt8] {
        Reply.notification("chat.delta") { writer in
            writer.beginObject()
            writer.name("request")
            writer.value(id)
            writer.member("seq", number)
            writer.member("text", text)
            writer.endObject()
        }
    }
}
