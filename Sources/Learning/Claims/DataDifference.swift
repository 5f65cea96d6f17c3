import Statistics
package import Wire

/// The changes from one snapshot's rows to another's.
package struct DataDifference {
    struct Row {
        var text: String
        var intent: String
        var split: Split
        var weight: Double
    }

    private(set) var added: [Row] = []
    private(set) var removed: [Row] = []
    /// The same text in the same split under another intent.
    private(set) var relabelled: [(before: Row, after: Row)] = []
    private(set) var reweighted: [(before: Row, after: Row)] = []
    private var counts: [String: (from: Int, to: Int)] = [:]

    private struct Place: Hashable {
        var split: String
        var text: String
    }

    package init(_ before: [DataRow], _ after: [DataRow]) {
        let (old, new) = (Self.places(before), Self.places(after))
        for row in before { counts[row.intent, default: (0, 0)].from += 1 }
        for row in after { counts[row.intent, default: (0, 0)].to += 1 }
        let places = Set(old.keys).union(new.keys).sorted { ($0.split, $0.text) < ($1.split, $1.text) }
        for place in places {
            var (was, now) = (old[place] ?? [:], new[place] ?? [:])
            for intent in was.keys.sorted() {
                guard let one = was[intent], let other = now[intent] else { continue }
                if one.weight != other.weight { reweighted.append((one, other)) }
                was[intent] = nil
                now[intent] = nil
            }
            if was.count == 1, now.count == 1, let one = was.first?.value, let other = now.first?.value {
                relabelled.append((one, other))
            } else {
                removed += was.keys.sorted().compactMap { was[$0] }
                added += now.keys.sorted().compactMap { now[$0] }
            }
        }
    }

    private static func places(_ rows: [DataRow]) -> [Place: [String: Row]] {
        var key = WordKey()
        var places: [Place: [String: Row]] = [:]
        for row in rows {
            let split = row.split ?? .train
            places[Place(split: split.rawValue, text: key(row.text)), default: [:]][row.intent] =
                Row(text: row.text, intent: row.intent, split: split, weight: row.weight ?? 1)
        }
        return places
    }

    package func json(from: String, to: String, limit: Int) -> JSON {
        func weight(_ row: Row) -> JSON { .double(row.weight.rounded(toPlaces: 6)) }
        func row(_ row: Row) -> JSON {
            [
                "text": .string(row.text), "intent": .string(row.intent), "split": .string(row.split.rawValue),
                "weight": weight(row),
            ]
        }
        let relabelled: [JSON] = relabelled.prefix(limit).map { before, after in
            [
                "text": .string(after.text), "split": .string(after.split.rawValue),
                "from": .string(before.intent), "to": .string(after.intent),
            ]
        }
        let reweighted: [JSON] = reweighted.prefix(limit).map { before, after in
            [
                "text": .string(after.text), "split": .string(after.split.rawValue),
                "intent": .string(after.intent), "from": weight(before), "to": weight(after),
            ]
        }
        return [
            "from": .string(from), "to": .string(to),
            "counts": [
                "added": .integer(added.count), "removed": .integer(removed.count),
                "relabelled": .integer(self.relabelled.count), "reweighted": .integer(self.reweighted.count),
            ],
            "intents": .array(
                counts.sorted { $0.key < $1.key }.filter { $0.value.from != $0.value.to }.map { intent, count in
                    ["intent": .string(intent), "from": .integer(count.from), "to": .integer(count.to)]
                }
            ),
            "added": .array(added.prefix(limit).map(row)), "removed": .array(removed.prefix(limit).map(row)),
            "relabelled": .array(relabelled), "reweighted": .array(reweighted),
        ]
    }
}
