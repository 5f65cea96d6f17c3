import Statistics
import Text

/// Splits for a file that names none: of every intent 10 % of its rows go to test, 10 % to val and the rest to train,
/// group by group (see ``EvidenceGroups``) in the order of a hash of their words.
///
/// Each intent is dealt alone, so that its rows stay where they are when another intent comes or goes, and the order of the
/// file does not matter. A group is never cut: one that does not fit goes to train whole. Only a text that stands under
/// several intents ties their groups: they go to train if any of them does.
package enum SplitAssignment {
    package static func assign(_ rows: [DataRow]) -> [DataRow] {
        guard rows.allSatisfy({ $0.split == nil }) else { return rows }
        let groups = EvidenceGroups(rows)
        var splits = [Split](repeating: .train, count: rows.count)
        for indices in Dictionary(grouping: rows.indices, by: { rows[$0].intent }).values {
            deal(indices, groups, into: &splits)
        }
        tie(rows, groups, in: &splits)
        var assigned = rows
        for index in rows.indices { assigned[index].split = splits[index] }
        return assigned
    }

    /// Deals the rows of one intent.
    private static func deal(_ indices: [Int], _ groups: EvidenceGroups, into splits: inout [Split]) {
        // An intent of fewer than five rows can spare none.
        guard indices.count >= 5 else { return }
        let members = Dictionary(grouping: indices) { groups.leaders[$0] }
        let inOrder = members.values.map { group in
            // The name of a group is the first of its texts.
            let name = group.map { groups.words[$0] }.min() ?? ""
            return (hash: hash(name), name: name, rows: group)
        }.sorted { ($0.hash, $0.name) < ($1.hash, $1.name) }
        let share = max(1, indices.count / 10)
        // A side may be overfull by half, and both together leave train at least 70 %.
        let (limit, both) = (max(1, indices.count * 3 / 20), indices.count * 3 / 10)
        var dealt: [Split: Int] = [:]
        for group in inOrder {
            let held = dealt.values.reduce(0, +)
            let side = [Split.test, .val].first { side in
                let count = dealt[side, default: 0]
                return count < share && count + group.rows.count <= limit && held + group.rows.count <= both
            }
            guard let side else { continue }
            dealt[side, default: 0] += group.rows.count
            for row in group.rows { splits[row] = side }
        }
    }

    /// Brings the rows of one text, and so the groups that share a text, to one side.
    private static func tie(_ rows: [DataRow], _ groups: EvidenceGroups, in splits: inout [Split]) {
        var sets = DisjointSets(count: rows.count)
        var first: [String: Int] = [:]
        for index in rows.indices {
            sets.join(groups.leaders[index], index)
            if let other = first[groups.words[index]] {
                sets.join(other, index)
            } else {
                first[groups.words[index]] = index
            }
        }
        let roots = sets.roots()
        var side: [Int: Split] = [:]
        for index in rows.indices {
            let (one, other) = (side[roots[index]] ?? splits[index], splits[index])
            side[roots[index]] = one == other ? one : [one, other].contains(.train) ? .train : .val
        }
        for index in rows.indices { splits[index] = side[roots[index]] ?? .train }
    }

    /// The intents that have no test rows, and why; one finding for each.
    ///
    /// - Parameter rows: the rows as the file has them.
    package static func findings(_ rows: [DataRow], assigned: [DataRow]) -> [Finding] {
        let isDealt = rows.allSatisfy { $0.split == nil }
        return Dictionary(grouping: assigned, by: \.intent).sorted { $0.key < $1.key }.compactMap { intent, rows in
            guard !rows.contains(where: { $0.split == .test }) else { return nil }
            let (why, remedy) =
                if !isDealt {
                    (
                        "the file puts none of its rows into split test",
                        "Put a tenth of them there, or leave out the splits."
                    )
                } else if rows.count < DataFile.enoughRows {
                    ("it has only \(rows.count.counted("row", "rows"))", "Write at least 10 different ways to say it.")
                } else {
                    ("its sentences are all alike", "Write it in other words as well.")
                }
            let message = "Nothing can be measured of \(intent.shown): \(why)."
            return Finding(.noTestRows, .warning, line: rows.map(\.line).min(), message: message, remedy: remedy)
        }
    }

    /// FNV-1a, finished by a multiplication that mixes high bits.
    private static func hash(_ text: String) -> UInt64 {
        let hash = FNV1a.hash(text.utf8)
        return (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    }
}
