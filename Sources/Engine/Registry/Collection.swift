import Logging
import World

/// Lets versions go that nobody can ask for any more: once an hour, and after each retraining. What does not work is tried
/// again the next time.
struct Collection: Sendable {
    let registry: Registry
    let settings: Settings
    let time: PlausibleTime
    let logger: Logger
    /// The daemon's own.
    let uid: UInt32
    /// The version that serves: mostly the champion; after a start at which its files were damaged, perhaps one that no
    /// move names.
    let answering: @Sendable () -> Int?

    private static let hour = 3_600.0

    var chore: Chore { Chore("collection", every: Self.hour) { await collect() } }

    /// Removes what an earlier collection let go of and a crash, or the disk, left lying.
    private func finish() async {
        do {
            try await registry.finishCollection()
        } catch {
            logger.warning("Old versions could not be collected: \(error)")
        }
    }

    func collect() async {
        let settings = settings.current
        guard let now = time.now else {
            logger.debug("Old versions are not collected before the clock has been plausible for ten minutes.")
            return await finish()
        }
        // A line is kept for so long after its file was closed, which happens at that age.
        let span = settings.telemetry.keep + settings.telemetry.rotateAge
        let cutoff = Timestamp(microseconds: now.microseconds - Int64(span * 1e6))
        do {
            let gone = try await registry.collect(
                keep: settings.registry.keep,
                answeredSince: cutoff,
                answering: answering(),
                uid: uid
            )
            guard !gone.isEmpty else { return }
            let names = gone.map(String.init).joined(separator: ", ")
            logger.notice(
                "Collected what no alias names and nobody can ask for any more: version \(names).",
                metadata: JournalMessage.modelCollected.metadata(["model_version": .string(names)])
            )
        } catch {
            logger.warning("Old versions could not be collected: \(error)")
        }
    }
}
