import NIOCore
import Wire

/// The state of one event loop, and how its connections share it.
///
/// Bytes are only collected while the kernel's events are gone through. Then every connection that has lines gets a
/// turn of a few of them; after each round the log's lines are written, then the answers, each in one call. So a client
/// that sends without a pause waits for its turn like everybody, and a busy loop makes fewer system calls per answer.
final class LoopContext {
    /// Lines of one round, shared among those who have some: at some ten microseconds each, a round stays well below a
    /// millisecond.
    private static let round = 64
    private static let smallestShare = 2
    /// Buffers that are kept for the next answers, and the size above which they are not.
    private static let keptBuffers = 32
    private static let keptCapacity = 65_536

    let handler: LineHandler
    /// Answers of this turn that were made on the loop; the connection whose turn it is takes them.
    var output: [UInt8] = []
    var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private let loop: any EventLoop
    private var queue: [ConnectionHandler] = []
    private var unflushed: [ConnectionHandler] = []
    private var spareQueue: [ConnectionHandler] = []
    private var isScheduled = false
    private var buffers: [ByteBuffer] = []

    init(handler: LineHandler, loop: any EventLoop) {
        self.handler = handler
        self.loop = loop
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
        // Flushing may end a connection, which flushes nothing else.
        let ready = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in ready { connection.flush() }
        if !queue.isEmpty || !unflushed.isEmpty { schedule() }
    }

    /// An empty buffer for answers.
    func takeBuffer() -> ByteBuffer {
        guard var buffer = buffers.popLast() else { return ByteBufferAllocator().buffer(capacity: 4_096) }
        // Takes new memory where the old is still being sent.
        buffer.clear()
        return buffer
    }

    func give(back buffer: ByteBuffer) {
        if buffers.count < Self.keptBuffers, buffer.capacity <= Self.keptCapacity { buffers.append(buffer) }
    }
}
