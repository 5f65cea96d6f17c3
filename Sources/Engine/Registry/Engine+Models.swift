import Learning
import Logging
import Wire
import World

extension Engine {
    func listModels() -> Given {
        .later { [self] in
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

    func showModel(_ call: Call) throws -> Given {
        let number = try call.params.requiredInt("version")
        return .later { [self] in
            let version = try await registered(number)
            let folder = registry.folder(of: number)
            let (shadow, watch) = try await observed(number)
            return [
                "version": .integer(number), "metadata": try folder.metadata(), "evaluation": try folder.evaluation(),
                "verdict": version.verdict ?? .null, "shadow": shadow, "watch": watch,
            ]
        }
    }

    func promote(_ call: Call) throws -> Given {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, force) = (try params.requiredString("reason"), try params.bool("force") ?? false)
        let uid = call.caller.uid
        return .later { [self] in
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
            return try await move(.promote, to: number, uid, reason, verdict: outcome, expected: expected, force: force)
        }
    }

    func rollback(_ call: Call) throws -> Given {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, force) = (try params.requiredString("reason"), try params.bool("force") ?? false)
        let uid = call.caller.uid
        return .later { [self] in
            guard let number = try await { if let asked { asked } else { try await registry.aliases()[.lastGood] } }()
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
            return try await move(.rollback, to: number, uid, reason, verdict: nil, expected: expected, force: force)
        }
    }

    func reject(_ call: Call) throws -> Given {
        let params = call.params
        let (asked, expected) = (try params.int("version"), try params.int("expected"))
        let (reason, uid) = (try params.requiredString("reason"), call.caller.uid)
        return .later { [self] in
            let (rejected, champion) = try await Task { [self] in
                let result = try await registry.reject(asked, uid: uid, reason: reason, expected: expected)
                await refreshAliases()
                return result
            }.value
            world.logger.notice(
                "Version \(rejected) was rejected by uid \(uid).",
                metadata: Event.modelRejected.metadata(["model_version": "\(rejected)", "uid": "\(uid)"])
            )
            return ["rejected": .integer(rejected), "champion": JSON(champion), "previous": JSON(champion)]
        }
    }

    func history(_ call: Call) throws -> Given {
        let limit = try call.params.int("limit") ?? 100
        guard let at = try call.params.string("at") else {
            return .later { [self] in
                let moves = try await registry.history(limit: limit)
                return ["moves": .array(moves.map(\.json))]
            }
        }
        guard let time = Timestamp(rfc3339: at) else {
            throw RPCError.invalidParams("at is a time such as 2026-11-02T10:00:00Z.", field: "at")
        }
        return .later { [self] in
            let standing = try await registry.standing(at: time)
            return [
                "at": .string(time.rfc3339),
                "aliases": .object(Alias.allCases.map { Member($0.rawValue, JSON(standing[$0]?.to)) }),
                "moves": .array(Alias.allCases.compactMap { standing[$0]?.json }),
            ]
        }
    }

    /// Verifies that the version can serve before anything is moved, and swaps before the reply.
    private func move(
        _ kind: Move.Kind,
        to version: Int,
        _ uid: UInt32,
        _ reason: String,
        verdict: String?,
        expected: Int?,
        force: Bool
    ) async throws -> JSON {
        let consent = Registry.Consent(fourEyes: configuration.training.fourEyes, force: force)
        let loaded = try await registry.model(version)
        // In a task of its own: a client that leaves in the middle must not part the alias from what answers.
        let previous = try await Task { [self] in
            let previous = try await registry.move(
                kind,
                to: version,
                uid: uid,
                reason: reason,
                verdict: verdict,
                expected: expected,
                consent: consent
            )
            try await follow(version, loaded)
            return previous
        }.value
        world.logger.notice(
            "Version \(version) answers now (\(kind.rawValue) by uid \(uid)).",
            metadata: (kind == .rollback ? Event.modelRolledBack : .modelPromoted)
                .metadata(["model_version": "\(version)", "previous": "\(previous ?? 0)", "uid": "\(uid)"])
        )
        return ["champion": .integer(version), "previous": JSON(previous)]
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
