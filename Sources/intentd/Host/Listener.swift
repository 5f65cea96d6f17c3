import Engine
import Glibc
import Logging
import Synchronization
import World

/// The place where the daemon listens.
struct ListeningPlace: Sendable {
    /// Shown to people, too.
    let path: String
    /// The listening socket, if the service manager passed it.
    var passed: Int32?
}

/// The listening socket and its name. Whoever may write to the folder can take the name away, and the socket goes on
/// listening where nobody finds it; so the name is looked after once a second.
final class Listener: Sendable {
    private struct Open {
        var descriptor: Int32
        /// What the path named when it was opened; nil if that could not be found out.
        var identity: FileIdentity?
    }

    private let place: ListeningPlace
    private let logger: Logger
    private let open = Mutex<Open?>(nil)
    /// What somebody did to the name; nil after a reload.
    private let meddling = Mutex<String?>(nil)

    init(_ place: ListeningPlace, logger: Logger) { (self.place, self.logger) = (place, logger) }

    var path: String { place.path }

    /// Listens.
    ///
    /// - Parameter start: takes the socket.
    /// - Throws: ``ListeningSocket/Failure``, ``FileError``.
    func begin(_ start: (Int32) -> Void) throws {
        let descriptor = try place.passed ?? ListeningSocket.listen(on: path)
        open.withLock { $0 = Open(descriptor: descriptor, identity: present) }
        start(descriptor)
    }

    /// Makes a socket whose name was removed again.
    ///
    /// - Parameter restart: takes the new socket in place of the old one.
    /// - Returns: what is wrong with the name, or was since the last reload.
    func look(_ restart: (Int32) -> Void) -> String? {
        guard let open = open.withLock({ $0 }), let identity = open.identity else { return nil }
        let present = present
        if present == identity { return meddling.withLock { $0 } }
        let fate = present == nil ? "removed" : "replaced"
        let what = "\(path) was \(fate) by another program"
        if place.passed != nil {
            return say("\(what), and nobody can connect; `systemctl restart intentd.socket` makes it again")
        }
        guard present == nil else {
            return say("\(what), and nobody can connect; remove what is there, and the socket is made again")
        }
        do {
            try HostFileSystem().makeDirectory(HostFileSystem.parent(of: path))
            let descriptor = try ListeningSocket.listen(on: path)
            self.open.withLock { $0 = Open(descriptor: descriptor, identity: self.present) }
            restart(descriptor)
            close(open.descriptor)
            return say("\(what), and was made again; `intentctl reload` when that is settled")
        } catch {
            return say("\(what), and nobody can connect: \(error)")
        }
    }

    /// What was done to the name is settled.
    func settle() { meddling.withLock { $0 = nil } }

    private func say(_ words: String) -> String {
        let isNew = meddling.withLock { meddling in
            defer { meddling = words }
            return meddling != words
        }
        if isNew { logger.warning("\(words).", metadata: JournalMessage.fileDisplaced.metadata()) }
        return words
    }

    /// Removes the name, if it is still that of this socket. A passed socket keeps it, because its unit goes on listening.
    func remove() {
        guard place.passed == nil, let open = open.withLock({ $0 }), let identity = open.identity else { return }
        if present == identity { unlink(path) }
        // From now on nobody makes it again.
        self.open.withLock { $0?.identity = nil }
    }

    /// Closes the socket.
    func end() {
        if let open = open.withLock({ $0.take() }) { close(open.descriptor) }
    }

    private var present: FileIdentity? {
        var information = stat()
        return lstat(path, &information) == 0 ? FileStatus(information).identity : nil
    }
}
