import Statistics

/// Multinomial logistic regression with an L2 penalty, by coordinate ascent over the examples' dual distributions:
///
///     minimise ½‖W‖² + Σ C_i · (ln Σ_k exp(w_k·x_i) − w_y·x_i)
///
/// where the mean of all w_k stands for w_y if a row's label is −1. Each example has a distribution q_i over the classes
/// (the dual variable), and W = Σ C_i (e_y − q_i) x_iᵀ at all times. A visit to an example replaces q_i by the exact
/// optimum (see `SimplexStep`) and updates W. The difference of primal and dual objective bounds the distance from the
/// optimum, so that the solver can stop at a proven accuracy; no step size has to be chosen.
struct DualSolver {
    let classes: Int
    let chunks: Int
    let features: Int
    /// The value of the bias feature, 0 for none. Its weights are the last row, and are penalised like the others.
    let bias: Float
    /// (features + 1) × chunks vectors; the last row belongs to the bias feature.
    let weights: Buffer<Float8>
    private let duals: Buffer<Float8>
    private let lambdas: Buffer<Float>
    /// About how much each row's last visit raised the dual objective.
    private let gains: Buffer<Float>
    /// The rows of the corpus that take part. `duals`, `lambdas` and `gains` are in the same order.
    private let order: [Int]
    private let costs: [Float]
    private let norms: [Float]
    private let labels: [Int32]
    private let corpus: Corpus
    private var random: SplitMix64
    private var epochs = 0

    /// - Parameters:
    ///   - rows: the rows of the corpus that take part.
    ///   - labels: the class of each row of the corpus, −1 for out of scope.
    ///   - costs: C_i ≥ 0 of each row of the corpus.
    init(corpus: Corpus, rows: [Int], labels: [Int32], costs: [Float], classes: Int, bias: Float, seed: UInt64) {
        self.corpus = corpus
        self.labels = labels
        self.costs = costs
        self.classes = classes
        self.bias = bias
        chunks = (classes + 7) / 8
        features = corpus.space.count
        weights = Buffer(repeating: Float8(repeating: 0), count: (features + 1) * chunks)
        duals = Buffer(repeating: Float8(repeating: 0), count: rows.count * chunks)
        lambdas = Buffer(repeating: 0, count: rows.count)
        order = rows.filter { costs[$0] > 0 }
        random = SplitMix64(seed: seed)
        gains = Buffer(repeating: 0, count: order.count)
        norms = (0..<corpus.rows).map { row in
            var squares = bias * bias
            for entry in corpus.starts[row]..<corpus.starts[row + 1] {
                squares += corpus.values[entry] * corpus.values[entry]
            }
            return squares
        }
        // W = 0 belongs to q_i = e_y, or to the uniform distribution for rows whose target that is.
        for slot in 0..<order.count {
            let label = Int(labels[order[slot]])
            if label < 0 {
                for k in 0..<classes { duals.base[slot * chunks + k / 8][k % 8] = 1 / Float(classes) }
            } else {
                duals.base[slot * chunks + label / 8][label % 8] = 1
            }
        }
    }

    /// The rows whose last visits gained most: those with 90 % of the total gain.
    private func restless() -> [Int] {
        let sorted = (0..<order.count).sorted { (gains.base[$1], $0) < (gains.base[$0], $1) }
        var total = 0.0
        for slot in sorted { total += Double(gains.base[slot]) }
        var sum = 0.0
        var count = 0
        while count < sorted.count, sum < 0.9 * total {
            sum += Double(gains.base[sorted[count]])
            count += 1
        }
        return Array(sorted[..<count]).sorted()
    }

    /// A vector that is large in the unused lanes of the last chunk, and 0 in the others.
    private var padding: Float8 {
        var lanes = Float8(repeating: 0)
        for lane in 0..<8 where (chunks - 1) * 8 + lane >= classes { lanes[lane] = 1e6 }
        return lanes
    }

    /// Visits every example once, or those that still move, in a new random order.
    mutating func epoch() {
        // After three epochs only every third one visits all rows, since most rows have come to rest.
        var slots = epochs > 2 && epochs % 3 != 0 ? restless() : Array(0..<order.count)
        epochs += 1
        random.shuffle(&slots)
        let chunks = chunks
        let padding = padding
        let biasRow = features * chunks
        let scratch = Buffer(repeating: Float8(repeating: 0), count: 3 * chunks)
        let active = Buffer(repeating: 0, count: chunks)
        corpus.indices.withUnsafeBufferPointer { indices in
            corpus.values.withUnsafeBufferPointer { values in
                guard let indices = indices.baseAddress, let values = values.baseAddress else { return }
                for slot in slots {
                    visit(
                        slot,
                        scores: scratch.base,
                        active: active.base,
                        indices: indices,
                        values: values,
                        chunks: chunks,
                        padding: padding,
                        biasRow: biasRow
                    )
                }
            }
        }
    }

