import Synchronization

// The seam between a socket server and whoever answers its lines. The server knows these values and nothing behind
// them, so that it can be tested with an echo, and the one who answers can be tested without a socket.

/// What one event loop hands its lines to. It is made for that loop and touched on that loop only.
package struct LineHandler {
    /// Answers one line on the loop that read it. Answers that are made at once are added to the output.
    package let handle: (_ line: UnsafeRawBufferPointer, _ caller: inout Caller, _ output: inout [UInt8]) -> Outcome
    /// Called before the answers of a turn leave: what has to be in the kernel's hands first is handed over.
    package let flush: () -> Void
    /// For a watchdog: does a little of the real work, which says that the loop turns.
    package let pulse: () -> Void
    /// Takes over what answers now; called on every loop when that has changed.
    package let refresh: () -> Void

    package init(
        handle: @escaping (UnsafeRawBufferPointer, inout Caller, inout [UInt8]) -> Outcome,
        flush: @escaping () -> Void,
        pulse: @escaping () -> Void,
        refresh: @escaping () -> Void
    ) {
        (self.handle, self.flush, self.pulse, self.refresh) = (handle, flush, pulse, refresh)
    }
}

/// What a socket server is given.
package struct LineService: Sendable {
    /// Makes the handler of one event loop.
    package let makeHandler: @Sendable () -> LineHandler
    /// Told when a connection is refused or closed over a limit: what it did, and who.
    package let refused: @Sendable (_ what: String, _ uid: UInt32) -> Void
    /// Bytes of requests under way and of unread answers, of all connections.
    package let held: HeldBytes

    package init(
        makeHandler: @escaping @Sendable () -> LineHandler,
        refused: @escaping @Sendable (_ what: String, _ uid: UInt32) -> Void,
        held: HeldBytes
    ) {
        (self.makeHandler, self.refused, self.held) = (makeHandler, refused, held)
    }
}

/// The event loops, as far as the one who answers knows them.
package struct EventLoops: Sendable {
    /// Runs the closure on every loop, with its handler; returns when all have run it.
    package let onEach: @Sendable (_ body: @escaping @Sendable (LineHandler) -> Void) async -> Void

    package init(onEach: @escaping @Sendable (_ body: @escaping @Sendable (LineHandler) -> Void) async -> Void) {
        self.onEach = onEach
    }
}

/// A count of bytes that many threads add to and take from.
package final class HeldBytes: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    package var value: Int { count.load(ordering: .relaxed) }

    package func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }

    package func subtract(_ bytes: Int) { count.subtract(bytes, ordering: .relaxed) }
}

/// What one connection, one user and all of them together may take.
package struct ConnectionLimits: Sendable, Equatable {
    package var connections = 4_096
    package var connectionsPerUID = 512
    /// Bytes.
    package var line = 1 << 20
    package var inFlight = 128
    /// Bytes.
    package var outputSoft = 1 << 20
    /// Bytes.
    package var outputHard = 8 << 20
    /// Seconds.
    package var unfinishedLine = 10.0
    /// Bytes of requests under way and of unread answers, of all clients together.
    package var memory = 128 << 20
    /// Threads for what leaves the event loops: as many for long computations, for the rest, and for admins. 0 means the
    /// number of processors.
    package var workers = 0
    /// Bytes that one user's requests may hold after they have left the event loops.
    package var deferredPerUID = 64 << 20
    /// How many of them there may be. Those that wait for an LLM are limited elsewhere.
    package var deferredQueue = 256
    /// Turns of conversations of one user that are stored; older ones go.
    package var turnsPerUID = 100_000
    /// Feedback items of one user that may wait for a review.
    package var pendingPerUID = 10_000
    /// Bytes of the texts, replies and comments of one user that are stored.
    package var storedPerUID = 256 << 20

    package init() {}
}
