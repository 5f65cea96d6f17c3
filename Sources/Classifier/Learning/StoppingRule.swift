import Statistics

/// Decides when a fit is good enough. Computing the gap costs a third of an epoch, so it is computed only when the target
/// can be near, judging by how gaps usually fall.
struct StoppingRule: Sendable {
    /// The amount by which the logarithm of the gap falls in a good epoch.
    private static let usualFall = 0.3

    let target: Double
    let maximumEpochs: Int
    private(set) var epochs = 0
    /// The last gap that was computed.
    private(set) var gap: Double?
    private(set) var isMet = false
    private var nextCheck = 4
    private var lastCheck = 0

    init(target: Double, maximumEpochs: Int) {
        (self.target, self.maximumEpochs) = (target, maximumEpochs)
    }

    /// Counts an epoch. `compute` is called if the gap is wanted.
    mutating func count(_ compute: () -> Double) {
        epochs += 1
        guard epochs >= nextCheck || epochs >= maximumEpochs else { return }
        let gap = compute()
        self.gap = gap
        lastCheck = epochs
        isMet = gap <= target || epochs >= maximumEpochs
        if !isMet { nextCheck = epochs + max(1, Int(Portable.log(gap / target) / Self.usualFall)) }
    }

    /// The part of the way that is done, 0…1, given that gaps fall about exponentially.
    var fraction: Double {
        if isMet { return 1 }
        let log = Portable.log(min(1, gap ?? 1)) - Self.usualFall * Double(epochs - lastCheck)
        return min(0.99, log / Portable.log(target))
    }
}
