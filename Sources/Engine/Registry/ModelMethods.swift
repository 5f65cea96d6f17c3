import Learning
import Logging
import Wire
import World

/// `models.*` and `verify`.
struct ModelMethods: Sendable {
    let registry: Registry
    let champion: Champion
    let watch: Watch
    let source: TrainingSource
    let quotes: Quotes
    let settings: Settings
    let workers: Workers
    let logger: Logger
    /// Comparisons hold two models each: they take turns.
    let comparing = Serial(limit: 16)
    let verifying = Shared<JSON>(priority: .utility)

    func list() -> Response {
        .laterValue {
            let versions = try await registry.versions()
            return [
                "models": .array(
                    versions.map { version in
                        [
                            "version": .integer(version.version), "digest": .string(Digest.short(version.digest)),
                            "created_at": .string(version.createdAt.rfc3339),
                            "aliases": .array(version.aliases.map { .string($0.rawValue) }),
                            "metrics": version.metrics, "verdict": version.verdict?["verdict"] ?? .null,
                        ]
                    }
                )
            ]
        }
    }

    func show(_ call: Call) throws -> Response {
        let caller = call.caller.identity
        let number = try call.params.requiredInt("version")
        let listsWrong = try call.params.bool("wrong") ?? false
        let isAdmin = call.caller.role == .admin
        return .laterValue {
            let version = try await registered(number)
            let folder = registry.folder(of: number)
            let (shadow, watch) = try await watch.observed(number, isAdmin: isAdmin)
            let wrong = listsWrong ? try await compared { try await mistakes(of: number) } : JSON.null
            return [
                "version": .integer(number), "metadata": try folder.metadata(), "evaluation": try folder.evaluation(),
                "verdict": try await quotes.verdict(version.verdict ?? .null, for: caller), "shadow": shadow,
                "watch": watch,
                "wrong": wrong,
            ]
        }
    }

