import Logging
import Synchronization
import World

extension PlausibleTime {
    /// Looks at the clock every second, so that no jump goes unseen, and says what waits after one.
    func chore(_ health: Health, _ logger: Logger) -> Chore {
        let told = Mutex<String?>(nil)
        return Chore("clock") { [self] in
            look()
            let waits = waits
            health.set(.clock, waits)
            let before = told.withLock { told in
                defer { told = waits }
                return told
            }
            guard before != waits else { return }
            if let waits {
                let metadata = JournalMessage.clockJumped.metadata()
                logger.warning("The clock is not to be believed: \(waits).", metadata: metadata)
            } else {
                logger.notice("The clock has been plausible for ten minutes.")
            }
        }
    }
}
