import Classifier
import Engine
import Learning
import Synchronization
import TestSupport
import World

/// The training child, in this process: trains for real, or does what a child may do wrong.
final class FakeChild: Sendable {
    enum Behaviour: Sendable {
        /// As new data would, it makes other bytes each time.
        case train
        /// The same data makes the same bytes.
        case reproduce
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
    private let seen = Mutex<[Order]>([])
    private let files: MemoryFileSystem
    private let clock: Clock
    let starts: AsyncStream<Void>
    private let started: AsyncStream<Void>.Continuation

    /// - Parameter seed: children of other seeds make other bytes of the same rows, and those of the same seed the same.
    init(files: MemoryFileSystem, clock: Clock, seed: UInt64) {
        self.files = files
        made = Atomic(Int(seed) * 1_000)
        self.clock = clock
        (starts, started) = AsyncStream.makeStream()
    }

    /// Rows that were good enough to be trained on.
    struct Order {
        /// Their digest.
        var data: String
    }

    func behave(_ behaviour: Behaviour) { self.behaviour.withLock { $0 = behaviour } }

    var orders: [Order] { seen.withLock { $0 } }

    /// Returns once a child has been started.
    func waitForStart() async { for await _ in starts { return } }

    var process: TrainingProcess {
        TrainingProcess { [self] order, progress in
            started.yield()
            switch behaviour.withLock({ $0 }) {
            case .train: try await work(order, isAnew: true, progress)
            case .reproduce: try await work(order, progress)
            case .fail(let why): throw TrainingProcess.Failure.failed(why)
            case .notStarted: throw TrainingProcess.Failure.notStarted("no memory")
            case .vanish: return
            case .trainOn(let rows): try await work(order, instead: rows, isAnew: true, progress)
            case .hang:
                progress(VersionBuilder.Progress(step: "fit", fraction: 0.5))
                for await _ in AsyncStream<Void>(unfolding: { await Self.never() }) {}
                throw CancellationError()
            }
        }
    }

    private func work(
        _ order: TrainingProcess.Order,
        instead rows: [DataRow]? = nil,
        isAnew: Bool = false,
        _ progress: @escaping @Sendable (VersionBuilder.Progress) -> Void
    ) async throws {
        do {
            var lesson = try Lesson(order.lesson.file, in: files)
            if isAnew { lesson.targetPrecision = another(lesson.targetPrecision) }
            let work = LessonWork(lesson, files: files, clock: clock)
            let gathered = try work.gather()
            let digest = try Digest.hex(of: lesson.snapshot, in: files)
            seen.withLock { $0.append(Order(data: digest)) }
            let other = lesson.work + "/other.csv"
            if let rows { files.put(other, DataFile.csv(rows)) }
            try await work.train(
                on: rows == nil ? lesson.snapshot : other,
                withheld: Set(work.withheld(gathered).keys),
                threads: 1,
                progress: progress
            )
            try work.judge(gathered)
        } catch VersionBuilder.Failure.training(.cancelled) {
            throw CancellationError()
        } catch {
            throw TrainingProcess.Failure.failed("\(error)")
        }
    }

    private let made: Atomic<Int>

    /// A precision that nobody can tell from this one, and with which the same rows make a model of other bytes.
    func another(_ precision: Double) -> Double {
        precision - 1e-12 * Double(made.add(1, ordering: .relaxed).newValue)
    }

    /// nil when the task is cancelled, and not before.
    private static func never() async -> Void? {
        let (stream, _) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        return nil
    }
}