    func promote(_ call: Call) throws -> Response {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, force) = (try params.requiredString("reason"), try params.bool("force") ?? false)
        let uid = call.caller.uid
        return .laterValue {
            guard let number = try await { if let asked { asked } else { try await registry.aliases()[.candidate] } }()
            else {
                throw RPCError.notFound(
                    "No candidate waits; name the version: `intentctl promote VERSION`.",
                    field: "version"
                )
            }
            let version = try await registered(number)
            let outcome = version.verdict?["verdict"]?.string
            if outcome == Gate.Outcome.fail.rawValue, !force {
                throw RPCError.gateRefused(
                    "The gate refused version \(number).",
                    verdict: version.verdict ?? .null
                )
            }
            return try await move(
                .promote,
                to: number,
                Asked(uid: uid, reason: reason, expected: expected, force: force),
                verdict: outcome
            )
        }
    }

    func rollback(_ call: Call) throws -> Response {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, force) = (try params.requiredString("reason"), try params.bool("force") ?? false)
        let uid = call.caller.uid
        return .laterValue {
            guard let number = try await { if let asked { asked } else { try await registry.lastGood() } }()
            else {
                throw RPCError.notFound("There is no earlier version to go back to.", field: "version")
            }
            _ = try await registered(number)
            if !force, try await registry.rolledBack().contains(number) {
                throw RPCError.conflict(
                    "Version \(number) was itself rolled back from.",
                    hint: "choose another version, or promote it: `intentctl promote \(number)`"
                )
            }
            return try await move(
                .rollback,
                to: number,
                Asked(uid: uid, reason: reason, expected: expected, force: force),
                verdict: nil
            )
        }
    }

    func reject(_ call: Call) throws -> Response {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, uid) = (try params.requiredString("reason"), call.caller.uid)
        return .laterValue {
            let (rejected, standing) = try await Task {
                let result = try await registry.reject(asked, uid: uid, reason: reason, expected: expected)
                await champion.settleOrReport()
                return result
            }.value
            logger.notice(
                "Version \(rejected) was rejected by uid \(uid).",
                metadata: JournalMessage.modelRejected.metadata(["model_version": "\(rejected)", "uid": "\(uid)"])
            )
            return ["rejected": .integer(rejected), "champion": JSON(standing), "previous": JSON(standing)]
        }
    }

    func history(_ call: Call) throws -> Response {
        let limit = try call.params.int("limit") ?? 100
        guard let at = try call.params.string("at") else {
            return .laterValue {
                let moves = try await registry.history(limit: limit)
                return ["moves": .array(moves.map(\.json))]
            }
        }
        guard let time = Timestamp(rfc3339: at) else {
            throw RPCError.invalidParams("at is a time such as 2026-11-02T10:00:00Z.", field: "at")
        }
        return .laterValue {
            let standing = try await registry.standing(at: time)
            return [
                "at": .string(time.rfc3339),
                "aliases": .object(Alias.allCases.map { Member($0.rawValue, JSON(standing[$0]?.to)) }),
                "moves": .array(Alias.allCases.compactMap { standing[$0]?.json }),
            ]
        }
    }

    /// The words of the admin who moves the champion.
    private struct Asked: Sendable {
        var uid: UInt32
        var reason: String
        var expected: Int?
        var force: Bool
    }

    /// Verifies that the version can serve before anything is moved, and swaps before the reply.
    private func move(
        _ kind: Move.Kind,
        to version: Int,
        _ asked: Asked,
        verdict: String?
    ) async throws -> JSON {
        var consent = Registry.Consent(fourEyes: settings.current.training.fourEyes, force: asked.force)
        if consent.fourEyes { consent.authors = try await registry.authors(of: version) }
        let loaded = try await registry.model(version)
        // In a task of its own: a client that leaves in the middle must not part the alias from what answers.
        let previous = try await Task {
            let previous = try await registry.move(
                kind,
                to: version,
                uid: asked.uid,
                reason: asked.reason,
                verdict: verdict,
                expected: asked.expected,
                consent: consent
            )
            try await champion.settle(offering: loaded)
            return previous
        }.value
        logger.notice(
            "Version \(version) answers now (\(kind.rawValue) by uid \(asked.uid)).",
            metadata: (kind == .rollback ? JournalMessage.modelRolledBack : .modelPromoted)
                .metadata(["model_version": "\(version)", "previous": "\(previous ?? 0)", "uid": "\(asked.uid)"])
        )
        return ["champion": .integer(version), "previous": JSON(previous)]
    }

    func diff(_ call: Call) throws -> Response {
        let (from, to) = (try call.params.requiredInt("from"), try call.params.requiredInt("to"))
        return .laterValue {
            let isSame = try await registered(from).digest == registered(to).digest
            return try await compared { try await compare(from, to, isSame: isSame) }
        }
    }

    /// Everybody may ask, and each holds two models: one after the other.
    private func compared(_ body: @escaping @Sendable () async throws -> JSON) async throws -> JSON {
        try await comparing.take(endsWithCaller: true) { try await workers.together(body) }
    }

    private func testRows() throws -> [DataRow] {
        let rows = try source.rows(unless: nil)?.rows.filter { $0.split == .test } ?? []
        guard !rows.isEmpty else {
            throw RPCError.conflict(
                "The data has no rows of split test, so there is nothing to compare versions on.",
                hint: "mark some rows of data/intents.csv with split test"
            )
        }
        return rows
    }

    /// The test rows of today's data that a version gets wrong. No version keeps them: it is asked again.
    private func mistakes(of number: Int) async throws -> JSON {
        let mistakes = Mistakes(of: try await registry.model(number).model, on: try testRows())
        return mistakes.json
    }

    private func compare(_ from: Int, _ to: Int, isSame: Bool) async throws -> JSON {
        let rows = try testRows()
        let comparison = Comparison(
            from: try await registry.model(from).model,
            to: try await registry.model(to).model,
            rows: rows
        )
        let members = [
            Member("from", .integer(from)), Member("to", .integer(to)), Member("identical", .bool(isSame)),
        ]
        return .object(members + (comparison.json.object ?? []))
    }

    /// A version whose files are there.
    ///
    /// - Throws: `RPCError` `not_found`, in words that say what became of it.
    func registered(_ number: Int) async throws -> Registry.Version {
        guard let version = try await registry.version(number) else { throw Registry.unknown(number) }
        if let time = version.collectedAt { throw Registry.unknown(number, collected: time) }
        return version
    }

    /// Everybody may ask, and it reads everything: whoever asks meanwhile joins the verification under way.
    func verify() -> Response {
        .laterValue {
            try await verifying.value {
                let verification = try await workers.together { try await registry.verify() }
                if !verification.isWhole {
                    logger.error(
                        "A verification found something that is not as it was recorded; `intentctl verify` names it."
                    )
                }
                return verification.json
            }
        }
    }
}

extension Move {
    var json: JSON {
        [
            "at": .string(at.rfc3339), "kind": .string(entry.kind.rawValue), "alias": .string(alias.rawValue),
            "from": JSON(from), "to": JSON(to),
            "uid": .integer(Int(entry.uid)), "reason": .string(entry.reason), "verdict": JSON(entry.verdict),
        ]
    }
}
