import Logging
import Synchronization
import Wire
import World

extension Engine {
    /// A collection under way, and when the next is due by the monotonic clock.
    struct Collecting: Sendable {
        var due: UInt64?
        var task: Task<Void, Never>?
    }

    private static let day: UInt64 = 86_400_000_000_000

    /// Lets versions go that nobody can ask for any more. What does not work is tried again the next time.
    func collect() async {
        let configuration = configuration
        let telemetry = configuration.telemetry
        // A line is kept for so long after its file was closed, which happens at that age.
        let span = telemetry.keep + telemetry.rotateAge
        let cutoff = Timestamp(microseconds: world.clock.now().microseconds - Int64(span * 1e6))
        // Mostly the champion; after a start at which its files were damaged, perhaps one that no move names.
        let answering: Int? = if case .ready(let snapshot) = serving { snapshot.version } else { nil }
        do {
            let gone = try await registry.collect(
                keep: configuration.registry.keep,
                answeredSince: cutoff,
                answering: answering,
                uid: world.uid
            )
            guard !gone.isEmpty else { return }
            let names = gone.map(String.init).joined(separator: ", ")
            world.logger.notice(
                "Collected what no alias names and nobody can ask for any more: version \(names).",
                metadata: Event.modelCollected.metadata(["model_version": .string(names)])
            )
        } catch {
            world.logger.warning("Old versions could not be collected: \(error)")
        }
    }

    /// Once a day.
    func collectIfDue() {
        let now = world.clock.monotonic()
        collecting.withLock { collecting in
            guard let due = collecting.due else {
                // The start has just done it.
                collecting.due = now + Self.day
                return
            }
            guard now >= due else { return }
            collecting.due = now + Self.day
            collecting.task = Task.detached(priority: .utility) { [self] in await collect() }
        }
    }
}
