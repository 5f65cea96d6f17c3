import Logging
import Text
import Wire
import World

/// Does everything that follows from an answer, whichever tier gave it and whichever path it took: its line in the log,
/// the counters, the shadows' scores, the conversation, the journal.
///
/// The kernel has the line before the answer leaves. An event loop writes the lines of a turn together; a task writes
/// its own.
///
///     let line = local.answer(classified, ending)
///     delivery.deliver(line, of: classified, message: buffers.message, id: call.id, on: lane)
///     return .now(body(line))    // the answer may leave now
struct Delivery: Sendable {
    let log: ChatLog
    let sessions: SessionMemory
    let logger: Logger

    /// Delivers an answer that was made on an event loop.
    ///
    /// - Parameters:
    ///   - message: the person's words, not redacted.
    ///   - id: the request's id, evaluated only if the journal is told.
    func deliver(
        _ line: LogLine,
        of classified: ClassifiedRequest,
        message: [UInt8],
        id: @autoclosure () -> RequestID?,
        on lane: Lane
    ) {
        lane.append(line)
        follow(line, of: classified, message: message, id: id(), tallies: lane.tallies)
    }

    /// Delivers an answer that was made in a task.
    func deliver(_ line: LogLine, of classified: ClassifiedRequest, _ exchange: LLMTier.Exchange) {
        var bytes: [UInt8] = []
        line.write(to: &bytes)
        log.write(bytes, count: 1, at: line.answer.at)
        follow(line, of: classified, message: exchange.message, id: exchange.id, tallies: exchange.tallies)
    }

    private func follow(
        _ line: LogLine,
        of classified: ClassifiedRequest,
        message: [UInt8],
        id: @autoclosure () -> RequestID?,
        tallies: LaneTallies
    ) {
        tallies.counters.count(line, of: classified.account)
        classified.tally.count(line.answer, of: classified.account, classified.scores, lane: tallies.number)
        // An answer that the person did not get is not part of the conversation.
        if let session = line.session, line.error == nil {
            remember(line.answer, message: message, uid: line.uid, session: session, in: tallies.turns)
        }
        if logger.logLevel <= .debug { report(line, id()) }
    }

    private func remember(_ answer: Answer, message: [UInt8], uid: UInt32, session: [UInt8], in inbox: TurnInbox) {
        sessions.remember(
            uid: uid,
            name: String(decoding: session, as: UTF8.self),
            turn: Turn(
                answer: answer.id,
                at: answer.at,
                text: String(decoding: message, as: UTF8.self),
                reply: answer.reply,
                route: answer.route,
                intent: answer.intent
            ),
            in: inbox
        )
    }

    /// Tells the journal of an answer without its words.
    private func report(_ line: LogLine, _ id: RequestID?) {
        let answer = line.answer
        var fields: Logger.Metadata = [
            "answer": .string(answer.id.description), "route": .string(answer.route.rawValue),
            "model_version": "\(answer.version)", "duration_usec": "\(answer.totalMicroseconds)", "uid": "\(line.uid)",
            "method": "chat",
        ]
        if let id { fields["request_id"] = .string(id.short) }
        logger.debug("Answered by route \(answer.route.rawValue).", metadata: fields)
    }
}

extension RequestID {
    /// The id for the journal. Clients choose ids, so it is redacted and cut to 128 bytes.
    var short: String { Redactor.redact(String(decoding: raw.prefix(128), as: UTF8.self)) }
}
