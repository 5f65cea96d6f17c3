import Statistics

/// Multinomial logistic regression with an L2 penalty, by coordinate ascent over the examples' dual distributions:
///
///     minimise ½‖W‖² + Σ C_i · (ln Σ_k exp(w_k·x_i) − w_y·x_i)
///
/// where for a row of label −1 the mean of all w_k stands for w_y. Each example has a distribution q_i over the classes (the dual variable), and W = Σ C_i (e_y − q_i) x_iᵀ at all
/// times. A visit to an example replaces q_i by the exact optimum (see `SimplexStep`) and moves W. The difference of
/// primal and dual objective bounds the distance from the optimum, so the stopping rule means something.
struct DualSolver {
    let classes: Int
    let chunks: Int
    let features: Int
    /// The value of the bias feature, 0 for none. Its weights are the last row and penalised like the others.
    let bias: Float
    /// Features × chunks, then the bias row.
    let weights: Buffer<Lanes>
    private let duals: Buffer<Lanes>
    private let lambdas: Buffer<Float>
    /// What each row's last visit brought the dual objective, about.
    private let gains: Buffer<Float>
    /// The rows of the corpus that take part; `duals`, `lambdas` and `gains` are in this order.
    private let order: [Int]
    private let costs: [Float]
    private let norms: [Float]
    private let labels: [Int32]
    private let corpus: Corpus
    private var random: SplitMix64
    private var epochs = 0

    /// `rows` of the corpus take part; `labels` and `costs` (C_i ≥ 0) are indexed like the corpus.
    init(corpus: Corpus, rows: [Int], labels: [Int32], costs: [Float], classes: Int, bias: Float, seed: UInt64) {
        self.corpus = corpus
        self.labels = labels
        self.costs = costs
        self.classes = classes
        self.bias = bias
        chunks = (classes + 7) / 8
        features = corpus.space.count
        weights = Buffer(repeating: Lanes(repeating: 0), count: (features + 1) * chunks)
        duals = Buffer(repeating: Lanes(repeating: 0), count: rows.count * chunks)
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
        // W = 0 belongs to q_i = e_y, and to the uniform distribution where that is the target.
        for slot in 0..<order.count {
            let label = Int(labels[order[slot]])
            if label < 0 {
                for k in 0..<classes { duals.base[slot * chunks + k / 8][k % 8] = 1 / Float(classes) }
            } else {
                duals.base[slot * chunks + label / 8][label % 8] = 1
            }
        }
    }

    /// The rows that brought most, 90 % of it together.
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

    /// Large for the unused lanes of the last chunk, 0 for the others.
    private var padding: Lanes {
        var lanes = Lanes(repeating: 0)
        for lane in 0..<8 where (chunks - 1) * 8 + lane >= classes { lanes[lane] = 1e6 }
        return lanes
    }

    /// One visit to every example, or to those that still move, in a new random order.
    mutating func epoch() {
        // After three epochs only every third visits all rows: the others would mostly meet rows at rest.
        var slots = epochs > 2 && epochs % 3 != 0 ? restless() : Array(0..<order.count)
        epochs += 1
        random.shuffle(&slots)
        let chunks = chunks
        let padding = padding
        let biasRow = features * chunks
        let scratch = Buffer(repeating: Lanes(repeating: 0), count: 3 * chunks)
        let active = Buffer(repeating: 0, count: chunks)
        corpus.indices.withUnsafeBufferPointer { indices in
            corpus.values.withUnsafeBufferPointer { values in
                guard let indices = indices.baseAddress, let values = values.baseAddress else { return }
                for slot in slots {
                    visit(
                        slot,
                        scratch.base,
                        active.base,
                        indices,
                        values,
                        chunks: chunks,
                        padding: padding,
                        biasRow: biasRow
                    )
                }
            }
        }
    }

    @inline(__always)
    private func visit(
        _ slot: Int,
        _ scores: UnsafeMutablePointer<Lanes>,
        _ active: UnsafeMutablePointer<Int>,
        _ indices: UnsafePointer<Int32>,
        _ values: UnsafePointer<Float>,
        chunks: Int,
        padding: Lanes,
        biasRow: Int
    ) {
        let weights = weights.base
        let dual = duals.base + slot * chunks
        let row = order[slot]
        let start = corpus.starts[row]
        let count = corpus.starts[row + 1] - start
        for c in 0..<chunks { scores[c] = weights[biasRow + c] * bias }
        Kernels.gather(scores, chunks, from: weights, indices + start, values + start, count: count)
        let cost = costs[row]
        // Steps C·Δq below this are left undone: they move no score by more, and few weights need be written.
        let negligible = min(1e-4, 2e-6 * cost)
        let fresh = scores + 2 * chunks
        // A row without features and bias moves no weights; the step needs an `a` above 0 all the same.
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
        // Classes that would hardly move keep their dual values, and the others share what is left of 1.
        var activeCount = 0
        var moved = Lanes(repeating: 0)
        var kept = Lanes(repeating: 0)
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
        var squares = Lanes(repeating: 0)
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
            active,
            activeCount,
            into: weights,
            chunks,
            indices + start,
            values + start,
            count: count
        )
        if bias != 0 {
            for a in 0..<activeCount {
                let c = active[a]
                weights[biasRow + c] -= fresh[c] * bias
            }
        }
    }

    /// Primal and dual objective at the present weights.
    func objective() -> (primal: Double, dual: Double) {
        let chunks = chunks
        let padding = padding
        var squares = 0.0
        for i in 0..<weights.count { squares += Double(Portable.sum(weights.base[i] * weights.base[i])) }
        var loss = 0.0
        var entropy = 0.0
        let scratch = Buffer(repeating: Lanes(repeating: 0), count: chunks)
        let scores = scratch.base
        corpus.indices.withUnsafeBufferPointer { indices in
            corpus.values.withUnsafeBufferPointer { values in
                guard let indices = indices.baseAddress, let values = values.baseAddress else { return }
                for slot in 0..<order.count {
                    let row = order[slot]
                    let start = corpus.starts[row]
                    for c in 0..<chunks { scores[c] = weights.base[features * chunks + c] * bias }
                    Kernels.gather(
                        scores,
                        chunks,
                        from: weights.base,
                        indices + start,
                        values + start,
                        count: corpus.starts[row + 1] - start
                    )
                    var top = Lanes(repeating: -.greatestFiniteMagnitude)
                    for c in 0..<chunks {
                        if c == chunks - 1 { scores[c] -= padding }
                        top.replace(with: scores[c], where: scores[c] .> top)
                    }
                    let highest = Kernels.maximum(top)
                    var sum = Lanes(repeating: 0)
                    var negative = Lanes(repeating: 0)
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

    /// The score expected under a row's target: of its class, or the mean of all.
    private func targetScore(_ scores: UnsafeMutablePointer<Lanes>, _ label: Int) -> Double {
        if label >= 0 { return Double(scores[label / 8][label % 8]) }
        var sum = 0.0
        for k in 0..<classes { sum += Double(scores[k / 8][k % 8]) }
        return sum / Double(classes)
    }

    /// (primal − dual) / primal: how far the objective can be above its minimum.
    func relativeGap() -> Double {
        let (primal, dual) = objective()
        return primal > 0 ? (primal - dual) / primal : 0
    }

    /// A copy of the weights, which outlives the solver.
    func weightArray() -> [Lanes] {
        Array(UnsafeBufferPointer(start: weights.base, count: weights.count))
    }
}
