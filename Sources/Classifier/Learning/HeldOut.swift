/// A row that was scored by weights that were fitted without it.
struct HeldOutRow: Sendable {
    /// The row's class; −1 for out of scope, −2 for an intent that training does not know.
    var label: Int32
    /// The class with the highest score.
    var best: Int32
    /// That score.
    var score: Float
    /// The shares of word and of character n-grams that the model knows, 0…1.
    var known: SIMD2<Float>
    /// The row's place among the training rows; −1 for a row that only calibrates.
    var row: Int32
    /// Rows of the same group are one piece of evidence.
    var group: Int32
}

/// Held-out rows with their scores, in a fixed order.
struct HeldOut: Sendable {
    var rows: [HeldOutRow] = []
    /// The scores of all classes, rows × chunks vectors.
    var scores: [Float8] = []

    mutating func append(
        row: Int32 = -1,
        group: Int32,
        label: Int32,
        known: SIMD2<Float>,
        scores new: [Float8],
        classes: Int
    ) {
        let best = Softmax.largest(new, classes: classes)
        rows.append(
            HeldOutRow(label: label, best: Int32(best.index), score: best.value, known: known, row: row, group: group)
        )
        scores.append(contentsOf: new)
    }

    mutating func append(_ other: HeldOut) {
        rows.append(contentsOf: other.rows)
        scores.append(contentsOf: other.scores)
    }
}

extension Corpus {
    /// Scores the rows of `fold` by weights fitted on the other folds. Features that would not be in the space if it had
    /// been made from the other folds' rows alone are left out, so that these rows are as strange to the model as new
    /// texts will be.
    func holdOut(
        fold: Int8,
        folds: [Int8],
        groups: [Int],
        labels: [Int32],
        weights: Buffer<Float8>,
        classes: Int,
        bias: Float,
        minimumRows: Int32
    ) -> HeldOut {
        let chunks = (classes + 7) / 8
        var frequency = documentFrequency
        let rows = (0..<self.rows).filter { folds[$0] == fold }
        for row in rows {
            for entry in starts[row]..<starts[row + 1] { frequency[Int(indices[entry])] -= 1 }
        }
        var result = HeldOut()
        var rowIndices: [Int32] = []
        var rowValues: [Float] = []
        var scores = [Float8](repeating: Float8(repeating: 0), count: chunks)
        for row in rows {
            rowIndices.removeAll(keepingCapacity: true)
            rowValues.removeAll(keepingCapacity: true)
            var known = SIMD2<Float>(0, 0)
            func keep(_ entries: Range<Int>) -> Float {
                let start = rowValues.count
                var occurrences = 0
                for entry in entries {
                    let index = Int(indices[entry])
                    guard frequency[index] >= min(minimumRows, documentFrequency[index]), frequency[index] > 0 else {
                        continue
                    }
                    rowIndices.append(indices[entry])
                    rowValues.append(values[entry])
                    occurrences += Int(counts[entry])
                }
                TermWeight.normalise(&rowValues, start..<rowValues.count)
                return Float(occurrences)
            }
            known.x = keep(starts[row]..<wordEnds[row]) / Float(max(occurrences[row].x, 1))
            known.y = keep(wordEnds[row]..<starts[row + 1]) / Float(max(occurrences[row].y, 1))
            for c in 0..<chunks { scores[c] = weights.base[space.count * chunks + c] * bias }
            scores.withUnsafeMutableBufferPointer { scores in
                rowIndices.withUnsafeBufferPointer { indices in
                    rowValues.withUnsafeBufferPointer { values in
                        guard let scores = scores.baseAddress, let indices = indices.baseAddress,
                            let values = values.baseAddress
                        else { return }
                        Kernels.gather(
                            into: scores,
                            chunks: chunks,
                            from: UnsafePointer(weights.base),
                            indices: indices,
                            values: values,
                            count: rowIndices.count
                        )
                    }
                }
            }
            result.append(
                row: Int32(row),
                group: Int32(groups[row]),
                label: labels[row],
                known: known,
                scores: scores,
                classes: classes
            )
        }
        return result
    }
}
