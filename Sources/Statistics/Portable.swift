// The C library picks its `exp` and `log` by processor, and the variants differ in the last bit. What is trained must
// be the same bytes on every x86-64 host, so these use nothing but IEEE additions, multiplications and divisions in a
// written order.

/// Exponential and logarithm with the same bits everywhere.
package enum Portable {
    static let log2OfE = 1.442_695_040_888_963_4
    /// ln 2 in two parts; the first has 21 zero bits at its end, so multiples by an exponent are exact.
    static let ln2High = 0x1.62e42feep-1
    static let ln2Low = 0x1.a39ef35793c76p-33

    /// e to the power of x. Relative error below 3e-16; 0 below −745.2, infinity above 709.8, NaN for NaN.
    package static func exp(_ x: Double) -> Double {
        if x.isNaN { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -745.133219101941 { return 0 }
        let k = (x * log2OfE).rounded(.toNearestOrEven)
        let r = (x - k * ln2High) - k * ln2Low
        // Taylor series to the 13th power: |r| ≤ ln2/2 leaves 5e-18.
        var p = 1.0 / 6_227_020_800
        p = p * r + 1.0 / 479_001_600
        p = p * r + 1.0 / 39_916_800
        p = p * r + 1.0 / 3_628_800
        p = p * r + 1.0 / 362_880
        p = p * r + 1.0 / 40_320
        p = p * r + 1.0 / 5_040
        p = p * r + 1.0 / 720
        p = p * r + 1.0 / 120
        p = p * r + 1.0 / 24
        p = p * r + 1.0 / 6
        p = p * r + 0.5
        p = (p * r) * r + r + 1
        // Two factors, since 2^k alone may lie outside the normal range.
        let exponent = Int(k)
        let half = exponent / 2
        return p * powerOfTwo(half) * powerOfTwo(exponent - half)
    }

    /// Natural logarithm. Relative error below 4e-16; −infinity at 0, NaN below.
    package static func log(_ x: Double) -> Double {
        if x.isNaN || x < 0 { return .nan }
        if x == 0 { return -.infinity }
        if x == .infinity { return x }
        var m = x.significand
        var e = Double(x.exponent)
        if m > 1.414_213_562_373_095_1 {
            m *= 0.5
            e += 1
        }
        // log m = 2 artanh((m−1)/(m+1)), |s| ≤ 0.1716: the series to s^23 leaves 2e-19.
        let s = (m - 1) / (m + 1)
        let z = s * s
        var p = 1.0 / 23
        p = p * z + 1.0 / 21
        p = p * z + 1.0 / 19
        p = p * z + 1.0 / 17
        p = p * z + 1.0 / 15
        p = p * z + 1.0 / 13
        p = p * z + 1.0 / 11
        p = p * z + 1.0 / 9
        p = p * z + 1.0 / 7
        p = p * z + 1.0 / 5
        p = p * z + 1.0 / 3
        let tail = 2 * s * z * p
        return e * ln2High + (2 * s + (tail + e * ln2Low))
    }

    /// The same rounded to `Float`.
    package static func exp(_ x: Float) -> Float { Float(exp(Double(x))) }

    /// The same rounded to `Float`.
    package static func log(_ x: Float) -> Float { Float(log(Double(x))) }

    private static func powerOfTwo(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }
}
