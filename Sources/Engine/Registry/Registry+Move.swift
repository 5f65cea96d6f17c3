import Wire
import World

// Every change of an alias: one commit, and an entry in the history with it.
extension Registry {
    /// Moves the champion in one commit, and `last-good` with it; the version leaves `candidate` if it stood there.
    ///
    /// - Parameters:
    ///   - expected: the champion the caller believes in.
    ///   - consent: of the admin who asks; nil for what the daemon does by itself.
    /// - Returns: the champion before.
    /// - Throws: `RPCError` `conflict` when the champion is another one by now.
    @discardableResult
    package func move(
        _ kind: Move.Kind,
        to version: Int,
        uid: UInt32,
        reason: String,
        verdict: String? = nil,
        expected: Int? = nil,
        consent: Consent? = nil
    ) async throws -> Int? {
        try await turn.take { [self] in
            let entry = Move.Entry(kind: kind, uid: uid, reason: reason, verdict: verdict)
            let previous = try await ledger.write { transaction in
                try Self.move(to: version, entry, expected: expected, consent: consent, in: transaction)
            }
            await remakeLinks()
            return previous
        }
    }

    private static func move(
        to version: Int,
        _ entry: Move.Entry,
        expected: Int?,
        consent: Consent?,
        in transaction: Transaction
    ) throws -> Int? {
        let db = transaction.db
        let aliases = try Self.aliases(db)
        let previous = aliases[.champion]
        try check(expected, against: previous)
        let present = try present(version, db)
        guard previous != version else { return previous }
        if let consent { try approve(present, by: entry, consent, in: transaction) }
        try Self.set(.champion, from: previous, to: version, entry, in: transaction)
        let lastGood = try Self.championHistory(db).lastGood
        try Self.set(.lastGood, from: aliases[.lastGood], to: lastGood, entry, in: transaction)
        if aliases[.candidate] == version {
            try Self.set(.candidate, from: version, to: nil, entry, in: transaction)
        }
        return previous
    }

    /// Lets a version wait for an admin.
    package func nominate(_ version: Int, uid: UInt32, reason: String, verdict: String?) async throws {
        try await turn.take { [self] in
            try await ledger.write { transaction in
                let before = try Self.aliases(transaction.db)[.candidate]
                let entry = Move.Entry(kind: .nominate, uid: uid, reason: reason, verdict: verdict)
                try Self.set(.candidate, from: before, to: version, entry, in: transaction)
            }
            await remakeLinks()
        }
    }

    /// Takes a version that waits out of the running; from then on it is promoted by force only.
    ///
    /// - Parameter version: nil for the candidate.
    package func reject(
        _ version: Int?,
        uid: UInt32,
        reason: String,
        expected: Int?
    ) async throws -> (rejected: Int, champion: Int?) {
        try await turn.take { [self] in
            let result = try await ledger.write { transaction in
                try Self.reject(version, uid: uid, reason: reason, expected: expected, in: transaction)
            }
            await remakeLinks()
            return result
        }
    }

    private static func reject(
        _ version: Int?,
        uid: UInt32,
        reason: String,
        expected: Int?,
        in transaction: Transaction
    ) throws -> (rejected: Int, champion: Int?) {
        let aliases = try aliases(transaction.db)
        let champion = aliases[.champion]
        try check(expected, against: champion)
        guard let number = version ?? aliases[.candidate] else {
            throw RPCError.notFound("No candidate waits, so there is nothing to reject.", field: "version")
        }
        let present = try present(number, transaction.db)
        if number == champion {
            throw RPCError.conflict(
                "Version \(number) serves; it can be left, but not rejected.",
                hint: "go back to the one before: `intentctl rollback`"
            )
        }
        let held = [Alias.candidate, .shadow].filter { aliases[$0] == number }
        guard !held.isEmpty else {
            throw RPCError.conflict(
                "Version \(number) does not wait; only a version that waits can be rejected.",
                hint: "`intentctl models` shows which one is the candidate"
            )
        }
        let entry = Move.Entry(
            kind: .reject,
            uid: uid,
            reason: reason,
            verdict: present.verdict?["verdict"]?.string
        )
        for alias in held { try set(alias, from: number, to: nil, entry, in: transaction) }
        return (number, champion)
    }

    static func set(
        _ alias: Alias,
        from before: Int?,
        to version: Int?,
        _ entry: Move.Entry,
        in transaction: Transaction
    ) throws {
        guard before != version else { return }
        try transaction.record(
            .move,
            uid: entry.uid,
            payload: RegistryFact.move(alias, from: before, to: version, entry),
            words: RegistryFact.moveWords
        )
    }
}
