import Synchronization

/// The configuration in force. Everybody reads it where it is used, so that a reload reaches all of them at once.
package final class Settings: Sendable {
    private let configuration: Mutex<Configuration>

    package init(_ configuration: Configuration) { self.configuration = Mutex(configuration) }

    package var current: Configuration { configuration.withLock { $0 } }

    func replace(with configuration: Configuration) { self.configuration.withLock { $0 = configuration } }
}
