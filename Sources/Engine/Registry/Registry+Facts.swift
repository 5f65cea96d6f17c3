import GRDB

extension Registry {
    /// What decides which versions serve, as of one moment.
    package struct Facts: Sendable, Equatable {
        package var aliases: [Alias: Int] = [:]
        /// The one that made the present champion what it is.
        package var championMove: Move?
        /// Versions whose files are gone.
        package var gone: Set<Int> = []
        /// Versions that are there and should not be: they were trained on words of somebody who is forgotten.
        package var overdue: [Int] = []
    }

    /// How many commits of this process may have changed the facts.
    nonisolated var commits: Int {
        ledger.commits(of: [.move, .version, .collection, .forgetting])
    }

    func facts() async throws -> Facts {
        try await ledger.read { db in
            Facts(
                aliases: try Self.aliases(db),
                championMove: try Row.fetchOne(
                    db,
                    sql: "SELECT * FROM moves WHERE alias = 'champion' ORDER BY seq DESC LIMIT 1"
                ).flatMap { Move($0) },
                gone: try Self.gone(db),
                overdue: try Self.overdue(db).versions
            )
        }
    }
}
