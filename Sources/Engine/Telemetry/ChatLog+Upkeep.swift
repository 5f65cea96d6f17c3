import Logging
import Synchronization
import World

// Other programs may do with the file what they like: logrotate renames or copies it, people remove or empty it. The
// descriptor knows nothing of that and takes lines for a file that nobody will find any more. So the file at the path is
// held against the open one every second.

extension ChatLog {
    /// Looks whether the file is still where it belongs, and begins another one if it is not. Lines that are in no file any
    /// more are counted as lost.
    func look() {
        upkeep.withLockIfAvailable { _ in
            let (file, isRenamed) = current.withLock { ($0.file, $0.isRenamed) }
            guard let file else { return begin(because: nil) }
            // The last rotation came no further than this.
            if isRenamed { return begin(because: nil) }
            guard let own = file.status else { return }
            let present = files.status(folders.chatLog)
            if present?.identity == own.identity {
                if own.size < file.size { begin(because: .emptied) }
            } else if own.links == 0 {
                begin(because: present == nil ? .removed : .replaced)
            } else {
                begin(because: .renamed)
            }
        }
    }

    /// Opens the file anew, as after a rotation by another program that says so. What was done to it is settled then.
    package func reopen() {
        look()
        meddling.withLock { $0 = nil }
    }

    private enum Meddling: String {
        case renamed, emptied, removed, replaced
    }

    /// Begins the file with the plain name, or goes on with it if there is one.
    ///
    /// - Parameter meddling: what somebody else did; nil for another attempt.
    private func begin(because meddling: Meddling?) {
        let path = folders.chatLog
        do {
            try files.makeDirectory(folders.logs)
            let file = try files.append(to: path)
            let size = file.size
            let isTorn = size > 0 ? try files.read(path, at: size - 1, count: 1) != [UInt8(ascii: "\n")] : false
            let kept = meddling == nil ? nil : keptLines(path)
            let old = replaceCurrent(by: file, at: clock.now(), torn: isTorn)
            guard let meddling else { return }
            say(meddling, lost: countLost(of: old, kept, meddling))
        } catch {
            // A renamed file goes on taking lines; one that is gone takes them for nobody.
            guard let meddling, meddling != .renamed else { return note("\(error)", isGone: meddling != nil) }
            let kept = keptLines(path)
            let old = replaceCurrent(by: nil, at: clock.now())
            note("\(error)", isGone: true)
            say(meddling, lost: countLost(of: old, kept, meddling))
        }
    }

    private func note(_ failure: String, isGone: Bool) {
        let isNew = current.withLock { segment in
            guard isGone || segment.file == nil else { return false }
            defer { segment.failure = failure }
            return segment.failure == nil
        }
        guard isNew else { return }
        logger.error("Telemetry lines are being lost: \(failure)", metadata: JournalMessage.telemetryLost.metadata())
    }

    /// The highest number in closed files and copies, and the first in the file at the path.
    private func keptLines(_ path: String) -> (highest: Int, first: Int?) {
        let highest = try? Self.highestSequence(files, folders, by: catalog)
        let first = try? LogReader(files: files, path: path).first(within: LogReader.beginning)?.seq
        return (highest ?? 0, first)
    }

    /// Counts the lines of this process that were in the file and are in no other.
    private func countLost(of old: Segment, _ kept: (highest: Int, first: Int?)?, _ meddling: Meddling) -> Int {
        guard let kept, meddling != .renamed else { return 0 }
        // Lines that came after the file was emptied are in it.
        let end = meddling == .emptied ? kept.first : nil
        let last = (end ?? sequence.load(ordering: .relaxed)) - 1
        let count = min(old.lines, max(0, last - kept.highest))
        lost.add(count, ordering: .relaxed)
        return count
    }

    private func say(_ meddling: Meddling, lost: Int) {
        let loss = lost == 0 ? "no line was lost" : lost == 1 ? "a line was lost" : "\(lost) lines were lost"
        let words =
            "\(folders.chatLog) was \(meddling.rawValue) by another program; it was opened anew, and \(loss). Let that "
            + "program send SIGHUP when it rotates the log, or leave that to telemetry.rotate_size and telemetry.keep"
        logger.warning("\(words).", metadata: JournalMessage.fileDisplaced.metadata())
        self.meddling.withLock { $0 = words + "; `intentctl reload` when that is settled" }
    }
}
