// The two loops that training and prediction spend their time in. Rows of weights are `chunks` vectors of eight
// classes, the last one padded.

typealias Lanes = SIMD8<Float>

enum Kernels {
    /// scores += Σ values[i] · weights[indices[i]], four rows at a time and in the order of the entries.
    @inline(__always)
    static func gather(
        _ scores: UnsafeMutablePointer<Lanes>,
        _ chunks: Int,
        from weights: UnsafePointer<Lanes>,
        _ indices: UnsafePointer<Int32>,
        _ values: UnsafePointer<Float>,
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

    /// weights[indices[i]] −= values[i] · step, in the listed chunks only.
    @inline(__always)
    static func scatter(
        _ step: UnsafePointer<Lanes>,
        _ active: UnsafePointer<Int>,
        _ activeCount: Int,
        into weights: UnsafeMutablePointer<Lanes>,
        _ chunks: Int,
        _ indices: UnsafePointer<Int32>,
        _ values: UnsafePointer<Float>,
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

    @inline(__always)
    static func maximum(_ lanes: Lanes) -> Float {
        let low = lanes.lowHalf
        let high = lanes.highHalf
        let four = low.replacing(with: high, where: high .> low)
        return max(max(four[0], four[1]), max(four[2], four[3]))
    }
}
