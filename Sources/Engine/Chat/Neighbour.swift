import Learning
import Statistics

/// A training text and its similarity to another text.
struct Neighbour: Sendable, Equatable {
    var text: String
    var intent: String
    /// The Jaccard index of the two sets of words, 0…1.
    var similarity: Double

    static func nearest(to text: String, in rows: [DataRow], count: Int) -> [Neighbour] {
        var key = WordKey()
        let words = Set(key(text).split(separator: " "))
        guard !words.isEmpty else { return [] }
        var best: [Neighbour] = []
        var seen: Set<String> = []
        for row in rows {
            let theirs = key(row.text)
            let others = Set(theirs.split(separator: " "))
            let shared = words.intersection(others).count
            guard shared > 0, seen.insert(theirs + "\t" + row.intent).inserted else { continue }
            let similarity = Double(shared) / Double(words.count + others.count - shared)
            if best.count == count, similarity <= best[count - 1].similarity { continue }
            let place = best.firstIndex { $0.similarity < similarity } ?? best.count
            best.insert(
                Neighbour(text: row.text, intent: row.intent, similarity: similarity.rounded(toPlaces: 4)),
                at: place
            )
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
