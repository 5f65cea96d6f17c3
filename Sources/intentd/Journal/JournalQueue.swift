import Glibc
import Synchronization

/// Entries on their way to the journal: a bounded queue and a thread of its own, because a journal that hangs may cost
/// lines, never an answer. What did not fit or was not taken is counted and told of once the journal takes lines again.
package final class JournalQueue: Sendable {
    /// An entry's fields, each `NAME=value`.
    package typealias Entry = [[UInt8]]

    private struct State {
        var waiting: [Entry] = []
        /// Of those that the thread has taken out.
        var unsent = 0
        var lost = 0
        /// Those among the lost that the journal has been told of.
        var told = 0
    }

    private let capacity: Int
    private let state = Mutex(State())
    private let arrivals = Semaphore()
    private let send: @Sendable (Entry) -> Bool
    private let report: @Sendable (_ lost: Int) -> Entry

    /// - Parameters:
    ///   - send: hands one entry over, which may take for ever; false where it was refused.
    ///   - report: the entry that says how many were lost.
    package init(
        capacity: Int = 1_024,
        send: @escaping @Sendable (Entry) -> Bool,
        report: @escaping @Sendable (_ lost: Int) -> Entry
    ) {
        self.capacity = capacity
        self.send = send
        self.report = report
        BackgroundThread.start("journal") { [self] in run() }
    }

    package func append(_ entry: Entry) {
        let fits = state.withLock { state in
            guard state.waiting.count + state.unsent < capacity else {
                state.lost += 1
                return false
            }
            state.waiting.append(entry)
            return true
        }
        if fits { arrivals.signal() }
    }

    /// How many entries the journal never got, since the start.
    package var lost: Int { state.withLock { $0.lost } }

    /// Losses that the journal does not know of yet: it hangs, or refuses.
    package var isLosing: Bool { state.withLock { $0.lost > $0.told } }

    /// Waits until everything is sent, or `seconds` have passed.
    package func flush(within seconds: Double) {
        for _ in 0..<Int(seconds * 500) {
            if state.withLock({ $0.waiting.isEmpty && $0.unsent == 0 }) { return }
            usleep(2_000)
        }
    }

    private func run() -> Never {
        while true {
            arrivals.wait()
            let batch = state.withLock { state in
                defer { state.waiting.removeAll(keepingCapacity: true) }
                state.unsent = state.waiting.count
                return state.waiting
            }
            for entry in batch {
                let isSent = send(entry)
                if isSent { tell() }
                state.withLock { state in
                    state.unsent -= 1
                    if !isSent { state.lost += 1 }
                }
            }
        }
    }

    private func tell() {
        let (lost, told) = state.withLock { ($0.lost, $0.told) }
        guard lost > told, send(report(lost - told)) else { return }
        state.withLock { $0.told = lost }
    }
}
