import Logging
import Synchronization
import World

// The LLM's health comes from what became of questions. Looks only tell whether somebody is there.
extension Site {
    /// Notes what was seen. That the LLM is there and has its model does not take back what its last answers showed.
    func note(_ kind: LLM.Health.State, _ reason: String? = nil, said: String? = nil) {
        let (now, wall) = (Timepiece.now, Timepiece.wall)
        let news = state.withLock { state -> (LLM.Health, Bool)? in
            var seen = (kind: kind, reason: reason, said: said)
            if kind == .ready, let trouble = state.trouble, trouble.weight >= Trouble.limit {
                seen = (trouble.state, trouble.failure.message, trouble.failure.said)
            } else if kind == .ready, state.heldUntil.map({ now < $0 }) == true {
                seen = (.busy, Self.heldMessage, state.health.said)
            }
            // Who went away may come back as another.
            if kind == .unreachable { state.trouble = nil }
            let isChange = state.health.state != seen.kind
            state.health.lookedAt = .at(wall)
            if [.ready, .busy, .failing].contains(seen.kind) { state.health.hasAnswered = true }
            state.health.state = seen.kind
            state.health.reason = seen.reason
            state.health.said = seen.said
            if isChange { state.health.since = wall }
            let words = "\(seen.reason ?? "") \(seen.said ?? "")".filter { !$0.isNumber }
            defer { state.told = words }
            let isTold = !isChange && (!seen.kind.isTrouble || state.told == words)
            return isTold ? nil : (state.health, seen.kind.isTrouble)
        }
        guard let (health, isTrouble) = news else { return }
        var fields: Logger.Metadata = [:]
        if let reason = health.reason { fields["reason"] = "\(reason)" }
        if let said = health.said { fields["llm_error"] = "\(said)" }
        logger.log(
            level: isTrouble && health.said != nil ? .warning : .info,
            "The LLM is \(health.state.rawValue)",
            metadata: fields
        )
    }

    /// Notes what an answer with an error's status shows.
    ///
    /// - Parameters:
    ///   - pause: how long the server wants to be left alone.
    ///   - isLoading: whether it answers a request to load a model, so that no question can be to blame.
    func note(_ error: ErrorAnswer, pause: Duration? = nil, isLoading: Bool = false) {
        let failure = error.failure
        if error.health == .busy, let pause {
            let until = Timepiece.now + pause
            state.withLock { $0.heldUntil = until }
        }
        switch error.health {
        case .failing?, .forbidden?:
            erred(
                failure,
                as: error.health ?? .failing,
                mayBeQuestion: error.mayBeQuestion && !isLoading,
                isLoading: isLoading
            )
        // Looks ask Ollama for its models; of other servers only an answer tells.
        case .modelMissing? where settings.backend == .openai: erred(failure, as: .modelMissing)
        case let kind?: note(kind, failure.message, said: failure.said)
        case nil: erred(failure, mayBeQuestion: !isLoading, isLoading: isLoading)
        }
    }

    /// Notes an answer that was an error.
    ///
    /// - Parameters:
    ///   - mayBeQuestion: whether the question itself may have caused it. One such error shows nothing; several in a row do.
    ///   - isLoading: whether the model could not be loaded.
    func erred(
        _ failure: LLM.Failure,
        as kind: LLM.Health.State = .failing,
        mayBeQuestion: Bool = false,
        isLoading: Bool = false
    ) {
        let isCertain = state.withLock { state in
            let weight = (state.trouble?.weight ?? 0) + (mayBeQuestion ? 1 : Trouble.limit)
            state.trouble = Trouble(
                state: kind,
                failure: failure,
                weight: min(weight, Trouble.limit),
                isLoading: isLoading
            )
            return weight >= Trouble.limit
        }
        if isCertain { note(kind, failure.message, said: failure.said) }
    }

    /// Notes an answer, whatever it said.
    func succeeded() { state.withLock { $0.breaker.succeed() } }

    /// Notes a piece of an answer.
    func heard(isFirst: Bool) {
        let now = Timepiece.now
        state.withLock { state in
            state.heard = now
            if isFirst { state.breaker.succeed() }
        }
    }

    /// Whether a piece of any answer came since then.
    func hasHeard(since time: Duration) -> Bool { state.withLock { $0.heard.map { $0 >= time } ?? false } }

    /// Whether the server has asked to be left alone.
    var isHeld: Bool {
        let now = Timepiece.now
        return state.withLock { $0.heldUntil.map { now < $0 } ?? false }
    }

    /// Notes that no answer came.
    ///
    /// - Parameter isAlive: whether the LLM gave signs of life.
    func failed(_ failure: LLM.Failure, isRefused: Bool = false, isAlive: Bool = false) {
        if isAlive { erred(failure) } else { note(.unreachable, failure.message, said: failure.said) }
        let (now, jitter) = (Timepiece.now, jitter())
        state.withLock { $0.breaker.fail(failure, isRefused: isRefused, at: now, jitter: jitter) }
    }

    /// Notes that a model has answered and so is loaded.
    func answered(_ model: String) {
        state.withLock { state in
            (state.trouble, state.heldUntil) = (nil, nil)
            state.note(.loaded, of: model, at: Timepiece.now)
        }
        note(.ready)
    }

    func thinksAloud(_ model: String) -> Bool { state.withLock { $0.thinksAloud.contains(model) } }

    /// Notes whether the model's thinking ends without having begun.
    func note(thinksAloud: Bool, _ model: String) {
        state.withLock { state in
            if thinksAloud { state.thinksAloud.insert(model) } else { state.thinksAloud.remove(model) }
        }
    }
}
