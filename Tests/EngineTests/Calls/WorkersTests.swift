import Patience
import Synchronization
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Work that leaves the event loops` {
    private static func caller(_ uid: UInt32, _ role: Role = .user) -> Caller { Caller(uid: uid, role: role) { _ in } }

    private static func load(_ kind: Load.Kind, writes: Bool = false, bytes: Int = 1) -> Load {
        Load(kind: kind, writes: writes, bytes: bytes)
    }

    /// What has begun, in order.
    private final class Order: Sendable {
        private let uids = Mutex<[UInt32]>([])

        func add(_ uid: UInt32) { uids.withLock { $0.append(uid) } }

        var all: [UInt32] { uids.withLock { $0 } }
    }

    /// Work that keeps its thread until it is let go.
    private final class Latch: Sendable {
        private let isOpen = Atomic(false)
        private let hasBegun = Atomic(false)

        func open() { isOpen.store(true, ordering: .releasing) }

        var isHeld: Bool { hasBegun.load(ordering: .acquiring) }

        func hold() {
            hasBegun.store(true, ordering: .releasing)
            while !isOpen.load(ordering: .acquiring) {}
        }
    }

    @Test(arguments: [Load.Kind.long, .short])
    func `gives every user a turn`(kind: Load.Kind) async throws {
        let workers = Workers(processors: 1)
        let limits = ConnectionLimits()
        let (latch, order) = (Latch(), Order())
        func start(_ uid: UInt32, _ body: @escaping @Sendable () async -> Void) throws -> Task<Void, any Error> {
            let permit = try workers.admit(Self.load(kind), of: Self.caller(uid), limits)
            return Task { try await workers.run(permit, body) }
        }
        var tasks = [try start(9) { latch.hold() }]
        #expect(await Patience.eventually { latch.isHeld })
        for _ in 0..<100 {
            tasks.append(
                try start(1) {
                    for _ in 0..<4 { await Task.yield() }
                    order.add(1)
                }
            )
        }
        // Longer than the first user's take to ask.
        try await Task.sleep(for: .milliseconds(50))
        tasks.append(
            try start(2) {
                for _ in 0..<4 { await Task.yield() }
                order.add(2)
            }
        )
        try await Task.sleep(for: .milliseconds(50))
        latch.open()
        for task in tasks { try await task.value }
        let place = try #require(order.all.firstIndex(of: 2))
        #expect(place <= 20, "\(place) requests of one user came before the other's")
        #expect(order.all.count == 101)
    }

    @Test(arguments: [(Load.Kind.short, Role.user), (.long, .admin), (.short, .admin)])
    func `has threads beside those of long work`(kind: Load.Kind, role: Role) async throws {
        let workers = Workers(processors: 1)
        let limits = ConnectionLimits()
        let latch = Latch()
        let long = try workers.admit(Self.load(.long), of: Self.caller(1), limits)
        let holding = Task { try await workers.run(long) { latch.hold() } }
        #expect(await Patience.eventually { latch.isHeld })
        let permit = try workers.admit(Self.load(kind), of: Self.caller(2, role), limits)
        #expect(try await workers.run(permit) { 7 } == 7)
        latch.open()
        try await holding.value
    }

    @Test func `is charged to its user until it ends, and refused above the share`() async throws {
        let workers = Workers(processors: 2)
        var limits = ConnectionLimits()
        limits.deferredPerUID = 1_000
        limits.deferredQueue = 3
        let first = try workers.admit(Self.load(.long, bytes: 600), of: Self.caller(1), limits)
        #expect(workers.held(by: 1) == 600)
        let error = #expect(throws: RPCError.self) {
            try workers.admit(Self.load(.long, bytes: 600), of: Self.caller(1), limits)
        }
        #expect(error?.reason == .overloaded && error?.retryAfterMS ?? 0 > 0)
        // Others have a share of their own, and whoever has nothing under way always gets one request in.
        let others = try workers.admit(Self.load(.long, bytes: 5_000), of: Self.caller(2), limits)
        let more = try (0..<2).map { _ in try workers.admit(Self.load(.short), of: Self.caller(1), limits) }
        #expect(throws: RPCError.self) { try workers.admit(Self.load(.short), of: Self.caller(1), limits) }
        // What waits for an LLM is counted there.
        let waiting = try workers.admit(Self.load(.waiting), of: Self.caller(1), limits)
        for permit in [first, others, waiting] + more { try await workers.run(permit) {} }
        #expect(workers.held(by: 1) == 0 && workers.held(by: 2) == 0)
        let again = try workers.admit(Self.load(.long, bytes: 600), of: Self.caller(1), limits)
        await #expect(throws: Serial.Overload.self) { try await workers.run(again) { throw Serial.Overload() } }
        #expect(workers.held(by: 1) == 0)
    }

    @Test func `is not begun for one who has gone, and what waited behind it is`() async throws {
        let workers = Workers(processors: 1)
        let limits = ConnectionLimits()
        let (latch, order) = (Latch(), Order())
        let permits = try (0..<4).map { _ in try workers.admit(Self.load(.long), of: Self.caller(1), limits) }
        let holding = Task { try await workers.run(permits[0]) { latch.hold() } }
        #expect(await Patience.eventually { latch.isHeld })
        let gone = Task { try await workers.run(permits[1]) { order.add(1) } }
        let write = Task { try await workers.run(permits[2]) { order.add(2) } }
        let last = Task { try await workers.run(permits[3]) { order.add(3) } }
        gone.cancel()
        write.cancel()
        for task in [gone, write] { await #expect(throws: CancellationError.self) { try await task.value } }
        latch.open()
        try await holding.value
        try await last.value
        #expect(order.all == [3])
        #expect(workers.held(by: 1) == 0)
    }

    @Test(arguments: [true, false])
    func `ends with its client if it reads, and goes on to its end if it writes`(writes: Bool) async throws {
        let workers = Workers(processors: 1)
        let permit = try workers.admit(Self.load(.short, writes: writes), of: Self.caller(1), ConnectionLimits())
        let latch = Latch()
        let task = Task {
            try await workers.run(permit) {
                latch.hold()
                await Task.yield()
                try Task.checkCancellation()
                return 7
            }
        }
        #expect(await Patience.eventually { latch.isHeld })
        task.cancel()
        latch.open()
        if writes {
            #expect(try await task.value == 7)
        } else {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
