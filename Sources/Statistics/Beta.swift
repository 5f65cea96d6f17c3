// The beta distribution, from which Clopper and Pearson's interval and the exact sign test are made.

extension Portable {
    /// ln Γ(x) for x > 0, by Stirling's series after shifting x above 10. Relative error about 1e-15.
    package static func logGamma(_ x: Double) -> Double {
        var x = x
        var product = 1.0
        while x < 10 {
            product *= x
            x += 1
        }
        let z = 1 / (x * x)
        var series = 1.0 / 156
        series = series * z - 691.0 / 360_360
        series = series * z + 1.0 / 1_188
        series = series * z - 1.0 / 1_680
        series = series * z + 1.0 / 1_260
        series = series * z - 1.0 / 360
        series = series * z + 1.0 / 12
        let halfLogTwoPi = 0.918_938_533_204_672_8
        return (x - 0.5) * log(x) - x + halfLogTwoPi + series / x - log(product)
    }

    /// I_x(a, b), the distribution function of Beta(a, b) at x, for a, b > 0. By Lentz's method on the continued
    /// fraction DLMF 8.17.22, on the side where it converges fast.
    package static func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, at: 1 - x) }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x))
        var c = 1.0
        var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
        var fraction = d
        for m in 1...2_000 {
            let m = Double(m)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / awayFromZero(1 + even * d)
            c = awayFromZero(1 + even / c)
            fraction *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / awayFromZero(1 + odd * d)
            c = awayFromZero(1 + odd / c)
            let step = d * c
            fraction *= step
            if abs(step - 1) < 1e-16 { break }
        }
        return front * fraction / a
    }

    /// Lentz's method divides by its intermediate results, so that a zero becomes a tiny number.
    static func awayFromZero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }

    /// The x in 0…1 with I_x(a, b) = `probability`, by bisection to the last bit, for a, b > 0.
    package static func betaQuantile(_ a: Double, _ b: Double, probability: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if middle <= low || middle >= high { break }
            if incompleteBeta(a, b, at: middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
