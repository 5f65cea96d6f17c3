import Logging
import World

extension Ledger {
    /// Opens the database of a start as soon as no other process holds it.
    ///
    /// - Returns: what ``open(_:_:projections:)`` returns.
    /// - Throws: what it throws; `CancellationError`.
    static func openWhenFree(
        _ environment: Environment,
        _ health: Health,
        projections: [Projection]
    ) async throws -> (ledger: Ledger, refusal: StorageError?) {
        var isTold = false
        while true {
            do {
                return try open(environment, health, projections: projections)
            } catch let error as StorageError where error == .busy {
                if !isTold {
                    environment.logger.warning(
                        "Another process holds \(environment.folders.database); the start waits for it."
                    )
                }
                isTold = true
                try await environment.clock.sleep(0.2)
            }
        }
    }
}
