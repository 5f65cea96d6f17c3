import Classifier
package import Learning
import Logging
import Synchronization
import World

// Two files, read in two ways. Answers need the intents, which are few: they are read at once, and by a reload before
// anything is changed. Only `explain` and feedback need the rows, which may be many: a task reads them, and whoever
// needs them waits for it. Both keep the digest of the file, so that an unchanged file is not parsed again, and keep
// the last good content while a newer file cannot be read: a typing error must not take the responses away.

/// The content of the files in `data/`: the intents with their responses and policies, the rows, and the texts that are
/// locked for the test.
package final class Dataset: Sendable {
    private struct State {
        var intents: [IntentSource] = []
        var intentsDigest: String?
        /// The rows that `explain` may show as neighbours: all but the locked test rows.
        var rows: [DataRow] = []
        var rowsDigest: String?
        var counts: [String: Int] = [:]
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

    /// The number of rows by intent, locked ones and those out of scope included.
    var counts: [String: Int] { state.withLock { $0.counts } }

    /// Returns whether the text is one of the locked test rows, on which no model is trained.
    package func isLocked(_ text: String) -> Bool {
        var key = WordKey()
        let words = key(text)
        return state.withLock { $0.locked.contains(words) }
    }

    /// The names and texts in the files, which stay whoever is forgotten.
    var commonWords: Set<String> {
        state.withLock { state in
            Set(state.rows.map(\.text)).union(state.intents.map(\.name)).union(state.rows.map(\.intent))
        }
    }

    // MARK: Reading

    /// Reads the files that have changed: the intents now, the rows in a task.
    func readAgain() {
        readIntents()
        readRows()
    }

    /// Reads the intents if their file has changed. If it cannot be read, the old ones stay in force.
    func readIntents() {
        do {
            if let fresh = try freshIntents() { take(fresh) }
            health.set(.responses, nil)
        } catch {
            logger.error("The responses could not be read: \(error)")
            health.set(.responses, "\(error)")
        }
    }

    /// Returns the intents if their file has changed, for a caller that reads everything before it changes anything.
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

    /// Waits until the rows are read that were asked for last.
    func areRowsRead() async { await state.withLock { $0.reading }?.value }

    private func refreshRows() {
        do {
            guard let fresh = try source.rows(unless: state.withLock { $0.rowsDigest }) else { return }
            var key = WordKey()
            var locked: Set<String> = []
            for row in fresh.rows where row.split == .test { locked.insert(key(row.text)) }
            let counts = Dictionary(fresh.rows.map { ($0.intent, 1) }, uniquingKeysWith: +)
            let rows = fresh.rows.filter { $0.split != .test }
            state.withLock { state in
                state.rows = rows
                state.rowsDigest = fresh.digest
                state.counts = counts
                state.locked = locked
            }
        } catch {
            logger.error("The data file could not be read: \(error)")
        }
    }
}
