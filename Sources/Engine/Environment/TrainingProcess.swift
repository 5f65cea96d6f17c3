package import Learning

/// Trains one version in a child process and waits for its end. It is handed in, so that the engine starts no process
/// itself and a test can simulate the child.
package struct TrainingProcess: Sendable {
    package struct Order: Sendable {
        /// It has been written to its file already.
        package var lesson: Lesson
        package var nice: Int
        /// The limit of address space, in bytes.
        package var memory: Int
    }

    /// The reason why no version was made.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The message is the child's own, or says how it ended.
        case failed(String)
        case notStarted(String)

        package var description: String {
            switch self {
            case .failed(let why): why
            case .notStarted(let why): "the training process could not be started: \(why)"
            }
        }
    }

    /// Runs the child. If the calling task is cancelled, it ends the child and throws `CancellationError`.
    package var run:
        @Sendable (Order, _ progress: @escaping @Sendable (VersionBuilder.Progress) -> Void) async throws -> Void

    package init(
        run:
            @escaping @Sendable (Order, _ progress: @escaping @Sendable (VersionBuilder.Progress) -> Void) async throws
            -> Void
    ) {
        self.run = run
    }
}
