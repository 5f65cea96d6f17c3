import Statistics
import Text

/// Splits for a file that names none: 80 % train, 10 % val, 10 % test of every intent, by a hash of the words. Texts
/// that are the same or nearly so are on one side, whatever their intents: what was learnt almost by heart measures
/// nothing. A row stays on its side when others come and go, unless they tie its group to another one.
package enum SplitAssignment {
    package static func assign(_ rows: [DataRow]) -> [DataRow] {
        guard rows.allSatisfy({ $0.split == nil }) else { return rows }
        var key = WordKey()
        let keys = rows.map { key($0.text) }
        let texts = Set(keys).sorted()
        let groups = NearTexts.groups(texts)
        // The name of a group is the first of its texts.
        var groupOfText: [String: String] = [:]
        for (text, group) in zip(texts, groups) { groupOfText[text] = texts[group] }

        var order: [String: Set<String>] = [:]
        for index in rows.indices { order[rows[index].intent, default: []].insert(keys[index]) }
        var splitOfGroup: [String: Split] = [:]
        for intent in order.keys.sorted() {
            let texts = order[intent] ?? []
            var members: [String: Int] = [:]
            for text in texts { members[groupOfText[text] ?? text, default: 0] += 1 }
            let inOrder = members.keys.sorted { left, right in
                let (one, other) = (Self.hash(left), Self.hash(right))
                return one == other ? left < right : one < other
            }
            // An intent of fewer than five texts can spare none.
            let held = texts.count < 5 ? 0 : max(1, texts.count / 10)
            var room: [(split: Split, texts: Int)] = [(.test, held), (.val, held)]
            for group in inOrder where splitOfGroup[group] == nil {
                let count = members[group] ?? 0
                let place = room.firstIndex { $0.texts >= count }
                splitOfGroup[group] = place.map { room[$0].split } ?? .train
                if let place { room[place].texts -= count }
            }
        }
        var assigned = rows
        for index in rows.indices {
            assigned[index].split = splitOfGroup[groupOfText[keys[index]] ?? keys[index]] ?? .train
        }
        return assigned
    }

    /// The intents that have enough rows but got no test rows, because all of their texts are alike.
    package static func findings(_ rows: [DataRow], assigned: [DataRow]) -> [Finding] {
        guard rows.allSatisfy({ $0.split == nil }) else { return [] }
        let byIntent = Dictionary(grouping: assigned, by: \.intent)
        return byIntent.sorted { $0.key < $1.key }.compactMap { intent, rows in
            guard rows.count >= DataFile.enoughRows, !rows.contains(where: { $0.split == .test }) else { return nil }
            let message = "The rows of \(intent.shown) are so alike that none could be kept for measuring."
            let remedy = "Write it in other words as well, or name the splits yourself."
            return Finding(.noTestRows, .warning, line: rows.map(\.line).min(), message: message, remedy: remedy)
        }
    }

    /// FNV-1a, finished by a multiplication that mixes high bits.
    private static func hash(_ text: String) -> UInt64 {
        let hash = FNV1a.hash(text.utf8)
        return (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    }
}
