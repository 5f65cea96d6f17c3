import Classifier

/// The part of the data that a row belongs to: training, calibration, or tests only.
package enum Split: String, Sendable, CaseIterable {
    case train, val, test
}

/// One labelled text of a data file.
package struct DataRow: Sendable, Equatable {
    /// As written in the file; 1…16,384 Unicode scalars, valid UTF-8.
    package var text: String
    /// ``DataRow/outOfScope`` for texts that belong to no intent.
    package var intent: String
    /// nil if the file names none: such a row counts as `train`.
    package var split: Split?
    /// 0 < weight ≤ 1,000; nil means 1.
    package var weight: Double?
    /// Where the row came from, in the file's own words.
    package var source: String?
    /// What the row has in common with others of its intent, such as the template it was made from: rows of one group are
    /// one piece of evidence. nil where nothing is said.
    package var group: String?
    /// The line of the file on which the row begins, from 1; 0 for a row that came from no file.
    package var line: Int
    /// How many people stand behind the row; ``Example/enoughSupport`` for one of a data file, which belongs to nobody.
    package var support: Int

    package init(
        text: String,
        intent: String,
        split: Split? = nil,
        weight: Double? = nil,
        source: String? = nil,
        group: String? = nil,
        line: Int = 0,
        support: Int = Example.enoughSupport
    ) {
        (self.text, self.intent, self.split) = (text, intent, split)
        (self.weight, self.source, self.group, self.line) = (weight, source, group, line)
        self.support = support
    }

    /// The intent of rows that belong to none. It is never a class of the model.
    package static let outOfScope = "oos"
}
