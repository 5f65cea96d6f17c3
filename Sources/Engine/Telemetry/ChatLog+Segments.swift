import Synchronization
package import World

// Which files in the folder are the log's. The daemon's own closed files are named by the number of their first line, so
// that their order needs no clock. Programs that rotate logs may have renamed or copied the file under names of theirs:
// these are read, too, for the answers in them can still be rated, but they are never removed.

/// Facts about files that are not written any more, kept so that they are not read again every second.
final class SegmentCatalog: Sendable {
    struct Entry: Sendable {
        /// The file that was read; another one at its path is read anew.
        var status: FileStatus
        /// The number of its first line; nil if none of its first lines is the log's.
        var first: Int?
        /// The time of its last line.
        var last: Timestamp?
    }

    private let state = Mutex<(entries: [String: Entry], disorders: [String: Int])>(([:], [:]))

    /// Returns what the file at the path is.
    func entry(for path: String, _ status: FileStatus, in files: any FileSystem) -> Entry {
        if let known = state.withLock({ $0.entries[path] }), known.status == status { return known }
        let reader = LogReader(files: files, path: path)
        do throws(FileError) {
            let first = try reader.first(within: LogReader.beginning)?.seq
            let entry = Entry(status: status, first: first, last: first == nil ? nil : try reader.end().newest)
            state.withLock { $0.entries[path] = entry }
            return entry
        } catch {
            // A file that cannot be read now is looked at again.
            return Entry(status: status)
        }
    }

    /// Drops what is known of files that are gone.
    func keep(_ paths: Set<String>) {
        state.withLock { state in
            state.entries = state.entries.filter { paths.contains($0.key) }
            state.disorders = state.disorders.filter { paths.contains($0.key) }
        }
    }

    /// From which byte on the lines of a file may be older than ones far before them; nil if none are known to be.
    func disorder(of path: String) -> Int? { state.withLock { $0.disorders[path] } }

    func note(disorder: Int, of path: String) { state.withLock { $0.disorders[path] = disorder } }

    /// Follows a file that has got another name, or that was rewritten.
    func forget(_ path: String) {
        state.withLock { state in
            state.entries[path] = nil
            // Lines that went cannot have moved the others backwards by more than all of them.
            if state.disorders[path] != nil { state.disorders[path] = 0 }
        }
    }
}

extension ChatLog {
    /// A file with lines of the log that is not written any more.
    struct Closed {
        var path: String
        /// Whether the daemon has closed and named it, so that it may remove it.
        var isOwn: Bool
        var first: Int
        var last: Timestamp?
        var size: Int
    }

    /// Returns all segments, oldest first; the one being written is the last.
    package func segments() throws(FileError) -> [LogReader] {
        // Between the two steps of a rotation there is no file with the plain name.
        (try closed().map(\.path) + [folders.chatLog]).filter { files.status($0) != nil }
            .map { LogReader(files: files, path: $0) }
    }

    /// The closed files in the order of their lines' numbers.
    func closed() throws(FileError) -> [Closed] { try Self.closed(files, folders, by: catalog) }

    static func closed(
        _ files: any FileSystem,
        _ folders: Folders,
        by catalog: SegmentCatalog
    ) throws(FileError) -> [Closed] {
        guard files.status(folders.logs) != nil else { return [] }
        var found: [Closed] = []
        var paths: Set<String> = []
        for name in try files.list(folders.logs) {
            guard let origin = Origin(name) else { continue }
            let path = folders.logs + "/" + name
            guard let status = files.status(path), status.kind == .file, status.size > 0 else { continue }
            paths.insert(path)
            let entry = catalog.entry(for: path, status, in: files)
            guard let first = entry.first else { continue }
            let isOwn = origin == .own(first) || origin == .earlier
            found.append(Closed(path: path, isOwn: isOwn, first: first, last: entry.last, size: status.size))
        }
        catalog.keep(paths)
        var present: Int?
        if found.contains(where: { !$0.isOwn }), files.status(folders.chatLog) != nil {
            present = try LogReader(files: files, path: folders.chatLog).first(within: LogReader.beginning)?.seq
        }
        // A copy that somebody made has lines that would be counted twice.
        found.sort { ($0.first, $0.isOwn ? 0 : 1, -$0.size) < ($1.first, $1.isOwn ? 0 : 1, -$1.size) }
        var last: Int?
        return found.filter { segment in
            defer { last = segment.first }
            return segment.isOwn || segment.first != last && segment.first != present
        }
    }

    /// The highest number of a line in a closed file; nil if there is none.
    static func highestSequence(
        _ files: any FileSystem,
        _ folders: Folders,
        by catalog: SegmentCatalog
    ) throws(FileError) -> Int? {
        for segment in try closed(files, folders, by: catalog).reversed() {
            if let highest = try LogReader(files: files, path: segment.path).end().sequence { return highest }
        }
        return nil
    }

    /// Removes the daemon's own closed files whose last line is from before `limit`.
    func removeSegments(before limit: Int64, now: Timestamp) throws(FileError) {
        let segments = try closed()
        for (segment, closing) in zip(segments, Self.closings(of: segments.map(\.last), now: now))
        where segment.isOwn && closing.microseconds < limit {
            try files.remove(segment.path)
        }
    }

    /// When files were closed, as far as the times of their last lines tell. Their order is right though a clock was
    /// wrong: one that was behind then closed no file before the one before it, and one that was ahead not after the
    /// next one.
    static func closings(of lasts: [Timestamp?], now: Timestamp) -> [Timestamp] {
        var closings = lasts.map { $0 ?? now }
        var next = now
        for index in closings.indices.reversed() {
            if closings[index] > now { closings[index] = next }
            next = closings[index]
        }
        for index in closings.indices.dropFirst() { closings[index] = max(closings[index], closings[index - 1]) }
        return closings
    }

    /// Who may have given a file its name.
    private enum Origin: Equatable {
        /// The daemon, if the file begins with the line of this number.
        case own(Int)
        /// An earlier intentd, which named closed files by the microsecond.
        case earlier
        /// Another program, such as logrotate.
        case foreign

        /// nil for a file that is none of the log's.
        init?(_ name: String) {
            let stem = "chat_metrics"
            guard name.hasPrefix(stem) else { return nil }
            let rest = name.dropFirst(stem.count)
            if rest.hasPrefix("."), rest.hasSuffix(".log"), rest.count > 5,
                let number = Int(rest.dropFirst().dropLast(4)), number > 0, rest == ".\(number).log"
            {
                self = .own(number)
                return
            }
            if rest.hasPrefix(".log."), rest.count == 21, rest.dropFirst(5).utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
                self = .earlier
                return
            }
            // Digits and what stands between them beside one ending: .log.1, .log-20261129, -20261129.log
            guard let ending = rest.firstRange(of: ".log") else { return nil }
            let others = (rest[..<ending.lowerBound] + rest[ending.upperBound...]).utf8
            guard others.contains(where: { 0x30...0x39 ~= $0 }),
                others.allSatisfy({ 0x30...0x39 ~= $0 || ".-_".utf8.contains($0) })
            else { return nil }
            self = .foreign
        }
    }
}
