import Classifier
import Wire
import World

/// `chat`: runs a plan. Tiers that can answer on the event loop do; the first that cannot leaves it.
struct ChatMethods: Sendable {
    let local: LocalTiers
    /// nil where there is no way to ask an LLM.
    let llm: LLMTier?
    let delivery: Delivery
    let settings: Settings

    /// Bytes from which a text leaves the event loop: the next client should not wait for it.
    static let longText = 2_048

    func chat(_ call: Call, _ lane: Lane) throws -> Response {
        let serving = try lane.serving.ready()
        let params = call.params
        let message = try params.requiredString("message", length: 1...16_384, trimmed: true)
        let model = try params.string("model", length: 1...256)
        let wantsPieces = try params.bool("stream") ?? false
        let models = settings.current.llm.models + [settings.current.llm.model]
        if let model, !models.contains(model) {
            throw RPCError.invalidParams(
                "The LLM model \(model.debugDescription) is not one that this daemon may use; leave it out or take one of \(models.joined(separator: ", ")).",
                field: "model"
            )
        }
        let session = try params.string("session", pattern: .sessionName)
        let request = ChatRequest(
            characters: message.unicodeScalars.count,
            mode: try params.choice("mode", of: Mode.self) ?? .auto,
            abProb: try params.double("ab_prob", in: 0...1),
            hasSession: session != nil
        )
        let notify = call.caller.notify
        let exchange = LLMTier.Exchange(
            message: Array(message.utf8),
            model: model,
            pieces: wantsPieces ? call.id.map { ($0, notify) } : nil,
            id: call.id,
            tallies: lane.tallies
        )
        let (uid, began) = (call.caller.uid, call.began)
        if message.utf8.count > Self.longText {
            return .later {
                var buffers = Buffers(message: exchange.message, session: Array((session ?? "").utf8))
                let considered = local.consider(request, uid: uid, serving: serving, buffers: &buffers, began: began)
                return try await answer(considered, exchange)
            }
        }
        guard var buffers = lane.takeBuffers() else { throw RPCError.noModel("the model is being replaced") }
        buffers.message = exchange.message
        buffers.session = Array((session ?? "").utf8)
        let considered = local.consider(request, uid: uid, serving: serving, buffers: &buffers, began: began)
        lane.give(back: buffers)
        guard let ending = endingOnLoop(considered) else { return .later { try await answer(considered, exchange) } }
        let line = local.answer(considered, ending)
        delivery.deliver(line, of: considered, message: exchange.message, id: call.id, on: lane)
        return .now(Self.body(line))
    }

    /// The ending that needs nobody who has to be waited for; nil where an LLM is asked first.
    func endingOnLoop(_ considered: Considered) -> Ending? {
        let (tier, reason) = considered.plan.outcome { $0 == .llm && !asksLLM(considered) ? .llmOff : nil }
        return tier == .llm ? nil : Ending(tier: tier, reason: reason)
    }

    private func asksLLM(_ considered: Considered) -> Bool { llm != nil && considered.model.rules.relays }

    /// Asks one tier of the plan after the other. Before an LLM's first words any failure becomes the next tier's answer;
    /// after them the caller is told that the answer broke off, with what came.
    ///
    /// - Throws: `RPCError` `upstream_interrupted`; `CancellationError` where nobody waits any more.
    private func answer(_ considered: Considered, _ exchange: LLMTier.Exchange) async throws -> Response.Body {
        var failures: [Tier: Reason] = asksLLM(considered) ? [:] : [.llm: .llmOff]
        var microseconds: Int?
        while true {
            let (tier, reason) = considered.plan.outcome { failures[$0] }
            guard tier == .llm, let llm else {
                let ending = Ending(tier: tier, reason: reason, llmMicroseconds: microseconds)
                return deliver(ending, of: considered, exchange)
            }
            switch await llm.ask(considered, exchange, because: reason) {
            case .answered(let ending): return deliver(ending, of: considered, exchange)
            case .failed(let why, let spent): (failures[.llm], microseconds) = (why, spent)
            case .interrupted(let ending, let partial):
                _ = deliver(ending, of: considered, exchange)
                throw RPCError.upstreamInterrupted(partial: partial)
            case .cancelled(let ending):
                _ = deliver(ending, of: considered, exchange)
                throw CancellationError()
            }
        }
    }

    private func deliver(
        _ ending: Ending,
        of considered: Considered,
        _ exchange: LLMTier.Exchange
    ) -> Response.Body {
        let line = local.answer(considered, ending)
        delivery.deliver(line, of: considered, exchange)
        return Self.body(line)
    }

    private static func body(_ line: LogLine) -> Response.Body {
        var writer = JSONWriter()
        line.answer.write(to: &writer)
        return .encoded(writer.bytes)
    }
}
