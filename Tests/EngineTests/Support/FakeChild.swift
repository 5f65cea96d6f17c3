import Classifier
import Engine
import Learning
import Synchronization
import TestSupport
import World

/// The training child, in this process: trains for real, or does what a child may do wrong.
final class FakeChild: Sendable {
    enum Behaviour: Sendable {
        case train
        case fail(String)
        /// Never ends by itself.
        case hang
        case notStarted
        /// Ends well and leaves nothing.
        case vanish
        /// Trains on these rows, whatever it was given: a challenger of the test's choice.
        case trainOn([DataRow])
    }

    private let behaviour = Mutex(Behaviour.train)
    private let seen = Mutex<[TrainingProcess.Order]>([])
    private let files: MemoryFileSystem
    private let clock: Clock
    let starts: AsyncStream<Void>
    private let started: AsyncStream<Void>.Continuation

    init(files: MemoryFileSystem, clock: Clock) {
        self.files = files
        self.clock = clock
        (starts, started) = AsyncStream.makeStream()
    }

    func behave(_ behaviour: Behaviour) { self.behaviour.withLock { $0 = behaviour } }

    var orders: [TrainingProcess.Order] { seen.withLock { $0 } }

    /// Returns once a child has been started.
    func waitForStart() async { for await _ in starts { return } }

    var process: TrainingProcess {
        TrainingProcess { [self] order, progress in
            seen.withLock { $0.append(order) }
            started.yield()
            switch behaviour.withLock({ $0 }) {
            case .train: try await train(order, progress)
            case .fail(let why): throw TrainingProcess.Failure.failed(why)
            case .notStarted: throw TrainingProcess.Failure.notStarted("no memory")
            case .vanish: return
            case .trainOn(let rows):
                var other = order
                other.data = order.data + ".csv"
                files.put(other.data, DataFile.csv(rows))
                try await train(other, progress)
            case .hang:
                progress(VersionBuilder.Progress(step: "fit", fraction: 0.5))
                for await _ in AsyncStream<Void>(unfolding: { await Self.never() }) {}
                throw CancellationError()
            }
        }
    }

    private func train(
        _ order: TrainingProcess.Order,
        _ progress: @escaping @Sendable (VersionBuilder.Progress) -> Void
    ) async throws {
        do {
            _ = try await VersionBuilder(files: files, clock: clock).build(
                data: order.data,
                out: order.out,
                settings: Settings(),
                threads: 1,
                labelErrors: order.labelErrors,
                progress: progress
            )
        } catch VersionBuilder.Failure.training(.cancelled) {
            throw CancellationError()
        } catch {
            throw TrainingProcess.Failure.failed(error.description)
        }
    }

    /// nil when the task is cancelled, and not before.
    private static func never() async -> Void? {
        let (stream, _) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        return nil
    }
}
