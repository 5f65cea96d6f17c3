package import Logging
import Synchronization
import Wire
package import World

/// `chat_metrics.log`: one JSON line per chat request, in the kernel's hands before the answer leaves.
///
/// Lines survive a killed process; once a second they are synced, so that a power cut costs a second at most. What the
/// disk does not take is counted. A segment that grew too large or too old is renamed and a new one begun; one older
/// than `keep` is removed.
package final class ChatLog: Sendable {
    let files: any FileSystem
    let folders: Folders
    private let clock: Clock
    private let logger: Logger
    private let current: Mutex<Segment>
    /// Held while files are renamed, removed or written anew.
    let upkeep = Mutex(())
    private let sequence: Atomic<Int>
    private let lost = Atomic<Int>(0)

    private struct Segment {
        var file: any AppendFile
        var began: Timestamp
        var dirty = false
        /// A write failed and may have left half a line.
        var torn = false
        let writers = Writers()
    }

    /// Writes to a file that are under way: whoever reads it as a whole after it was closed waits for them.
    final class Writers: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Opens the log and cuts a torn last line off.
    package init(files: any FileSystem, folders: Folders, clock: Clock, logger: Logger) throws(FileError) {
        (self.files, self.folders, self.clock, self.logger) = (files, folders, clock, logger)
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

    /// Lines below it were there before this start.
    package let firstSequence: Int

    package func nextSequence() -> Int { sequence.add(1, ordering: .relaxed).oldValue }

    package var lostLines: Int { lost.load(ordering: .relaxed) }

    /// Appends whole lines in one write.
    package func write(_ lines: [UInt8], count: Int) {
        let (file, writers, wasTorn) = current.withLock { segment in
            segment.dirty = true
            defer { segment.torn = false }
            // Under the lock: nobody begins once the file is not the current one any more.
            segment.writers.count.add(1, ordering: .relaxed)
            return (segment.file, segment.writers, segment.torn)
        }
        defer { writers.count.subtract(1, ordering: .releasing) }
        do {
            // Half a line would make the next one unreadable too.
            try file.write(wasTorn ? [UInt8(ascii: "\n")] + lines : lines)
        } catch {
            current.withLock { $0.torn = true }
            if lost.add(count, ordering: .relaxed).oldValue == 0 {
                logger.error("Telemetry lines are being lost: \(error)", metadata: JournalMessage.telemetryLost.metadata())
            }
        }
    }

    /// Once a second: syncs, rotates, forgets.
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
            // Somebody else at the files is somebody to come back after.
            _ = try upkeep.withLockIfAvailable { _ throws(FileError) in
                if isFull { try rotate(at: now) }
                try removeSegments(before: now.microseconds - Int64(settings.keep * 1e6))
            }
        } catch {
            logger.warning("The chat log could not be maintained: \(error)")
        }
    }

    package func synchronize() throws(FileError) { try current.withLock { $0.file }.synchronize() }

    /// All segments, oldest first; the one being written is the last.
    package func segments() throws(FileError) -> [LogReader] {
        // Between the two steps of a rotation there is no file of the plain name.
        (try Self.closedSegments(files, folders) + [folders.chatLog]).filter { files.status($0) != nil }
            .map { LogReader(files: files, path: $0) }
    }

    /// The answer's line, from whichever segment holds it; nil where none does (any more).
    package func find(_ id: Identifier) throws(FileError) -> LoggedAnswer? {
        for segment in try segments().reversed() {
            if let found = try segment.find(id) { return found }
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

    /// Closes the file that is being written, and begins the next one.
    ///
    /// - Returns: once nobody writes to it any more: whatever was written before this call stands in a closed segment.
    func setAside() async throws {
        let now = clock.now()
        let writers = try upkeep.withLock { _ throws(FileError) in try rotate(at: now) }
        while writers.count.load(ordering: .acquiring) > 0 { try await clock.sleep(0.001) }
    }

    /// - Returns: of the file that was closed.
    @discardableResult
    private func rotate(at now: Timestamp) throws(FileError) -> Writers {
        // Missing where the last rotation came no further than this.
        if files.status(folders.chatLog) != nil {
            var time = now.microseconds
            while files.status("\(folders.chatLog).\(time)") != nil { time += 1 }
            try files.rename(folders.chatLog, to: "\(folders.chatLog).\(time)")
        }
        let file = try files.append(to: folders.chatLog)
        // The old file is closed by its last holder: a writer may still be using it.
        let old = current.withLock { segment in
            defer { segment = Segment(file: file, began: now) }
            return segment
        }
        // What came between the last sync and the change of files.
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
    /// The logged answer of that id.
    ///
    /// - Parameter uid: nil where everybody's answers may be seen.
    /// - Throws: `RPCError` `not_found`, also for another person's answer: that it exists is nobody else's business.
    func answer(_ id: String, of uid: UInt32?) throws -> LoggedAnswer {
        guard let identifier = Identifier(id), let answer = try find(identifier), uid == nil || answer.uid == uid
        else {
            throw RPCError.notFound("There is no answer \(id.prefix(64)) of yours in the log (any more).", field: "id")
        }
        return answer
    }
}
