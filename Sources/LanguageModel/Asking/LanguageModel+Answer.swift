import Synchronization
import World

// One question from its beginning to its last delta. Whatever happens, exactly one last delta comes and the place in flight
// is given back; so everything that fails throws, and one place turns that into a delta.
extension LanguageModel {
    static let stopping = LLM.Failure(.off, "The daemon is stopping.")
    private static let late = LLM.Failure(.busy, "The question waited for its turn until its time was over.")

    func answer(_ prompt: LLM.Prompt, from site: Site, into relay: Relay) async {
        let deadlines = Deadlines(total: site.settings.totalTimeout) { relay.stop() }
        defer { deadlines.stop() }
        let attempt = Attempt(prompt, at: site, relay: relay, deadlines: deadlines)
        do {
            try await make(attempt)
        } catch {
            // A limit that passed says more than the cancelled call that it left behind.
            var failure = error
            if let limit = deadlines.expired, failure.kind != .busy { failure = Self.failure(limit, attempt) }
            if Task.isCancelled, deadlines.expired == nil { failure = Self.stopping }
            if attempt.hasText, failure.kind != .interrupted {
                failure = LLM.Failure(.interrupted, "The LLM broke off. \(failure.message)", said: failure.said)
            }
            if attempt.hasText { failure.record = attempt.record }
            finish(.failed(failure), relay)
        }
    }

    /// Counts a question's last delta and passes it on.
    func finish(_ delta: LLM.Delta, _ relay: Relay) {
        state.withLock { state in
            switch delta {
            case .text: break
            case .finished(let record):
                state.counters.finished += 1
                state.counters.promptTokens += record.promptTokens ?? 0
                state.counters.completionTokens += record.completionTokens ?? 0
            case .failed where relay.isAbandoned: state.counters.cancelled += 1
            case .failed(let failure): state.counters.failures[failure.kind.name, default: 0] += 1
            }
        }
        relay.finish(delta)
    }

    private static func failure(_ cause: Deadlines.Cause, _ attempt: Attempt) -> LLM.Failure {
        let failure =
            switch cause {
            case .firstByte: LLM.Failure(.timeout, "The LLM did not begin to answer in time (llm.first_byte_timeout).")
            case .idle, .rest: LLM.Failure(.timeout, "The LLM fell silent (llm.idle_timeout).")
            case .total: LLM.Failure(.timeout, "The LLM took too long (llm.total_timeout).")
            }
        guard let asked = attempt.asked else { return failure }
        let fair = Duration.seconds(min(attempt.settings.firstByteTimeout, attempt.settings.totalTimeout / 2))
        // What a question lost in our queue is not the LLM's silence.
        if cause == .total, !attempt.hasBegun, Timepiece.now - asked < fair { return late }
        if attempt.hasText {
            if cause != .total { attempt.site.erred(failure, mayBeQuestion: true) }
        } else if !attempt.site.hasHeard(since: asked) {
            // One that answers others meanwhile is slow and not away.
            attempt.site.failed(failure, isAlive: attempt.isAlive)
        }
        return failure
    }

    private func make(_ attempt: Attempt) async throws(LLM.Failure) {
        let site = attempt.site
        guard site.settings.backend != .off else {
            throw LLM.Failure(.off, "No LLM is configured (llm.backend is off).")
        }
        site.noteInterest()
        try await pass(site)
        if let failure = await site.admits(attempt.model) { throw failure }
        switch await admission.enter(attempt.prompt.uid) {
        case .full: throw LLM.Failure(.busy, "Too many questions wait for the LLM. Ask again in a moment.")
        case .cancelled:
            let isLate = attempt.deadlines.expired != nil
            throw isLate ? Self.late : Self.stopping
        case .admitted: break
        }
        attempt.place = admission
        defer { attempt.leave() }
        // Its time may have run out just when its turn came, and while it waited the LLM may have gone.
        guard attempt.deadlines.expired == nil else { throw Self.late }
        try await pass(site)
        if site.settings.backend == .standin {
            try await play(Standin(attempt.prompt, model: attempt.model), attempt)
        } else if let upstream = site.upstream {
            attempt.asked = Timepiece.now
            attempt.record.leftHost = !upstream.endpoint.isLocal
            try await ask(upstream, attempt)
        }
    }

    /// Throws the reason for which the LLM is not to be asked now, if there is one.
    private func pass(_ site: Site) async throws(LLM.Failure) {
        switch site.state.withLock({ $0.breaker.gate(at: Timepiece.now) }) {
        case .pass: break
        case .refuse(let reason): throw reason
        case .probe: if let failure = await site.probe() { throw failure }
        }
        if site.isHeld { throw LLM.Failure(.busy, Site.heldMessage) }
    }

    private func play(_ standin: Standin, _ attempt: Attempt) async throws(LLM.Failure) {
        attempt.deadlines.arm(.firstByte, attempt.settings.firstByteTimeout)
        for step in standin.steps {
            if Task.isCancelled { throw Self.stopping }
            switch step {
            case .text(let text):
                try await attempt.write(text)
                attempt.deadlines.arm(.idle, attempt.settings.idleTimeout)
            case .pause(let time): await Timepiece.sleep(time)
            case .stall: while !Task.isCancelled { await Timepiece.sleep(.seconds(1)) }
            case .cut: throw LLM.Failure(.interrupted, "The stand-in plays a broken connection.")
            case .error(let text): throw LLM.Failure(.error(text), "The stand-in plays an error.")
            case .done:
                var record = attempt.record
                // A log must never say that a model made this.
                record.model = Standin.name(attempt.model)
                record.completionTokens = standin.words
                record.doneReason = standin.isTruncated ? "length" : "stop"
                record.isTruncated = standin.isTruncated
                attempt.leave()
                finish(.finished(record), attempt.relay)
                return
            }
        }
        throw Self.stopping
    }
}
