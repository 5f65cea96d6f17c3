import Text

/// Which rows are one piece of evidence: rows of an intent that are made from one template, say the same words, or nearly
/// do. A group lies on one side wherever rows are held out, and a bound counts it once.
///
/// Nearness across intents ties nothing: "block my card" and "unblock my card" are what a model must learn to tell apart.
package struct EvidenceGroups {
    /// For each row the smallest index of a row in its group.
    package let leaders: [Int]
    /// The words of each row, by which texts are compared.
    let words: [String]

    /// Takes time nearly linear in the number of rows. The order of the rows does not change who belongs together.
    package init(_ rows: [DataRow]) {
        var key = WordKey()
        words = rows.map { key($0.text) }
        var sets = DisjointSets(count: rows.count)
        var named: [String: [String: Int]] = [:]
        for (index, row) in rows.enumerated() {
            guard let group = row.group else { continue }
            if let first = named[row.intent]?[group] {
                sets.join(first, index)
            } else {
                named[row.intent, default: [:]][group] = index
            }
        }
        var byIntent: [String: [String: Int]] = [:]
        for (index, row) in rows.enumerated() {
            if let first = byIntent[row.intent]?[words[index]] {
                sets.join(first, index)
            } else {
                byIntent[row.intent, default: [:]][words[index]] = index
            }
        }
        for first in byIntent.values {
            let texts = first.keys.sorted()
            for (text, near) in zip(texts, NearTexts.groups(texts)) where texts[near] != text {
                if let one = first[texts[near]], let other = first[text] { sets.join(one, other) }
            }
        }
        leaders = sets.roots()
    }

    /// How many groups each intent has.
    package static func counts(_ rows: [DataRow]) -> [String: Int] {
        let groups = EvidenceGroups(rows)
        var counts: [String: Int] = [:]
        for (index, row) in rows.enumerated() where groups.leaders[index] == index {
            counts[row.intent, default: 0] += 1
        }
        return counts
    }
}
