package import World

/// The versions that should answer and score messages according to the ledger: a pure function of its facts.
///
/// A lineup is derived, never updated. Whoever moves an alias does not say what follows from the move; the ledger is
/// read again and the lineup made again. So two moves that overtake each other end in the same lineup.
///
///     Lineup(facts, watch: 2_000, remembered: nil)    // champion 7, watched against 6, candidate 8 scores along
package struct Lineup: Sendable, Equatable {
    /// The time during which a version is the champion.
    package struct Reign: Sendable, Equatable {
        package var version: Int
        /// The time of the move that made it champion; nil if there was no such move.
        package var began: Timestamp?
    }

    package struct Shadow: Sendable, Equatable {
        package var version: Int
        package var role: ShadowModel.Role

        package init(_ version: Int, _ role: ShadowModel.Role) {
            (self.version, self.role) = (version, role)
        }
    }

    /// A reign and, while it is watched, the version that it is compared with.
    package struct Watching: Sendable, Equatable {
        package var reign: Reign
        package var previous: Int?
    }

    /// nil if there is no champion.
    package var reign: Reign?
    package var candidate: Int?
    /// The champion before this one, while this one is watched.
    package var watched: Int?
    package var shadows: [Shadow] = []
    /// Versions that are to go because somebody is forgotten.
    package var overdue: [Int] = []

    package init() {}

    /// - Parameters:
    ///   - watch: the number of answers for which a new champion is watched; 0 turns the watch off.
    ///   - remembered: the reign that was known last, since whether a reign is watched is decided at its beginning.
    package init(_ facts: Registry.Facts, watch: Int, remembered: Watching?) {
        candidate = facts.aliases[.candidate]
        overdue = facts.overdue
        guard let champion = facts.aliases[.champion] else { return }
        let move = facts.championMove.flatMap { $0.to == champion ? $0 : nil }
        let reign = Reign(version: champion, began: move?.at)
        self.reign = reign
        if let remembered, remembered.reign == reign {
            watched = remembered.previous
        } else if let move, move.entry.kind == .promote, watch > 0 {
            watched = move.from
        }
        // Nothing is better or worse than the same bytes, and a rollback to them changes nothing.
        if let previous = watched, facts.twins.contains(previous) { watched = facts.lastGood }
        // A rollback to a version whose files are gone is not possible.
        if let previous = watched, facts.gone.contains(previous) { watched = nil }
        if let candidate, candidate != champion { shadows.append(Shadow(candidate, .candidate)) }
        if let watched, watched != candidate { shadows.append(Shadow(watched, .previous)) }
    }

    package var champion: Int? { reign?.version }

    package var watching: Watching? { reign.map { Watching(reign: $0, previous: watched) } }
}
