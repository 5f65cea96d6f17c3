import Classifier
import Wire
import World

/// `chat`: runs a plan. Tiers that can answer on the event loop do; the first one that cannot is asked in a task.
struct ChatMethods: Sendable {
    let local: LocalTiers
    /// nil if there is no way to ask an LLM.
    let llm: LLMTier?
    let delivery: Delivery
    let settings: Settings

    /// The length in bytes above which a text leaves the event loop, so that the next client need not wait for it. No shorter
    /// one becomes too long when it is normalised.
    static let longText = 2_048

    func chat(_ call: Call, _ lane: Lane) throws -> Response {
        let serving = try lane.serving.ready()
        let params = call.params
        let message = try params.requiredString("message").trimmed
        let model = try params.string("model")
        let wantsPieces = try params.bool("stream") ?? false
        let models = settings.current.llm.models + [settings.current.llm.model]
        if let model, !models.contains(model) {
            throw RPCError.invalidParams(
                "The LLM model \(model.debugDescription) is not one that this daemon may use; leave it out or take one of \(models.joined(separator: ", ")).",
                field: "model"
            )
        }
        let session = try params.string("session")
        let request = ChatRequest(
            characters: message.unicodeScalars.count,
            mode: try params.choice("mode", of: Mode.self) ?? .auto,
            abProb: try params.double("ab_prob"),
            hasSession: session != nil
        )
        let notify = call.caller.notify
        let exchange = LLMTier.Exchange(
            message: Array(message.utf8),
            model: model,
            pieces: wantsPieces ? call.id.map { ($0, notify) } : nil,
            id: call.id,
            tallies: lane.tallies,
            isAdmin: call.caller.role == .admin
        )
        let (caller, began) = (call.caller.identity, call.began)
        if message.utf8.count > Self.longText {
            return .later {
                var buffers = Buffers(message: exchange.message, session: Array((session ?? "").utf8))
                let classified = local.classify(request, of: caller, serving: serving, buffers: &buffers, began: began)
                guard !buffers.workspace.isTooLong else { throw RPCError.textTooLong(field: "message") }
                return try await answer(classified, exchange)
            }
        }
        guard var buffers = lane.takeBuffers() else { throw RPCError.noModel("the model is being replaced") }
        buffers.message = exchange.message
        buffers.session = Array((session ?? "").utf8)
        let classified = local.classify(request, of: caller, serving: serving, buffers: &buffers, began: began)
        lane.give(back: buffers)
        guard let ending = endingOnLoop(classified) else { return .later { try await answer(classified, exchange) } }
        let line = local.answer(classified, ending)
        delivery.deliver(line, of: classified, message: exchange.message, id: call.id, on: lane)
        return .now(Self.body(line))
    }

    /// Returns the ending that can be had on the event loop; nil if an LLM must be asked first.
    func endingOnLoop(_ classified: ClassifiedRequest) -> Ending? {
        let (tier, reason) = classified.plan.outcome { $0 == .llm && !asksLLM(classified) ? .llmOff : nil }
        return tier == .llm ? nil : Ending(tier: tier, reason: reason)
    }

    private func asksLLM(_ classified: ClassifiedRequest) -> Bool { llm != nil && classified.model.rules.relays }

    /// Asks one tier of the plan after the other. If an LLM fails before its first words, the next tier answers. If it
    /// fails after them, the caller gets an error with the words that came.
    ///
    /// - Throws: `RPCError` `upstream_interrupted`; `CancellationError` if the caller has left.
    private func answer(_ classified: ClassifiedRequest, _ exchange: LLMTier.Exchange) async throws -> Response.Body {
        var failures: [Tier: Reason] = asksLLM(classified) ? [:] : [.llm: .llmOff]
        var failure: LLMTier.Failure?
        while true {
            let (tier, reason) = classified.plan.outcome { failures[$0] }
            guard tier == .llm, let llm else {
                var ending = Ending(tier: tier, reason: reason, llmMicroseconds: failure?.microseconds)
                ending.llmError = failure?.said
                return deliver(ending, of: classified, exchange)
            }
            switch await llm.ask(classified, exchange, because: reason) {
            case .answered(let ending): return deliver(ending, of: classified, exchange)
            case .failed(let why): (failures[.llm], failure) = (why.reason, why)
            case .interrupted(let ending, let partial):
                _ = deliver(ending, of: classified, exchange)
                throw RPCError.upstreamInterrupted(partial: partial, llmError: ending.llmError)
            case .cancelled(let ending):
                _ = deliver(ending, of: classified, exchange)
                throw CancellationError()
            }
        }
    }

    private func deliver(
        _ ending: Ending,
        of classified: ClassifiedRequest,
        _ exchange: LLMTier.Exchange
    ) -> Response.Body {
        let line = local.answer(classified, ending)
        delivery.deliver(line, of: classified, exchange)
        return Self.body(line)
    }

    private static func body(_ line: LogLine) -> Response.Body {
        var writer = JSONWriter()
        line.answer.write(to: &writer)
        return .encoded(writer.bytes)
    }
}
