import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import World

// One question from its beginning to its last delta.
extension LanguageModel {
    /// More than this is no answer.
    private static let answerLimit = 4 << 20
    /// After the last line the connection is read to its end, so that it can be used again, for so long and so far.
    private static let restLimit = (seconds: 0.25, bytes: 1 << 16)

    static let stopping = LLM.Failure(.off, "The daemon is stopping.")

    func answer(_ prompt: LLM.Prompt, from site: Site, into relay: Relay) async {
        let settings = site.settings
        let deadlines = Deadlines(clock, total: settings.totalTimeout) { relay.stop() }
        defer { deadlines.stop() }
        let model = prompt.model ?? settings.model
        let record = LLM.Record(backend: settings.backend, model: model)
        let course = Course(relay: relay, deadlines: deadlines, clock: clock, record)
        do {
            try await converse(prompt, with: site, course)
        } catch {
            // A limit that passed says more than the cancelled call that it left behind.
            var failure = error
            if let limit = deadlines.expired, failure.kind != .busy { failure = Self.failure(limit, site, course) }
            if Task.isCancelled, deadlines.expired == nil { failure = Self.stopping }
            if course.hasText, failure.kind != .interrupted {
                failure = LLM.Failure(.interrupted, "The LLM broke off. \(failure.message)")
            }
            if course.hasText { failure.record = course.record }
            finish(.failed(failure), relay)
        }
    }

    /// Counts, and tells the reader; once for each question.
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

    private static func failure(_ cause: Deadlines.Cause, _ site: Site, _ course: Course) -> LLM.Failure {
        let failure =
            switch cause {
            case .firstByte: LLM.Failure(.timeout, "The LLM did not begin to answer in time (llm.first_byte_timeout).")
            case .idle, .rest: LLM.Failure(.timeout, "The LLM fell silent (llm.idle_timeout).")
            case .total: LLM.Failure(.timeout, "The LLM took too long (llm.total_timeout).")
            }
        if !course.hasText, course.isAsking { site.failed(failure) }
        return failure
    }

    private func converse(_ prompt: LLM.Prompt, with site: Site, _ course: Course) async throws(LLM.Failure) {
        guard site.settings.backend != .off else {
            throw LLM.Failure(.off, "No LLM is configured (llm.backend is off).")
        }
        site.noteInterest()
        let now = clock.now()
        switch site.state.withLock({ $0.breaker.gate(at: now) }) {
        case .pass: break
        case .refuse(let reason): throw reason
        case .probe: if let failure = await site.probe() { throw failure }
        }
        let model = prompt.model ?? site.settings.model
        if let failure = await site.admits(model) { throw failure }
        switch await admission.enter(prompt.uid) {
        case .full: throw LLM.Failure(.busy, "Too many questions wait for the LLM. Ask again in a moment.")
        case .cancelled:
            let isLate = course.deadlines.expired != nil
            throw isLate ? LLM.Failure(.busy, "The LLM was busy all the time.") : Self.stopping
        case .admitted: break
        }
        let permit = Permit(admission)
        course.permit = permit
        defer { permit.release() }
        if site.settings.backend == .standin {
            try await play(Standin(prompt, model: model), model, site, course)
        } else if let upstream = site.upstream {
            course.isAsking = true
            course.record.leftHost = !upstream.endpoint.isLocal
            try await ask(prompt, model, upstream, site, course)
        }
    }

    private func play(_ standin: Standin, _ model: String, _ site: Site, _ course: Course) async throws(LLM.Failure) {
        course.deadlines.arm(.firstByte, site.settings.firstByteTimeout)
        for step in standin.steps {
            if Task.isCancelled { throw Self.stopping }
            switch step {
            case .text(let text):
                try await course.write(text)
                course.deadlines.arm(.idle, site.settings.idleTimeout)
            case .pause(let time): await clock.sleep(time)
            case .stall: while !Task.isCancelled { await clock.sleep(.seconds(1)) }
            case .cut: throw LLM.Failure(.interrupted, "The stand-in plays a broken connection.")
            case .error(let text): throw LLM.Failure(.error(text), "The stand-in plays an error.")
            case .done:
                var record = course.record
                // So that a log never says that a model made this.
                record.model = Standin.name(model)
                record.completionTokens = standin.words
                record.doneReason = standin.isTruncated ? "length" : "stop"
                record.isTruncated = standin.isTruncated
                course.permit?.release()
                finish(.finished(record), course.relay)
                return
            }
        }
        throw Self.stopping
    }

