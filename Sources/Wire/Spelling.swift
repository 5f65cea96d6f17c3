/// Finds the name that somebody meant, for "did you mean". Daemon and tool share it, so that both guess alike.
///
///     Spelling.nearest(to: "oder_status", in: ["order_status", "refund"])  // order_status
package enum Spelling {
    /// The name that is nearest to what was typed, apart from case and from `-`, `_` and blanks; of equally near ones the
    /// first in alphabetical order.
    ///
    /// - Returns: nil where none is near. A name is near if at most a third of the longer one's letters would have to
    ///   change, or if what was typed is the beginning of this name alone and has at least three letters.
    package static func nearest(to typed: String, in names: some Sequence<String>) -> String? {
        let wanted = folded(typed)
        // What is longer than any name is not a misspelling of one, and would take long to compare.
        guard 1...128 ~= wanted.count else { return nil }
        let known = Set(names).sorted().map { (name: $0, letters: folded($0)) }
        var best: (name: String, distance: Int)?
        for (name, letters) in known {
            let limit = max(1, max(wanted.count, letters.count) / 3)
            guard abs(letters.count - wanted.count) <= limit, letters.count > 1 else { continue }
            let distance = distance(wanted, letters)
            if distance <= limit, distance < min(best?.distance ?? .max, letters.count) { best = (name, distance) }
        }
        if let best { return best.name }
        let begun = known.filter { $0.letters.starts(with: wanted) }
        return wanted.count >= 3 && begun.count == 1 ? begun[0].name : nil
    }

    /// " Did you mean NAME?" with the blank before it; empty where no name is near.
    package static func question(about typed: String, in names: some Sequence<String>) -> String {
        nearest(to: typed, in: names).map { " Did you mean \($0)?" } ?? ""
    }

    private static func folded(_ name: String) -> [Character] {
        name.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
    }

    /// The number of letters that were added, left out, exchanged, or swapped with their neighbour.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var line = [row + 1]
            for (column, otherLetter) in other.enumerated() {
                var cost = min(last[column + 1] + 1, line[column] + 1, last[column] + (letter == otherLetter ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
                    cost = min(cost, before[column - 1] + 1)
                }
                line.append(cost)
            }
            (before, last) = (last, line)
        }
        return last[other.count]
    }
}
