import Synchronization
import World

// SQLite writes to the files that it has opened, whatever has become of their names. A commit into a file that somebody
// removed or replaced is on stable storage until the process ends, and nowhere after that. So nobody hears of a commit
// before the paths have been held against what was opened.

/// Where the files of the database lie, and what they were when it was opened.
final class DatabasePlace: Sendable {
    private struct Known {
        var database: FileIdentity?
        /// Of the file of commits beside it; nil as long as there was none.
        var log: FileIdentity?
    }

    private let path: String
    private let status: @Sendable (String) -> FileStatus?
    private let known = Mutex(Known())

    /// - Parameter status: what is at a path.
    init(_ path: String, status: @escaping @Sendable (String) -> FileStatus?) {
        (self.path, self.status) = (path, status)
    }

    /// Takes the files as they are now, which SQLite has just opened.
    func settle() {
        let database = status(path)?.identity
        known.withLock { $0 = Known(database: database) }
    }

    /// What somebody did to the files; nil as long as they are those that are open. It costs two looks at the file system.
    func meddling() -> String? {
        let (database, log) = (status(path), status(path + "-wal"))
        let known = known.withLock { known in
            if known.log == nil { known.log = log?.identity }
            return known
        }
        if let fate = Self.fate(of: known.database, now: database) { return "\(path) was \(fate)" }
        if database?.size == 0 { return "\(path) was emptied" }
        if let fate = Self.fate(of: known.log, now: log) { return "\(path)-wal was \(fate)" }
        return nil
    }

    private static func fate(of known: FileIdentity?, now: FileStatus?) -> String? {
        guard let known, known != now?.identity else { return nil }
        return now == nil ? "renamed or removed" : "replaced"
    }
}
