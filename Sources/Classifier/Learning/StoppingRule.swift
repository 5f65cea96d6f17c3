import Statistics

/// When a fit is good enough. Computing the gap costs a third of an epoch, so it is done only when, as gaps usually
/// fall, the target can be near.
struct StoppingRule: Sendable {
    /// By how much the logarithm of the gap falls in a good epoch.
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
        self.target = target
        self.maximumEpochs = maximumEpochs
    }

    /// An epoch is done; `compute` gives the gap if it is wanted.
    mutating func count(_ compute: () -> Double) {
        epochs += 1
        guard epochs >= nextCheck || epochs >= maximumEpochs else { return }
        let gap = compute()
        self.gap = gap
        lastCheck = epochs
        isMet = gap <= target || epochs >= maximumEpochs
        if !isMet { nextCheck = epochs + max(1, Int(Portable.log(gap / target) / Self.usualFall)) }
    }

    /// How much of the way is done, 0…1: gaps fall about exponentially.
    var fraction: Double {
        if isMet { return 1 }
        let log = Portable.log(min(1, gap ?? 1)) - Self.usualFall * Double(epochs - lastCheck)
        return min(0.99, log / Portable.log(target))
    }
}
