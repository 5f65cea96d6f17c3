import Synchronization
import Wire
import World

// Looks at the LLM's state: small requests on connections of their own, each with a short limit. They are made only while
// there are questions, so that a daemon at rest leaves the LLM alone.
extension Site {
    /// Notes a question: for some time from now on the state is looked at in the background.
    func noteInterest() {
        guard upstream != nil else { return }
        let now = Timepiece.now
        state.withLock { state in
            state.asked = now
            guard state.looking == nil, !state.isOver else { return }
            state.looking = Task { [weak self, settings] in
                repeat { await Timepiece.sleep(.seconds(settings.probeInterval)) } while await self?.lookAgain() == true
            }
        }
    }

    func prepare() {
        noteInterest()
        guard settings.backend == .ollama else { return }
        Task { _ = await self.admits(settings.model) }
    }

    /// Looks once, whatever was asked lately. Whoever wants a look meanwhile joins this one.
    func look() async {
        guard upstream != nil else { return }
        _ = try? await lookUnderWay.join { [self] in
            guard await isThere() == nil else { return }
            await learnMore()
            let wall = Timepiece.wall
            state.withLock { $0.health.lookedAt = .at(wall) }
        }.value
    }

    /// Finds out more about a server that is there.
    private func learnMore() async {
        if settings.backend == .ollama {
            await check(settings.model.withTag, isShown: true)
        } else {
            await learnWindow()
        }
    }

    /// - Returns: whether to go on.
    private func lookAgain() async -> Bool {
        let now = Timepiece.now
        let (goesOn, gate) = state.withLock { state -> (Bool, Breaker.Gate) in
            let asked = state.asked ?? .zero
            guard !state.isOver, !Task.isCancelled, now - asked < .seconds(settings.interest) else {
                state.looking = nil
                return (false, .pass)
            }
            return (true, state.breaker.gate(at: now))
        }
        guard goesOn else { return false }
        switch gate {
        case .refuse: break
        case .probe: _ = await probe()
        case .pass:
            guard await isThere() == nil else { break }
            await learnMore()
        }
        return true
    }

    /// Makes the half-open breaker's look.
    ///
    /// - Returns: the reason for which the LLM is still away; nil if it is back.
    func probe() async -> LLM.Failure? {
        guard let failure = await isThere() else {
            let isStillAway = state.withLock { state in
                state.breaker.close()
                return state.health.state == .unreachable
            }
            if isStillAway { note(.unknown) }
            return nil
        }
        failed(failure.failure, isRefused: failure.isRefused)
        return failure.failure
    }

    /// Looks whether anything answers, and whether it is the server that the settings name.
    ///
    /// - Returns: the failure if nothing answers.
    private func isThere() async -> (failure: LLM.Failure, isRefused: Bool)? {
        guard let upstream else { return nil }
        let path = settings.backend == .ollama ? "/api/version" : "/v1/models"
        let name = upstream.endpoint.name
        switch await upstream.look(path, within: .seconds(settings.probeTimeout)) {
        case nil: return away(LLM.Failure(.timeout, "The LLM at \(name) does not answer."))
        case .failure(let error):
            let problem = ConnectionProblem(error)
            return away(problem.failure(upstream.endpoint), isRefused: problem == .refused)
        case .success(let answer):
            switch answer.status {
            case 401, 403: note(.forbidden, "The LLM at \(name) refuses us (status \(answer.status)).")
            case 503: note(.loading, "The LLM at \(name) is starting.")
            case 502, 504: return away(LLM.Failure(.unreachable, "The proxy at \(name) does not reach the LLM."))
            case 500..<600:
                note(
                    .failing,
                    "The server at \(name) fails (status \(answer.status)).",
                    said: Words.of(answer.said)
                )
            case 200 where settings.backend == .openai:
                note(.ready)
                let models = answer.json?["data"]?.array
                // vLLM gives the size of a model's window here.
                let entry = models?.first { $0["id"]?.string == settings.model }
                if let window = entry?["max_model_len"]?.quantity { note(window: window) }
            default:
                let version = answer.json?["version"]?.string
                if settings.backend == .ollama, version == nil {
                    note(.notOllama, "The server at \(name) is not Ollama. Set llm.url or llm.backend.")
                }
            }
            return nil
        }
    }

    private func away(_ failure: LLM.Failure, isRefused: Bool = false) -> (failure: LLM.Failure, isRefused: Bool) {
        note(.unreachable, failure.message)
        return (failure, isRefused)
    }

    /// Asks for the size of the window where llama.cpp's server gives it; other servers do not know that path.
    private func learnWindow() async {
        guard let upstream, health.contextLength == nil else { return }
        let answer = await upstream.look("/props", within: .seconds(settings.probeTimeout))
        guard case .success(let answer) = answer, answer.status == 200,
            let window = answer.json?["default_generation_settings"]?["n_ctx"]?.quantity
        else { return }
        note(window: window)
    }

    private func note(window: Int) {
        guard window > 0 else { return }
        state.withLock { $0.health.contextLength = window }
    }

    /// Finds out whether the server has the model, runs it itself and has loaded it. Without an answer, nothing is known.
    func check(_ model: String, isShown: Bool = false) async {
        guard let upstream else { return }
        let limit = Duration.seconds(settings.probeTimeout)
        async let shown = upstream.look("/api/show", Requests.show(model), within: limit)
        async let running = upstream.look("/api/ps", within: limit)
        let (show, run) = (await shown, await running)
        var residence = Model.Residence.unknown
        var window: Int?
        if case .success(let answer) = run, answer.status == 200, let value = answer.json {
            let entry = value["models"]?.array?.first {
                ($0["model"]?.string ?? $0["name"]?.string ?? "").withTag.hasSameBytes(as: model)
            }
            if value["models"] != nil { residence = entry == nil ? .absent : .loaded }
            window = entry?["context_length"]?.quantity
        } else if run == nil, case .success = show {
            // Ollama holds this answer back while it loads a model.
            residence = .absent
        }
        if case .success(let answer) = show {
            let value = answer.json
            if answer.status == 404, value?["error"] != nil { residence = .missing }
            if answer.status == 200, let host = value?["remote_host"]?.string, !host.isEmpty {
                residence = .remote(host)
            }
        }
        let now = Timepiece.now
        state.withLock { state in
            state.note(residence, of: model, at: now)
            if let window, window > 0, model == settings.model.withTag { state.health.contextLength = window }
        }
        if isShown { report(model, residence) }
    }

    private func report(_ model: String, _ residence: Model.Residence) {
        let isLoading = state.withLock { $0.models[model]?.load != nil }
        switch residence {
        case .loaded: note(.ready)
        case .absent where isLoading: note(.loading, "The model \(model) is being loaded.")
        case .absent, .remote: note(.ready, "The model \(model) is not loaded; the next question has it loaded.")
        case .missing: note(.modelMissing, Self.missing(model).message)
        case .unknown: break
        }
    }

    static func missing(_ model: String) -> LLM.Failure {
        LLM.Failure(
            .modelMissing,
            "The LLM does not have the model \(model). Get it with `ollama pull \(model)`, or set llm.model."
        )
    }
}
