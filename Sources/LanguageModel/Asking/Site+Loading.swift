import Synchronization
import World

// A model that is not loaded is loaded by a request of the daemon's own: Ollama gives up a loading when the client that asked
// for it goes away, and users do.
extension Site {
    /// How long the state of a model is taken for granted.
    private static let freshness = Duration.seconds(60)
    /// How long a loading that failed is not tried again.
    private static let rest = Duration.seconds(10)

    /// The reason for which the model cannot be asked now; nil lets the question through.
    func admits(_ name: String) async -> LLM.Failure? {
        guard settings.backend == .ollama else { return nil }
        let model = name.withTag
        await known(model)
        switch state.withLock({ $0.models[model]?.residence }) {
        case .missing:
            // Somebody may pull it, so the next question looks again.
            forget(model)
            let failure = Self.missing(name)
            note(.modelMissing, failure.message)
            return failure
        case .remote(let host) where !settings.allowRemote: return Self.elsewhere(name, host)
        // Nothing could be found out about the model, but Ollama names models that run on its own hosts like this.
        case .unknown where model.hasSuffix("cloud") && !settings.allowRemote:
            return Self.elsewhere(name, "ollama.com")
        case .absent: return await loaded(model)
        default: return nil
        }
    }

    static func elsewhere(_ model: String, _ host: String) -> LLM.Failure {
        LLM.Failure(
            .error("the model runs on \(host)"),
            "The model \(model) runs on \(host), and llm.allow_remote does not let texts leave this host."
        )
    }

    /// Checks the model if nothing fresh is known about it. One check serves all questions that come meanwhile.
    private func known(_ model: String) async {
        let now = Timepiece.now
        let check = state.withLock { state -> Task<Void, Never>? in
            var entry = state.models[model, default: Model()]
            if let check = entry.check { return check }
            let isFresh = entry.residence == .loaded || entry.load != nil
            if state.isOver || (isFresh && entry.residence != .unknown && now - entry.at < Self.freshness) {
                return nil
            }
            let check = Task { [weak self] in
                await self?.check(model)
                self?.state.withLock { $0.models[model]?.check = nil }
            }
            entry.check = check
            state.models[model] = entry
            return check
        }
        guard let check else { return }
        _ = await value(of: check, within: .seconds(settings.probeTimeout * 2))
    }

    /// Has the model loaded, and waits a little for it.
    ///
    /// - Returns: the reason for which it cannot be asked yet; nil if it is loaded.
    private func loaded(_ model: String) async -> LLM.Failure? {
        let now = Timepiece.now
        let (load, began, refusal) = state.withLock { state -> (Task<LLM.Failure?, Never>?, Duration, LLM.Failure?) in
            var entry = state.models[model, default: Model()]
            if let load = entry.load { return (load, entry.loadBegan, nil) }
            if let refusal = entry.refusal, now < refusal.until { return (nil, now, refusal.failure) }
            guard !state.isOver else { return (nil, now, nil) }
            let load = Task { [weak self] in await self?.load(model) ?? nil }
            (entry.load, entry.loadBegan) = (load, now)
            state.models[model] = entry
            return (load, now, nil)
        }
        guard let load else { return refusal }
        let patience = Duration.seconds(settings.loadPatience) - (now - began)
        if patience > .zero, let outcome = await value(of: load, within: patience) { return outcome }
        let message = "The model \(model) is being loaded. Ask again in a moment."
        note(.loading, message)
        return LLM.Failure(.loading, message)
    }

    /// Notes that a model is in memory, so that an earlier failure to load it is over.
    private func noteLoaded(_ model: String) {
        state.withLock { state in
            if state.trouble?.isLoading == true { state.trouble = nil }
            state.note(.loaded, of: model, at: Timepiece.now)
        }
        note(.ready)
    }

    private func load(_ model: String) async -> LLM.Failure? {
        let failure = await loadNow(model)
        // Only the loading is over: whether the model answers is not known yet.
        if failure == nil { noteLoaded(model) }
        let until = Timepiece.now + Self.rest
        state.withLock { state in
            state.models[model]?.load = nil
            state.models[model]?.refusal = failure.map { ($0, until) }
        }
        return failure
    }

    private func loadNow(_ model: String) async -> LLM.Failure? {
        guard let upstream else { return nil }
        let body = Requests.load(model, settings)
        switch await upstream.look("/api/chat", body, within: .seconds(settings.loadTimeout)) {
        case nil:
            let failure = LLM.Failure(.timeout, "The model \(model) could not be loaded in time.")
            if !Task.isCancelled { erred(failure, isLoading: true) }
            return failure
        case .failure(let error):
            let failure = ConnectionProblem(error).failure(upstream.endpoint)
            if !Task.isCancelled { note(.unreachable, failure.message) }
            return failure
        case .success(let answer):
            if answer.status == 200 { return nil }
            let error = ErrorAnswer(answer, model: model, settings: settings, endpoint: upstream.endpoint)
            note(error, pause: answer.pause, isLoading: true)
            return error.failure
        }
    }
}
