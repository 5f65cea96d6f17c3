import CSystemd
import Glibc
package import Logging
import Terminal

/// Chooses where the daemon's own log goes: to the journal, as entries with fields, where standard error is the journal;
/// else to standard error, as lines.
package struct LogOutput: Sendable {
    package let queue: JournalQueue?
    private let level: Logger.Level

    package init(level: Logger.Level) {
        self.level = level
        let isJournal = Self.isJournal(2, stream: environment("JOURNAL_STREAM"))
        queue = isJournal ? JournalQueue(send: Self.send, report: JournalEntry.loss) : nil
    }

    package var logger: Logger {
        var logger = Logger(label: JournalEntry.identifier) { [queue] _ in
            Handler { event, metadata in
                if let queue {
                    queue.append(JournalEntry.fields(event, metadata))
                } else {
                    let line = LogLine.text(event.message.description, metadata)
                    Output.error.write("intentd: \(event.level): \(line)\n")
                }
            }
        }
        logger.logLevel = level
        return logger
    }

    /// Sends what is left before the process ends.
    package func flush() { queue?.flush(within: 1) }

    /// - Parameter stream: `DEVICE:INODE` of what systemd connected. A descriptor that was redirected since has others.
    package static func isJournal(_ descriptor: Int32, stream: String?) -> Bool {
        var information = stat()
        guard let stream, fstat(descriptor, &information) == 0 else { return false }
        return stream == "\(information.st_dev):\(information.st_ino)"
    }

    private static func send(_ entry: JournalQueue.Entry) -> Bool {
        let all = entry.flatMap { $0 }
        return all.withUnsafeBytes { bytes in
            var start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            let vectors = entry.map { field in
                defer { start = start.map { $0 + field.count } }
                return iovec(iov_base: start, iov_len: field.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }
}

/// Hands an event on with all its metadata, those of its logger among them.
private struct Handler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    let write: @Sendable (LogEvent, Logger.Metadata) -> Void

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { write(event, metadata.merging(event.metadata ?? [:]) { _, own in own }) }
}
