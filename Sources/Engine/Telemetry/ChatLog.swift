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
///     log.write(bytes, count: 1, at: answer.at)    // whole lines
///     log.maintain(settings)        // once a second: looks after the file, syncs, rotates, removes
///     try log.find(id)?.text
package final class ChatLog: Sendable {
    let files: any FileSystem
    let folders: Folders
    private let names: @Sendable () -> IntentNames
    let clock: Clock
    let time: PlausibleTime
    let logger: Logger
    let current: Mutex<Segment>
    /// Held while files are renamed, removed or rewritten.
    let upkeep = Mutex(())
    let catalog = SegmentCatalog()
    let sequence: Atomic<Int>
    let lost = Atomic<Int>(0)
    /// What somebody else did to the file; nil after the next ``reopen()``.
    let meddling = Mutex<String?>(nil)

    /// The file that is being written.
    struct Segment {
        /// nil while there is none that could be written.
        var file: (any AppendFile)?
        var began: Timestamp
        var dirty = false
        /// Whether the file may end in half a line.
        var torn = false
        /// Why the last write failed; nil if it did not.
        var failure: String?
        /// Lines of this process.
        var lines = 0
        /// The latest time of a line.
        var newest: Timestamp?
        /// From which byte on lines may be older than ones far before them; nil if there are none such.
        var disorder: Int?
        /// Whether it has been given the name of a closed one.
        var isRenamed = false
        let writers = Writers()
    }

    /// The writes to a file that are under way. A reader that needs all lines of a closed segment waits for them.
    final class Writers: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Opens the log and cuts off a torn last line. Where the disk takes no writes there is a log to read all the same;
    /// its new lines are lost, and ``trouble`` says why.
    ///
    /// - Parameters:
    ///   - time: without one, that of `clock`.
    ///   - names: the names of intents in force, by which the answers of earlier versions are read.
    package init(
        files: any FileSystem,
        folders: Folders,
        clock: Clock,
        logger: Logger,
        time: PlausibleTime? = nil,
        names: @escaping @Sendable () -> IntentNames = { IntentNames() }
    ) throws(FileError) {
        (self.files, self.folders, self.names, self.clock, self.logger) = (files, folders, names, clock, logger)
        let time = time ?? PlausibleTime(clock: clock)
        self.time = time
        var segment = Segment(file: nil, began: clock.now())
        let reader = LogReader(files: files, path: folders.chatLog)
        do throws(FileError) {
            try files.makeDirectory(folders.logs)
            let file = try files.append(to: folders.chatLog)
            let torn = try reader.tornBytes()
            if torn > 0 {
                try file.truncate(to: file.size - torn)
                logger.warning(
                    "The last line of \(folders.chatLog) was torn; \(torn) bytes of it were cut off.",
                    metadata: JournalMessage.logCut.metadata()
                )
            }
            segment.file = file
            segment.began = try reader.first()?.counted.at ?? segment.began
        } catch {
            logger.error("Telemetry lines are being lost: \(error)", metadata: JournalMessage.telemetryLost.metadata())
            segment.failure = "\(error)"
        }
        let end = try? reader.end()
        segment.newest = end?.newest
        current = Mutex(segment)
        var last = end?.sequence
        if last == nil { last = try? Self.highestSequence(files, folders, by: catalog) }
        firstSequence = (last ?? 0) + 1
        sequence = Atomic(firstSequence)
        if let newest = end?.newest { time.recall(newest) }
    }

    /// The first number of this process; lines with a lower one were there before it.
    package let firstSequence: Int

    /// Takes the number of one more line.
    package func nextSequence() -> Int { sequence.add(1, ordering: .relaxed).oldValue }

    /// The number of lines since the start that no file has: the disk did not take them, or somebody removed them.
    package var lostLines: Int { lost.load(ordering: .relaxed) }

    /// What keeps lines from the log, or what somebody else did to it; nil if all is well.
    package var trouble: String? {
        if let failure = current.withLock({ $0.failure }) {
            return "lines of the log are being lost, \(lostLines) so far: \(failure)"
        }
        return meddling.withLock { $0 }
    }

    /// Appends whole lines in one write.
    ///
    /// - Parameter time: that of one of the lines.
    package func write(_ lines: [UInt8], count: Int, at time: Timestamp? = nil) {
        let (file, writers, wasTorn, hadFailed) = current.withLock { segment in
            segment.dirty = true
            defer { segment.torn = false }
            segment.lines += count
            if let time { segment.mark(time) }
            // Counted under the lock, so that no write begins on a file that is no longer the current one.
            segment.writers.count.add(1, ordering: .relaxed)
            return (segment.file, segment.writers, segment.torn, segment.failure != nil)
        }
        defer { writers.count.subtract(1, ordering: .releasing) }
        guard let file else { return fail(nil, count: count, to: writers) }
        do {
            // Half a line would make the next one unreadable too: end it first.
            try file.write(wasTorn ? [UInt8(ascii: "\n")] + lines : lines)
            if hadFailed { current.withLock { if $0.writers === writers { $0.failure = nil } } }
        } catch {
            fail(error, count: count, to: writers)
        }
    }

    /// Counts lines as lost.
    ///
    /// - Parameter writers: of the file that did not take them.
    private func fail(_ error: FileError?, count: Int, to writers: Writers) {
        let isNew = current.withLock { segment in
            guard segment.writers === writers else { return false }
            segment.torn = true
            segment.lines -= count
            guard let error else { return false }
            defer { segment.failure = "\(error)" }
            return segment.failure == nil
        }
        lost.add(count, ordering: .relaxed)
        if isNew, let error {
            let metadata = JournalMessage.telemetryLost.metadata()
            logger.error("Telemetry lines are being lost: \(error)", metadata: metadata)
        }
    }

    /// Looks after the file, syncs, rotates and removes old segments. It must be called once a second.
    package func maintain(_ settings: Configuration.Telemetry) {
        look()
        let (file, wasDirty, began, isDisordered) = current.withLock { segment in
            defer { segment.dirty = false }
            return (segment.file, segment.dirty, segment.began, segment.disorder != nil)
        }
        do {
            if wasDirty { try file?.synchronize() }
            let now = clock.now()
            let age = Double(now.microseconds - began.microseconds) / 1e6
            let size = file?.size ?? 0
            // Lines before and after a clock was set back do not stay in one file, or they would not be found in it.
            let isDue = size >= settings.rotateSize || age >= settings.rotateAge || isDisordered
            // While somebody else holds the files, try again a second later.
            _ = try upkeep.withLockIfAvailable { _ throws(FileError) in
                if size > 0 && isDue { try rotate(at: now) }
                if let now = time.now {
                    try removeSegments(before: now.microseconds - Int64(settings.keep * 1e6), now: now)
                }
            }
        } catch {
            logger.warning("The chat log could not be maintained: \(error)")
        }
    }

    package func synchronize() throws(FileError) { try current.withLock { $0.file }?.synchronize() }

    /// Finds the line of an answer in any segment; nil if there is none, or none any more. Its intent has its present name.
    package func find(_ id: Identifier) throws(FileError) -> LoggedAnswer? {
        for segment in try segments().reversed() {
            if var found = try segment.find(id, orderedUntil: disorder(of: segment.path)) {
                let intent = found.counted.intent
                found.counted.intent = names().now(intent, of: found.version) ?? intent
                return found
            }
        }
        return nil
    }

    private func disorder(of path: String) -> Int? {
        path == folders.chatLog ? current.withLock { $0.disorder } : catalog.disorder(of: path)
    }

    /// Counts the lines that were there before this start, and notes where their times go back.
    func recount() -> Counters {
        var counters = Counters()
        do {
            for segment in try segments() {
                var newest: Timestamp?
                var disorder: Int?
                try segment.forEachLine { line, offset in
                    guard let answer = LoggedAnswer(line: line), answer.seq < firstSequence else { return true }
                    counters.count(answer.counted)
                    let at = answer.counted.at
                    if let newest, disorder == nil, LogReader.isDisorder(from: newest, to: at) { disorder = offset }
                    newest = max(newest ?? at, at)
                    return true
                }
                guard let disorder else { continue }
                if segment.path == folders.chatLog {
                    current.withLock { $0.disorder = min(disorder, $0.disorder ?? disorder) }
                } else {
                    catalog.note(disorder: disorder, of: segment.path)
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
        look()
        let now = clock.now()
        let writers = try upkeep.withLock { _ throws(FileError) in try rotate(at: now) }
        while let writers, writers.count.load(ordering: .acquiring) > 0 { try await clock.sleep(0.001) }
    }

    /// Closes the file that is being written, under the number of its first line, and begins the next one. An empty file
    /// goes on.
    ///
    /// - Returns: the writers of the closed file.
    @discardableResult
    private func rotate(at now: Timestamp) throws(FileError) -> Writers? {
        let (old, isRenamed) = current.withLock { ($0.file, $0.isRenamed) }
        guard let old, old.size > 0 else { return nil }
        // It has been renamed already if the last rotation failed after that.
        if !isRenamed {
            // What is not ours is not renamed; the next look after the file begins another one.
            guard files.status(folders.chatLog)?.identity == old.status?.identity else { return nil }
            let first = try LogReader(files: files, path: folders.chatLog).first(within: LogReader.beginning)?.seq
            var number = first ?? sequence.load(ordering: .relaxed)
            while files.status(folders.closedLog(number)) != nil { number += 1 }
            let path = folders.closedLog(number)
            try files.rename(folders.chatLog, to: path)
            let disorder = current.withLock { segment in
                segment.isRenamed = true
                return segment.disorder
            }
            if let disorder { catalog.note(disorder: disorder, of: path) }
        }
        let file = try files.append(to: folders.chatLog)
        // The old file is closed by its last holder, since a writer may still use it.
        let writers = replaceCurrent(by: file, at: now).writers
        // For the lines since the last sync.
        try old.synchronize()
        return writers
    }

    /// Lets lines go to another file from now on.
    ///
    /// - Returns: what they went to before.
    @discardableResult
    func replaceCurrent(by file: (any AppendFile)?, at now: Timestamp, torn: Bool = false) -> Segment {
        current.withLock { segment in
            let failure = file == nil ? segment.failure : nil
            defer { segment = Segment(file: file, began: now, torn: torn, failure: failure) }
            return segment
        }
    }
}

extension ChatLog.Segment {
    /// Notes the time of a line that is about to be written.
    fileprivate mutating func mark(_ time: Timestamp) {
        if let newest, disorder == nil, LogReader.isDisorder(from: newest, to: time) { disorder = file?.size ?? 0 }
        newest = max(newest ?? time, time)
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
