import World

/// Keeps questions away from an LLM that does not answer, and lets one look from time to time.
struct Breaker {
    enum Gate: Equatable {
        case pass
        /// Whoever gets this looks whether the LLM is back, and says so by ``close()`` or ``fail(_:isRefused:at:_:)``.
        case probe
        case refuse(LLM.Failure)
    }

    private static let limit = 5
    /// A refused connection is certain, and costs nothing to find out.
    private static let refusedLimit = 2

    private var failures = 0
    private var refusals = 0
    private var opened: (reason: LLM.Failure, until: Duration)?
    private var isProbing = false
    /// How often it has opened since the last answer: who looks well and answers nothing is asked less and less.
    private var attempts = 0

    var isOpen: Bool { opened != nil }

    /// When the next look is due; nil while closed.
    var due: Duration? { opened?.until }

    mutating func gate(at now: Duration) -> Gate {
        guard let opened else { return .pass }
        guard now >= opened.until, !isProbing else { return .refuse(opened.reason) }
        isProbing = true
        return .probe
    }

    /// An answer came, whatever it said.
    mutating func succeed() { self = Breaker() }

    /// The look found it back. It has to prove itself: one more failure opens again.
    mutating func close() {
        (opened, isProbing) = (nil, false)
        (failures, refusals) = (Self.limit - 1, Self.refusedLimit - 1)
    }

    /// - Parameter jitter: 0…1, so that many daemons do not come back in step.
    mutating func fail(_ failure: LLM.Failure, isRefused: Bool, at now: Duration, jitter: Double) {
        isProbing = false
        failures += 1
        refusals = isRefused ? refusals + 1 : 0
        guard opened != nil || failures >= Self.limit || refusals >= Self.refusedLimit else { return }
        let longest = min(30, Double(1 << min(attempts, 5)))
        attempts += 1
        let pause = max(1, longest * (0.5 + jitter / 2))
        opened = (failure, now + .seconds(pause))
    }
}
