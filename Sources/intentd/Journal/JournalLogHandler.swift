package import Logging

/// Sends log events to the journal as native entries, with their metadata as fields.
package struct JournalLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    private let queue: JournalQueue

    package init(_ queue: JournalQueue) { self.queue = queue }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        queue.append(JournalEntry.fields(event, all))
    }
}
