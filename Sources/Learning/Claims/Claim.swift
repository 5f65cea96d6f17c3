package import World

/// What one source says about one text: a row of the data file, or one person's word. Training merges the claims about
/// one text; a snapshot keeps them apart, so that a person's can be taken out again.
package struct Claim: Sendable, Equatable {
    package enum Source: String, Sendable, CaseIterable {
        /// A row of the file that `intentd prepare` made.
        case prepared
        /// A row of a person's own file.
        case imported
        /// Feedback that counts without a review: an admin's, or a trusted user's.
        case feedback
        /// A user's feedback that an admin accepted.
        case review
    }

    package var text: String
    package var intent: String
    package var split: Split
    package var source: Source
    /// Where the row came from, in the file's own words.
    package var origin: String?
    /// See ``DataRow/group``; nil for a person's word.
    package var group: String?
    /// The uid of the person who said it; nil for a row of the data file.
    package var uid: UInt32?
    package var at: Timestamp?
    /// The feedback's id.
    package var item: String?
    /// Whether an admin stands behind it: by writing or accepting it, or by bringing in the file.
    package var isVouched = true
    /// Its weight before contradictions are settled and shares capped.
    package var claimed: Double
    /// Its weight in training; 0 if it is left out.
    package var weight = 0.0
    /// How many people stand behind the row that it is merged into: ``Example/enoughSupport`` if a data file has it, and
    /// otherwise the number of their uids. 0 if it is left out.
    package var support = 0

    /// The canonical order of claims. Person and time decide only between claims that are otherwise alike, which training
    /// merges.
    static func order(_ left: (claim: Claim, key: String), _ right: (claim: Claim, key: String)) -> Bool {
        let (one, other) = (left.claim, right.claim)
        if one.split != other.split { return one.split.rawValue < other.split.rawValue }
        if one.intent != other.intent { return one.intent < other.intent }
        if left.key != right.key { return left.key < right.key }
        if one.text != other.text { return one.text < other.text }
        if one.source != other.source { return one.source.rawValue < other.source.rawValue }
        if one.claimed != other.claimed { return one.claimed < other.claimed }
        return (one.uid ?? 0, one.at?.microseconds ?? 0, one.item ?? "")
            < (other.uid ?? 0, other.at?.microseconds ?? 0, other.item ?? "")
    }
}
