import Logging
import Wire

/// Versions that were trained on the words of somebody who is forgotten serve until one without them is the champion,
/// and go then. This begins that training and lets them go.
struct Unlearning: Sendable {
    let registry: Registry
    let champion: Champion
    let jobs: Jobs
    let ground: Ground

    /// Lets the versions go, unless one of them is the champion.
    ///
    /// - Returns: whether any went, and their aliases with them.
    func letGo() async -> Bool {
        do {
            let gone = try await registry.letGoOverdue(uid: ground.uid)
            let overdue = try await registry.overdue()
            let names = overdue.versions.map(String.init).joined(separator: ", ")
            ground.health.set(
                .unlearning,
                overdue.champion
                    ? "version \(names) was trained on words of somebody who is forgotten, and serves until one without "
                        + "them is champion" : nil
            )
            guard !gone.isEmpty else { return false }
            ground.logger.notice(
                "Version \(gone.map(String.init).joined(separator: ", ")) is gone: it was trained on words of somebody who is forgotten."
            )
            return true
        } catch {
            ground.logger.error("Versions that should be forgotten could not be let go: \(error)")
            return false
        }
    }

    /// Starts the training of a version without them. A job that has begun meanwhile is such a training, too.
    func train(uid: UInt32) async throws -> String? {
        do {
            let policy = ground.settings.current.training.policy
            return try await jobs.start(uid: uid, policy: policy, cause: .forgetting).id
        } catch let error as RPCError {
            if let running = jobs.current { return running.id }
            throw error
        }
    }

    /// At the end of a start: the training that a crash has come before.
    func trainIfDue() async {
        do {
            guard try await registry.lacksSuccessor(), let job = try await train(uid: ground.uid) else { return }
            ground.logger.notice("Training a version without the words of somebody who is forgotten: job \(job).")
        } catch {
            ground.logger.error("A version without the words of somebody who is forgotten is not trained: \(error)")
        }
    }
}
