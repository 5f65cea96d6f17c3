import Logging
import Synchronization
import Wire

extension Engine {
    /// Everybody may ask, and it reads everything: there is one at a time, and who asks meanwhile gets its result too.
    func verify() -> Given {
        let task = verifying.withLock { underWay in
            if let underWay { return underWay }
            let task = Task.detached(priority: .utility) { [self] in
                defer { verifying.withLock { $0 = nil } }
                let verification = try await registry.verify()
                if !verification.isWhole {
                    world.logger.error(
                        "A verification found something that is not as it was recorded; `intentctl verify` names it."
                    )
                }
                return verification.json
            }
            underWay = task
            return task
        }
        return .later { try await task.value }
    }
}
