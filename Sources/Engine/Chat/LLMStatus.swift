import Wire
import World

/// The state of the LLM for `status`, `metrics` and the health of the daemon.
struct LLMStatus: Sendable {
    let llm: LLM?
    let settings: Settings
    let clock: Clock

    /// The age in seconds from which a look at the LLM is old.
    private static let shelfLife = 30.0

    var state: LLM.Health.State {
        guard settings.current.llm.backend != .off, let llm else { return .off }
        return llm.health().state
    }

    /// Whether `status` should look at the LLM before it speaks of it.
    var isStale: Bool {
        guard state != .off, let llm, let age = age(of: llm.health()) else { return false }
        return age > Self.shelfLife
    }

    func look() async { await llm?.look() }

    /// The member `llm` of `status`.
    var json: JSON {
        let settings = settings.current.llm
        let state = state
        guard state != .off, let health = llm?.health() else {
            return ["state": "off", "backend": nil, "model": nil, "configured": false, "age_s": nil]
        }
        let isStandin = settings.backend == .standin && !settings.model.hasPrefix("standin:")
        return [
            "state": .string(state.rawValue), "backend": .string(settings.backend.rawValue),
            "model": .string(isStandin ? "standin" : settings.model), "configured": .bool(health.isConfigured),
            "age_s": JSON(age(of: health).flatMap { $0.isFinite ? Int($0) : nil }),
        ]
    }

    /// The same for an admin, who also reads what the LLM said about its trouble: words of a stranger, in which there may
    /// be some of the users'.
    var adminJSON: JSON {
        guard case .object(let members) = json else { return json }
        let said = state == .off ? nil : llm?.health().said
        return .object(members + [Member("llm_error", JSON(said))])
    }

    /// Tells `health` whether there is something for an operator to repair. An LLM that nobody configured and that never
    /// answered is not missed.
    func chore(_ health: Health) -> Chore {
        Chore("LLM") {
            guard state.isTrouble, let known = llm?.health(), known.isConfigured || known.hasAnswered else {
                return health.set(.llm, nil)
            }
            health.set(.llm, "llm_\(known.state.rawValue)" + (known.reason.map { ": \($0)" } ?? ""))
        }
    }

    /// Seconds since the last look, infinite where there was none yet; nil for an LLM that is never looked at.
    private func age(of health: LLM.Health) -> Double? {
        switch health.lookedAt {
        case .never: .infinity
        case .at(let time): max(0, Double(clock.now().microseconds) / 1e6 - time)
        case .notNeeded: nil
        }
    }
}
