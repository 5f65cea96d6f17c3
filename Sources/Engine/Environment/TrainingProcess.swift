package import Learning

/// Starts the training of one version in a process of its own and waits for its end. Handed in, so that the engine
/// starts no process itself and a test can be the child.
package struct TrainingProcess: Sendable {
    package struct Order: Sendable {
        /// It lies in its file already.
        package var lesson: Lesson
        package var nice: Int
        /// Bytes.
        package var memory: Int
    }

    /// Why there is no version.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The child's own words, or how it ended.
        case failed(String)
        case notStarted(String)

        package var description: String {
            switch self {
            case .failed(let why): why
            case .notStarted(let why): "the training process could not be started: \(why)"
            }
        }
    }

    /// Ends the child when the calling task is cancelled, and then throws `CancellationError`.
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