    /// Replaces one example's distribution by its optimum and updates the weights.
    ///
    /// - Parameters:
    ///   - slot: the example's position in `order`.
    ///   - scores: scratch of 3 × chunks vectors.
    ///   - active: scratch of as many numbers as there are chunks.
    @inline(__always)
    private func visit(
        _ slot: Int,
        scores: UnsafeMutablePointer<Float8>,
        active: UnsafeMutablePointer<Int>,
        indices: UnsafePointer<Int32>,
        values: UnsafePointer<Float>,
        chunks: Int,
        padding: Float8,
        biasRow: Int
    ) {
        let weights = weights.base
        let dual = duals.base + slot * chunks
        let row = order[slot]
        let start = corpus.starts[row]
        let count = corpus.starts[row + 1] - start
        for c in 0..<chunks { scores[c] = weights[biasRow + c] * bias }
        Kernels.gather(
            into: scores,
            chunks: chunks,
            from: weights,
            indices: indices + start,
            values: values + start,
            count: count
        )
        let cost = costs[row]
        // Steps C·Δq below this are skipped: they change no score by more, and it saves writing most of the weights.
        let negligible = min(1e-4, 2e-6 * cost)
        let fresh = scores + 2 * chunks
        // A row without features and bias changes no weights, but the step still needs an `a` above 0.
        SimplexStep.solve(
            scores: scores,
            old: dual,
            a: max(cost * norms[row], 1e-6),
            padding: padding,
            chunks: chunks,
            lambda: &lambdas.base[slot],
            target: scores + chunks,
            result: fresh
        )
        // Classes that would hardly move keep their dual values; the others are scaled so that the sum stays 1.
        var activeCount = 0
        var moved = Float8(repeating: 0)
        var kept = Float8(repeating: 0)
        for c in 0..<chunks {
            let change = fresh[c] - dual[c]
            let size = change.replacing(with: -change, where: change .< 0)
            if Kernels.maximum(size) * cost > negligible {
                active[activeCount] = c
                activeCount += 1
                moved += fresh[c]
            } else {
                kept += dual[c]
            }
        }
        gains.base[slot] = 0
        if activeCount == 0 { return }
        var squares = Float8(repeating: 0)
        let scale = (1 - Portable.sum(kept)) / Portable.sum(moved)
        for a in 0..<activeCount {
            let c = active[a]
            let value = fresh[c] * scale
            fresh[c] = (value - dual[c]) * cost
            dual[c] = value
            squares += fresh[c] * fresh[c]
        }
        gains.base[slot] = Portable.sum(squares) * norms[row]
        Kernels.scatter(
            fresh,
            active: active,
            activeCount: activeCount,
            into: weights,
            chunks: chunks,
            indices: indices + start,
            values: values + start,
            count: count
        )
        if bias != 0 {
            for a in 0..<activeCount {
                let c = active[a]
                weights[biasRow + c] -= fresh[c] * bias
            }
        }
    }

    /// The primal and the dual objective at the present weights.
    func objective() -> (primal: Double, dual: Double) {
        let chunks = chunks
        let padding = padding
        var squares = 0.0
        for i in 0..<weights.count { squares += Double(Portable.sum(weights.base[i] * weights.base[i])) }
        var loss = 0.0
        var entropy = 0.0
        let scratch = Buffer(repeating: Float8(repeating: 0), count: chunks)
        let scores = scratch.base
        corpus.indices.withUnsafeBufferPointer { indices in
            corpus.values.withUnsafeBufferPointer { values in
                guard let indices = indices.baseAddress, let values = values.baseAddress else { return }
                for slot in 0..<order.count {
                    let row = order[slot]
                    let start = corpus.starts[row]
                    for c in 0..<chunks { scores[c] = weights.base[features * chunks + c] * bias }
                    Kernels.gather(
                        into: scores,
                        chunks: chunks,
                        from: weights.base,
                        indices: indices + start,
                        values: values + start,
                        count: corpus.starts[row + 1] - start
                    )
                    var top = Float8(repeating: -.greatestFiniteMagnitude)
                    for c in 0..<chunks {
                        if c == chunks - 1 { scores[c] -= padding }
                        top.replace(with: scores[c], where: scores[c] .> top)
                    }
                    let highest = Kernels.maximum(top)
                    var sum = Float8(repeating: 0)
                    var negative = Float8(repeating: 0)
                    for c in 0..<chunks {
                        sum += Portable.exp(scores[c] - highest)
                        let q = duals.base[slot * chunks + c]
                        negative += q * Portable.log(q.replacing(with: 1e-37, where: q .< 1e-37))
                    }
                    let own = Double(highest) - targetScore(scores, Int(labels[row]))
                    let cost = Double(costs[row])
                    loss += cost * (Portable.log(Double(Portable.sum(sum))) + own)
                    entropy -= cost * Double(Portable.sum(negative))
                }
            }
        }
        return (0.5 * squares + loss, entropy - 0.5 * squares)
    }

    /// The score that a row's target expects: that of its class, or the mean of all classes for an out-of-scope row.
    private func targetScore(_ scores: UnsafeMutablePointer<Float8>, _ label: Int) -> Double {
        if label >= 0 { return Double(scores[label / 8][label % 8]) }
        var sum = 0.0
        for k in 0..<classes { sum += Double(scores[k / 8][k % 8]) }
        return sum / Double(classes)
    }

    /// (primal − dual) / primal, an upper bound of the relative distance from the minimum.
    func relativeGap() -> Double {
        let (primal, dual) = objective()
        return primal > 0 ? (primal - dual) / primal : 0
    }

    /// A copy of the weights, which outlives the solver.
    func weightArray() -> [Float8] {
        Array(UnsafeBufferPointer(start: weights.base, count: weights.count))
    }
}
