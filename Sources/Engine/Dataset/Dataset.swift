import Classifier
package import Learning
import Logging
import Synchronization
import Text
import World

// Three files, read in two ways. Answers need `intents.yaml` and `responses.yaml`, which are short: they are read at once,
// and by a reload before anything is changed. Only `explain` and feedback need the rows, which may be many: a task reads
// them, and whoever needs them waits for it. Of each file the digest is kept, so that an unchanged file is not parsed
// again, and the last good content while a newer one cannot be read: a typing error must not take the responses away.

/// The content of the files in `data/`: the intents with their responses and policies, the rows, and the texts that are
/// locked for the test.
package final class Dataset: Sendable {
    private struct State {
        var intents: [IntentSource] = []
        var intentsDigest: String?
        var responses = ResponsesFile()
        var responsesDigest: String?
        var treatments = Treatments()
        /// The rows that `explain` may show as neighbours: all but the locked test rows.
        var rows: [DataRow] = []
        var rowsDigest: String?
        var counts: [String: Int] = [:]
        var locked: Set<String> = []
        /// The language whose rules of casing were used for `locked`.
        var language = TextSettings.Language.und
        var reading: Task<Void, Never>?
    }

    let source: TrainingSource
    private let health: Health
    private let settings: Settings
    private let logger: Logger
    private let turn = Serial()
    private let state = Mutex(State())

    init(source: TrainingSource, health: Health, settings: Settings, logger: Logger) {
        (self.source, self.health, self.settings, self.logger) = (source, health, settings, logger)
    }

    package var intents: [IntentSource] { state.withLock { $0.intents } }

    /// How intents are answered: policies, summaries and responses, of `intents.yaml` and `responses.yaml` together.
    package var treatments: Treatments { state.withLock { $0.treatments } }

    package var rows: [DataRow] { state.withLock { $0.rows } }

    /// The digest of the file that ``rows`` were read from; nil before it has been read.
    var rowsDigest: String? { state.withLock { $0.rowsDigest } }

    /// The names of all intents that the files have.
    var intentNames: Set<String> { state.withLock { Set($0.counts.keys).union($0.intents.map(\.name)) } }

    /// The number of rows by intent, locked ones and those out of scope included.
    var counts: [String: Int] { state.withLock { $0.counts } }

    /// Returns whether the text is one of the locked test rows, on which no model is trained.
    package func isLocked(_ text: String) -> Bool {
        let (locked, language) = state.withLock { ($0.locked, $0.language) }
        var key = WordKey(language: language)
        return locked.contains(key(text))
    }

    /// The names and texts in the files, which stay whoever is forgotten.
    var commonWords: Set<String> {
        state.withLock { state in
            Set(state.rows.map(\.text)).union(state.treatments.names).union(state.rows.map(\.intent))
        }
    }

    // MARK: Reading

    /// Reads the files that have changed: the intents now, the rows in a task.
    func readAgain() {
        readIntents()
        readRows()
    }

    /// The new content of the files from which messages are answered; nil for a file that has not changed.
    struct Fresh {
        var intents: (intents: [IntentSource], digest: String)?
        var responses: (file: ResponsesFile, digest: String)?
    }

    /// Reads `intents.yaml` and `responses.yaml` if they have changed. If one cannot be read, what it said before stays in
    /// force.
    func readIntents() {
        var problems: [String] = []
        for read in [freshTemplates, freshResponses] {
            do {
                take(try read())
            } catch {
                logger.error("The responses could not be read: \(error)")
                problems.append("\(error)")
            }
        }
        health.set(.responses, problems.isEmpty ? nil : problems.joined(separator: "; "))
    }

    /// Returns what has changed, for a caller that reads everything before it changes anything; nil if nothing has.
    func freshIntents() throws -> Fresh? {
        let fresh = Fresh(intents: try freshTemplates().intents, responses: try freshResponses().responses)
        return fresh.intents == nil && fresh.responses == nil ? nil : fresh
    }

    private func freshTemplates() throws -> Fresh {
        Fresh(intents: try source.intents(unless: state.withLock { $0.intentsDigest }))
    }

    private func freshResponses() throws -> Fresh {
        Fresh(responses: try source.responses(unless: state.withLock { $0.responsesDigest }))
    }

    func take(_ fresh: Fresh) {
        guard fresh.intents != nil || fresh.responses != nil else { return }
        let findings = state.withLock { state in
            if let intents = fresh.intents { (state.intents, state.intentsDigest) = intents }
            if let responses = fresh.responses { (state.responses, state.responsesDigest) = responses }
            state.treatments = Treatments(state.intents, state.responses)
            return state.treatments.overridden
        }
        for finding in findings { logger.warning("\(finding.message) \(finding.remedy)") }
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
            let language = settings.current.language
            let known = state.withLock { $0.language == language ? $0.rowsDigest : nil }
            guard let fresh = try source.rows(unless: known) else { return }
            health.set(.data, fresh.trouble)
            guard fresh.isUsable else {
                if let trouble = fresh.trouble { logger.error("\(trouble)") }
                // The digest stays the old one, so that the file is looked at again.
                return
            }
            var key = WordKey(language: language)
            var locked: Set<String> = []
            for row in fresh.rows where row.split == .test { locked.insert(key(row.text)) }
            let counts = Dictionary(fresh.rows.map { ($0.intent, 1) }, uniquingKeysWith: +)
            let rows = fresh.rows.filter { $0.split != .test }
            state.withLock { state in
                state.rows = rows
                state.rowsDigest = fresh.digest
                state.counts = counts
                state.locked = locked
                state.language = language
            }
        } catch {
            logger.error("The data file could not be read: \(error)")
            health.set(.data, "\(error)")
        }
    }
}
