import Statistics

/// A template with the values of its slots: knows how many sentences it can make before it makes one, and draws them.
///
/// Sentences are counted as ways through the brackets, so `(a|a)` makes two. Counts saturate at ``unbounded``: nothing
/// here ever takes longer than the template is long, or than the number of sentences that were asked for.
package struct SentenceSource: Sendable {
    package let template: SentenceTemplate
    /// The values of each slot that the template has.
    private let values: [String: [String]]
    /// How many ways there are through each node.
    private let counts: [UInt64]

    /// Larger counts are cut to this one.
    package static let unbounded: UInt64 = 1 << 62

    /// - Parameter slots: the values of each slot; one without values makes no sentence.
    package init(_ template: SentenceTemplate, slots: [String: [String]]) {
        self.template = template
        values = slots.filter { template.slots.contains($0.key) }
        var counts: [UInt64] = []
        counts.reserveCapacity(template.nodes.count)
        for node in template.nodes {
            let ways: UInt64 =
                switch node {
                case .text: 1
                case .slot(let name): UInt64(slots[name]?.count ?? 0)
                case .sequence(let parts): parts.reduce(1) { Self.product($0, counts[$1]) }
                case .choice(let alternatives): alternatives.reduce(0) { Self.sum($0, counts[$1]) }
                case .optional(let child): Self.sum(1, counts[child])
                }
            counts.append(ways)
        }
        self.counts = counts
    }

    /// How many sentences the template can make, at most ``unbounded``.
    package var count: UInt64 { counts.last ?? 0 }

    /// The sentence of that number: the same one for the same number, and every sentence has one.
    ///
    /// - Parameter index: 0..<count, where count is below ``unbounded``.
    package func sentence(at index: UInt64) -> String {
        precondition(index < count && count < Self.unbounded, "sentence number out of range")
        var rest = index
        return write { bound in
            let digit = rest % bound
            rest /= bound
            return digit
        }
    }

    /// `number` different ways through the template, or all of them where there are fewer, drawn uniformly without
    /// replacement and in random order.
    func sample(_ number: Int, with generator: inout SplitMix64) -> [String] {
        guard count > 0, number > 0 else { return [] }
        if count >= Self.unbounded {
            // Two equal draws are next to impossible here; the set makes them impossible.
            var seen: Set<String> = []
            var sentences: [String] = []
            for _ in 0..<number * 2 where sentences.count < number {
                let sentence = write { generator.next(below: $0) }
                if seen.insert(sentence).inserted { sentences.append(sentence) }
            }
            return sentences
        }
        let wanted = min(UInt64(number), count)
        // Floyd's algorithm (Bentley, Floyd 1987): as many draws as sentences, whatever the count.
        var chosen: Set<UInt64> = []
        var order: [UInt64] = []
        for last in count - wanted..<count {
            let draw = generator.next(below: last + 1)
            let pick = chosen.insert(draw).inserted ? draw : last
            if pick == last { chosen.insert(last) }
            order.append(pick)
        }
        generator.shuffle(&order)
        return order.map { sentence(at: $0) }
    }

    /// Walks from the last node down, asking `choose` for a number below the ways through each fork.
    ///
    /// Recursion is as deep as the brackets, which the parser limits.
    private func write(_ choose: (UInt64) -> UInt64) -> String {
        var out = ""
        write(template.nodes.count - 1, into: &out, choose)
        return Self.tidy(out)
    }

    private func write(_ node: Int, into out: inout String, _ choose: (UInt64) -> UInt64) {
        switch template.nodes[node] {
        case .text(let text):
            out += text
        case .slot(let name):
            guard let values = values[name], !values.isEmpty else { return }
            out += values[Int(choose(UInt64(values.count)))]
        case .sequence(let parts):
            for part in parts { write(part, into: &out, choose) }
        case .choice(let alternatives):
            pick(alternatives, into: &out, choose)
        case .optional(let child):
            pick([nil, child], into: &out, choose)
        }
    }

    /// Picks each alternative as often as there are ways through it.
    private func pick(_ alternatives: [Int?], into out: inout String, _ choose: (UInt64) -> UInt64) {
        let weights = alternatives.map { $0.map { counts[$0] } ?? 1 }
        let total = weights.reduce(0) { Self.sum($0, $1) }
        guard total > 0 else { return }
        var draw = choose(total)
        for (alternative, weight) in zip(alternatives, weights) {
            if draw < weight {
                guard let alternative else { return }
                // The rest of the draw is the number of a way through the alternative.
                if total < Self.unbounded {
                    var rest = draw
                    write(alternative, into: &out) { bound in
                        let digit = rest % bound
                        rest /= bound
                        return digit
                    }
                } else {
                    write(alternative, into: &out, choose)
                }
                return
            }
            draw -= weight
        }
    }

    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 { min(unbounded, a + b) }

    private static func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (low, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? unbounded : min(unbounded, low)
    }

    /// One space between words, none at the ends and none before `.`, `,`, `!`, `?`.
    static func tidy(_ sentence: String) -> String {
        var out = String.UnicodeScalarView()
        var space = false
        for scalar in sentence.unicodeScalars {
            if scalar.properties.isWhitespace {
                space = true
                continue
            }
            let closes = scalar == "." || scalar == "," || scalar == "!" || scalar == "?"
            if space, !out.isEmpty, !closes { out.append(" ") }
            space = false
            out.append(scalar)
        }
        return String(out)
    }
}
