// The normal distribution, as far as intervals need it.

extension Portable {
    /// Φ(x), the distribution function, by the series of Φ − ½ in odd powers, whose terms are all positive for x > 0.
    /// Absolute error about 1e-15.
    package static func normal(_ x: Double) -> Double {
        if x < 0 { return 1 - normal(-x) }
        if x > 8.5 { return 1 }
        var term = x
        var sum = x
        var odd = 1.0
        while term > sum * 1e-17 {
            odd += 2
            term *= x * x / odd
            sum += term
        }
        let density = 0.398_942_280_401_432_7 * exp(-x * x / 2)
        return 0.5 + density * sum
    }

    /// The x in −8…8 with Φ(x) = `probability`, by bisection.
    package static func normalQuantile(_ probability: Double) -> Double {
        var (low, high) = (-8.0, 8.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if normal(middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
