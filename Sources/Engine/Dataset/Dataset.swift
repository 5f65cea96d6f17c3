import Classifier
package import Learning
import Logging
import Synchronization
import World

/// What the files in `data/` say now: the intents with their responses and policies, the rows, and which texts are
/// locked for the test. What is read stays in force while a newer file cannot be read.
package final class Dataset: Sendable {
    private struct State {
        var intents: [IntentSource] = []
        var intentsDigest: String?
        /// The rows that `explain` shows as neighbours: all but the locked test rows.
        var rows: [DataRow] = []
        var rowsDigest: String?
        var locked: Set<String> = []
        var reading: Task<Void, Never>?
    }

    let source: TrainingSource
    private let health: Health
    private let logger: Logger
    private let turn = Serial()
    private let state = Mutex(State())

    init(source: TrainingSource, health: Health, logger: Logger) {
        (self.source, self.health, self.logger) = (source, health, logger)
    }

    package var intents: [IntentSource] { state.withLock { $0.intents } }

    package var rows: [DataRow] { state.withLock { $0.rows } }

    /// Whether the text is one of the locked test rows, which nobody trains on.
    package func isLocked(_ text: String) -> Bool {
        var key = WordKey()
        let words = key(text)
        return state.withLock { $0.locked.contains(words) }
    }

    /// Names and texts that the files have whoever is forgotten.
    var commonWords: Set<String> {
        state.withLock { state in
            Set(state.rows.map(\.text)).union(state.intents.map(\.name)).union(state.rows.map(\.intent))
        }
    }

    // MARK: Reading

    /// Both files, as far as they have changed: the intents now, the rows beside the answering, which does not need
    /// them.
    func readAgain() {
        readIntents()
        readRows()
    }

    /// Responses and policies; a file that cannot be read leaves those that are in force.
    func readIntents() {
        do {
            // What has not changed is not parsed again.
            if let fresh = try freshIntents() { take(fresh) }
            health.set(.responses, nil)
        } catch {
            logger.error("The responses could not be read: \(error)")
            health.set(.responses, "\(error)")
        }
    }

    /// The intents, if their file has changed: for a caller who wants to read everything before anything changes.
    func freshIntents() throws -> (intents: [IntentSource], digest: String)? {
        try source.intents(unless: state.withLock { $0.intentsDigest })
    }

    func take(_ fresh: (intents: [IntentSource], digest: String)) {
        state.withLock { state in
            state.intents = fresh.intents
            state.intentsDigest = fresh.digest
        }
    }

    func readRows() {
        let task = Task.detached(priority: .utility) { [self] in
            _ = try? await turn.take { [self] in refreshRows() }
        }
        state.withLock { $0.reading = task }
    }

    /// Waits for the reading that was asked for last, for a caller who needs to know what the rows are.
    func areRowsRead() async { await state.withLock { $0.reading }?.value }

    private func refreshRows() {
        do {
            guard let fresh = try source.rows(unless: state.withLock { $0.rowsDigest }) else { return }
            var key = WordKey()
            var locked: Set<String> = []
            for row in fresh.rows where row.split == .test { locked.insert(key(row.text)) }
            let rows = fresh.rows.filter { $0.split != .test }
            state.withLock { state in
                state.rows = rows
                state.rowsDigest = fresh.digest
                state.locked = locked
            }
        } catch {
            logger.error("The data file could not be read: \(error)")
        }
    }
}
