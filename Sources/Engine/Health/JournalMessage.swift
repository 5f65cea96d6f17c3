package import Logging

/// A message of the journal that an operator may want to be alerted to, search for or have explained. The process gives
/// each a fixed `MESSAGE_ID` and a text in the journal's catalog.
package enum JournalMessage: String, Sendable, CaseIterable {
    case started
    case stopping
    case firstModelTrained = "first_model_trained"
    case firstTrainingFailed = "first_training_failed"
    case modelPromoted = "model_promoted"
    case modelRolledBack = "model_rolled_back"
    case modelWaits = "model_waits"
    case modelRejected = "model_rejected"
    case modelCollected = "model_collected"
    case watchPassed = "watch_passed"
    case drift
    case gateRefused = "gate_refused"
    case trainingFailed = "training_failed"
    case modelDamaged = "model_damaged"
    case modelFellBack = "model_fell_back"
    case databaseQuarantined = "database_quarantined"
    case databaseLost = "database_lost"
    case fileDisplaced = "file_displaced"
    case clockJumped = "clock_jumped"
    case storageReadOnly = "storage_read_only"
    case logCut = "log_cut"
    case telemetryLost = "telemetry_lost"
    case storageFull = "storage_full"
    case storageFailed = "storage_failed"
    case reloaded
    case reloadRefused = "reload_refused"
    case called
    case forbidden
    case overLimit = "over_limit"
    case socketRefused = "socket_refused"
    case watchdogTrouble = "watchdog_trouble"
    case watchdogRecovered = "watchdog_recovered"
    case journalLost = "journal_lost"

    /// The metadata key under which a line carries its message's name.
    package static let key = "event"

    /// The metadata that makes a line this message.
    package func metadata(_ fields: Logger.Metadata = [:]) -> Logger.Metadata {
        fields.merging([Self.key: .string(rawValue)]) { _, own in own }
    }
}
