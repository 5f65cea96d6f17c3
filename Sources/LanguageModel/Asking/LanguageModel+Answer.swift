import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import World

// One question from its beginning to its last delta. Whatever happens, exactly one last delta comes and the place in flight
// is given back; so everything that fails throws, and one place turns that into a delta.
extension LanguageModel {
    /// The size in bytes beyond which an answer, with its protocol around it, is given up.
    private static let answerLimit = 4 << 20
    /// After the last line the connection is read to its end, so that it can be used again, but only so long and so far.
    private static let restLimit = (seconds: 0.25, bytes: 1 << 16)

    static let stopping = LLM.Failure(.off, "The daemon is stopping.")

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
                failure = LLM.Failure(.interrupted, "The LLM broke off. \(failure.message)")
            }
            if attempt.hasText { failure.record = attempt.record }
            finish(.failed(failure), relay)
        }
    }

    /// Counts a question's last delta and passes it on.
    private func finish(_ delta: LLM.Delta, _ relay: Relay) {
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
        if !attempt.hasText, attempt.isAsking { attempt.site.failed(failure) }
        return failure
    }

    private func make(_ attempt: Attempt) async throws(LLM.Failure) {
        let site = attempt.site
        guard site.settings.backend != .off else {
            throw LLM.Failure(.off, "No LLM is configured (llm.backend is off).")
        }
        site.noteInterest()
        switch site.state.withLock({ $0.breaker.gate(at: Timepiece.now) }) {
        case .pass: break
        case .refuse(let reason): throw reason
        case .probe: if let failure = await site.probe() { throw failure }
        }
        if let failure = await site.admits(attempt.model) { throw failure }
        switch await admission.enter(attempt.prompt.uid) {
        case .full: throw LLM.Failure(.busy, "Too many questions wait for the LLM. Ask again in a moment.")
        case .cancelled:
            let isLate = attempt.deadlines.expired != nil
            throw isLate ? LLM.Failure(.busy, "The LLM was busy all the time.") : Self.stopping
        case .admitted: break
        }
        attempt.place = admission
        defer { attempt.leave() }
        if site.settings.backend == .standin {
            try await play(Standin(attempt.prompt, model: attempt.model), attempt)
        } else if let upstream = site.upstream {
            attempt.isAsking = true
            attempt.record.leftHost = !upstream.endpoint.isLocal
            try await ask(upstream, attempt)
        }
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

    private func ask(_ upstream: Upstream, _ attempt: Attempt) async throws(LLM.Failure) {
        let (site, settings) = (attempt.site, attempt.settings)
        let body = Requests.chat(attempt.prompt, model: attempt.model, settings)
        attempt.deadlines.arm(.firstByte, settings.firstByteTimeout)
        let response: HTTPClientResponse
        do {
            response = try await upstream.ask(Requests.path(settings.backend), body)
        } catch {
            let problem = ConnectionProblem(error)
            let failure = problem.failure(upstream.endpoint)
            if attempt.deadlines.expired == nil, !Task.isCancelled {
                site.failed(failure, isRefused: problem == .refused)
            }
            throw failure
        }
        guard response.status == .ok else {
            site.succeeded()
            attempt.deadlines.arm(.idle, settings.idleTimeout)
            let answer = HTTPAnswer(response.status, try? await response.body.collect(upTo: 1 << 16))
            let error = ErrorAnswer(answer, model: attempt.model, settings: settings, endpoint: upstream.endpoint)
            if let health = error.health { site.note(health, error.failure.message) }
            if answer.status == 404 { site.forget(attempt.model.withTag) }
            throw error.failure
        }
        if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw LLM.Failure(
                .error("content-encoding \(coding)"),
                "The LLM's answer is compressed, which nobody asked for."
            )
        }
        try await read(response.body, attempt)
    }

    private func read(_ body: HTTPClientResponse.Body, _ attempt: Attempt) async throws(LLM.Failure) {
        var decoder: any AnswerDecoder = attempt.settings.backend == .openai ? OpenAIDecoder() : OllamaDecoder()
        var total = 0
        var summary: AnswerSummary?
        var chunks = body.makeAsyncIterator()
        do {
            while summary == nil {
                let chunk = try await chunks.next()
                // Some servers send their head at once and then let the question wait, so only the body counts.
                if total == 0, chunk != nil { attempt.site.succeeded() }
                attempt.deadlines.arm(.idle, attempt.settings.idleTimeout)
                total += chunk?.readableBytes ?? 0
                guard total <= Self.answerLimit else { throw Attempt.tooLong("\(Self.answerLimit) bytes") }
                let pieces = chunk?.withUnsafeReadableBytes { decoder.take($0) } ?? decoder.finish()
                if let host = decoder.remoteHost {
                    guard attempt.settings.allowRemote else { throw Site.elsewhere(attempt.model, host) }
                    attempt.record.leftHost = true
                }
                summary = try await deliver(pieces, attempt)
                if chunk == nil, summary == nil { throw LLM.Failure(.interrupted, "The LLM's answer broke off.") }
            }
        } catch let failure as LLM.Failure {
            throw failure
        } catch {
            throw LLM.Failure(.interrupted, "The connection to the LLM broke.")
        }
        guard let summary else { return }
        guard attempt.hasText else {
            throw LLM.Failure(.error("no text, reason \(summary.reason ?? "none")"), "The LLM's answer was empty.")
        }
        attempt.site.answered(attempt.model.withTag)
        var record = attempt.record
        record.promptTokens = summary.promptTokens
        record.completionTokens = summary.completionTokens
        record.doneReason = summary.reason
        record.isTruncated = summary.reason == "length"
        // The reader may ask again as soon as it has the last delta; the connection is tidied up afterwards.
        attempt.leave()
        finish(.finished(record), attempt.relay)
        attempt.deadlines.arm(.rest, Self.restLimit.seconds)
        var rest = 0
        while rest <= Self.restLimit.bytes, let chunk = try? await chunks.next() { rest += chunk.readableBytes }
    }

    private func deliver(_ pieces: [Piece], _ attempt: Attempt) async throws(LLM.Failure) -> AnswerSummary? {
        for piece in pieces {
            switch piece {
            case .text(let text):
                if attempt.relay.isFull { attempt.deadlines.disarm() }
                try await attempt.write(text)
                attempt.deadlines.arm(.idle, attempt.settings.idleTimeout)
            case .error(let text):
                throw LLM.Failure(.error(text), "The LLM failed, or something that is not an LLM answered.")
            case .done(let summary): return summary
            }
        }
        return nil
    }
}
