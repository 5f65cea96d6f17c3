import Glibc
import Synchronization

/// Entries on their way to the journal. They wait in a bounded queue and a thread of their own sends them, because a
/// journal that hangs may cost lines, but never an answer. Entries that did not fit or were refused are counted, and the
/// journal is told of them once it takes lines again.
package final class JournalQueue: Sendable {
    /// An entry's fields, each `NAME=value`.
    package typealias Entry = [[UInt8]]

    private struct State {
        var waiting: [Entry] = []
        /// How many of the entries that the thread has taken out are not sent yet.
        var unsent = 0
        var lost = 0
        /// How many of the lost entries the journal has been told of.
        var told = 0
    }

    private let capacity: Int
    private let state = Mutex(State())
    private let arrivals = Semaphore()
    private let send: @Sendable (Entry) -> Bool
    private let report: @Sendable (_ lost: Int) -> Entry

    /// - Parameters:
    ///   - send: hands one entry over, which may take for ever, and says whether it was taken.
    ///   - report: makes the entry that says how many were lost.
    package init(
        capacity: Int = 1_024,
        send: @escaping @Sendable (Entry) -> Bool,
        report: @escaping @Sendable (_ lost: Int) -> Entry
    ) {
        (self.capacity, self.send, self.report) = (capacity, send, report)
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

    /// Whether there are losses that the journal does not know of yet, because it hangs or refuses.
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
