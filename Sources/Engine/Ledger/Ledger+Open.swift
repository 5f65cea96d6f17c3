import Logging
import World

extension Ledger {
    /// Opens the database of a start. One that is damaged is put aside and a new one begun, so that bad data never keeps
    /// the daemon from starting; `status` says so.
    ///
    /// - Throws: ``StorageError`` for a database of a newer intentd, and where the disk is the trouble: that is no
    ///   reason to part with a database that is whole.
    static func open(_ environment: Environment, _ health: Health, projections: [Projection]) throws -> Ledger {
        let (files, folders) = (environment.files, environment.folders)
        let (clock, randomness) = (environment.clock, environment.randomness)
        func open() throws(StorageError) -> Ledger {
            try Ledger(path: folders.database, clock: clock, randomness: randomness, projections: projections) {
                files.status($0)
            }
        }
        do throws(StorageError) {
            return try open()
        } catch {
            guard case .damaged = error else { throw error }
            environment.logger.error(
                "The database cannot be opened (\(error)); it is put aside and a new one begun.",
                metadata: JournalMessage.databaseQuarantined.metadata()
            )
            let aside = "\(folders.quarantine)/intentd.sqlite.\(clock.now().microseconds)"
            try files.makeDirectory(folders.quarantine)
            for suffix in ["", "-wal", "-shm"] where files.status(folders.database + suffix) != nil {
                try files.rename(folders.database + suffix, to: aside + suffix)
            }
            health.set(
                .database,
                "the database was unreadable and lies in \(folders.quarantine); feedback and history begin anew"
            )
            return try open()
        }
    }
}
