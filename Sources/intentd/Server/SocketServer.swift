import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire
import World

/// The socket, its event loops and its connections. A ``LineService`` that is handed in answers the lines; the server
/// does not know what they say.
final class SocketServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let service: LineService
    private let logger: Logger
    private let loops: [(loop: any EventLoop, context: NIOLoopBound<LoopContext>)]
    private let acceptor = Mutex<Acceptor?>(nil)
    private let table: Mutex<Table>

    /// Descriptors left for other uses: a training child, readers of the database, files.
    private static let spareDescriptors = 32

    /// The numbers of connections, for the limits.
    private struct Table {
        var access: Access
        var limits: ConnectionLimits
        /// The connections that admins may have beyond the limit, so that they get in when it is reached.
        var adminPlaces: Int
        var total = 0
        var byUID: [uid_t: Int] = [:]
        /// The connections of each loop. The last loop is for admins only.
        var byLoop: [Int]

        /// Returns the loop with the fewest connections. The last one is kept for admins, who must get through to a
        /// busy daemon; admins may use all loops.
        func loop(for role: Role) -> Int {
            var best = role == .admin ? byLoop.count - 1 : 0
            for index in 0..<(byLoop.count - 1) where byLoop[index] < byLoop[best] { best = index }
            return best
        }
    }

    /// - Parameter admins: user names, uids or `@group`.
    init(_ service: LineService, admins: [String], limits: ConnectionLimits, logger: Logger) async throws {
        self.service = service
        self.logger = logger
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount + 1)
        let access = Access(admins: admins)
        for warning in access.warnings { logger.warning("\(warning)") }
        let (limits, adminPlaces) = Self.fitting(limits, connected: 0, logger)
        table = Mutex(
            Table(
                access: access,
                limits: limits,
                adminPlaces: adminPlaces,
                byLoop: [Int](repeating: 0, count: System.coreCount + 1)
            )
        )
        var loops: [(any EventLoop, NIOLoopBound<LoopContext>)] = []
        for loop in group.makeIterator() {
            let context = try await loop.submit {
                NIOLoopBound(LoopContext(handler: service.makeHandler(), loop: loop), eventLoop: loop)
            }.get()
            loops.append((loop, context))
        }
        self.loops = loops
    }

    /// The event loops, for the engine to publish to.
    var eventLoops: EventLoops {
        EventLoops { [loops] body in
            for (loop, context) in loops { try? await loop.submit { body(context.value.handler) }.get() }
        }
    }

    /// The parts that the watchdog checks.
    var watched: [Watchdog.Part] {
        loops.enumerated().map { index, place in
            Watchdog.Part("event loop \(index)") { answered in
                place.loop.execute {
                    place.context.value.handler.pulse()
                    answered(nil)
                }
            }
        }
    }

    /// Takes over the settings that a reload may change.
    func apply(admins: [String], limits: ConnectionLimits) {
        let access = Access(admins: admins)
        for warning in access.warnings { logger.warning("\(warning)") }
        table.withLock { table in
            let (limits, adminPlaces) = Self.fitting(limits, connected: table.total, logger)
            table.access = access
            table.limits = limits
            table.adminPlaces = adminPlaces
        }
    }

    /// Lowers the limit of connections to what the limit of descriptors allows, so that a client that comes too late
    /// gets an error instead of waiting.
    private static func fitting(
        _ limits: ConnectionLimits,
        connected: Int,
        _ logger: Logger
    ) -> (limits: ConnectionLimits, adminPlaces: Int) {
        var limits = limits
        var files = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0,
            let open = try? HostFileSystem().list("/proc/self/fd").count
        else { return (limits, 16) }
        let all = Int(clamping: files.rlim_cur)
        let places = max(all / 4, all - (open - connected) - spareDescriptors)
        let adminPlaces = min(16, places / 4)
        if limits.connections > places - adminPlaces {
            logger.warning(
                "limits.connections is \(limits.connections), but the process may open \(all) files: \(places - adminPlaces) connections are taken. Raise LimitNOFILE= or lower the limit."
            )
            limits.connections = places - adminPlaces
        }
        return (limits, adminPlaces)
    }

    /// The number of connections.
    var connections: Int { table.withLock { $0.total } }

    func start(listener: Int32) {
        let acceptor = Acceptor(listener: listener) { [weak self] descriptor, done in
            guard let self else {
                close(descriptor)
                return done()
            }
            accepted(descriptor, done)
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
            // Repeated, since a connection accepted a moment ago may not have reached its loop yet.
            for (loop, context) in loops {
                try? await loop.submit {
                    for connection in context.value.connections.values { connection.finish() }
                }.get()
            }
            try? await clock.sleep(0.005)
        }
    }

    /// Ends the event loops. Nobody may publish to them any more: it would wait for ever.
    func shutDown() async { try? await group.shutdownGracefully() }

    private func accepted(_ descriptor: Int32, _ done: @escaping @Sendable () -> Void) {
        guard let peer = Peer(socket: descriptor) else {
            close(descriptor)
            return done()
        }
        let admission: Result<(Int, Role, ConnectionLimits), RPCError> = table.withLock { table in
            let limits = table.limits
            let role = table.access.role(of: peer)
            let room = limits.connections + (role == .admin ? table.adminPlaces : 0)
            guard table.total < room, table.byUID[peer.uid, default: 0] < limits.connectionsPerUID else {
                return .failure(.tooManyConnections)
            }
            let loop = table.loop(for: role)
            table.total += 1
            table.byUID[peer.uid, default: 0] += 1
            table.byLoop[loop] += 1
            return .success((loop, role, limits))
        }
        switch admission {
        case .failure(let error):
            service.refused("too many connections", peer.uid)
            let line = Reply.error(id: .null, error)
            _ = line.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            close(descriptor)
            done()
        case .success((let index, let role, let limits)):
            adopt(descriptor, uid: peer.uid, role: role, limits: limits, loop: index, done)
        }
    }

    private func adopt(
        _ descriptor: Int32,
        uid: uid_t,
        role: Role,
        limits: ConnectionLimits,
        loop index: Int,
        _ done: @escaping @Sendable () -> Void
    ) {
        let (loop, loopContext) = loops[index]
        ClientBootstrap(group: loop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            // An idle connection keeps its buffer, so it begins small and grows with what the client sends.
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65_536)
            )
            .channelInitializer { [service, self] channel in
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
                        service: service,
                        limits: limits,
                        descriptor: descriptor,
                        caller: caller
                    )
                    box.value = handler
                    loopContext.value.connections[ObjectIdentifier(handler)] = handler
                    let bound = NIOLoopBound(handler, eventLoop: loop)
                    channel.closeFuture.whenComplete { _ in
                        box.value = nil
                        loopContext.value.connections[ObjectIdentifier(bound.value)] = nil
                        self.left(uid, index)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(descriptor)
            .whenComplete { [logger] result in
                done()
                if case .failure(let error) = result { logger.warning("A connection could not be taken: \(error)") }
            }
    }

    private func left(_ uid: uid_t, _ loop: Int) {
        table.withLock { table in
            table.total -= 1
            table.byLoop[loop] -= 1
            table.byUID[uid, default: 1] -= 1
            if table.byUID[uid] == 0 { table.byUID[uid] = nil }
        }
    }
}
