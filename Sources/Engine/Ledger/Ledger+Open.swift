import Logging
import Synchronization
import World

extension Ledger {
    /// Opens the database of a start. One that is damaged, and what is left of one that is missing beside the versions that
    /// it knew, is put aside and a new one begun, so that bad data never keeps the daemon from starting. Where the disk takes
    /// no writes, what is there is read into memory. `status` says each.
    ///
    /// - Returns: the ledger, and why it must take no more writes once the start is over; nil if it may.
    /// - Throws: ``StorageError`` for a database of a newer intentd, and where the disk is the trouble but takes writes: that
    ///   is no reason to part with a database that is whole.
    static func open(
        _ environment: Environment,
        _ health: Health,
        projections: [Projection]
    ) throws -> (ledger: Ledger, refusal: StorageError?) {
        let opening = Opening(environment: environment, health: health, projections: projections)
        do {
            if opening.isLost { return (try opening.replaceLost(), nil) }
            return (try opening.open(), nil)
        } catch {
            if case .damaged? = error as? StorageError { return (try opening.replaceDamaged(error), nil) }
            if case .newerSchema? = error as? StorageError { throw error }
            if case .busy? = error as? StorageError { throw error }
            guard let refusal = opening.refusalOfDisk, let copy = opening.copy(because: refusal) else { throw error }
            return (copy, refusal)
        }
    }
}

/// The steps of opening.
private struct Opening {
    let environment: Environment
    let health: Health
    let projections: [Projection]

    private var files: any FileSystem { environment.files }
    private var folders: Folders { environment.folders }

    func open() throws(StorageError) -> Ledger {
        do throws(FileError) {
            // SQLite would follow a link anywhere.
            if files.status(folders.database) != nil { _ = try files.read(folders.database, at: 0, count: 1) }
        } catch {
            throw StorageError(error)
        }
        return try Ledger(
            path: folders.database,
            clock: environment.clock,
            randomness: environment.randomness,
            projections: projections
        ) { [files] in files.status($0) }
    }

    /// Whether the database is missing or empty though there are versions, which a database that is whole knows of.
    var isLost: Bool {
        guard files.status(folders.database)?.size ?? 0 == 0, let names = try? files.list(folders.versions) else {
            return false
        }
        return names.contains { Folders.version(named: $0) != nil }
    }

    func replaceLost() throws -> Ledger {
        let isMissing = files.status(folders.database) == nil
        return try replace(
            "the database \(folders.database) was \(isMissing ? "missing" : "empty") though there are versions; what is left "
                + "of it lies in \(folders.quarantine), and feedback and history begin anew unless you put it back from a "
                + "backup",
            .databaseLost
        )
    }

    func replaceDamaged(_ error: any Error) throws -> Ledger {
        try replace(
            "the database was unreadable (\(error)) and lies in \(folders.quarantine); feedback and history begin anew",
            .databaseQuarantined
        )
    }

    /// Puts the files of the database aside and begins a new one.
    private func replace(_ words: String, _ message: JournalMessage) throws -> Ledger {
        environment.logger.error("A new database is begun: \(words).", metadata: message.metadata())
        let aside = "\(folders.quarantine)/intentd.sqlite.\(environment.clock.now().microseconds)"
        let left = ["", "-wal", "-shm"].filter { files.status(folders.database + $0) != nil }
        if !left.isEmpty { try files.makeDirectory(folders.quarantine) }
        for suffix in left { try files.rename(folders.database + suffix, to: aside + suffix) }
        health.set(.database, words)
        let ledger = try open()
        ledger.remark.withLock { $0 = words }
        return ledger
    }

    /// Why the disk below the database takes no writes; nil if it takes them.
    var refusalOfDisk: StorageError? {
        let probe = folders.data + "/intentd.probe"
        do throws(FileError) {
            try files.replace(probe, with: [UInt8](repeating: 0, count: 1 << 16))
            try files.remove(probe)
            return nil
        } catch {
            switch error.kind {
            case .full: return .full
            case .denied: return .readOnly
            case .notFound, .tooLarge, .failed: return nil
            }
        }
    }

    /// A ledger in memory of what can be read; nil if there is a database that cannot be.
    func copy(because refusal: StorageError) -> Ledger? {
        let isThere = files.status(folders.database)?.size ?? 0 > 0
        let ledger = try? Ledger(
            copyOf: isThere ? folders.database : nil,
            clock: environment.clock,
            randomness: environment.randomness,
            projections: projections
        )
        guard let ledger else { return nil }
        let words =
            "the disk was \(refusal == .full ? "full" : "read-only") at the start: what is there is served, and nothing is "
            + "stored; make it take writes, and restart intentd"
        environment.logger.error(
            "Started without a disk: \(words).",
            metadata: JournalMessage.storageReadOnly.metadata()
        )
        health.set(.disk, words)
        return ledger
    }
}
