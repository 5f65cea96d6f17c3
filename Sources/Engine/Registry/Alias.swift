import Text
package import World

/// A name for a version; moving one is a commit in the ledger, the links in `models/aliases` follow.
package enum Alias: String, Sendable, CaseIterable {
    /// The version that answers.
    case champion
    /// The version that waits for an admin.
    case candidate
    /// The version that scores live traffic without answering.
    case shadow
    /// The last champion with other bytes that was never rolled back from: where a rollback goes.
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
        /// Redacted, also where an earlier intentd kept it as it was.
        package let reason: String
        /// The gate's word on the version, where there was one.
        package var verdict: String?

        package init(kind: Kind, uid: UInt32, reason: String, verdict: String?) {
            (self.kind, self.uid, self.reason, self.verdict) = (kind, uid, Redactor.redact(reason), verdict)
        }
    }

    package var at: Timestamp
    package var alias: Alias
    package var from: Int?
    package var to: Int?
    package var entry: Entry
}

/// Which champion to go back to. What counts are the bytes: versions that have the same are one.
struct ChampionHistory {
    /// The last champion with other bytes than the present one whose bytes were never rolled back from; nil where there
    /// is none.
    let lastGood: Int?
    /// The versions that were rolled back from and have not been promoted since, with every version of the same bytes.
    let bad: Set<Int>

    private enum Content: Hashable {
        case digest(String)
        case version(Int)
    }

    /// - Parameters:
    ///   - moves: of the alias `champion`, oldest first.
    ///   - gone: versions that nobody can go back to.
    ///   - digests: by version. A version that has none is like no other.
    init(
        _ moves: [(kind: Move.Kind, from: Int?, to: Int?)],
        gone: Set<Int> = [],
        digests: [Int: String] = [:]
    ) {
        func content(_ version: Int) -> Content { digests[version].map(Content.digest) ?? .version(version) }
        var bad: Set<Content> = []
        var reigns: [(version: Int, content: Content, kind: Move.Kind)] = []
        for move in moves {
            if move.kind == .rollback, let from = move.from { bad.insert(content(from)) }
            guard let to = move.to else { continue }
            // Who is made champion again on purpose is trusted again.
            bad.remove(content(to))
            reigns.append((to, content(to), move.kind))
        }
        self.bad = Set(digests.keys).union(reigns.map(\.version)).filter { bad.contains(content($0)) }
        guard let champion = reigns.popLast() else {
            lastGood = nil
            return
        }
        // A rollback brings back an old reign: what counts is who came before that one.
        let began =
            champion.kind == .rollback
            ? reigns.lastIndex { $0.content == champion.content && $0.kind != .rollback } : nil
        lastGood =
            reigns[..<(began ?? reigns.count)].last {
                $0.content != champion.content && !bad.contains($0.content) && !gone.contains($0.version)
            }?
            .version
    }
}
