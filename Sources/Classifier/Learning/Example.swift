/// The intent of rows that are out of scope: never a class, but known to calibration and evaluation.
package let outOfScopeIntent = "oos"

/// One labelled text.
package struct Example: Sendable, Equatable {
    package var text: String
    /// A class, or `outOfScopeIntent`.
    package var intent: String
    /// Multiplies the row's loss; finite and above 0.
    package var weight: Float

    package init(text: String, intent: String, weight: Float = 1) {
        self.text = text
        self.intent = intent
        self.weight = weight
    }
}

/// Why no model came of a training, in words for the person who asked for it.
package enum TrainingError: Error, Sendable, Equatable {
    case noRows
    case oneClass(String)
    /// A weight that is not finite and above 0; `row` counts from 0.
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

/// How far a training has come.
package struct TrainingProgress: Sendable, Equatable {
    /// "features", "fit", "folds", "calibrate" or "done".
    package var step: String
    /// 0…1, never falls during one training.
    package var fraction: Double
    /// Of the final fit: the last relative duality gap, nil before the first.
    package var gap: Double?
    /// Of the final fit: epochs done.
    package var epochs: Int
}
