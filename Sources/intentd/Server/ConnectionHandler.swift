import Glibc
import NIOCore
import Wire

/// One connection: it makes lines of bytes, gives them to the handler, sends the answers, and enforces the limits that
/// keep one client from hurting the others. It must only be used on its event loop, which gives every connection turns
/// (``LoopContext``).
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// The client has sent its last byte; some lines may still wait for a turn.
        case ended
        /// All lines are taken; it closes when the pending requests are answered.
        case finishing
        /// The client went over a limit; input is thrown away until the close.
        case draining
        case closed
    }

    /// The bytes of lines that may wait here; above that no more are read, and they wait in the kernel.
    private static let inputHigh = 65_536
    /// The time for which no more lines are taken after one that was over a limit.
    private static let pause = TimeAmount.milliseconds(50)
    /// The time for which a client may leave more answers unread than the soft budget.
    private static let patience = TimeAmount.seconds(10)

    private let loop: LoopContext
    private let bench: LoopContext.Bench
    private let service: LineService
    private let limits: ConnectionLimits
    private let descriptor: Int32
    private var caller: Caller
    private var framer: LineFramer
    private var state = State.open
    private var isStopping = false
    private var tasks: [Int: (id: RequestID?, requests: Int, bytes: Int, task: Task<Void, Never>)] = [:]
    private var unanswered = 0
    private var heldBytes = 0
    private var nextTask = 0
    /// The line that is handled in parts, if there is one.
    private var unfinished: (any UnfinishedLine)?
    /// Whether it is in the loop's queue of connections that have lines.
    private var isQueued = false
    private var output: ByteBuffer?
    private var unsent = 0
    private var readWanted = false
    /// Set while no line is taken, because one was over a limit.
    private var pause: Scheduled<Void>?
    private var lineTimer: Scheduled<Void>?
    private var outputTimer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(loop: LoopContext, service: LineService, limits: ConnectionLimits, descriptor: Int32, caller: Caller) {
        (self.loop, self.service, self.limits) = (loop, service, limits)
        bench = loop.bench(of: caller.uid)
        (self.descriptor, self.caller) = (descriptor, caller)
        framer = LineFramer(limit: limits.line)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = state else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { framer.append($0) }
        queue()
    }

    /// Asks the loop for a turn.
    private func queue() {
        guard !isQueued else { return }
        isQueued = true
        loop.queue(self, on: bench)
    }

    /// Handles a line or a part of one, and more as long as `hasTime` says so. The loop calls it.
    ///
    /// - Returns: whether more lines wait for another turn.
    func work(while hasTime: () -> Bool) -> Bool {
        isQueued = false
        guard let context else { return false }
        var isFirst = true
        while hasInput, pause == nil, unsent + loop.output.count <= softBudget {
            guard isFirst || hasTime() else {
                isQueued = true
                break
            }
            isFirst = false
            if let line = unfinished.take() {
                settle(line.proceed(&caller), context)
                continue
            }
            guard let place = framer.nextPlace() else {
                endOfLines(context)
                break
            }
            // Every line has its own time limit, however many came without a pause.
            lineTimer.take()?.cancel()
            switch place {
            case .line(let range): framer.withBytes(at: range) { take($0, context) }
            case .tooLong: refuseLine(.lineTooLong(limit: limits.line), context)
            }
        }
        takeOutput(context)
        if readWanted { read(context: context) }
        return isQueued
    }

    private var hasInput: Bool { state == .open || state == .ended }

    private func endOfLines(_ context: ChannelHandlerContext) {
        guard case .ended = state else { return watchUnfinishedLine(context) }
        // A line that a stop has cut short must not be handled.
        if let last = framer.finish(), !isStopping { last.withUnsafeBytes { take($0, context) } }
        state = .finishing
        loop.flushLater(self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        switch state {
        case .open:
            state = .ended
            lineTimer?.cancel()
            queue()
        case .draining: context.close(promise: nil)
        case .ended, .finishing, .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        for (_, entry) in tasks { entry.task.cancel() }
        tasks.removeAll()
        unfinished.take()?.abandon()
        lineTimer?.cancel()
        outputTimer?.cancel()
        pause?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe concerns only this client.
        context.close(promise: nil)
    }

    /// Answers everything that the client has sent so far and closes; an idle connection closes at once. The kernel
    /// delivers the bytes it holds and then an end of input, as if the client had sent its last byte.
    func finish() {
        guard case .open = state, !isStopping else { return }
        isStopping = true
        shutdown(descriptor, Int32(SHUT_RD))
    }

    private func take(_ line: UnsafeRawBufferPointer, _ context: ChannelHandlerContext) {
        caller.inFlight = unanswered
        caller.heldBytes = heldBytes
        caller.isOverLimit = false
        settle(loop.handler.handle(line, &caller, &loop.output), context)
    }

    private func settle(_ outcome: Outcome, _ context: ChannelHandlerContext) {
        switch outcome {
        case .none, .written: break
        case .reply(let bytes): loop.output.append(contentsOf: bytes)
        case .later(let pending): for request in pending { start(request, context) }
        case .cancel(let id): for (_, entry) in tasks where entry.id == id { entry.task.cancel() }
        case .unfinished(let line): unfinished = line
        }
        if caller.isOverLimit, unfinished == nil { rest(context) }
    }

    private func rest(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        pause = context.eventLoop.scheduleTask(in: Self.pause) {
            bound.value.pause = nil
            bound.value.queue()
        }
    }

    private func start(_ request: Pending, _ context: ChannelHandlerContext) {
        let number = nextTask
        nextTask += 1
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let task = Task {
            let line = await request.run()
            eventLoop.execute { bound.value.finished(number, line) }
        }
        tasks[number] = (request.id, request.requests, request.bytes, task)
        unanswered += request.requests
        heldBytes += request.bytes
    }

    private func finished(_ number: Int, _ line: [UInt8]?) {
        if let entry = tasks.removeValue(forKey: number) {
            unanswered -= entry.requests
            heldBytes -= entry.bytes
        }
        if let line { enqueue(line) }
        loop.flushLater(self)
    }

    private func refuseLine(_ error: RPCError, _ context: ChannelHandlerContext) {
        state = .draining
        service.refused(error.reason == .lineTooLong ? "a line was too long" : "a line took too long", caller.uid)
        loop.output.append(contentsOf: Reply.error(id: .null, error))
        takeOutput(context)
        flush()
        // Input is read for a moment longer, so that the client sees the answer and not a reset.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.close(mode: .output, promise: nil)
        context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
    }

    private func watchUnfinishedLine(_ context: ChannelHandlerContext) {
        guard framer.hasPartialLine else {
            lineTimer.take()?.cancel()
            return
        }
        guard lineTimer == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        lineTimer = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(limits.unfinishedLine * 1e9))) {
            let handler = bound.value
            guard let context = handler.context, case .open = handler.state else { return }
            handler.refuseLine(.unfinishedLine(seconds: handler.limits.unfinishedLine), context)
        }
    }

    // MARK: Output

    /// Sends a line that does not answer a request, such as progress or a delta.
    func notify(_ line: [UInt8]) {
        enqueue(line)
        loop.flushLater(self)
    }

    private func enqueue(_ line: [UInt8]) {
        if case .closed = state { return }
        if output == nil { output = loop.takeBuffer() }
        output?.writeBytes(line)
    }

    /// Takes the loop's output, which belongs to this connection: the loop handles one connection at a time.
    private func takeOutput(_ context: ChannelHandlerContext) {
        guard !loop.output.isEmpty else { return }
        enqueue(loop.output)
        loop.output.removeAll(keepingCapacity: true)
        loop.flushLater(self)
    }

    /// Hands the answers to the kernel. The loop calls it at the end of a turn, after the log lines are written.
    func flush() {
        guard let context else { return }
        if let buffer = output, buffer.readableBytes > 0 {
            // The log line must be in the kernel before the answer leaves.
            loop.handler.flush()
            output = nil
            let count = buffer.readableBytes
            unsent += count
            service.held.add(count)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.whenComplete { _ in bound.value.sent(count) }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
            loop.give(back: buffer)
            checkBudget(context)
        }
        closeIfDone(context)
    }

    private func sent(_ count: Int) {
        unsent -= count
        service.held.subtract(count)
        guard unsent <= softBudget else { return }
        outputTimer.take()?.cancel()
        guard let context else { return }
        switch state {
        case .open: if framer.hasPartialLine || unfinished != nil { queue() }
        case .ended: queue()
        case .finishing, .draining, .closed: break
        }
        if readWanted { read(context: context) }
    }

    /// The bytes of answers that a client may leave unread; less while all clients together hold too much.
    private var softBudget: Int { service.held.value > limits.memory ? limits.outputSoft / 16 : limits.outputSoft }

    /// Acts on a client that does not read its answers: above the soft budget its lines are no longer read, and it is
    /// closed after a while; above the hard budget it is closed at once.
    private func checkBudget(_ context: ChannelHandlerContext) {
        if unsent > limits.outputHard {
            service.refused("it did not read its answers", caller.uid)
            context.close(promise: nil)
        } else if unsent > softBudget, outputTimer == nil {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            outputTimer = context.eventLoop.scheduleTask(in: Self.patience) { [service, uid = caller.uid] in
                service.refused("it did not read its answers", uid)
                bound.value.close(promise: nil)
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        readWanted = unsent > softBudget || ((isQueued || pause != nil) && framer.byteCount > Self.inputHigh)
        if !readWanted { context.read() }
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard case .finishing = state, tasks.isEmpty else { return }
        state = .closed
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // After the last write, whether it succeeds or not.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }
}
