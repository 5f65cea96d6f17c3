import Glibc
import NIOCore
import Wire
import World

/// The state of one event loop, and how its connections share it.
///
/// While the loop goes through the kernel's events it only collects bytes. Then it gives every user who has lines a turn
/// of the same time, and the user's connections share it. After each round it writes the log lines in one call, then the
/// answers in one call for each connection. So a client that sends without a pause waits for its turn like all others, and
/// the busier a loop is, the fewer system calls it makes per answer.
///
/// A loop that never sleeps has no credit with the kernel, which lets it wait for milliseconds whenever there are more
/// threads than cores. So while one user has more lines than a turn can take and another is served in between, on whichever
/// loop, it rests after each round, until another has a line. Whoever is alone is never made to rest.
final class LoopContext {
    /// The connections of one user that have lines, in the order of their turns.
    final class Bench {
        fileprivate var waiting: [ConnectionHandler] = []
        fileprivate var spare: [ConnectionHandler] = []
        fileprivate var isInRound = false
        fileprivate let uid: uid_t

        fileprivate init(of uid: uid_t) { self.uid = uid }
    }

    private struct Place {
        weak var bench: Bench?
    }

    /// The time of one round in nanoseconds, shared among the users who have lines. A line takes some ten microseconds.
    private static let round: UInt64 = 250_000
    /// The time of one connection's turn.
    private static let turn: UInt64 = 50_000
    /// The time until the next round: long enough that the loop looks for new bytes first.
    private static let look = TimeAmount.microseconds(5)
    /// In company, the time of a round and the rest after it.
    private static let shortRound: UInt64 = 50_000
    private static let rest = TimeAmount.microseconds(250)
    /// The number of buffers kept for the next answers, and the capacity above which one is not kept.
    private static let keptBuffers = 32
    private static let keptCapacity = 65_536

    let handler: LineHandler
    /// The answers made on the loop in this turn. The connection whose turn it is takes them.
    var output: [UInt8] = []
    var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private let loop: any EventLoop
    private let company: Company
    private let clock = Clock.host
    private var benches: [uid_t: Place] = [:]
    /// Those on which somebody waits.
    private var round: [Bench] = []
    private var spareRound: [Bench] = []
    private var unflushed: [ConnectionHandler] = []
    private var isScheduled = false
    private var isInTurn = false
    /// The next round, while the loop rests.
    private var afterRest: Scheduled<Void>?
    private var buffers: [ByteBuffer] = []

    init(handler: LineHandler, loop: any EventLoop, company: Company) {
        (self.handler, self.loop, self.company) = (handler, loop, company)
    }

    /// The bench of a user, for as long as one of their connections has it.
    func bench(of uid: uid_t) -> Bench {
        if let bench = benches[uid]?.bench { return bench }
        // Where many users come and go, those who are gone make room.
        if benches.count >= 1_024 { benches = benches.filter { $0.value.bench != nil } }
        let bench = Bench(of: uid)
        benches[uid] = Place(bench: bench)
        return bench
    }

    /// Gives the connection a turn.
    func queue(_ connection: ConnectionHandler, on bench: Bench) {
        bench.waiting.append(connection)
        if !bench.isInRound, let next = afterRest.take() {
            next.cancel()
            isScheduled = false
        }
        join(bench)
        schedule()
    }

    private func join(_ bench: Bench) {
        guard !bench.isInRound else { return }
        bench.isInRound = true
        round.append(bench)
    }

    /// Writes the connection's answers at the end of this turn.
    func flushLater(_ connection: ConnectionHandler) {
        if let last = unflushed.last, last === connection { return }
        unflushed.append(connection)
        schedule()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        guard isInTurn else { return loop.execute { bound.value.turn() } }
        if hasCompany {
            afterRest = loop.scheduleTask(in: Self.rest) { bound.value.turn() }
        } else {
            // The loop runs what is due before it looks for new bytes, which would have to wait for all lines that are here.
            loop.scheduleTask(in: Self.look) { bound.value.turn() }
        }
    }

    /// Whether somebody's lines wait for the next round, and all of another's were taken a short time ago.
    private var hasCompany: Bool {
        guard let bench = round.first else { return false }
        return company.isThere(beside: bench.uid, at: clock.monotonic())
    }

    private func turn() {
        isScheduled = false
        afterRest = nil
        isInTurn = true
        defer { isInTurn = false }
        let time = hasCompany ? Self.shortRound : Self.round
        swap(&round, &spareRound)
        let share = time / UInt64(max(1, spareRound.count))
        for bench in spareRound { serve(bench, for: share) }
        spareRound.removeAll(keepingCapacity: true)
        handler.flush()
        // Flushing may close a connection, which must not flush another one.
        let ready = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in ready { connection.flush() }
        if !round.isEmpty || !unflushed.isEmpty { schedule() }
    }

    /// Gives turns to a user's connections until `time` is over, in nanoseconds; at least one has a turn.
    private func serve(_ bench: Bench, for time: UInt64) {
        swap(&bench.waiting, &bench.spare)
        let end = clock.monotonic() + time
        var served = 0
        var now = clock.monotonic()
        while served < bench.spare.count, served == 0 || now < end {
            let connection = bench.spare[served]
            served += 1
            let latest = min(end, now + Self.turn)
            let hasMore = connection.work {
                now = clock.monotonic()
                return now < latest
            }
            if hasMore { bench.waiting.append(connection) }
            now = clock.monotonic()
        }
        // Who had no turn comes first in the next round.
        bench.waiting.insert(contentsOf: bench.spare[served...], at: 0)
        bench.spare.removeAll(keepingCapacity: true)
        bench.isInRound = false
        guard bench.waiting.isEmpty else { return join(bench) }
        company.mark(bench.uid, at: now)
    }

    /// Returns an empty buffer for answers.
    func takeBuffer() -> ByteBuffer {
        guard var buffer = buffers.popLast() else { return ByteBufferAllocator().buffer(capacity: 4_096) }
        // This allocates new memory if the old is still being sent.
        buffer.clear()
        return buffer
    }

    func give(back buffer: ByteBuffer) {
        if buffers.count < Self.keptBuffers, buffer.capacity <= Self.keptCapacity { buffers.append(buffer) }
    }
}
