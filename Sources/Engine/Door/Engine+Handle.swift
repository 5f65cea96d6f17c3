import Learning
import Logging
import Synchronization
import Wire
import World

// A line's way: strict parse, role check, method, reply. Errors become replies here and nowhere else.
extension Engine {
    /// Answers one line on the event loop that read it.
    package func handle(_ line: UnsafeRawBufferPointer, caller: inout Caller, lane: Lane) -> Outcome {
        let began = world.clock.monotonic()
        caller.lineBytes = line.count
        if let call = PlainCall(line), answer(call, line, caller, lane, began) { return .written }
        return handle(Incoming.parse(line), &caller, lane, began)
    }

    /// The general path, which every line can take.
    func handle(_ line: Incoming, _ caller: inout Caller, _ lane: Lane, _ began: UInt64) -> Outcome {
        switch line {
        case .blank: return .none
        case .rejected(let rejection): return .reply(Reply.error(id: rejection.id, rejection.error))
        case .single(.failure(let rejection)): return .reply(Reply.error(id: rejection.id, rejection.error))
        case .single(.success(let request)):
            if request.id == nil, request.method == Method.requestCancel.rawValue { return cancel(request) }
            switch perform(request, &caller, lane, began) {
            case .line(let line): return line.map { .reply($0) } ?? .none
            case .later(let pending): return .later([pending])
            }
        case .batch(let entries): return batch(entries, &caller, lane, began)
        }
    }

    package func handle(_ line: [UInt8], caller: inout Caller, lane: Lane) -> Outcome {
        line.withUnsafeBytes { handle($0, caller: &caller, lane: lane) }
    }

    /// One request's answer, now or later; nil lines are those of notifications.
    private enum Performed {
        case line([UInt8]?)
        case later(Pending)
    }

    private func perform(_ request: Request, _ caller: inout Caller, _ lane: Lane, _ began: UInt64) -> Performed {
        let id = request.id
        var audit: Audit?
        do {
            guard let method = Method(rawValue: request.method) else { throw RPCError.unknownMethod(request.method) }
            guard method.isAllowed(for: caller.role) else {
                noteForbidden(method, id, uid: caller.uid, at: began)
                throw RPCError.forbidden(method, role: caller.role)
            }
            if method.isAudited { audit = Audit(engine: self, method: method, id: id, uid: caller.uid, began: began) }
            let params = try Params(request.params, of: method)
            var call = Call(method: method, params: params, id: id, caller: caller, began: began)
            defer { caller.role = call.caller.role }
            switch try dispatch(&call, lane) {
            case .written(let writer):
                audit?.ended(nil)
                guard let id else { return .line(nil) }
                return .line(Reply.result(id: id, encoded: writer.bytes))
            case .value(let value):
                audit?.ended(nil)
                guard let id else { return .line(nil) }
                return .line(Reply.result(id: id) { $0.value(value) })
            case .later(let work):
                let bytes = try takeOver(&caller)
                return .later(
                    Pending(id: id, bytes: bytes) { [self, audit] in
                        defer { held.subtract(bytes, ordering: .relaxed) }
                        return await finish(id, work, audit)
                    }
                )
            }
        } catch {
            noteStorage(error)
            let refusal = Self.rpcError(error, logger: world.logger)
            audit?.ended(refusal.reason)
            return .line(id.map { Reply.error(id: $0, refusal) })
        }
    }

    /// Counts a request that waits, with its line; the others of a batch share the line.
    ///
    /// - Throws: `RPCError` `overloaded` where there is no room for one more.
    private func takeOver(_ caller: inout Caller) throws(RPCError) -> Int {
        let limits = configuration.limits
        guard caller.inFlight < limits.inFlight else { throw .overloaded(limit: limits.inFlight) }
        let bytes = caller.lineBytes
        guard caller.heldBytes + bytes <= limits.outputHard, held.load(ordering: .relaxed) + bytes <= limits.memory
        else { throw .tooMuchHeld }
        held.add(bytes, ordering: .relaxed)
        caller.inFlight += 1
        caller.heldBytes += bytes
        caller.lineBytes = 0
        return bytes
    }

    private func finish(
        _ id: RequestID?,
        _ work: @Sendable () async throws -> JSON,
        _ audit: Audit?
    ) async -> [UInt8]? {
        do {
            let value = try await work()
            audit?.ended(nil)
            return id.map { id in Reply.result(id: id) { $0.value(value) } }
        } catch {
            noteStorage(error)
            let refusal = Task.isCancelled ? .cancelled : Self.rpcError(error, logger: world.logger)
            audit?.ended(refusal.reason)
            return id.map { Reply.error(id: $0, refusal) }
        }
    }

    /// Answers of a batch leave as one array, when the last of them is there.
    private func batch(
        _ entries: [Result<Request, Rejection>],
        _ caller: inout Caller,
        _ lane: Lane,
        _ began: UInt64
    ) -> Outcome {
        var performed: [Performed] = []
        for entry in entries {
            switch entry {
            case .failure(let rejection): performed.append(.line(Reply.error(id: rejection.id, rejection.error)))
            case .success(let request):
                // A cancel inside a batch could only concern what the same line asks for.
                if request.id != nil || request.method != Method.requestCancel.rawValue {
                    performed.append(perform(request, &caller, lane, began))
                }
            }
        }
        let isReady = performed.allSatisfy { if case .line = $0 { true } else { false } }
        if isReady {
            let lines = performed.compactMap { if case .line(let line) = $0 { line } else { nil } }
            return lines.isEmpty ? .none : .reply(Reply.batch(lines))
        }
        let parts: [@Sendable () async -> [UInt8]?] = performed.map { part in
            switch part {
            case .line(let line): { line }
            case .later(let pending): pending.run
            }
        }
        var (waiting, bytes) = (0, 0)
        for case .later(let pending) in performed {
            waiting += 1
            bytes += pending.bytes
        }
        return .later([
            Pending(id: nil, requests: waiting, bytes: bytes) {
                var lines: [[UInt8]] = []
                for part in parts { if let line = await part() { lines.append(line) } }
                return lines.isEmpty ? nil : Reply.batch(lines)
            }
        ])
    }

    private func cancel(_ request: Request) -> Outcome {
        request.cancelled.map { .cancel($0) } ?? .none
    }

    /// The one place where errors get their code and their words.
    static func rpcError(_ error: any Error, logger: Logger) -> RPCError {
        switch error {
        case let error as RPCError: return error
        case is Serial.Overload: return .queueFull
        case StorageError.full: return .storageFull
        case let error as StorageError: return .storageFailed(String(describing: error))
        case let error as FileError: return error.kind == .full ? .storageFull : .storageFailed(error.description)
        case is CancellationError: return .cancelled
        case let error as VersionError: return .notFound("That version cannot be read: \(error).")
        default:
            // The caller learns that it failed; what exactly is the operator's business.
            logger.error("A request failed: \(error)")
            return .internal("The daemon failed; its journal says why.")
        }
    }
}

/// One request after its checks.
struct Call {
    let method: Method
    let params: Params
    let id: RequestID?
    var caller: Caller
    /// The monotonic clock when the line was complete.
    let began: UInt64
}

/// What a method gives back.
enum Given {
    case written(JSONWriter)
    case value(JSON)
    case later(@Sendable () async throws -> JSON)
}
