// One factory for each row of the protocol's table of errors. The sentences are for people and say what to do; programs
// go by the reason.
extension RPCError {
    package init(_ error: JSONError) {
        switch error.kind {
        case .syntax:
            self.init(.parseError, "The line is not valid JSON at byte \(error.position): \(error.message).")
        case .duplicateKey:
            let name = error.name ?? ""
            self.init(
                .invalidRequest,
                "The name \(JSON.string(name)) stands twice in one object (byte \(error.position)); send it once.",
                field: name
            )
        }
    }

    package static func invalidRequest(_ message: String, field: String? = nil) -> RPCError {
        RPCError(.invalidRequest, message, field: field)
    }

    package static func unknownMethod(_ name: String) -> RPCError {
        RPCError(
            .unknownMethod,
            "There is no method \(JSON.string(String(name.prefix(128)))); rpc.discover lists the methods.",
            hint: "rpc.discover"
        )
    }

    package static func invalidParams(_ message: String, field: String? = nil, hint: String? = nil) -> RPCError {
        RPCError(.invalidParams, message, field: field, hint: hint)
    }

    /// - Parameter message: a sentence for the caller. The details belong in the journal.
    package static func `internal`(_ message: String) -> RPCError { RPCError(.internal, message) }

    package static func lineTooLong(limit: Int) -> RPCError {
        RPCError(.lineTooLong, "A line is at most \(limit) bytes; send shorter texts or several requests.")
    }

    package static func unfinishedLine(seconds: Double) -> RPCError {
        let text = seconds.description
        let number = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        return RPCError(.parseError, "The line was not finished within \(number) s; send whole lines.")
    }

    package static func forbidden(_ method: Method, role: Role) -> RPCError {
        RPCError(
            .forbidden,
            "\(method.rawValue) needs the role \(method.role.rawValue), and yours is \(role.rawValue); "
                + "use sudo, or ask for a place in access.admins."
        )
    }

    package static func forbidden(_ message: String, hint: String? = nil) -> RPCError {
        RPCError(.forbidden, message, hint: hint)
    }

    package static func notFound(_ message: String, field: String? = nil, hint: String? = nil) -> RPCError {
        RPCError(.notFound, message, field: field, hint: hint)
    }

    package static func conflict(_ message: String, hint: String? = nil) -> RPCError {
        RPCError(.conflict, message, hint: hint)
    }

    package static func overloaded(limit: Int) -> RPCError {
        overloaded("\(limit) requests of this connection are unanswered; wait for some of them.", after: 100)
    }

    package static let tooMuchHeld = overloaded(
        "The requests under way hold too much memory; wait for some answers.",
        after: 100
    )

    package static let overShare = overloaded(
        "Your requests under way hold as much as those of one user may; wait for some of their answers.",
        after: 250
    )

    package static func textTooLong(field: String) -> RPCError {
        invalidParams(
            "\(field) has too many characters when it is written out: signs that stand for several count as those, and "
                + "together they may be \(4 * Method.textLength.upperBound); send a shorter text.",
            field: field
        )
    }

    /// The error for work that would go on even if its caller went away, and so is not held back by the connection.
    package static let queueFull = overloaded("Too many others wait for the same; try again later.", after: 1_000)

    package static let forgettingAlready = overloaded(
        "You are being forgotten already; wait for the answer to that request.",
        after: 1_000
    )

    package static let tooManyConnects = RPCError(
        .rateLimited,
        "This user connects too often; keep a connection open and send more than one request over it.",
        retryAfterMS: 1_000
    )

    package static let tooManyConnections = overloaded(
        "Too many connections are open; close some or try again later.",
        after: 1_000
    )

    private static func overloaded(_ message: String, after milliseconds: Int) -> RPCError {
        RPCError(.overloaded, message, retryAfterMS: milliseconds)
    }

    package static func rateLimited(retryAfterMS: Int) -> RPCError {
        RPCError(.rateLimited, "Too many requests; wait \(retryAfterMS) ms.", retryAfterMS: retryAfterMS)
    }

    package static let cancelled = RPCError(.cancelled, "The request was cancelled.")

    package static let storageFull = RPCError(
        .storageFull,
        "The disk is full, so nothing was stored; free some space and send it again."
    )

    package static let storageBusy = RPCError(
        .storageBusy,
        "Another process holds the database, so nothing was stored; send it again when that has ended.",
        hint: "`sudo fuser -v` with the database's path names it",
        retryAfterMS: 1_000
    )

    package static func storageFailed(_ why: String) -> RPCError {
        RPCError(.storageFailed, "Nothing was stored: \(why); send it again when the disk works.")
    }

    package static func noModel(_ why: String) -> RPCError {
        // The reason may be a sentence with a full stop of its own.
        let stop = why.hasSuffix(".") ? "" : "."
        return RPCError(.noModel, "No model serves: \(why)\(stop)", hint: "intentctl retrain --wait")
    }

    package static func gateRefused(_ message: String, verdict: JSON) -> RPCError {
        RPCError(.gateRefused, message, hint: "intentctl models", extra: [Member("verdict", verdict)])
    }

    /// - Parameter llmError: the LLM's own words about it, for a caller who may read them.
    package static func upstreamInterrupted(partial: String, llmError: String? = nil) -> RPCError {
        RPCError(
            .upstreamInterrupted,
            "The LLM broke off in the middle of its answer; ask again.",
            extra: [Member("partial", .string(partial))] + (llmError.map { [Member("llm_error", .string($0))] } ?? [])
        )
    }
}