    private func ask(
        _ prompt: LLM.Prompt,
        _ model: String,
        _ upstream: Upstream,
        _ site: Site,
        _ course: Course
    ) async throws(LLM.Failure) {
        let settings = site.settings
        let body = Requests.chat(prompt, model, settings)
        course.deadlines.arm(.firstByte, settings.firstByteTimeout)
        let response: HTTPClientResponse
        do {
            response = try await upstream.ask(Requests.path(settings.backend), body)
        } catch {
            let trouble = Trouble(error)
            let failure = trouble.failure(upstream.endpoint)
            if course.deadlines.expired == nil, !Task.isCancelled {
                site.failed(failure, isRefused: trouble == .refused)
            }
            throw failure
        }
        guard response.status == .ok else {
            site.succeeded()
            course.deadlines.arm(.idle, settings.idleTimeout)
            let bytes = try? await response.body.collect(upTo: 1 << 16)
            let answer = Answer(
                status: Int(response.status.code),
                body: bytes.map { Array($0.readableBytesView) } ?? []
            )
            let verdict = Verdict(answer, model, settings, upstream.endpoint)
            if let health = verdict.health { site.note(health, verdict.failure.message) }
            if answer.status == 404 { site.forget(model.withTag) }
            throw verdict.failure
        }
        if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw LLM.Failure(
                .error("content-encoding \(coding)"),
                "The LLM's answer is compressed, which nobody asked for."
            )
        }
        if settings.backend == .openai {
            try await read(response.body, OpenAIDecoder(), model, upstream, site, course)
        } else {
            try await read(response.body, OllamaDecoder(), model, upstream, site, course)
        }
    }

    private func read(
        _ body: HTTPClientResponse.Body,
        _ first: some AnswerDecoder,
        _ model: String,
        _ upstream: Upstream,
        _ site: Site,
        _ course: Course
    ) async throws(LLM.Failure) {
        var decoder = first
        var total = 0
        var ending: Ending?
        var chunks = body.makeAsyncIterator()
        do {
            while ending == nil {
                let chunk = try await chunks.next()
                // Some servers send their head at once, and then let the question wait: it says nothing yet.
                if total == 0, chunk != nil { site.succeeded() }
                course.deadlines.arm(.idle, site.settings.idleTimeout)
                total += chunk?.readableBytes ?? 0
                guard total <= Self.answerLimit else {
                    throw LLM.Failure(.error("more than \(Self.answerLimit) bytes"), "The LLM's answer has no end.")
                }
                let pieces = chunk?.withUnsafeReadableBytes { decoder.take($0) } ?? decoder.finish()
                ending = try await deliver(pieces, decoder.remoteHost, model, site, course)
                if chunk == nil, ending == nil { throw LLM.Failure(.interrupted, "The LLM's answer has no end.") }
            }
        } catch let failure as LLM.Failure {
            throw failure
        } catch {
            throw LLM.Failure(.interrupted, "The connection to the LLM broke.")
        }
        guard let ending else { return }
        guard course.hasText else {
            throw LLM.Failure(.error("no text, reason \(ending.reason ?? "none")"), "The LLM's answer was empty.")
        }
        site.answered(model.withTag)
        var record = course.record
        record.promptTokens = ending.promptTokens
        record.completionTokens = ending.completionTokens
        record.doneReason = ending.reason
        record.isTruncated = ending.reason == "length"
        if ending.remoteHost != nil { record.leftHost = true }
        // Whoever hears the end may ask again at once; the connection is tidied up afterwards.
        course.permit?.release()
        finish(.finished(record), course.relay)
        course.deadlines.arm(.rest, Self.restLimit.seconds)
        var rest = 0
        while rest <= Self.restLimit.bytes, let chunk = try? await chunks.next() { rest += chunk.readableBytes }
    }

    private func deliver(
        _ pieces: [Piece],
        _ remoteHost: String?,
        _ model: String,
        _ site: Site,
        _ course: Course
    ) async throws(LLM.Failure) -> Ending? {
        if let remoteHost, !site.settings.allowRemote {
            throw Site.elsewhere(model, remoteHost)
        }
        if remoteHost != nil { course.record.leftHost = true }
        for piece in pieces {
            switch piece {
            case .text(let text):
                if course.relay.isFull { course.deadlines.disarm() }
                try await course.write(text)
                course.deadlines.arm(.idle, site.settings.idleTimeout)
            case .error(let text): throw LLM.Failure(.error(text), "The LLM failed, or what answered is no LLM.")
            case .done(let ending): return ending
            }
        }
        return nil
    }
}

/// How far a question has come. Used by the task that answers it, and by nobody else.
final class Course {
    let relay: Relay
    let deadlines: Deadlines
    private let clock: Timepiece
    private let began: Duration
    /// Of the text, which may be six times as long in a reply to a client.
    private static let limit = 1 << 18
    private var bytes = 0
    var isAsking = false
    var permit: Permit?
    /// What is known of the answer by now.
    var record: LLM.Record

    init(relay: Relay, deadlines: Deadlines, clock: Timepiece, _ record: LLM.Record) {
        self.record = record
        self.relay = relay
        self.deadlines = deadlines
        self.clock = clock
        began = clock.now()
    }

    var hasText: Bool { record.firstTokenMilliseconds != nil }

    func write(_ text: String) async throws(LLM.Failure) {
        bytes += text.utf8.count
        guard bytes <= Self.limit else {
            throw LLM.Failure(
                .error("more than \(Self.limit) bytes of text"),
                "The LLM's answer has no end."
            )
        }
        if !hasText { record.firstTokenMilliseconds = Int((clock.now() - began) / .milliseconds(1)) }
        await relay.write(.text(text))
    }
}
