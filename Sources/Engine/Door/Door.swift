import Logging
package import Wire
import World

/// The way of a line: parse, check rights, dispatch, reply. Errors become replies here and nowhere else.
///
/// There are two ways to read a line, with the same method table and the same ``Methods`` behind them. The general path
/// takes every line; the plain path takes the common form of `chat` and `predict` and allocates nothing.
package final class Door: Sendable {
    private let methods: Methods
    private let ground: Ground
    private let workers: Workers
    let notices: Notices
    /// The bytes of requests under way and of unread answers of all clients.
    package let held = HeldBytes()

    init(methods: Methods, ground: Ground, workers: Workers) {
        (self.methods, self.ground, self.workers) = (methods, ground, workers)
        notices = Notices(clock: ground.clock, logger: ground.logger)
    }

    /// Answers one line on the event loop that read it.
    package func handle(
        _ line: UnsafeRawBufferPointer,
        caller: inout Caller,
        lane: Lane,
        output: inout [UInt8]
    ) -> Outcome {
        let began = ground.clock.monotonic()
        caller.lineBytes = line.count
        if let call = PlainCall(line),
            answers(call, to: line, from: caller.identity, lane: lane, began: began, output: &output)
        {
            return .written
        }
        return answer(Incoming.parse(line), caller: &caller, lane: lane, began: began)
    }

    /// Answers on the plain path, straight into the output.
    ///
    /// - Returns: false if the general path must take the line.
    func answers(
        _ call: PlainCall,
        to line: UnsafeRawBufferPointer,
        from identity: Caller.Identity,
        lane: Lane,
        began: UInt64,
        output: inout [UInt8]
    ) -> Bool {
        guard call.method.isAllowed(for: identity.role) else { return false }
        let plain = PlainLine(line: line, id: line[call.id], caller: identity, began: began)
        switch call.question {
        case .chat(let chat): return methods.chat.answer(chat, of: plain, on: lane, output: &output)
        case .predict(let predict): return methods.predict.answer(predict, of: plain, on: lane, output: &output)
        }
    }

    /// Answers on the general path, which can take every line.
    func answer(_ line: Incoming, caller: inout Caller, lane: Lane, began: UInt64) -> Outcome {
        switch line {
        case .blank: return .none
        case .rejected(let rejection), .single(.failure(let rejection)):
            return .reply(Reply.error(id: rejection.id, rejection.error))
        case .single(.success(let request)):
            if request.id == nil, request.method == Method.requestCancel.rawValue {
                return request.cancelled.map { .cancel($0) } ?? .none
            }
            switch perform(request, caller: &caller, lane: lane, began: began) {
            case .line(let line): return line.map { .reply($0) } ?? .none
            case .later(let pending): return .later([pending])
            }
        case .batch(let entries):
            let batch = RequestBatch(entries) { [self] request, caller in
                perform(request, caller: &caller, lane: lane, began: began)
            }
            return batch.proceed(&caller)
        }
    }

    private func perform(_ request: Request, caller: inout Caller, lane: Lane, began: UInt64) -> Performed {
        let id = request.id
        var audited: AuditedCall?
        do {
            guard let method = Method(rawValue: request.method) else { throw RPCError.unknownMethod(request.method) }
            guard method.isAllowed(for: caller.role) else {
                notices.forbidden(method, id: id, uid: caller.uid, at: began)
                throw RPCError.forbidden(method, role: caller.role)
            }
            if method.isAudited { audited = AuditedCall(method: method, id: id, uid: caller.uid, began: began) }
            let params = try Params(request.params, of: method)
            var call = Call(method: method, params: params, id: id, caller: caller, began: began)
            defer { caller.identity = call.caller.identity }
            switch try methods.dispatch(&call, lane) {
            case .now(let body):
                notices.ended(audited, refusal: nil)
                return .line(id.map { body.line($0) })
            case .later(let work):
                let (bytes, permit) = try takeOver(&caller, Load(call))
                return .later(
                    Pending(id: id, bytes: bytes) { [self, audited] in
                        defer { held.subtract(bytes) }
                        return await finish(work, by: permit, id: id, audited)
                    }
                )
            }
        } catch {
            return .line(refuse(error, id: id, audited))
        }
    }

    /// Counts a request that leaves the event loop, with the bytes of its line; of a batch, the first one has them all.
    ///
    /// - Returns: the bytes counted, and the workers' permit.
    /// - Throws: `RPCError` `overloaded` if there is no room for one more.
    private func takeOver(
        _ caller: inout Caller,
        _ load: Load
    ) throws(RPCError) -> (bytes: Int, permit: Workers.Permit) {
        let limits = ground.settings.current.limits
        var isRefused = true
        defer { if isRefused { caller.isOverLimit = true } }
        guard caller.inFlight < limits.inFlight else { throw .overloaded(limit: limits.inFlight) }
        let bytes = caller.lineBytes
        guard caller.heldBytes + bytes <= limits.outputHard, held.value + bytes <= limits.memory
        else { throw .tooMuchHeld }
        let permit = try workers.admit(load, of: caller, limits)
        held.add(bytes)
        isRefused = false
        caller.inFlight += 1
        caller.heldBytes += bytes
        caller.lineBytes = 0
        return (bytes, permit)
    }

    private func finish(
        _ work: @escaping @Sendable () async throws -> Response.Body,
        by permit: Workers.Permit,
        id: RequestID?,
        _ audited: AuditedCall?
    ) async -> [UInt8]? {
        do {
            let body = try await Ledger.$patience.withValue(Ledger.shortPatience) {
                try await workers.run(permit, work)
            }
            notices.ended(audited, refusal: nil)
            return id.map { body.line($0) }
        } catch {
            return refuse(Task.isCancelled ? RPCError.cancelled : error, id: id, audited)
        }
    }

    /// Reports a refusal and returns its line; nil for a notification.
    private func refuse(_ error: any Error, id: RequestID?, _ audited: AuditedCall?) -> [UInt8]? {
        notices.storage(error)
        let refusal = RPCError(error, logger: ground.logger)
        notices.ended(audited, refusal: refusal.reason)
        return id.map { Reply.error(id: $0, refusal) }
    }
}
