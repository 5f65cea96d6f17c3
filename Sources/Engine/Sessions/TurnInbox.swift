import Synchronization

/// Turns that one event loop has answered and the memory of conversations has not taken yet.
///
/// An answer must not wait for another loop's. So each loop has an inbox of its own, and whoever looks at the memory
/// empties all of them first.
package final class TurnInbox: Sendable {
    private struct State {
        var turns: [(key: SessionKey, turn: Turn)] = []
        var weight = 0
    }

    private let state = Mutex(State())

    /// - Returns: bytes that wait here.
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
