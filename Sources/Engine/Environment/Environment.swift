package import Logging
package import World

/// Where the process runs and listens, for people who look for it.
package struct Place: Sendable, Equatable {
    package var pid: Int?
    /// Absolute paths; nil where nobody said.
    package var socket: String?
    package var root: String?
    package var configuration: String?

    package init(pid: Int? = nil, socket: String? = nil, root: String? = nil, configuration: String? = nil) {
        (self.pid, self.socket, self.root, self.configuration) = (pid, socket, root, configuration)
    }
}

/// Everything that touches the world, handed in so that a test can simulate the disk, the clock, a crash and the LLM.
package struct Environment: Sendable {
    package var files: any FileSystem
    package var folders: Folders
    package var clock: Clock
    package var randomness: Randomness
    package var process: TrainingProcess
    package var logger: Logger
    /// Reads the configuration again.
    package var configuration: @Sendable () throws -> Configuration
    /// Returns the names of the keys that differ, and of those among them that take effect only at a restart.
    package var changes: @Sendable (Configuration, Configuration) -> (changed: [String], needsRestart: [String])
    /// Applies the parts of a configuration that the process, not the engine, holds.
    package var apply: @Sendable (Configuration) -> Void
    /// The uid under which the daemon's own actions are recorded.
    package var uid: UInt32
    /// The number of processors that the process may use.
    package var processors = 2
    package var threads = Threads.queues
    /// nil if there is no way to ask an LLM.
    package var llm: LLM?
    /// Called before a reload and after it, whether it succeeded or was refused.
    package var reloading: @Sendable (_ isUnderWay: Bool) -> Void = { _ in }
    /// Where the process runs, for `status`.
    package var place = Place()

    package init(
        files: any FileSystem,
        folders: Folders,
        clock: Clock,
        randomness: Randomness,
        process: TrainingProcess,
        logger: Logger,
        configuration: @escaping @Sendable () throws -> Configuration,
        changes:
            @escaping @Sendable (Configuration, Configuration) -> (changed: [String], needsRestart: [String]),
        apply: @escaping @Sendable (Configuration) -> Void,
        uid: UInt32
    ) {
        (self.files, self.folders, self.clock, self.randomness) = (files, folders, clock, randomness)
        (self.process, self.logger, self.configuration, self.changes) = (process, logger, configuration, changes)
        (self.apply, self.uid) = (apply, uid)
    }
}
