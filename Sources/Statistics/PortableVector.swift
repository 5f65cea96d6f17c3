// Eight lanes at a time, for the loops over classes. They use only operations that baseline x86-64 has as instructions,
// so that no lane ever falls back to a library call.

extension Portable {
    /// Adding and subtracting this rounds a small float to a whole number, ties to even.
    @inline(__always)
    private static var rounder: SIMD8<Float> { SIMD8(repeating: 12_582_912) }

    /// e to the power of each lane, with a relative error below 3e-7. Lanes are clamped to −87…88 first; NaN gives an
    /// undefined lane.
    @inline(__always)
    package static func exp(_ lanes: SIMD8<Float>) -> SIMD8<Float> {
        var x = lanes
        x.replace(with: -87, where: x .< -87)
        x.replace(with: 88, where: x .> 88)
        let shifted = x * Float(log2OfE) + rounder
        let k = shifted - rounder
        // ln 2 in two parts, the first with 9 zero bits at its end.
        let r = (x - k * Float(0x1.62e4p-1)) - k * Float(0x1.7f7d1cf8p-20)
        var p = r * Float(1.0 / 5_040) + Float(1.0 / 720)
        p = p * r + Float(1.0 / 120)
        p = p * r + Float(1.0 / 24)
        p = p * r + Float(1.0 / 6)
        p = p * r + Float(0.5)
        p = p * r + Float(1)
        p = p * r + Float(1)
        // The low bits of `shifted` are k: added to the exponent field they multiply by 2^k.
        let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self)
        return unsafeBitCast(unsafeBitCast(p, to: SIMD8<UInt32>.self) &+ (bits &<< 23), to: SIMD8<Float>.self)
    }

    /// The natural logarithm of each lane. The error is below 2e-7, absolute near 1 and relative elsewhere. Lanes must be
    /// positive, finite and normal.
    @inline(__always)
    package static func log(_ lanes: SIMD8<Float>) -> SIMD8<Float> {
        let bits = unsafeBitCast(lanes, to: SIMD8<Int32>.self)
        // Taking √½ as the lower end of a binade puts the significand into √½…√2.
        let shifted = bits &- 0x3f35_04f3
        let e = SIMD8<Float>(shifted &>> 23)
        let m = unsafeBitCast((shifted & 0x007f_ffff) &+ 0x3f35_04f3, to: SIMD8<Float>.self)
        let s = (m - Float(1)) / (m + Float(1))
        let z = s * s
        var p = z * Float(2.0 / 11) + Float(2.0 / 9)
        p = p * z + Float(2.0 / 7)
        p = p * z + Float(2.0 / 5)
        p = p * z + Float(2.0 / 3)
        p = p * z + Float(2)
        return e * Float(0x1.62e42ep-1) + p * s
    }

    /// The sum of the lanes, added in a fixed order.
    @inline(__always)
    package static func sum(_ lanes: SIMD8<Float>) -> Float {
        let four = lanes.lowHalf + lanes.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }
}
