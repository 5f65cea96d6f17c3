import CSystemd
import Glibc
package import Logging

/// Chooses where the daemon's own log goes: to the journal, as entries with fields, where standard error is the journal;
/// else to standard error, as lines.
package struct LogOutput: Sendable {
    package let queue: JournalQueue?
    private let level: Logger.Level

    package init(level: Logger.Level, environment: [String: String]) {
        self.level = level
        queue =
            Self.isJournal(2, stream: environment["JOURNAL_STREAM"])
            ? JournalQueue(send: Self.send, report: JournalEntry.loss) : nil
    }

    package var logger: Logger {
        var logger = Logger(label: JournalEntry.identifier) { [queue] _ in
            if let queue { JournalLogHandler(queue) } else { LineLogHandler() }
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
        var vectors: [iovec] = []
        let all = entry.flatMap { $0 }
        return all.withUnsafeBytes { bytes in
            var offset = 0
            for field in entry {
                let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress.map { $0 + offset })
                vectors.append(iovec(iov_base: start, iov_len: field.count))
                offset += field.count
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }
}
