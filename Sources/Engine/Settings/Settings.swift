import Synchronization

/// The configuration in force. Every room reads it when it needs a value and keeps no copy, so that a reload reaches
/// all rooms at once.
///
///     let watch = settings.current.training.watch
package final class Settings: Sendable {
    private let configuration: Mutex<Configuration>

    package init(_ configuration: Configuration) { self.configuration = Mutex(configuration) }

    package var current: Configuration { configuration.withLock { $0 } }

    func replace(with configuration: Configuration) { self.configuration.withLock { $0 = configuration } }
}
