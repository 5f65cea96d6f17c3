import Text

/// Which rows are one piece of evidence: rows of an intent that are made from one template, say the same words, or nearly
/// do. A group lies on one side wherever rows are held out, and a bound counts it once.
///
/// Nearness across intents ties nothing: "block my card" and "unblock my card" are what a model must learn to tell apart.
package struct EvidenceGroups: Sendable {
    /// For each row the smallest index of a row in its group.
    package let leaders: [Int]
    /// The words of each row, by which texts are compared.
    let words: [String]

    /// For each row the first of the test rows that it nearly equals, or −1; empty where there are no test rows.
    let nearTests: [Int32]

    /// Takes time nearly linear in the number of rows. The order of the rows does not change who belongs together.
    ///
    /// - Parameter tests: rows of any intent that each row is compared with as well.
    package init(_ rows: [DataRow], tests: [DataRow] = []) {
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
        // The first row of the same words and intent.
        var spoken = Array(rows.indices)
        for (index, row) in rows.enumerated() {
            if let first = byIntent[row.intent]?[words[index]] {
                sets.join(first, index)
                spoken[index] = first
            } else {
                byIntent[row.intent, default: [:]][words[index]] = index
            }
        }
        var testIndex = NearTexts()
        for row in tests { testIndex.add(testIndex.profile(of: key(row.text))) }
        var nearTests = [Int32](repeating: -1, count: tests.isEmpty ? 0 : rows.count)
        for first in byIntent.values {
            let texts = first.keys.sorted()
            let groups = NearTexts.groups(texts) { number, profile in
                guard !tests.isEmpty, let row = first[texts[number]] else { return }
                nearTests[row] = Int32(testIndex.first(near: profile) ?? -1)
            }
            for (text, near) in zip(texts, groups) where texts[near] != text {
                if let one = first[texts[near]], let other = first[text] { sets.join(one, other) }
            }
        }
        for row in nearTests.indices { nearTests[row] = nearTests[spoken[row]] }
        self.nearTests = nearTests
        leaders = sets.roots()
    }
}

/// The rows that train and calibrate, with their groups: what checks, a training and a verdict all ask for. Searching near
/// texts takes longer than they do, so it is done once and handed on.
package struct Evidence: Sendable {
    /// The rows that are not locked for tests.
    package let rows: [DataRow]
    /// For each row the smallest index of a row in its group.
    package let leaders: [Int]
    /// The rows that nearly equal a locked test row, with that.
    let nearTests: [(row: DataRow, test: DataRow)]

    package init(_ all: [DataRow]) {
        let rows = all.filter { $0.split != .test }
        let tests = all.filter { $0.split == .test }
        let groups = EvidenceGroups(rows, tests: tests)
        leaders = groups.leaders
        nearTests = zip(rows, groups.nearTests).compactMap { $1 < 0 ? nil : ($0, tests[Int($1)]) }
        self.rows = rows
    }

    /// Whether these rows, wherever they were read, have the same evidence.
    func isOf(_ all: [DataRow]) -> Bool {
        rows.elementsEqual(all.lazy.filter { $0.split != .test }) { one, other in
            one.text == other.text && one.intent == other.intent && one.split == other.split
                && one.group == other.group && one.weight == other.weight
        }
    }

    /// How many groups each intent has among some of the rows.
    package func groups(where isCounted: (DataRow) -> Bool = { _ in true }) -> [String: Int] {
        var isSeen = [Bool](repeating: false, count: rows.count)
        var counts: [String: Int] = [:]
        for (row, leader) in zip(rows, leaders) where !isSeen[leader] && isCounted(row) {
            isSeen[leader] = true
            counts[row.intent, default: 0] += 1
        }
        return counts
    }
}
