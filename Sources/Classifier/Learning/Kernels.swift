// The loops in which training and prediction spend their time. A row of weights, one for each class, is made of `chunks`
// vectors of eight classes, the last one padded: eight floats are what one or two instructions add on any x86-64.

/// The scores or weights of eight classes.
typealias Float8 = SIMD8<Float>

enum Kernels {
    /// scores += Σ values[i] · weights[indices[i]], four rows at a time and in the order of the entries, so that the
    /// rounding is always the same.
    ///
    /// - Parameters:
    ///   - scores: `chunks` vectors.
    ///   - weights: rows of `chunks` vectors.
    ///   - indices: the rows of `weights` to add, `count` of them.
    ///   - values: the factor of each.
    @inline(__always)
    static func gather(
        into scores: UnsafeMutablePointer<Float8>,
        chunks: Int,
        from weights: UnsafePointer<Float8>,
        indices: UnsafePointer<Int32>,
        values: UnsafePointer<Float>,
        count: Int
    ) {
        var i = 0
        while i + 4 <= count {
            let (x0, x1, x2, x3) = (values[i], values[i + 1], values[i + 2], values[i + 3])
            let w0 = weights + Int(indices[i]) * chunks
            let w1 = weights + Int(indices[i + 1]) * chunks
            let w2 = weights + Int(indices[i + 2]) * chunks
            let w3 = weights + Int(indices[i + 3]) * chunks
            for c in 0..<chunks {
                scores[c] = ((scores[c] + w0[c] * x0) + w1[c] * x1) + (w2[c] * x2 + w3[c] * x3)
            }
            i += 4
        }
        while i < count {
            let x = values[i]
            let w = weights + Int(indices[i]) * chunks
            for c in 0..<chunks { scores[c] += w[c] * x }
            i += 1
        }
    }

    /// weights[indices[i]] −= values[i] · step, only in the `activeCount` chunks whose numbers `active` holds.
    @inline(__always)
    static func scatter(
        _ step: UnsafePointer<Float8>,
        active: UnsafePointer<Int>,
        activeCount: Int,
        into weights: UnsafeMutablePointer<Float8>,
        chunks: Int,
        indices: UnsafePointer<Int32>,
        values: UnsafePointer<Float>,
        count: Int
    ) {
        for i in 0..<count {
            let x = values[i]
            let w = weights + Int(indices[i]) * chunks
            for a in 0..<activeCount {
                let c = active[a]
                w[c] -= step[c] * x
            }
        }
    }

    /// The largest of the eight values.
    @inline(__always)
    static func maximum(_ lanes: Float8) -> Float {
        let low = lanes.lowHalf
        let high = lanes.highHalf
        let four = low.replacing(with: high, where: high .> low)
        return max(max(four[0], four[1]), max(four[2], four[3]))
    }
}
