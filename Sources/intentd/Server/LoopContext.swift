import NIOCore
import Wire

/// The state of one event loop, and how its connections share it.
///
/// While the loop goes through the kernel's events it only collects bytes. Then it gives every connection that has
/// lines a turn of a few of them. After each round the log lines are written in one call, then the answers in one call
/// for each connection. So a client that sends without a pause waits for its turn like all others, and the busier a
/// loop is, the fewer system calls it makes per answer.
final class LoopContext {
    /// The lines of one round, shared among the connections that have some. A line takes some ten microseconds, so a
    /// round stays well below a millisecond.
    private static let round = 64
    private static let smallestShare = 2
    /// The number of buffers kept for the next answers, and the capacity above which one is not kept.
    private static let keptBuffers = 32
    private static let keptCapacity = 65_536

    let handler: LineHandler
    /// The answers made on the loop in this turn. The connection whose turn it is takes them.
    var output: [UInt8] = []
    var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private let loop: any EventLoop
    private var queue: [ConnectionHandler] = []
    private var unflushed: [ConnectionHandler] = []
    private var spareQueue: [ConnectionHandler] = []
    private var isScheduled = false
    private var buffers: [ByteBuffer] = []

    init(handler: LineHandler, loop: any EventLoop) {
        (self.handler, self.loop) = (handler, loop)
    }

    /// Gives the connection a turn.
    func queue(_ connection: ConnectionHandler) {
        queue.append(connection)
        schedule()
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
        loop.execute { bound.value.turn() }
    }

    private func turn() {
        isScheduled = false
        swap(&queue, &spareQueue)
        let share = max(Self.smallestShare, Self.round / max(1, spareQueue.count))
        for connection in spareQueue where connection.work(share: share) { queue.append(connection) }
        spareQueue.removeAll(keepingCapacity: true)
        handler.flush()
        // Flushing may close a connection, which must not flush another one.
        let ready = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in ready { connection.flush() }
        if !queue.isEmpty || !unflushed.isEmpty { schedule() }
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
