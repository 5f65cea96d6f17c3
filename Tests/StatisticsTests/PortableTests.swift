import Statistics
import Testing

/// Golden values by mpmath with 40 digits.
@Suite struct PortableTests {
    @Test(arguments: [
        (-1.0, 0.36787944117144233), (-745.0, Double.leastNonzeroMagnitude), (-700.5, 5.980196118639791e-305),
        (-87.0, 1.6458114310822737e-38), (-10.25, 3.535750085040998e-05), (-0.34657359, 0.7071067813845181),
        (-1e-9, 0.999999999), (0, 1), (1e-20, 1), (0.5, 1.6487212707001282), (1, 2.718281828459045),
        (2, 7.38905609893065), (3.75, 42.52108200006278), (50, 5.184705528587072e+21),
        (88.7, 3.325986980250579e+38), (300.125, 2.201057464963801e+130), (709.7, 1.6549840276802644e+308),
    ])
    func `exp is right to the last few bits`(x: Double, expected: Double) {
        #expect(isClose(Portable.exp(x), expected, relative: 4e-16))
    }

    @Test(arguments: [
        (Double.leastNonzeroMagnitude, -744.4400719213812), (1e-300, -690.7755278982137),
        (1e-20, -46.051701859880914), (0.1, -2.3025850929940455), (0.5, -0.6931471805599453),
        (0.70710678, -0.3465735919580042), (0.9999999, -1.0000000494736474e-07), (1, 0),
        (1.0000001, 9.999999505838704e-08), (1.4142136, 0.346573616886212), (2, 0.6931471805599453),
        (2.718281828459045, 1), (10, 2.302585092994046), (12345.678, 9.421061321291832),
        (1e100, 230.25850929940458), (1.7e308, 709.7268368932282),
    ])
    func `log is right to the last few bits`(x: Double, expected: Double) {
        #expect(isClose(Portable.log(x), expected, relative: 4e-16))
    }

    @Test func `exp and log have the usual values at their ends`() {
        #expect(Portable.exp(Double.infinity) == .infinity)
        #expect(Portable.exp(-Double.infinity) == 0)
        #expect(Portable.exp(Double.nan).isNaN)
        #expect(Portable.log(0.0) == -.infinity)
        #expect(Portable.log(Double.infinity) == .infinity)
        #expect(Portable.log(-1.0).isNaN)
        #expect(Portable.exp(1000.0) == .infinity)
    }

    @Test func `lanes agree with scalars`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            var x = SIMD8<Float>(repeating: 0)
            for lane in 0..<8 { x[lane] = Float(random.unit() * 170 - 86) }
            let e = Portable.exp(x)
            let l = Portable.log(e)
            for lane in 0..<8 {
                let exact = Portable.exp(Double(x[lane]))
                #expect(isClose(Double(e[lane]), exact, relative: 4e-7))
                #expect(abs(Double(l[lane]) - Portable.log(Double(e[lane]))) < 4e-7 * max(1, abs(Double(x[lane]))))
            }
        }
        #expect(Portable.exp(SIMD8<Float>(repeating: -1e30)).min() > 0)
        #expect(Portable.exp(SIMD8<Float>(repeating: 1e30)).max() < .infinity)
        #expect(Portable.sum(SIMD8<Float>(1, 2, 3, 4, 5, 6, 7, 8)) == 36)
    }

    @Test(arguments: [
        (0.1, 2.252712651734206), (0.5, 0.5723649429247001), (1, 0), (1.5, -0.12078223763524522), (2, 0),
        (3.7, 1.428072326665388), (10, 12.801827480081469), (100.5, 361.4355404677776), (1e5, 1051287.7089736569),
    ])
    func `log gamma`(x: Double, expected: Double) {
        #expect(abs(Portable.logGamma(x) - expected) < 1e-13 * max(1, abs(expected)))
    }

    @Test(arguments: [
        (0.5, 0.5, 0.3, 0.36901011956554536), (2, 3, 0.4, 0.5248), (100, 5, 0.93, 0.13947795828628476),
        (1_000, 20, 0.985, 0.8604159730735104), (1, 1, 0.25, 0.25), (15_000, 500, 0.967, 0.29697651508861406),
    ])
    func `incomplete beta`(a: Double, b: Double, x: Double, expected: Double) {
        #expect(isClose(Portable.incompleteBeta(a, b, at: x), expected, relative: 1e-9))
    }
}

func isClose(_ a: Double, _ b: Double, relative: Double) -> Bool {
    a == b || abs(a - b) <= relative * max(abs(a), abs(b))
}
