import World

/// Keeps questions away from an LLM that does not answer, so that nobody waits in vain, and lets one of them look from time
/// to time whether it is back.
struct Breaker {
    enum Gate: Equatable {
        case pass
        /// The caller has to look whether the LLM is back, and to call ``close()`` or ``fail(_:isRefused:at:jitter:)``.
        case probe
        case refuse(LLM.Failure)
    }

    /// The number of failures in a row that open the breaker.
    private static let limit = 5
    /// The number of refused connections in a row that open it: fewer, since a refusal is certain.
    private static let refusedLimit = 2

    private var failures = 0
    private var refusals = 0
    private var opened: (reason: LLM.Failure, until: Duration)?
    private var isProbing = false
    /// How often the breaker has opened since the last answer. The pauses grow with it, so that an LLM that passes looks
    /// but fails questions is asked less and less.
    private var attempts = 0

    var isOpen: Bool { opened != nil }

    /// The time of the next look; nil while the breaker is closed.
    var due: Duration? { opened?.until }

    mutating func gate(at now: Duration) -> Gate {
        guard let opened else { return .pass }
        guard now >= opened.until, !isProbing else { return .refuse(opened.reason) }
        isProbing = true
        return .probe
    }

    /// Notes an answer, whatever it said.
    mutating func succeed() { self = Breaker() }

    /// Notes that a look has found the LLM back. One more failure opens the breaker again.
    mutating func close() {
        (opened, isProbing) = (nil, false)
        (failures, refusals) = (Self.limit - 1, Self.refusedLimit - 1)
    }

    /// Notes that no answer came.
    ///
    /// - Parameter jitter: a random number in 0…1, which spreads the looks of many daemons over time.
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
