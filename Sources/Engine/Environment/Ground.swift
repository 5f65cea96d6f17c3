import Logging
import World

/// What nearly every room needs, and none owns.
struct Ground: Sendable {
    let settings: Settings
    let health: Health
    let clock: Clock
    let logger: Logger
    /// The uid under which the daemon's own actions are recorded.
    let uid: UInt32
}
