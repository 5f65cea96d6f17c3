import Classifier

/// What one event loop owns: its reference to the serving snapshot, its buffers, its counters and the telemetry lines
/// that are to be written before the answers of this turn leave. Touched on that loop only.
package final class Lane {
    package let counters: CounterShard
    package private(set) var serving: Serving
    /// Answers of this turn that were made on the loop; the socket server takes them.
    package var output: [UInt8] = []
    private var buffers: Buffers?
    private let log: ChatLog
    private var lines: [UInt8] = []
    private var lineCount = 0

    package init(serving: Serving, counters: CounterShard, log: ChatLog) {
        self.serving = serving
        self.counters = counters
        self.log = log
        buffers = nil
        serve(serving)
    }

    package func serve(_ serving: Serving) {
        self.serving = serving
        if case .ready = serving {
            buffers = Buffers()
        } else {
            buffers = nil
        }
    }

    /// The loop's buffers, without a copy; nil while no model serves.
    func takeBuffers() -> Buffers? {
        defer { buffers = nil }
        return buffers
    }

    func give(back buffers: Buffers) { self.buffers = buffers }

    func append(_ line: LogLine) {
        line.write(to: &lines)
        lineCount += 1
        counters.count(line)
    }

    /// For the watchdog: one prediction from what serves here, which says that this loop turns and its model answers.
    package func pulse() {
        guard case .ready(let snapshot) = serving, var buffers = takeBuffers() else { return }
        _ = snapshot.model.predict("are you there", workspace: &buffers.workspace)
        give(back: buffers)
    }

    /// Hands the lines of this turn to the kernel. The socket server calls it before it writes the answers.
    package func flush() {
        guard lineCount > 0 else { return }
        log.write(lines, count: lineCount)
        lines.removeAll(keepingCapacity: true)
        lineCount = 0
    }
}

/// Memory that answering one text takes, kept from one text to the next.
struct Buffers: Sendable {
    var workspace = Workspace()
    /// For each shadow.
    var shadows = [Workspace](repeating: Workspace(), count: Snapshot.mostShadows)
    /// UTF-8 of the text, of its session's name, and of the text as it is kept.
    var message: [UInt8] = []
    var session: [UInt8] = []
    var redacted: [UInt8] = []
}

/// What answers are made from.
package enum Serving: Sendable {
    case ready(Snapshot)
    /// Training failed and nothing else was there; why.
    case noModel(String)
}

/// The event loops, as far as the engine knows them.
package struct Lanes: Sendable {
    /// Runs the closure on every loop, with its lane; returns when all have run it.
    package var onEach: @Sendable (_ body: @escaping @Sendable (Lane) -> Void) async -> Void

    package init(onEach: @escaping @Sendable (_ body: @escaping @Sendable (Lane) -> Void) async -> Void) {
        self.onEach = onEach
    }
}
