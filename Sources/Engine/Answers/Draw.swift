import Crypto

// Arms are drawn by a hash of the unit, so that a session keeps its arm without anything being stored. The hash is
// salted, so that nobody can choose an arm by choosing a session's name.

/// The arm of one request in the experiment.
package struct Draw: Sendable, Equatable {
    package var arm: Arm
    /// The probability with which this arm was drawn, 0…1.
    package var propensity: Double

    package init(abProb: Double, salt: String, unit: String) {
        var hasher = SHA256()
        hasher.update(data: Array(salt.utf8))
        hasher.update(data: [0])
        hasher.update(data: Array(unit.utf8))
        var bits: UInt64 = 0
        for byte in hasher.finalize().prefix(8) { bits = bits << 8 | UInt64(byte) }
        // 53 bits: every value is an exact double below 1.
        let uniform = Double(bits >> 11) / 9_007_199_254_740_992
        arm = uniform < abProb ? .llm : .local
        propensity = arm == .llm ? abProb : 1 - abProb
    }
}
