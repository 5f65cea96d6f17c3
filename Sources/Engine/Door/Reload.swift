import Learning
import Logging
package import Wire
import World

/// Reads configuration and responses again. Everything is read before anything is applied, so that a wrong file changes
/// nothing. Reloads take turns.
package struct Reload: Sendable {
    let environment: Environment
    let ground: Ground
    let log: ChatLog
    let dataset: Dataset
    let champion: Champion
    let turn = Serial()

    /// - Returns: the result of `reload`.
    /// - Throws: `RPCError` `invalid_params` if a file is wrong.
    package func run() async throws -> JSON {
        try await turn.take {
            // Whatever becomes of the configuration: a program that rotates the log says so with the same signal.
            log.reopen()
            environment.reloading(true)
            defer { environment.reloading(false) }
            return try await apply()
        }
    }

    private func apply() async throws -> JSON {
        let logger = ground.logger
        let old = ground.settings.current
        let before = dataset.intents
        let new: Configuration
        do {
            new = try environment.configuration()
            if let fresh = try dataset.freshIntents() { dataset.take(fresh) }
        } catch {
            ground.health.set(.configuration, "the last reload was refused: \(error)")
            logger.error("The reload was refused: \(error)", metadata: JournalMessage.reloadRefused.metadata())
            throw RPCError(
                .invalidParams,
                "Nothing was changed: \(error)",
                hint: "mend the file, then: `intentctl reload`"
            )
        }
        ground.settings.replace(with: new)
        dataset.readRows()
        ground.health.set(.responses, nil)
        ground.health.set(.configuration, nil)
        environment.apply(new)
        do {
            try await champion.refresh()
        } catch {
            logger.error("The serving model could not be brought in line with the ledger: \(error)")
        }
        let (keys, needsRestart) = environment.changes(old, new)
        let changed = keys + Self.changes(from: before, to: dataset.intents)
        logger.notice(
            "Reloaded. Changed: \(Self.list(changed)); only after a restart: \(Self.list(needsRestart)).",
            metadata: JournalMessage.reloaded.metadata()
        )
        return [
            "changed": .array(changed.map { .string($0) }), "needs_restart": .array(needsRestart.map { .string($0) }),
        ]
    }

    /// What differs in the answers: `responses.INTENT`, `policy.INTENT`.
    private static func changes(from old: [IntentSource], to new: [IntentSource]) -> [String] {
        let known = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
        let fresh = Dictionary(new.map { ($0.name, $0) }) { first, _ in first }
        return Set(known.keys).union(fresh.keys).sorted().flatMap { name in
            let (before, after) = (known[name], fresh[name])
            let areResponses = (before?.responses ?? []) != (after?.responses ?? [])
            let isPolicy = (before?.policy ?? .auto) != (after?.policy ?? .auto)
            return (areResponses ? ["responses.\(name)"] : []) + (isPolicy ? ["policy.\(name)"] : [])
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
}
