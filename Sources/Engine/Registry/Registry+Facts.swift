import GRDB

extension Registry {
    /// The facts that decide which versions serve, as of one moment.
    package struct Facts: Sendable, Equatable {
        package var aliases: [Alias: Int] = [:]
        /// The one that made the present champion what it is.
        package var championMove: Move?
        /// Versions whose files are gone.
        package var gone: Set<Int> = []
        /// Versions that are there and should not be: they were trained on words of somebody who is forgotten.
        package var overdue: [Int] = []
        /// Versions that have the champion's bytes, it included.
        package var twins: Set<Int> = []
        /// Where a rollback goes.
        package var lastGood: Int?
    }

    /// How many commits of this process may have changed the facts.
    nonisolated var commits: Int {
        ledger.commits(of: [.move, .version, .reproduction, .collection, .forgetting])
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
                overdue: try Self.overdue(db).versions,
                twins: try Set(
                    Int.fetchAll(
                        db,
                        sql: """
                            SELECT version FROM versions WHERE digest = (
                                SELECT digest FROM versions JOIN aliases USING (version) WHERE alias = 'champion'
                            )
                            """
                    )
                ),
                lastGood: try Self.championHistory(db).lastGood
            )
        }
    }
}
