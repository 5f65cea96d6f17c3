/// The intent of rows that are out of scope. It is never a class, but calibration and evaluation use such rows.
package let outOfScopeIntent = "oos"

/// One labelled text.
package struct Example: Sendable, Equatable {
    package var text: String
    /// The name of a class, or `outOfScopeIntent`.
    package var intent: String
    /// The factor of the row's loss; finite and above 0.
    package var weight: Float
    /// Rows with the same number are not independent of each other, such as those made from one template. They are held
    /// out together, and count as one piece of evidence. nil: the row has a group of its own.
    package var group: Int?
    /// How many people stand behind the row; ``enoughSupport`` for one that belongs to nobody.
    package var support: Int

    /// With so many people behind it, a row is nobody's own words any more.
    package static let enoughSupport = 3

    package init(
        text: String,
        intent: String,
        weight: Float = 1,
        group: Int? = nil,
        support: Int = Example.enoughSupport
    ) {
        (self.text, self.intent, self.weight) = (text, intent, weight)
        (self.group, self.support) = (group, support)
    }
}

/// The reason for which a training produced no model, in words for the person who asked for it.
package enum TrainingError: Error, Sendable, Equatable {
    case noRows
    case oneClass(String)
    /// A weight is not a finite number above 0. `row` counts from 0.
    case badWeight(row: Int)
    case badSetting(String)
    case cancelled

    package var message: String {
        switch self {
        case .noRows: "there are no rows to train on"
        case .oneClass(let intent): "every training row has the intent '\(intent)'"
        case .badWeight(let row): "training row \(row + 1) has a weight that is not a number above 0"
        case .badSetting(let what): "the settings cannot be used: \(what)"
        case .cancelled: "the training was cancelled"
        }
    }

    package var remedy: String {
        switch self {
        case .noRows: "add rows of split 'train' whose intent is not 'oos'"
        case .oneClass: "add rows of at least one other intent; rows that belong to none are marked 'oos'"
        case .badWeight: "leave the weight out, or give a number above 0"
        case .badSetting: "correct the setting or leave it out"
        case .cancelled: "start it again"
        }
    }
}

/// The progress of a training.
package struct TrainingProgress: Sendable, Equatable {
    /// The name of the step: "features", "fit", "folds", "calibrate" or "done".
    package var step: String
    /// The part that is done, 0…1. It never falls during one training.
    package var fraction: Double
    /// The last relative duality gap of the final fit; nil before the first.
    package var gap: Double?
    /// The number of epochs of the final fit that are done.
    package var epochs: Int
}
