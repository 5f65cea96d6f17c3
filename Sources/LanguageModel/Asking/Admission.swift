import Synchronization

/// Limits how many questions an LLM answers at once and how many wait, and lets the waiting ones in by turns of their uid:
/// a user with a hundred questions delays another user's first one by one answer and not by a hundred.
///
/// No user may have more waiting than there is room left for others. Where several users have filled the queue all the same,
/// the newest question of the longest line makes way for one of a user who has less.
final class Admission: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Entry, Never>
    }

    /// A line of this length is nobody's excess, and no question of it makes way.
    private static let modestLine = 3

    private struct State {
        var maxInFlight: Int
        var maxQueued: Int
        var inFlight = 0
        var queued = 0
        var lastID: UInt64 = 0
        var waiting: [UInt32: [Waiter]] = [:]
        /// The uids with waiting questions; the first one is next.
        var turns: [UInt32] = []
        /// The waiters that were cancelled before they began to wait.
        var gone: Set<UInt64> = []

        /// Takes out the next waiter, if there is room for it.
        mutating func next() -> Waiter? {
            guard inFlight < maxInFlight, !turns.isEmpty else { return nil }
            let uid = turns.removeFirst()
            guard var line = waiting.removeValue(forKey: uid) else { return nil }
            let waiter = line.removeFirst()
            if !line.isEmpty {
                waiting[uid] = line
                turns.append(uid)
            }
            queued -= 1
            inFlight += 1
            return waiter
        }

        /// Takes out the question that makes way for one of a user who has so many waiting; nil if there is none.
        mutating func yieldingWaiter(to count: Int) -> Waiter? {
            guard let (uid, line) = waiting.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }),
                line.count > max(Admission.modestLine, count + 1), let last = line.last
            else { return nil }
            return remove(last.id, of: uid)
        }

        mutating func remove(_ id: UInt64, of uid: UInt32) -> Waiter? {
            guard var line = waiting[uid], let index = line.firstIndex(where: { $0.id == id }) else { return nil }
            let waiter = line.remove(at: index)
            waiting[uid] = line.isEmpty ? nil : line
            if line.isEmpty { turns.removeAll { $0 == uid } }
            queued -= 1
            return waiter
        }
    }

    private let state: Mutex<State>

    init(maxInFlight: Int, maxQueued: Int) { state = Mutex(State(maxInFlight: maxInFlight, maxQueued: maxQueued)) }

    var load: (inFlight: Int, queued: Int) { state.withLock { ($0.inFlight, $0.queued) } }

    func resize(maxInFlight: Int, maxQueued: Int) {
        state.withLock { ($0.maxInFlight, $0.maxQueued) = (maxInFlight, maxQueued) }
        wake()
    }

    enum Entry { case admitted, full, cancelled }

    /// Waits for a place. A caller that gets `.admitted` must call ``leave()`` afterwards.
    func enter(_ uid: UInt32) async -> Entry {
        let ticket: UInt64? = state.withLock { state in
            state.lastID += 1
            guard state.inFlight >= state.maxInFlight || state.queued > 0 else {
                state.inFlight += 1
                return nil
            }
            return state.lastID
        }
        guard let ticket else { return .admitted }
        let entry = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Entry, Never>) in
                let (entry, displaced) = state.withLock { state -> (Entry?, Waiter?) in
                    if state.gone.remove(ticket) != nil { return (.cancelled, nil) }
                    if state.inFlight < state.maxInFlight, state.queued == 0 {
                        state.inFlight += 1
                        return (.admitted, nil)
                    }
                    let line = state.waiting[uid, default: []]
                    let room = state.maxQueued - state.queued
                    var displaced: Waiter?
                    if line.count >= room {
                        displaced = state.yieldingWaiter(to: line.count)
                        guard displaced != nil else { return (.full, nil) }
                    }
                    if line.isEmpty { state.turns.append(uid) }
                    state.waiting[uid] = line + [Waiter(id: ticket, continuation: continuation)]
                    state.queued += 1
                    return (nil, displaced)
                }
                displaced?.continuation.resume(returning: .full)
                if let entry { continuation.resume(returning: entry) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                let waiter = state.remove(ticket, of: uid)
                if waiter == nil { state.gone.insert(ticket) }
                return waiter
            }
            waiter?.continuation.resume(returning: .cancelled)
        }
        state.withLock { _ = $0.gone.remove(ticket) }
        return entry
    }

    func leave() {
        state.withLock { $0.inFlight -= 1 }
        wake()
    }

    private func wake() {
        while let waiter = state.withLock({ $0.next() }) { waiter.continuation.resume(returning: .admitted) }
    }
}
