package import World

/// A name for a version; moving one is a commit in the ledger, the links in `models/aliases` follow.
package enum Alias: String, Sendable, CaseIterable {
    /// What answers.
    case champion
    /// What waits for an admin.
    case candidate
    /// What scores live traffic without answering.
    case shadow
    /// The champion before this one that was never rolled back from: where a rollback goes.
    case lastGood = "last-good"
}

extension Folders {
    package func alias(_ alias: Alias) -> String { aliases + "/" + alias.rawValue }
}

/// One line of the aliases' history.
package struct Move: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case promote, rollback, nominate, reject
        /// It was trained on the words of somebody who is forgotten.
        case forget
    }

    /// Who moved it, and why.
    package struct Entry: Sendable, Equatable {
        package var kind: Kind
        package var uid: UInt32
        package var reason: String
        /// The gate's word on the version, where there was one.
        package var verdict: String?
    }

    package var at: Timestamp
    package var alias: Alias
    package var from: Int?
    package var to: Int?
    package var entry: Entry
}

/// Which champion to go back to.
struct ChampionHistory {
    /// The champion before the present one that was never rolled back from; nil where there is none.
    let lastGood: Int?
    /// What was rolled back from and has not been promoted since.
    let bad: Set<Int>

    /// - Parameters:
    ///   - moves: of the alias `champion`, oldest first.
    ///   - gone: versions that nobody can go back to.
    init(_ moves: [(kind: Move.Kind, from: Int?, to: Int?)], gone: Set<Int> = []) {
        var bad: Set<Int> = []
        var reigns: [(version: Int, kind: Move.Kind)] = []
        for move in moves {
            if move.kind == .rollback, let from = move.from { bad.insert(from) }
            guard let to = move.to else { continue }
            // Who is made champion again on purpose is trusted again.
            bad.remove(to)
            reigns.append((to, move.kind))
        }
        self.bad = bad
        guard let champion = reigns.popLast() else {
            lastGood = nil
            return
        }
        // A rollback brings back an old reign: what counts is who came before that one.
        let began =
            champion.kind == .rollback
            ? reigns.lastIndex { $0.version == champion.version && $0.kind != .rollback } : nil
        lastGood =
            reigns[..<(began ?? reigns.count)].last {
                $0.version != champion.version && !bad.contains($0.version) && !gone.contains($0.version)
            }?
            .version
    }
}
