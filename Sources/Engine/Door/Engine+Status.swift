import Learning
import Logging
import Synchronization
package import Wire

extension Engine {
    func status(_ call: Call) -> Given {
        let (uid, role) = (call.caller.uid, call.caller.role)
        let job = jobs?.current
        let limits = configuration.limits
        return .value([
            "version": .string(Software.version),
            "protocol": .integer(Software.protocolVersion),
            "uptime_s": .integer(uptimeSeconds),
            "champion": JSON(champion),
            "candidate": JSON(candidate),
            "job": job?.json ?? .null,
            "llm": llmStatus,
            "degraded": .array(
                degraded.map { ["feature": .string($0.feature), "reason": .string($0.reason)] }
            ),
            "limits": [
                "connections": .integer(limits.connections),
                "connections_per_uid": .integer(limits.connectionsPerUID),
                "line": .integer(limits.line),
                "in_flight": .integer(limits.inFlight),
                "output_soft": .integer(limits.outputSoft),
                "output_hard": .integer(limits.outputHard),
                "unfinished_line_s": .double(limits.unfinishedLine),
                "memory": .integer(limits.memory),
            ],
            "uid": .integer(Int(uid)),
            "role": .string(role.rawValue),
        ])
    }

    /// Reads everything first and applies it then: a file that is wrong changes nothing. One reload at a time.
    package func reload() async throws -> JSON {
        let task = lastReload.withLock { last in
            let next = Task { [self, last] in
                _ = await last?.result
                world.reloading(true)
                defer { world.reloading(false) }
                return try await reloadNow()
            }
            last = next
            return next
        }
        return try await task.value
    }

    private func reloadNow() async throws -> JSON {
        let old = configuration
        let new: Configuration
        let intents: (intents: [IntentSource], digest: String)?
        do {
            new = try world.configuration()
            intents = try source.intents(unless: digests.intents)
        } catch {
            degrade("configuration", "the last reload was refused: \(error)")
            world.logger.error("The reload was refused: \(error)", metadata: Event.reloadRefused.metadata())
            throw RPCError(.invalidParams, "Nothing was changed: \(error)", hint: "mend the file and reload again")
        }
        update(configuration: new)
        if let intents { update(intents: intents.intents, digest: intents.digest) }
        degrade("responses", nil)
        degrade("configuration", nil)
        world.apply(new)
        await republish()
        let (changed, needsRestart) = world.changes(old, new)
        world.logger.notice(
            "Reloaded. Changed: \(Self.list(changed)); only after a restart: \(Self.list(needsRestart)).",
            metadata: Event.reloaded.metadata()
        )
        return [
            "changed": .array(changed.map { .string($0) }), "needs_restart": .array(needsRestart.map { .string($0) }),
        ]
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
}
