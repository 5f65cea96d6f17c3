import Wire
import World

/// The state of the LLM for `status`, `metrics` and the health of the daemon.
struct LLMStatus: Sendable {
    let llm: LLM?
    let settings: Settings

    var state: LLM.Health.State {
        guard settings.current.llm.backend != .off, let llm else { return .off }
        return llm.health().state
    }

    /// The member `llm` of `status`.
    var json: JSON {
        let settings = settings.current.llm
        let state = state
        guard state != .off else { return ["state": "off", "backend": nil, "model": nil] }
        let isStandin = settings.backend == .standin && !settings.model.hasPrefix("standin:")
        return [
            "state": .string(state.rawValue), "backend": .string(settings.backend.rawValue),
            "model": .string(isStandin ? "standin" : settings.model),
        ]
    }

    /// Tells `health` whether there is something for an operator to repair.
    func chore(_ health: Health) -> Chore {
        Chore("LLM") {
            guard state.isTrouble, let known = llm?.health() else { return health.set(.llm, nil) }
            health.set(.llm, "llm_\(known.state.rawValue)" + (known.reason.map { ": \($0)" } ?? ""))
        }
    }
}
