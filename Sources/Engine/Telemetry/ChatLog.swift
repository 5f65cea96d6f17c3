package import Logging
import Synchronization
import Wire
package import World

// The log is a file of lines and not a table, because it is on the hot path: an answer may leave only when its line can
// no longer get lost with the process, and appending to a file is the cheapest way to promise that. Event loops write
// without waiting for each other (the kernel orders the appends), so lines are nearly but not quite in order, and
// readers must cope with it. Syncing every line would cost milliseconds per answer; a power cut may cost the last
// second instead. Lines that the disk does not take are counted, never waited for: telemetry must not stop answers.

/// `chat_metrics.log`: one JSON line per chat request, handed to the kernel before the answer leaves.
///
/// A segment that is too large or too old is renamed and a new one begun; one older than `keep` is removed.
///
///     let log = try ChatLog(files: files, folders: folders, clock: clock, logger: logger)
///     log.write(bytes, count: 1)    // whole lines
///     log.maintain(settings)        // once a second: syncs, rotates, removes
///     try log.find(id)?.text
package final class ChatLog: Sendable {
    let files: any FileSystem
    let folders: Folders
    private let names: @Sendable () -> IntentNames
    private let clock: Clock
    private let logger: Logger
    private let current: Mutex<Segment>
    /// Held while files are renamed, removed or rewritten.
    let upkeep = Mutex(())
    private let sequence: Atomic<Int>
    private let lost = Atomic<Int>(0)

    private struct Segment {
        var file: any AppendFile
        var began: Timestamp
        var dirty = false
        /// Whether a write failed and may have left half a line.
        var torn = false
        let writers = Writers()
    }

    /// The writes to a file that are under way. A reader that needs all lines of a closed segment waits for them.
    final class Writers: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Opens the log and cuts off a torn last line.
    ///
    /// - Parameter names: the names of intents in force, by which the answers of earlier versions are read.
    package init(
        files: any FileSystem,
        folders: Folders,
        clock: Clock,
        logger: Logger,
        names: @escaping @Sendable () -> IntentNames = { IntentNames() }
    ) throws(FileError) {
        (self.files, self.folders, self.names, self.clock, self.logger) = (files, folders, names, clock, logger)
        try files.makeDirectory(folders.logs)
        let file = try files.append(to: folders.chatLog)
        let reader = LogReader(files: files, path: folders.chatLog)
        let torn = try reader.tornBytes()
        if torn > 0 {
            try file.truncate(to: file.size - torn)
            logger.warning(
                "The last line of \(folders.chatLog) was torn; \(torn) bytes of it were cut off.",
                metadata: JournalMessage.logCut.metadata()
            )
        }
        let began = try reader.first()?.counted.at ?? clock.now()
        current = Mutex(Segment(file: file, began: began))
        var last = try reader.highestSequence()
        for closed in try Self.closedSegments(files, folders).reversed() where last == nil {
            last = try LogReader(files: files, path: closed).highestSequence()
        }
        firstSequence = (last ?? 0) + 1
        sequence = Atomic(firstSequence)
    }

    /// The first number of this process; lines with a lower one were there before it.
    package let firstSequence: Int

    /// Takes the number of one more line.
    package func nextSequence() -> Int { sequence.add(1, ordering: .relaxed).oldValue }

    /// The number of lines that the disk did not take since the start.
    package var lostLines: Int { lost.load(ordering: .relaxed) }

    /// Appends whole lines in one write.
    package func write(_ lines: [UInt8], count: Int) {
        let (file, writers, wasTorn) = current.withLock { segment in
            segment.dirty = true
            defer { segment.torn = false }
            // Counted under the lock, so that no write begins on a file that is no longer the current one.
            segment.writers.count.add(1, ordering: .relaxed)
            return (segment.file, segment.writers, segment.torn)
        }
        defer { writers.count.subtract(1, ordering: .releasing) }
        do {
            // Half a line would make the next one unreadable too: end it first.
            try file.write(wasTorn ? [UInt8(ascii: "\n")] + lines : lines)
        } catch {
            current.withLock { $0.torn = true }
            if lost.add(count, ordering: .relaxed).oldValue == 0 {
                let metadata = JournalMessage.telemetryLost.metadata()
                logger.error("Telemetry lines are being lost: \(error)", metadata: metadata)
            }
        }
    }

    /// Syncs, rotates and removes old segments. It must be called once a second.
    package func maintain(_ settings: Configuration.Telemetry) {
        let (file, wasDirty, began) = current.withLock { segment in
            defer { segment.dirty = false }
            return (segment.file, segment.dirty, segment.began)
        }
        do {
            if wasDirty { try file.synchronize() }
            let now = clock.now()
            let age = Double(now.microseconds - began.microseconds) / 1e6
            let isFull = file.size > 0 && (file.size >= settings.rotateSize || age >= settings.rotateAge)
            // While somebody else holds the files, try again a second later.
            _ = try upkeep.withLockIfAvailable { _ throws(FileError) in
                if isFull { try rotate(at: now) }
                try removeSegments(before: now.microseconds - Int64(settings.keep * 1e6))
            }
        } catch {
            logger.warning("The chat log could not be maintained: \(error)")
        }
    }

    package func synchronize() throws(FileError) { try current.withLock { $0.file }.synchronize() }

    /// Returns all segments, oldest first; the one being written is the last.
    package func segments() throws(FileError) -> [LogReader] {
        // Between the two steps of a rotation there is no file with the plain name.
        (try Self.closedSegments(files, folders) + [folders.chatLog]).filter { files.status($0) != nil }
            .map { LogReader(files: files, path: $0) }
    }

    /// Finds the line of an answer in any segment; nil if there is none, or none any more. Its intent has its present name.
    package func find(_ id: Identifier) throws(FileError) -> LoggedAnswer? {
        for segment in try segments().reversed() {
            if var found = try segment.find(id) {
                let intent = found.counted.intent
                found.counted.intent = names().now(intent, of: found.version) ?? intent
                return found
            }
        }
        return nil
    }

    /// Counts the lines that were there before this start.
    func recount() -> Counters {
        var counters = Counters()
        do {
            for segment in try segments() {
                try segment.forEachLine { line in
                    if let answer = LoggedAnswer(line: line), answer.seq < firstSequence {
                        counters.count(answer.counted)
                    }
                    return true
                }
            }
        } catch {
            logger.warning("The chat log could not be counted: \(error)")
        }
        return counters
    }

    /// Closes the file that is being written and begins the next one. It returns when no write to the old file is under
    /// way: every line written before this call is in a closed segment then.
    func setAside() async throws {
        let now = clock.now()
        let writers = try upkeep.withLock { _ throws(FileError) in try rotate(at: now) }
        while writers.count.load(ordering: .acquiring) > 0 { try await clock.sleep(0.001) }
    }

    /// Closes the file that is being written and begins the next one.
    ///
    /// - Returns: the writers of the closed file.
    @discardableResult
    private func rotate(at now: Timestamp) throws(FileError) -> Writers {
        // The file is missing if the last rotation failed after this step.
        if files.status(folders.chatLog) != nil {
            var time = now.microseconds
            while files.status("\(folders.chatLog).\(time)") != nil { time += 1 }
            try files.rename(folders.chatLog, to: "\(folders.chatLog).\(time)")
        }
        let file = try files.append(to: folders.chatLog)
        // The old file is closed by its last holder, since a writer may still use it.
        let old = current.withLock { segment in
            defer { segment = Segment(file: file, began: now) }
            return segment
        }
        // For the lines since the last sync.
        try old.file.synchronize()
        return old.writers
    }

    private func removeSegments(before limit: Int64) throws(FileError) {
        for path in try Self.closedSegments(files, folders) {
            if let closed = path.split(separator: ".").last.flatMap({ Int64($0) }), closed < limit {
                try files.remove(path)
            }
        }
    }

    static func closedSegments(_ files: any FileSystem, _ folders: Folders) throws(FileError) -> [String] {
        let prefix = "chat_metrics.log."
        return try files.list(folders.logs).filter { $0.hasPrefix(prefix) && Int64($0.dropFirst(prefix.count)) != nil }
            .map { folders.logs + "/" + $0 }
    }
}

extension ChatLog {
    /// Returns the logged answer with this id.
    ///
    /// - Parameter uid: the only person whose answers may be seen; nil for all.
    /// - Throws: `RPCError` `not_found`, also for another person's answer, so that nobody learns of its existence.
    func answer(_ id: String, of uid: UInt32?) throws -> LoggedAnswer {
        guard let identifier = Identifier(id), let answer = try find(identifier), uid == nil || answer.uid == uid
        else {
            throw RPCError.notFound("There is no answer \(id.prefix(64)) of yours in the log (any more).", field: "id")
        }
        return answer
    }
}
