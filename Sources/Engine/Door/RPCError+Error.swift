import Learning
import Logging
import Wire
import World

extension RPCError {
    /// Gives an error of any room its code and its message. There is no other place that does.
    init(_ error: any Error, logger: Logger) {
        self =
            switch error {
            case let error as RPCError: error
            case StorageError.full: .storageFull
            case StorageError.busy: .storageBusy
            case StorageError.readOnly: .storageFailed("the disk is read-only")
            case StorageError.displaced(let what): .storageFailed("\(what) by another program")
            case let error as StorageError: .storageFailed(String(describing: error))
            case let error as FileError: error.kind == .full ? .storageFull : .storageFailed(error.description)
            case is CancellationError: .cancelled
            case is Serial.Overload: .queueFull
            case let error as IntentMoveError where error.kind == .badName:
                .invalidParams(error.message, hint: error.remedy)
            case let error as IntentMoveError: .conflict(error.place + error.message, hint: error.remedy)
            case let error as VersionError: .notFound("That version cannot be read: \(error).")
            default: .internal("The daemon failed; its journal says why.")
            }
        // The caller learns that the request failed; only the operator learns why.
        if reason == .internal { logger.error("A request failed: \(error)") }
    }
}
