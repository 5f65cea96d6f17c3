import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import World

// One question on the wire: it is sent, and its answer is read piece by piece until the LLM says that it is whole.
extension LanguageModel {
    /// The size in bytes beyond which an answer, with its protocol around it, is given up.
    private static let answerLimit = 4 << 20
    /// After the last line the connection is read to its end, so that it can be used again, but only so long and so far.
    private static let restLimit = (seconds: 0.25, bytes: 1 << 16)

    func ask(_ upstream: Upstream, _ attempt: Attempt) async throws(LLM.Failure) {
        let (site, settings) = (attempt.site, attempt.settings)
        var dialect = site.state.withLock { $0.dialect }
        while true {
            attempt.deadlines.arm(.firstByte, settings.firstByteTimeout)
            let response = try await send(attempt, dialect, to: upstream)
            if response.status == .ok {
                site.state.withLock { $0.dialect = dialect }
                if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
                    throw LLM.Failure(
                        .error("content-encoding \(coding)"),
                        "The LLM's answer is compressed, which nobody asked for."
                    )
                }
                return try await read(response.body, attempt)
            }
            site.succeeded()
            attempt.deadlines.arm(.idle, settings.idleTimeout)
            let answer = HTTPAnswer(response, try? await response.body.collect(upTo: 1 << 16))
            if dialect.yield(to: answer, from: settings.backend) { continue }
            let error = ErrorAnswer(
                answer,
                to: attempt.prompt,
                model: attempt.model,
                settings: settings,
                endpoint: upstream.endpoint
            )
            if !Task.isCancelled { site.note(error, pause: answer.pause) }
            if answer.status == 404 { site.forget(attempt.model.withTag) }
            throw error.failure
        }
    }

    private func send(
        _ attempt: Attempt,
        _ dialect: Requests.Dialect,
        to upstream: Upstream
    ) async throws(LLM.Failure) -> HTTPClientResponse {
        let settings = attempt.settings
        let body = Requests.chat(attempt.prompt, model: attempt.model, settings, dialect: dialect)
        do {
            return try await upstream.ask(Requests.path(settings.backend), body)
        } catch {
            let problem = ConnectionProblem(error)
            let failure = problem.failure(upstream.endpoint)
            if attempt.deadlines.expired == nil, !Task.isCancelled {
                attempt.site.failed(failure, isRefused: problem == .refused)
            }
            throw failure
        }
    }

    private func read(_ body: HTTPClientResponse.Body, _ attempt: Attempt) async throws(LLM.Failure) {
        var decoder: any AnswerDecoder = attempt.settings.backend == .openai ? OpenAIDecoder() : OllamaDecoder()
        attempt.filter = ThoughtFilter(holdsBack: attempt.site.thinksAloud(attempt.model))
        var (total, thoughts) = (0, 0)
        var summary: AnswerSummary?
        var chunks = body.makeAsyncIterator()
        do {
            while summary == nil {
                let chunk = try await chunks.next()
                attempt.isAlive = attempt.isAlive || chunk != nil
                // Whatever comes proves life. But before the answer begins, with text or thinking, nothing puts off its limit.
                if attempt.hasBegun { attempt.deadlines.arm(.idle, attempt.settings.idleTimeout) }
                total += chunk?.readableBytes ?? 0
                guard total <= Self.answerLimit else { throw Attempt.tooLong("\(Self.answerLimit) bytes") }
                let pieces = chunk?.withUnsafeReadableBytes { decoder.take($0) } ?? decoder.finish()
                if let host = decoder.remoteHost {
                    guard attempt.settings.allowRemote else { throw Site.elsewhere(attempt.model, host) }
                    attempt.record.leftHost = true
                }
                if !pieces.isEmpty || decoder.aside.thoughts > thoughts {
                    thoughts = decoder.aside.thoughts
                    attempt.site.heard(isFirst: !attempt.hasBegun)
                    attempt.hasBegun = true
                    attempt.deadlines.arm(.idle, attempt.settings.idleTimeout)
                }
                summary = try await deliver(pieces, attempt)
                if chunk == nil, summary == nil { throw brokenOff("The LLM's answer broke off.", attempt) }
            }
        } catch let failure as LLM.Failure {
            throw failure
        } catch {
            throw brokenOff("The connection to the LLM broke.", attempt)
        }
        guard let summary else { return }
        try await finish(attempt, by: summary, decoder.aside)
        attempt.deadlines.arm(.rest, Self.restLimit.seconds)
        var rest = 0
        while rest <= Self.restLimit.bytes, let chunk = try? await chunks.next() { rest += chunk.readableBytes }
    }

    private func brokenOff(_ message: String, _ attempt: Attempt) -> LLM.Failure {
        let failure = LLM.Failure(.interrupted, message)
        if attempt.deadlines.expired == nil, !Task.isCancelled { attempt.site.erred(failure, mayBeQuestion: true) }
        return failure
    }

    private func deliver(_ pieces: [Piece], _ attempt: Attempt) async throws(LLM.Failure) -> AnswerSummary? {
        for piece in pieces {
            switch piece {
            case .text(let text):
                if attempt.relay.isFull { attempt.deadlines.disarm() }
                try await attempt.write(unfiltered: text)
                attempt.deadlines.arm(.idle, attempt.settings.idleTimeout)
            case .error(let text):
                let said = Words.of(text, asking: attempt.prompt)
                let failure = LLM.Failure(
                    .error(said ?? "an error without words"),
                    "The LLM failed, or something that is not an LLM answered.",
                    said: said
                )
                attempt.site.erred(failure)
                throw failure
            case .done(let summary): return summary
            }
        }
        return nil
    }

    /// Finishes an answer that has ended, if the end says that it is whole.
    private func finish(
        _ attempt: Attempt,
        by summary: AnswerSummary,
        _ aside: Aside
    ) async throws(LLM.Failure) {
        let rest = attempt.filter.finish()
        if !rest.isEmpty { try await attempt.write(rest) }
        if let failure = Self.shortfall(of: summary, aside, attempt) {
            // To refuse is no fault of the LLM's.
            if summary.end != .refused, aside.refusal.isEmpty {
                attempt.site.erred(failure, mayBeQuestion: true)
            } else {
                attempt.site.answered(attempt.model.withTag)
            }
            throw failure
        }
        attempt.site.note(thinksAloud: attempt.filter.hasLooseEnd, attempt.model)
        attempt.site.answered(attempt.model.withTag)
        var record = attempt.record
        record.promptTokens = summary.promptTokens
        record.completionTokens = summary.completionTokens
        record.doneReason = summary.reason
        record.isTruncated = summary.end == .truncated || attempt.filter.isInThought
        // The reader may ask again as soon as it has the last delta; the connection is tidied up afterwards.
        attempt.leave()
        finish(.finished(record), attempt.relay)
    }

    /// The reason for which an answer that has ended is not an answer; nil if it is one.
    private static func shortfall(of summary: AnswerSummary, _ aside: Aside, _ attempt: Attempt) -> LLM.Failure? {
        let reason = Words.of(summary.reason)
        if summary.end == .refused || !aside.refusal.isEmpty {
            let said = Words.of(aside.refusal, asking: attempt.prompt)
            return LLM.Failure(.error("refused"), "The LLM refused to answer.", said: said ?? reason)
        }
        if aside.calls > 0 || ["tool_calls", "function_call"].contains(summary.reason) {
            return LLM.Failure(.error("called a tool"), "The LLM called a tool instead of answering.", said: reason)
        }
        if summary.end == .broken {
            return LLM.Failure(.interrupted, "The LLM ended its answer before it was whole.", said: reason)
        }
        if attempt.hasText { return nil }
        if aside.thoughts > 0 || attempt.filter.hasThought {
            return LLM.Failure(
                .error("nothing but thinking, reason \(reason ?? "none")"),
                "The LLM only thought and gave no answer. Let it write longer, or switch its thinking off."
            )
        }
        return LLM.Failure(.error("no text, reason \(reason ?? "none")"), "The LLM's answer was empty.")
    }
}
