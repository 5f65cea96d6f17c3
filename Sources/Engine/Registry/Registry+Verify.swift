import GRDB
import Learning
package import Wire
import World

/// Whether what is kept is what was recorded.
package struct Verification: Sendable {
    package struct Difference: Sendable, Equatable {
        /// A version's number, or an alias.
        package var subject: JSON
        /// A file of the version, or nil for what concerns none.
        package var file: String?
        package var problem: String
    }

    package var trail: AuditTrail
    package var versions = 0
    package var versionDifferences: [Difference] = []
    package var aliasDifferences: [Difference] = []
    /// How many tables were made from the events and compared.
    package var tables = 0
    package var tableDifferences: [Rebuild.Difference] = []

    package var isWhole: Bool {
        trail.broken == nil && versionDifferences.isEmpty && aliasDifferences.isEmpty && tableDifferences.isEmpty
    }

    package var json: JSON {
        [
            "ok": .bool(isWhole),
            "events": [
                "records": .integer(trail.records), "erased": .integer(trail.erased),
                "broken": trail.broken?.json ?? .null, "head": JSON(trail.broken == nil ? trail.head : nil),
            ],
            "models": [
                "checked": .integer(versions),
                "broken": .array(
                    versionDifferences.map {
                        ["version": $0.subject, "file": JSON($0.file), "problem": .string($0.problem)]
                    }
                ),
            ],
            "aliases": [
                "checked": .integer(Alias.allCases.count),
                "broken": .array(
                    aliasDifferences.map { ["alias": $0.subject, "problem": .string($0.problem)] }
                ),
            ],
            "tables": ["checked": .integer(tables), "broken": .array(tableDifferences.map(\.json))],
        ]
    }
}

extension Registry {
    /// Reads the audit trail and every file of every version, and makes the tables anew from the events. An alias that moves
    /// meanwhile is looked at before or after its move.
    package func verify() async throws -> Verification {
        let rebuild = try await Rebuild(of: ledger)
        var trail = AuditTrail()
        try await trail.follow(ledger) { try rebuild.follow($0) }
        var verification = Verification(trail: trail)
        let registered = try rebuild.read { try Recorded($0) }.digests
        for version in try await versions() {
            try Task.checkCancellation()
            guard let found = try await differences(of: version, registered) else { continue }
            verification.versions += 1
            verification.versionDifferences += found
        }
        return try await turn.take { [self, verification] in
            var verification = verification
            // What moved since is at the trail's end.
            try await verification.trail.follow(ledger) { try rebuild.follow($0) }
            try await compareAliases(&verification, with: try rebuild.read { try Recorded($0) })
            // Feedback may come meanwhile: the rest of the trail and the tables are read as of one moment.
            (verification.trail, verification.tableDifferences) = try await ledger.read { [verification] db in
                var trail = verification.trail
                try trail.follow(db) { try rebuild.follow($0) }
                return (trail, trail.broken == nil ? try rebuild.differences(from: db) : [])
            }
            if verification.trail.broken == nil { verification.tables = Schema.projections.count }
            return verification
        }
    }

    /// Versions and aliases as the events tell them.
    private struct Recorded: Sendable {
        var digests: [Int: String] = [:]
        var aliases: [Alias: Int]

        init(_ db: Database) throws {
            aliases = try Registry.aliases(db)
            for row in try Row.fetchAll(db, sql: "SELECT version, digest FROM versions") {
                digests[row["version"]] = row["digest"]
            }
        }
    }

    /// nil for a version that was collected meanwhile.
    private func differences(
        of version: Version,
        _ registered: [Int: String]
    ) async throws -> [Verification.Difference]? {
        try await turn.take { [self] in
            let number = version.version
            guard try await self.version(number)?.collectedAt == nil else { return nil }
            return differences(of: version, registered: registered[number])
        }
    }

    /// Outside the actor: who asks for an alias does not wait for a file.
    private nonisolated func differences(of version: Version, registered: String?) -> [Verification.Difference] {
        let subject = JSON.integer(version.version)
        var found = folder(of: version.version).differences(digest: version.digest, registered: version.files)
            .map { Verification.Difference(subject: subject, file: $0.file, problem: $0.problem) }
        if let registered, registered != version.digest {
            let problem = "the registry names another digest than the audit trail"
            found.append(Verification.Difference(subject: subject, problem: problem))
        }
        // Some versions were trained on data that was removed by hand; what is there must be what it is called.
        let data = folders.snapshot(version.snapshot)
        if files.status(data) != nil, (try? Digest.hex(of: data, in: files)) != version.snapshot {
            let problem = "the training data are not what their name says"
            found.append(Verification.Difference(subject: subject, file: "\(version.snapshot).jsonl", problem: problem))
        }
        return found
    }

    private func compareAliases(_ verification: inout Verification, with trail: Recorded) async throws {
        let (aliases, last, gone, known) = try await ledger.read { db in
            (
                try Self.aliases(db), try Self.lastTargets(db), try Self.gone(db),
                try Set(Int.fetchAll(db, sql: "SELECT version FROM versions"))
            )
        }
        for number in trail.digests.keys.sorted() where !known.contains(number) {
            let problem = "the audit trail knows it, and the registry does not"
            verification.versionDifferences.append(.init(subject: .integer(number), problem: problem))
        }
        let recorded = verification.trail.broken == nil ? trail.aliases : nil
        verification.aliasDifferences = Alias.allCases.flatMap { alias -> [Verification.Difference] in
            let version = aliases[alias]
            var problems: [String] = []
            if let version, !known.contains(version) {
                problems.append("it names version \(version), which there is not")
            }
            if let version, gone.contains(version) {
                problems.append("it names version \(version), which was collected")
            }
            if last[alias] != version { problems.append("the history says \(Self.name(last[alias]))") }
            if let recorded, recorded[alias] != version {
                problems.append("the audit trail says \(Self.name(recorded[alias]))")
            }
            if !isLinked(alias, to: version) { problems.append("the link \(folders.alias(alias)) says something else") }
            return problems.map {
                Verification.Difference(
                    subject: .string(alias.rawValue),
                    problem: "it stands at \(Self.name(version)), but \($0)"
                )
            }
        }
    }

    private static func name(_ version: Int?) -> String { version.map { "version \($0)" } ?? "no version" }

    /// Where the history of moves leaves each alias.
    private static func lastTargets(_ db: Database) throws -> [Alias: Int] {
        var targets: [Alias: Int] = [:]
        for alias in Alias.allCases {
            targets[alias] = try Row.fetchOne(
                db,
                sql: "SELECT target FROM moves WHERE alias = ? ORDER BY seq DESC LIMIT 1",
                arguments: [alias.rawValue]
            )?["target"]
        }
        return targets
    }

    private func isLinked(_ alias: Alias, to version: Int?) -> Bool {
        let link = folders.alias(alias)
        guard let version else { return files.status(link) == nil }
        // Each version's metadata name its number.
        let behind = try? files.read(link + "/" + VersionFolder.metadataFile, limit: FileLimit.metadata)
        let own = try? files.read(
            folders.version(version) + "/" + VersionFolder.metadataFile,
            limit: FileLimit.metadata
        )
        return behind == own && (own != nil || files.status(link) == nil)
    }
}
