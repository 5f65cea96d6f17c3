import Classifier
import Wire
import World

// Every event loop answers from state of its own, so that no answer waits for another loop and none takes a lock that
// another loop wants. What can be shared is immutable (the serving model); what changes is kept once per loop and added
// up by whoever asks (counters, shadows' counts, turns of conversations). Log lines are collected per turn of the loop
// and written in one call before the answers of that turn leave.

/// The state of one event loop. It must only be used on that loop.
package final class Lane {
    package private(set) var serving: Serving
    let tallies: LaneTallies
    private let champion: Champion
    private let log: ChatLog
    private var buffers: Buffers?
    private var lines: [UInt8] = []
    private var lineCount = 0
    /// The time of the first of them.
    private var linesBegan: Timestamp?

    init(champion: Champion, tallies: LaneTallies, log: ChatLog) {
        (self.champion, self.tallies, self.log) = (champion, tallies, log)
        serving = champion.serving
        refresh()
    }

    /// Takes over the model that serves now.
    package func refresh() {
        serving = champion.serving
        if case .ready = serving {
            buffers = Buffers()
        } else {
            buffers = nil
        }
    }

    /// Takes the buffers out, so that they are not copied; nil while no model serves.
    func takeBuffers() -> Buffers? {
        defer { buffers = nil }
        return buffers
    }

    func give(back buffers: Buffers) { self.buffers = buffers }

    /// Adds a line to the log lines of this turn.
    func append(_ line: LogLine) {
        if lineCount == 0 { linesBegan = line.answer.at }
        line.write(to: &lines)
        lineCount += 1
    }

    /// Makes one prediction for the watchdog, which proves that this loop runs and its model answers.
    package func pulse() {
        guard case .ready(let model, _) = serving, var buffers = takeBuffers() else { return }
        _ = model.model.predict("are you there", workspace: &buffers.workspace)
        give(back: buffers)
    }

    /// Hands the log lines of this turn to the kernel. The socket server calls it before it writes the answers.
    package func flush() {
        guard lineCount > 0 else { return }
        log.write(lines, count: lineCount, at: linesBegan)
        lines.removeAll(keepingCapacity: true)
        lineCount = 0
    }
}

/// The counters of one event loop. Its requests use them too after they have left the loop.
package struct LaneTallies: Sendable {
    /// The number of the event loop, from 0.
    let number: Int
    let counters: CounterShard
    let turns: TurnInbox
}

/// The memory needed to answer one text, kept from one text to the next.
struct Buffers: Sendable {
    var workspace = Workspace()
    /// One for each shadow.
    var shadows = [Workspace](repeating: Workspace(), count: ServingModel.mostShadows)
    /// The text, in UTF-8.
    var message: [UInt8] = []
    /// The name of its session, in UTF-8.
    var session: [UInt8] = []
    /// The redacted text, in UTF-8.
    var redacted: [UInt8] = []
}

/// The model that answers, or the reason why there is none.
package enum Serving: Sendable {
    case ready(ServingModel, ServingTally)
    /// No model can answer; the text says why.
    case noModel(String)

    package var model: ServingModel? { if case .ready(let model, _) = self { model } else { nil } }

    /// - Throws: `RPCError` `no_model` if there is none.
    func ready() throws(RPCError) -> (model: ServingModel, tally: ServingTally) {
        switch self {
        case .ready(let model, let tally): (model, tally)
        case .noModel(let why): throw .noModel(why)
        }
    }
}
