import Synchronization

/// The turns of one event loop that ``SessionMemory`` has not taken yet.
///
/// An answer must not wait for another event loop. So each loop has an inbox of its own. Whoever looks at the memory
/// empties all inboxes first, and so does a loop whose inbox is full, which bounds their memory.
package final class TurnInbox: Sendable {
    private struct State {
        var turns: [(key: SessionKey, turn: Turn)] = []
        var weight = 0
    }

    private let state = Mutex(State())

    /// - Returns: the bytes of all turns that wait here.
    func add(_ turn: Turn, to key: SessionKey) -> Int {
        state.withLock { state in
            state.turns.append((key, turn))
            state.weight += turn.weight
            return state.weight
        }
    }

    func take() -> [(key: SessionKey, turn: Turn)] {
        state.withLock { state in
            defer { state = State() }
            return state.turns
        }
    }
}
