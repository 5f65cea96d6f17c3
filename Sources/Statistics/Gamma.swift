// The gamma distribution. Chi-square with k degrees of freedom is 2 · Gamma(k/2).

extension Portable {
    /// Q(a, x) = Γ(a, x)/Γ(a), the share of Gamma(a) above x, for a > 0. Computed by the series DLMF 8.11.4 for x below
    /// a + 1, and else by Lentz's method on the continued fraction DLMF 8.9.2, so that a small share keeps its relative
    /// accuracy.
    package static func incompleteGammaAbove(_ a: Double, _ x: Double) -> Double {
        if x <= 0 { return 1 }
        if x == .infinity { return 0 }
        let front = exp(a * log(x) - x - logGamma(a))
        if x < a + 1 {
            var term = 1 / a
            var sum = term
            for k in 1...10_000 {
                term *= x / (a + Double(k))
                sum += term
                if term < sum * 1e-17 { break }
            }
            return max(0, 1 - front * sum)
        }
        var b = x + 1 - a
        var c = 1 / awayFromZero(0)
        var d = 1 / awayFromZero(b)
        var fraction = d
        for k in 1...10_000 {
            let numerator = Double(k) * (a - Double(k))
            b += 2
            d = 1 / awayFromZero(numerator * d + b)
            c = awayFromZero(b + numerator / c)
            let step = d * c
            fraction *= step
            if abs(step - 1) < 1e-16 { break }
        }
        return front * fraction
    }
}
