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
    private let table = Mutex(Table())

    /// The numbers of connections, for the limits.
    private struct Table {
        /// Descriptors left for other uses: a training child, readers of the database, files.
        private static let spareDescriptors = 32

        var access = Access()
        private(set) var limits = ConnectionLimits()
        /// The connections that admins may have beyond the limit, so that they get in when it is reached.
        private(set) var adminPlaces = 0
        var total = 0
        var byUID: [uid_t: Int] = [:]
        var rate = ConnectionRate()
        /// The connections of each loop. The last loop is for admins only.
        var byLoop = [Int](repeating: 0, count: System.coreCount + 1)

        /// Whether somebody is an admin whatever their groups are. Only such a one may connect as often as they like.
        func isAdmin(_ uid: uid_t) -> Bool { access.role(of: Peer(uid: uid, groups: [])) == .admin }

        /// Returns the loop with the fewest connections. The last one is kept for admins, who must get through to a
        /// busy daemon; admins may use all loops.
        func loop(for role: Role) -> Int {
            var best = role == .admin ? byLoop.count - 1 : 0
            for index in 0..<(byLoop.count - 1) where byLoop[index] < byLoop[best] { best = index }
            return best
        }

        /// Lowers the limit of connections to what the limit of descriptors allows, so that a client that comes too late
        /// gets an error instead of waiting.
        mutating func fit(_ wanted: ConnectionLimits, _ logger: Logger) {
            (limits, adminPlaces) = (wanted, 16)
            var files = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0,
                let open = try? HostFileSystem().list("/proc/self/fd").count
            else { return }
            let all = Int(clamping: files.rlim_cur)
            let places = max(all / 4, all - (open - total) - Self.spareDescriptors)
            adminPlaces = min(16, places / 4)
            guard limits.connections > places - adminPlaces else { return }
            logger.warning(
                "limits.connections is \(limits.connections), but the process may open \(all) files: \(places - adminPlaces) connections are taken. Raise LimitNOFILE= or lower the limit."
            )
            limits.connections = places - adminPlaces
        }
    }

    /// Where a connection that is taken belongs.
    private typealias Seat = (uid: uid_t, role: Role, isService: Bool, limits: ConnectionLimits, loop: Int)

    init(_ service: LineService, _ access: Access, limits: ConnectionLimits, logger: Logger) async throws {
        (self.service, self.logger) = (service, logger)
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount + 1)
        let company = Company()
        var loops: [(any EventLoop, NIOLoopBound<LoopContext>)] = []
        for loop in group.makeIterator() {
            let context = try await loop.submit {
                NIOLoopBound(LoopContext(handler: service.makeHandler(), loop: loop, company: company), eventLoop: loop)
            }.get()
            loops.append((loop, context))
        }
        self.loops = loops
        apply(access, limits: limits)
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
    func apply(_ access: Access, limits: ConnectionLimits) {
        for warning in access.warnings { logger.warning("\(warning)") }
        table.withLock { table in
            table.access = access
            table.fit(limits, logger)
        }
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

    /// Accepts at another socket from now on; the connections of the old one stay.
    func restart(listener: Int32) {
        acceptor.withLock { $0.take() }?.stop()
        start(listener: listener)
    }

    /// Stops accepting, answers what was accepted, closes idle connections at once; returns when all are closed or
    /// `seconds` have passed.
    func stop(within seconds: Double) async {
        acceptor.withLock { $0.take() }?.stop()
        let began = Clock.host.monotonic()
        while connections > 0, Double(Clock.host.monotonic() - began) / 1e9 < seconds {
            // Repeated, since a connection accepted a moment ago may not have reached its loop yet.
            for (loop, context) in loops {
                try? await loop.submit {
                    for connection in context.value.connections.values { connection.finish() }
                }.get()
            }
            try? await Clock.host.sleep(0.005)
        }
    }

    /// Ends the event loops. Nobody may publish to them any more: it would wait for ever.
    func shutDown() async { try? await group.shutdownGracefully() }

    private static let tooManyConnections = Reply.error(id: .null, RPCError.tooManyConnections)
    private static let connectsTooOften = Reply.error(id: .null, RPCError.tooManyConnects)

    private func accepted(_ descriptor: Int32, _ done: @escaping @Sendable () -> Void) {
        guard let uid = Peer.uid(of: descriptor) else {
            close(descriptor)
            return done()
        }
        let verdict = table.withLock { table in
            table.isAdmin(uid) ? .admitted : table.rate.judge(uid, at: Clock.host.monotonic())
        }
        if verdict == .dropped {
            close(descriptor)
            return done()
        }
        // A child that is started just before this closes the descriptors that it inherits.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        guard let peer = Peer(socket: descriptor) else {
            close(descriptor)
            return done()
        }
        let (seat, isTooOften): (Seat?, Bool) = table.withLock { table in
            let limits = table.limits
            let role = table.access.role(of: peer)
            guard role == .admin || verdict == .admitted else { return (nil, true) }
            let room = limits.connections + (role == .admin ? table.adminPlaces : 0)
            guard table.total < room, table.byUID[peer.uid, default: 0] < limits.connectionsPerUID else {
                return (nil, false)
            }
            let loop = table.loop(for: role)
            table.total += 1
            table.byUID[peer.uid, default: 0] += 1
            table.byLoop[loop] += 1
            return ((peer.uid, role, table.access.isService(peer), limits, loop), false)
        }
        if let seat { return adopt(descriptor, seat, done: done) }
        service.refused(isTooOften ? "connects too often" : "too many connections", peer.uid)
        let line = isTooOften ? Self.connectsTooOften : Self.tooManyConnections
        _ = line.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        close(descriptor)
        done()
    }

    private func adopt(_ descriptor: Int32, _ seat: Seat, done: @escaping @Sendable () -> Void) {
        let (loop, loopContext) = loops[seat.loop]
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
                    let caller = Caller(uid: seat.uid, role: seat.role, isService: seat.isService) { line in
                        if loop.inEventLoop {
                            box.value?.notify(line)
                        } else {
                            loop.execute { box.value?.notify(line) }
                        }
                    }
                    let handler = ConnectionHandler(
                        loop: loopContext.value,
                        service: service,
                        limits: seat.limits,
                        descriptor: descriptor,
                        caller: caller
                    )
                    box.value = handler
                    loopContext.value.connections[ObjectIdentifier(handler)] = handler
                    let bound = NIOLoopBound(handler, eventLoop: loop)
                    channel.closeFuture.whenComplete { _ in
                        box.value = nil
                        loopContext.value.connections[ObjectIdentifier(bound.value)] = nil
                        self.left(seat.uid, seat.loop)
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
