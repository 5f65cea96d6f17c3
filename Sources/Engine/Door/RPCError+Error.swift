import Learning
import Logging
import Wire
import World

extension RPCError {
    /// The one place where errors of the rooms get their code and their words.
    init(_ error: any Error, logger: Logger) {
        self =
            switch error {
            case let error as RPCError: error
            case StorageError.full: .storageFull
            case let error as StorageError: .storageFailed(String(describing: error))
            case let error as FileError: error.kind == .full ? .storageFull : .storageFailed(error.description)
            case is CancellationError: .cancelled
            case is Serial.Overload: .queueFull
            case let error as VersionError: .notFound("That version cannot be read: \(error).")
            default: .internal("The daemon failed; its journal says why.")
            }
        // The caller learns that it failed; what exactly is the operator's business.
        if reason == .internal { logger.error("A request failed: \(error)") }
    }
}
