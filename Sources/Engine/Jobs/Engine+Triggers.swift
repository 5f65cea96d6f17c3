import Logging
import Wire
import World

// Retrainings that nobody asked for.
extension Engine {
    private static let minute: UInt64 = 60_000_000_000

    /// Due once a second; looks at memory only, unless something has changed.
    func retrainIfDue() async {
        let settings = configuration.training
        let isAfterDrift = drift.wantsTraining
        guard settings.afterFeedback > 0 || isAfterDrift, let jobs else { return }
        // While one runs, what is known may change with its end.
        if jobs.current != nil { return triggers.lookAgain() }
        await triggers.once(at: world.clock.monotonic()) {
            do {
                let standing = try await triggers.standing { try await feedback.standing() }
                guard let cause = standing.cause(settings, isAfterDrift: isAfterDrift, at: world.clock.now())
                else { return }
                let job = try await jobs.start(uid: world.uid, policy: settings.policy, cause: cause)
                triggers.lookAgain()
                if cause == .drift { drift.training() }
                world.logger.notice(
                    "A retraining has begun by itself, \(cause.words).",
                    metadata: ["job": .string(job.id)]
                )
            } catch is CancellationError {
                return
            } catch let error as RPCError where error.reason == .conflict {
                // Somebody was faster.
                triggers.lookAgain()
            } catch {
                world.logger.error("Whether a retraining is due could not be found out: \(error)")
                triggers.wait(until: world.clock.monotonic() + Self.minute)
            }
        }
    }
}
