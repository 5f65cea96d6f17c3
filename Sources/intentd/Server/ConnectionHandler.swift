import Engine
import NIOCore
import Wire

/// One client: bytes to lines, lines to the engine, answers back, and all limits that keep one client from hurting
/// the others. Everything here happens on the connection's event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// The client has sent its last byte, or the daemon is stopping: what is pending is answered, then it closes.
        case finishing
        /// Over a limit: input is thrown away until the close.
        case draining
        case closed
    }

    private let loop: LoopContext
    private let engine: Engine
    private let limits: Configuration.Limits
    private var caller: Caller
    private var framer: LineFramer
    private var state = State.open
    private var tasks: [Int: (id: RequestID?, requests: Int, task: Task<Void, Never>)] = [:]
    private var unanswered = 0
    private var nextTask = 0
    private var output: ByteBuffer?
    private var unsent = 0
    private var readWanted = false
    private var lineTimer: Scheduled<Void>?
    private var outputTimer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(loop: LoopContext, engine: Engine, limits: Configuration.Limits, caller: Caller) {
        self.loop = loop
        self.engine = engine
        self.limits = limits
        self.caller = caller
        framer = LineFramer(limit: limits.line)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = state else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { framer.append($0) }
        while case .open = state, let frame = framer.next() {
            // The next line has its own time, however many lines have been under way without a pause.
            lineTimer?.cancel()
            lineTimer = nil
            switch frame {
            case .line(let line): take(line, context)
            case .tooLong: refuseLine(.lineTooLong(limit: limits.line), context)
            }
        }
        watchUnfinishedLine(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushOutput(context)
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            if case .open = state {
                if let last = framer.finish() { take(last, context) }
                state = .finishing
            }
            flushOutput(context)
            closeIfDone(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        for (_, entry) in tasks { entry.task.cancel() }
        tasks.removeAll()
        lineTimer?.cancel()
        outputTimer?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe concerns this client alone.
        context.close(promise: nil)
    }

    /// Answers what was accepted and closes; an idle connection at once.
    func finish() {
        guard let context, case .open = state else { return }
        state = .finishing
        closeIfDone(context)
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        caller.inFlight = unanswered
        switch engine.handle(line, caller: &caller, lane: loop.lane) {
        case .none: break
        case .reply(let bytes): enqueue(bytes, context)
        case .later(let pending): for request in pending { start(request, context) }
        case .cancel(let id): for (_, entry) in tasks where entry.id == id { entry.task.cancel() }
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
        tasks[number] = (request.id, request.requests, task)
        unanswered += request.requests
    }

    private func finished(_ number: Int, _ line: [UInt8]?) {
        if let entry = tasks.removeValue(forKey: number) { unanswered -= entry.requests }
        guard let context else { return }
        if let line { enqueue(line, context) }
        flushOutput(context)
        closeIfDone(context)
    }

    private func refuseLine(_ error: RPCError, _ context: ChannelHandlerContext) {
        state = .draining
        engine.noteOverLimit(
            error.reason == .lineTooLong ? "a line was too long" : "a line took too long",
            uid: caller.uid
        )
        enqueue(Reply.error(id: .null, error), context)
        flushOutput(context)
        // What is still under way is read for a moment, so that the client sees the answer and not a reset.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.close(mode: .output, promise: nil)
        context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
    }

    private func watchUnfinishedLine(_ context: ChannelHandlerContext) {
        guard case .open = state, framer.hasPartialLine else {
            lineTimer?.cancel()
            lineTimer = nil
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

    /// Sends a line that is no answer: progress, deltas, events.
    func notify(_ line: [UInt8]) {
        guard let context else { return }
        enqueue(line, context)
        flushOutput(context)
    }

    private func enqueue(_ line: [UInt8], _ context: ChannelHandlerContext) {
        if case .closed = state { return }
        if output == nil { output = context.channel.allocator.buffer(capacity: max(4_096, line.count)) }
        output?.writeBytes(line)
    }

    private func flushOutput(_ context: ChannelHandlerContext) {
        // The log first: an answer that left has its line in the kernel.
        loop.lane.flush()
        guard let buffer = output, buffer.readableBytes > 0 else { return }
        output = nil
        let count = buffer.readableBytes
        unsent += count
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in bound.value.sent(count) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
        checkBudget(context)
    }

    private func sent(_ count: Int) {
        unsent -= count
        guard unsent <= limits.outputSoft else { return }
        outputTimer?.cancel()
        outputTimer = nil
        if readWanted, let context {
            readWanted = false
            context.read()
        }
    }

    /// A client that does not read what it asked for: first we stop reading, then we stop waiting.
    private func checkBudget(_ context: ChannelHandlerContext) {
        if unsent > limits.outputHard {
            engine.noteOverLimit("it did not read its answers", uid: caller.uid)
            context.close(promise: nil)
        } else if unsent > limits.outputSoft, outputTimer == nil {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            outputTimer = context.eventLoop.scheduleTask(in: .seconds(10)) { [engine, uid = caller.uid] in
                engine.noteOverLimit("it did not read its answers", uid: uid)
                bound.value.close(promise: nil)
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        if unsent > limits.outputSoft { readWanted = true } else { context.read() }
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard case .finishing = state, tasks.isEmpty else { return }
        flushOutput(context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // After the last write, whatever its fate.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }
}
