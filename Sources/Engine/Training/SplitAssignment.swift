/// Splits for a file that names none: 80 % train, 10 % val, 10 % test of every intent, by a hash of the words, so that
/// a row stays on its side when others come and go, and the same text is never on two sides.
package enum SplitAssignment {
    package static func assign(_ rows: [DataRow]) -> [DataRow] {
        guard rows.allSatisfy({ $0.split == nil }) else { return rows }
        var key = WordKey()
        let keys = rows.map { key($0.text) }
        var order: [String: [Int]] = [:]
        for index in rows.indices { order[rows[index].intent, default: []].append(index) }
        var splitOfText: [String: Split] = [:]
        var assigned = rows
        for intent in order.keys.sorted() {
            let texts = Set((order[intent] ?? []).map { keys[$0] }).sorted { left, right in
                let (one, other) = (Self.hash(left), Self.hash(right))
                return one == other ? left < right : one < other
            }
            // Of fewer than five texts none can be spared.
            let held = texts.count < 5 ? 0 : max(1, texts.count / 10)
            for (place, text) in texts.enumerated() where splitOfText[text] == nil {
                splitOfText[text] = place < held ? .test : place < 2 * held ? .val : .train
            }
        }
        for index in rows.indices { assigned[index].split = splitOfText[keys[index]] ?? .train }
        return assigned
    }

    /// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), finished by a multiplication that mixes high bits.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    }
}
