import Statistics

/// A training row whose label looks wrong to fits that did not see it.
package struct LabelError: Sendable, Equatable {
    package var text: String
    /// The intent that the row is labelled with.
    package var intent: String
    /// The intent that it more likely has.
    package var suggested: String
    /// The held-out probability of the suggested intent, 0…1.
    package var probability: Float
    /// The held-out probability of the row's own intent, 0…1.
    package var own: Float
}

/// Finds label errors by confident learning (Northcutt, Jiang, Chuang: JAIR 70, 2021).
///
/// A row counts for an intent if its held-out probability of it reaches the mean that the rows labelled with that intent
/// have. If the most probable of the intents it counts for is not its own, the label looks wrong.
struct LabelErrors {
    let heldOut: HeldOut
    let problem: TrainingProblem
    let temperature: Float

    /// All label errors, the surest first.
    func find() -> [LabelError] {
        let classes = problem.intents.count
        var sums = [Double](repeating: 0, count: classes)
        var rows = [Double](repeating: 0, count: classes)
        var probabilities = [Float](repeating: 0, count: classes)
        for (index, row) in heldOut.rows.enumerated() where row.row >= 0 && row.label >= 0 {
            fill(&probabilities, of: index)
            sums[Int(row.label)] += Double(probabilities[Int(row.label)])
            rows[Int(row.label)] += 1
        }
        let thresholds = (0..<classes).map { rows[$0] > 0 ? Float(sums[$0] / rows[$0]) : .infinity }
        var found: [(row: Int, error: LabelError)] = []
        for (index, row) in heldOut.rows.enumerated() where row.row >= 0 && row.label >= 0 {
            fill(&probabilities, of: index)
            let confident = (0..<classes).filter { probabilities[$0] >= thresholds[$0] }
            guard let best = confident.max(by: { probabilities[$0] < probabilities[$1] }), best != Int(row.label) else {
                continue
            }
            let error = LabelError(
                text: problem.texts[Int(row.row)],
                intent: problem.intents[Int(row.label)],
                suggested: problem.intents[best],
                probability: probabilities[best],
                own: probabilities[Int(row.label)]
            )
            found.append((Int(row.row), error))
        }
        return found.sorted { left, right in
            let (one, other) = (left.error.probability - left.error.own, right.error.probability - right.error.own)
            return one == other ? left.row < right.row : one > other
        }.map(\.error)
    }

    private func fill(_ probabilities: inout [Float], of index: Int) {
        let chunks = (probabilities.count + 7) / 8
        let row = heldOut.rows[index]
        var sum: Float = 0
        for place in probabilities.indices {
            let score = heldOut.scores[index * chunks + place / 8][place % 8]
            probabilities[place] = Portable.exp(Float8(repeating: (score - row.score) / temperature))[0]
            sum += probabilities[place]
        }
        for place in probabilities.indices { probabilities[place] /= sum }
    }
}
