import Statistics

/// The exact minimisation over one example's dual distribution.
///
/// With scores z, the old distribution q and a = C‖x‖², the best distribution p solves
/// ln p_k + a·p_k = z_k + a·q_k − λ with Σ p_k = 1. For a given λ each p_k is ω(y_k)/a, where ω is the Wright omega
/// function (ω + ln ω = y) and y_k = z_k + a·q_k − λ + ln a; λ is found by Newton's method on the sum, which is convex
/// and falls in λ. (Yu, Huang, Lin: Dual coordinate descent methods for logistic regression and maximum entropy
/// models, 2011, solve the same problem class by class.)
enum SimplexStep {
    /// Below this y the series of ω in e^y is exact to 3e-6.
    private static let seriesLimit: Float = -4.6
    private static let floor: Float = -60

    /// ω(y) of every lane, with a relative error below 1e-5.
    @inline(__always)
    static func omega(_ y: Float8) -> Float8 {
        let t = Portable.exp(y.replacing(with: 1, where: y .> 1))
        let series = t - t * t * (1 - t * Float(1.5))
        if Kernels.maximum(y) < seriesLimit { return series }
        // The start is Padé's approximation of W below 0, the series around 1 up to 3.5, and the asymptotic form above.
        let pade = t * (1 + t * Float(4.0 / 3)) / (1 + t * (Float(7.0 / 3) + t * Float(5.0 / 6)))
        let d = y - 1
        let middle = 1 + d * (Float(0.5) + d * (Float(1.0 / 16) - d * (Float(1.0 / 192) + d * Float(1.0 / 3072))))
        let l = Portable.log(y.replacing(with: 3.5, where: y .< 3.5))
        let far = y - l + l / y.replacing(with: 3.5, where: y .< 3.5)
        var w = pade.replacing(with: middle, where: y .> 0)
        w.replace(with: far, where: y .> 3.5)
        // One step of Fritsch, Shafer and Crowley (1973) leaves the fourth power of the start's error.
        let r = y - w - Portable.log(w)
        let s = 1 + w
        let u = 2 * s * (s + r * Float(2.0 / 3))
        w *= 1 + (r / s) * ((u - r) / (u - 2 * r))
        w.replace(with: series, where: y .< seriesLimit)
        return w
    }

    /// Solves for λ and writes the new distribution into `result`.
    ///
    /// - Parameters:
    ///   - scores: z, `chunks` vectors.
    ///   - old: q, `chunks` vectors.
    ///   - a: C‖x‖², above 0.
    ///   - padding: 0 for the lanes of the last vector that are in use, and a large number for the others.
    ///   - lambda: the last solution for this example (any number at first), replaced by the new one.
    ///   - target: scratch of `chunks` vectors.
    ///   - result: p, `chunks` vectors.
    @inline(__always)
    static func solve(
        scores: UnsafePointer<Float8>,
        old: UnsafePointer<Float8>,
        a: Float,
        padding: Float8,
        chunks: Int,
        lambda: inout Float,
        target: UnsafeMutablePointer<Float8>,
        result: UnsafeMutablePointer<Float8>
    ) {
        let logA = Portable.log(Float8(repeating: a))[0]
        var top = Float8(repeating: -.greatestFiniteMagnitude)
        for c in 0..<chunks {
            var y = scores[c] + old[c] * a
            if c == chunks - 1 { y -= padding }
            target[c] = y
            top.replace(with: y, where: y .> top)
        }
        // With λ at the highest target minus a, that class alone reaches 1, so the root is not below. With λ above the
        // highest target plus ln K, the sum cannot reach 1.
        let highest = Kernels.maximum(top)
        let lowest = highest - a
        var l = max(lowest, lambda)
        l = min(l, highest + 12)
        let inverse = 1 / a
        for _ in 0..<12 {
            var sum = Float8(repeating: 0)
            var slope = Float8(repeating: 0)
            let shift = logA - l
            for c in 0..<chunks {
                var y = target[c] + shift
                y.replace(with: floor, where: y .< floor)
                let w = omega(y)
                result[c] = w
                sum += w
                slope += w / (1 + w)
            }
            let total = Portable.sum(sum) * inverse
            let fall = Portable.sum(slope) * inverse
            if abs(total - 1) < 1e-5 { break }
            // Right of the root the sum falls like an exponential, so Newton's method runs on its logarithm.
            let step = total > 1 ? (total - 1) / fall : Portable.log(Float8(repeating: total))[0] * total / fall
            l = max(lowest, l + step)
        }
        lambda = l
        var sum = Float8(repeating: 0)
        for c in 0..<chunks { sum += result[c] }
        let scale = 1 / Portable.sum(sum)
        for c in 0..<chunks { result[c] *= scale }
    }
}
