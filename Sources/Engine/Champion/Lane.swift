import Classifier
import Wire

/// What one event loop owns: its reference to the serving model, its buffers, its counters, the turns of conversations
/// and the telemetry lines of this turn, which are written before the answers leave. Touched on that loop only.
package final class Lane {
    package private(set) var serving: Serving
    let tallies: LaneTallies
    private let champion: Champion
    private let log: ChatLog
    private var buffers: Buffers?
    private var lines: [UInt8] = []
    private var lineCount = 0

    init(champion: Champion, tallies: LaneTallies, log: ChatLog) {
        (self.champion, self.tallies, self.log) = (champion, tallies, log)
        serving = champion.serving
        refresh()
    }

    /// Takes over what answers now.
    package func refresh() {
        serving = champion.serving
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

    /// Adds a line to those of this turn.
    func append(_ line: LogLine) {
        line.write(to: &lines)
        lineCount += 1
    }

    /// For the watchdog: one prediction from what serves here, which says that this loop turns and its model answers.
    package func pulse() {
        guard case .ready(let model, _) = serving, var buffers = takeBuffers() else { return }
        _ = model.model.predict("are you there", workspace: &buffers.workspace)
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

/// Where an answer is counted: the places of one event loop, also for what that loop's requests wait for.
package struct LaneTallies: Sendable {
    /// From 0.
    let number: Int
    let counters: CounterShard
    let turns: TurnInbox
}

/// Memory that answering one text takes, kept from one text to the next.
struct Buffers: Sendable {
    var workspace = Workspace()
    /// For each shadow.
    var shadows = [Workspace](repeating: Workspace(), count: ServingModel.mostShadows)
    /// UTF-8 of the text, of its session's name, and of the text as it is kept.
    var message: [UInt8] = []
    var session: [UInt8] = []
    var redacted: [UInt8] = []
}

/// What answers are made from.
package enum Serving: Sendable {
    case ready(ServingModel, ServingTally)
    /// Training failed and nothing else was there; why.
    case noModel(String)

    package var model: ServingModel? { if case .ready(let model, _) = self { model } else { nil } }

    /// - Throws: `RPCError` `no_model`.
    func ready() throws(RPCError) -> (model: ServingModel, tally: ServingTally) {
        switch self {
        case .ready(let model, let tally): (model, tally)
        case .noModel(let why): throw .noModel(why)
        }
    }
}
