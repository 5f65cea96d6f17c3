import Engine
import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// What belongs to one event loop.
final class LoopContext {
    let lane: Lane
    var connections: [ObjectIdentifier: ConnectionHandler] = [:]

    init(lane: Lane) { self.lane = lane }
}

/// The socket, its event loops and its connections. It knows the engine as the one who answers lines, and nothing of
/// what the lines say.
final class SocketServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let engine: Engine
    private let logger: Logger
    private let loops: [(loop: any EventLoop, context: NIOLoopBound<LoopContext>)]
    private let acceptor = Mutex<Acceptor?>(nil)
    private let table: Mutex<Table>

    /// Who is connected, as far as the limits are concerned.
    private struct Table {
        var access: Access
        var limits: Configuration.Limits
        var total = 0
        var byUID: [uid_t: Int] = [:]
        var next = 0
    }

    init(engine: Engine, configuration: Configuration, logger: Logger) async throws {
        self.engine = engine
        self.logger = logger
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let access = Access(admins: configuration.access.admins)
        for warning in access.warnings { logger.warning("\(warning)") }
        table = Mutex(Table(access: access, limits: configuration.limits))
        var loops: [(any EventLoop, NIOLoopBound<LoopContext>)] = []
        for loop in group.makeIterator() {
            let context = try await loop.submit {
                NIOLoopBound(LoopContext(lane: engine.makeLane()), eventLoop: loop)
            }.get()
            loops.append((loop, context))
        }
        self.loops = loops
    }

    /// The engine's view of the event loops.
    var lanes: Lanes {
        Lanes { [loops] body in
            for (loop, context) in loops { try? await loop.submit { body(context.value.lane) }.get() }
        }
    }

    /// What the watchdog asks.
    var watched: [Watchdog.Part] {
        loops.enumerated().map { index, place in
            Watchdog.Part("event loop \(index)") { answered in
                place.loop.execute {
                    place.context.value.lane.pulse()
                    answered(nil)
                }
            }
        }
    }

    /// What a reload may change.
    func apply(_ configuration: Configuration) {
        let access = Access(admins: configuration.access.admins)
        for warning in access.warnings { logger.warning("\(warning)") }
        table.withLock { table in
            table.access = access
            table.limits = configuration.limits
        }
    }

    func start(listener: Int32) {
        let acceptor = Acceptor(listener: listener) { [weak self] descriptor in
            guard let self else {
                close(descriptor)
                return
            }
            accepted(descriptor)
        }
        acceptor.start()
        self.acceptor.withLock { $0 = acceptor }
    }

    /// Stops accepting, answers what was accepted, closes idle connections at once; returns when all are closed or
    /// `seconds` have passed.
    func stop(within seconds: Double, clock: Clock) async {
        acceptor.withLock { $0.take() }?.stop()
        let began = clock.monotonic()
        while table.withLock({ $0.total }) > 0, Double(clock.monotonic() - began) / 1e9 < seconds {
            // Again and again: who was accepted a moment ago may not have reached his loop yet.
            for (loop, context) in loops {
                try? await loop.submit {
                    for connection in context.value.connections.values { connection.finish() }
                }.get()
            }
            try? await clock.sleep(0.005)
        }
    }

    /// Ends the event loops; only when nobody publishes to them any more, who would wait for ever.
    func shutDown() async { try? await group.shutdownGracefully() }

    private func accepted(_ descriptor: Int32) {
        guard let peer = Peer(socket: descriptor) else {
            close(descriptor)
            return
        }
        let admission: Result<(Int, Role, Configuration.Limits), RPCError> = table.withLock { table in
            let limits = table.limits
            guard table.total < limits.connections, table.byUID[peer.uid, default: 0] < limits.connectionsPerUID else {
                return .failure(.tooManyConnections)
            }
            table.total += 1
            table.byUID[peer.uid, default: 0] += 1
            table.next = (table.next + 1) % loops.count
            return .success((table.next, table.access.role(of: peer), limits))
        }
        switch admission {
        case .failure(let error):
            engine.noteOverLimit("too many connections", uid: peer.uid)
            let line = Reply.error(id: .null, error)
            _ = line.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            close(descriptor)
        case .success((let index, let role, let limits)):
            adopt(descriptor, uid: peer.uid, role: role, limits: limits, loops[index])
        }
    }

    private func adopt(
        _ descriptor: Int32,
        uid: uid_t,
        role: Role,
        limits: Configuration.Limits,
        _ place: (loop: any EventLoop, context: NIOLoopBound<LoopContext>)
    ) {
        let (loop, loopContext) = place
        ClientBootstrap(group: loop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { [engine, self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let box = NIOLoopBoundBox<ConnectionHandler?>(nil, eventLoop: loop)
                    let caller = Caller(uid: uid, role: role) { line in
                        if loop.inEventLoop {
                            box.value?.notify(line)
                        } else {
                            loop.execute { box.value?.notify(line) }
                        }
                    }
                    let handler = ConnectionHandler(
                        loop: loopContext.value,
                        engine: engine,
                        limits: limits,
                        caller: caller
                    )
                    box.value = handler
                    loopContext.value.connections[ObjectIdentifier(handler)] = handler
                    let bound = NIOLoopBound(handler, eventLoop: loop)
                    channel.closeFuture.whenComplete { _ in
                        box.value = nil
                        loopContext.value.connections[ObjectIdentifier(bound.value)] = nil
                        self.left(uid)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(descriptor)
            .whenFailure { [logger] error in logger.warning("A connection could not be taken: \(error)") }
    }

    private func left(_ uid: uid_t) {
        table.withLock { table in
            table.total -= 1
            table.byUID[uid, default: 1] -= 1
            if table.byUID[uid] == 0 { table.byUID[uid] = nil }
        }
    }
}
