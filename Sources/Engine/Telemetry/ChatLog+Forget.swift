import Synchronization
import Text
import Wire
import World

// A person's lines are taken out of closed segments only: nobody writes to those, and each is replaced as a whole, so
// that a crash leaves either the old file or the new one. That holds for files that other programs named, too; of these
// an empty one is left where a person had all lines.

extension ChatLog {
    private static let block = 1 << 20

    /// Returns the ids of the answers that a person got.
    func answers(of uid: UInt32) throws(FileError) -> Set<String> {
        var answers: Set<String> = []
        let mark = Mark(uid)
        for segment in try segments() {
            try segment.forEachLine { line in
                if mark.stands(in: line), let answer = LoggedAnswer(line: line) {
                    answers.insert(answer.id.description)
                }
                return true
            }
        }
        return answers
    }

    /// Closes the file that is being written if a person has lines in it. Whoever has none leaves no segment behind.
    func setAside(linesOf uid: UInt32) async throws {
        let mark = Mark(uid)
        var isThere = false
        try LogReader(files: files, path: folders.chatLog).forEachLine { line in
            isThere = mark.stands(in: line)
            return !isThere
        }
        if isThere { try await setAside() }
    }

    /// Takes a person's lines out of all closed segments.
    ///
    /// - Returns: the number of removed lines.
    func remove(linesOf uid: UInt32) throws(FileError) -> Int {
        var removed = 0
        for segment in try closed() {
            removed += try upkeep.withLock { _ throws(FileError) in try remove(Mark(uid), from: segment) }
        }
        return removed
    }

    private func remove(_ mark: Mark, from closed: Closed) throws(FileError) -> Int {
        let path = closed.path
        // It may have been removed meanwhile, as too old.
        guard files.status(path) != nil else { return 0 }
        let segment = LogReader(files: files, path: path)
        var (removed, kept) = (0, 0)
        try segment.forEachLine { line in
            if mark.stands(in: line) { removed += 1 } else { kept += 1 }
            return true
        }
        guard removed > 0 else { return 0 }
        let fresh = path + ".tmp"
        try files.remove(fresh)
        catalog.forget(path)
        if kept == 0, closed.isOwn {
            try files.remove(path)
            return removed
        }
        let file = try files.append(to: fresh)
        var bytes: [UInt8] = []
        var failure: FileError?
        try segment.forEachLine { line in
            if mark.stands(in: line) { return true }
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
            guard bytes.count >= Self.block else { return true }
            do throws(FileError) { try file.write(bytes) } catch { failure = error }
            bytes.removeAll(keepingCapacity: true)
            return failure == nil
        }
        if let failure { throw failure }
        try file.write(bytes)
        try file.synchronize()
        // The name tells the first line, by which the file is known as the daemon's own.
        let first = try LogReader(files: files, path: fresh).first(within: LogReader.beginning)?.seq
        guard let first, path == folders.closedLog(closed.first), first != closed.first else {
            try files.rename(fresh, to: path)
            return removed
        }
        try files.rename(fresh, to: folders.closedLog(first))
        try files.remove(path)
        return removed
    }

    /// The bytes that only a line of this uid has. A person's text cannot contain them: its quotes are escaped.
    private struct Mark {
        private let search: ByteSearch

        init(_ uid: UInt32) { search = ByteSearch("\"uid\":\(uid)") }

        func stands(in line: [UInt8]) -> Bool {
            line.withUnsafeBufferPointer { line in
                var start = 0
                while let place = search.first(in: line, from: start) {
                    let end = place + search.wanted.count
                    if end < line.count, !(0x30...0x39).contains(line[end]) { return true }
                    start = place + 1
                }
                return false
            }
        }
    }
}
