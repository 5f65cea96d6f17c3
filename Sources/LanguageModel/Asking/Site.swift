import Logging
import Synchronization
import World

/// One LLM as the settings name it: its connections, and what is known of it. A reload makes a new one, so that answers
/// under way keep the connections and settings that they began with.
final class Site: Sendable {
    /// The state of one model on the server.
    struct Model {
        enum Residence: Equatable { case unknown, loaded, missing, absent, remote(String) }

        var residence = Residence.unknown
        /// The time of `residence`.
        var at: Duration = .zero
        var check: Task<Void, Never>?
        var load: Task<LLM.Failure?, Never>?
        /// The time at which the loading began.
        var loadBegan: Duration = .zero
        /// The failure of the last loading, which is not tried again until then.
        var refusal: (failure: LLM.Failure, until: Duration)?
    }

    struct State {
        var breaker = Breaker()
        var health: LLM.Health
        var models: [String: Model] = [:]
        /// The time of the last question.
        var asked: Duration?
        var looking: Task<Void, Never>?
        var isOver = false
        /// What the last answers showed to be wrong; nil after a right one.
        var trouble: Trouble?
        /// Until then the server wants to be left alone.
        var heldUntil: Duration?
        /// The time of the last piece of any answer.
        var heard: Duration?
        /// How the server wants to be spoken to.
        var dialect = Requests.Dialect()
        /// The models whose thinking ends without having begun.
        var thinksAloud: Set<String> = []
        /// The trouble that the journal has, without its digits, which may differ each time.
        var told = ""

        mutating func note(_ residence: Model.Residence, of model: String, at time: Duration) {
            models[model, default: Model()].residence = residence
            models[model, default: Model()].at = time
        }
    }

    /// What an answer, or several in a row, showed to be wrong. A look that finds the LLM well does not disprove it.
    struct Trouble {
        /// The weight from which it counts. An error that the question itself may have caused weighs 1.
        static let limit = 3

        var state: LLM.Health.State
        var failure: LLM.Failure
        var weight: Int
        /// Whether the model could not be loaded, rather than that it did not answer.
        var isLoading = false
    }

    static let heldMessage = "The LLM wants to be left alone for a while (Retry-After)."

    let settings: LLM.Settings
    let upstream: Upstream?
    let state: Mutex<State>
    /// A look that somebody waits for.
    let lookUnderWay = Shared<Void>()
    let jitter: @Sendable () -> Double
    let logger: Logger

    /// The address in the settings; nil for a backend without one.
    ///
    /// - Throws: `InvalidSettings` for an address that cannot be used, or is on another host without permission.
    static func endpoint(_ settings: LLM.Settings) throws(LanguageModel.InvalidSettings) -> Endpoint? {
        guard settings.backend == .ollama || settings.backend == .openai else { return nil }
        let endpoint = try Endpoint(settings.url, backend: settings.backend)
        guard endpoint.isLocal || settings.allowRemote else {
            throw LanguageModel.InvalidSettings(
                message: "llm.url is on another host; set llm.allow_remote to true if texts may leave this one"
            )
        }
        return endpoint
    }

    init(
        _ settings: LLM.Settings,
        jitter: @escaping @Sendable () -> Double,
        logger: Logger
    ) throws(LanguageModel.InvalidSettings) {
        (self.settings, self.jitter, self.logger) = (settings, jitter, logger)
        upstream = try Self.endpoint(settings).map { Upstream($0, settings) }
        var health = LLM.Health(since: Timepiece.wall)
        switch settings.backend {
        case .standin: (health.state, health.reason) = (.ready, "The built-in stand-in answers; no LLM is connected.")
        case .off: (health.state, health.reason) = (.off, "No LLM is configured (llm.backend is off).")
        case .ollama, .openai: health.lookedAt = .never
        }
        let usual = LLM.Settings()
        health.isConfigured =
            (settings.backend, settings.url, settings.model) != (usual.backend, usual.url, usual.model)
            || settings.models != usual.models || settings.key != nil
        state = Mutex(State(health: health))
    }

    // Looks hold the site weakly, and must end with it.
    deinit { stopLooking() }

    var health: LLM.Health {
        state.withLock { state in
            var health = state.health
            health.isBreakerOpen = state.breaker.isOpen
            return health
        }
    }

    func forget(_ model: String) { state.withLock { $0.models[model]?.residence = .unknown } }

    func stopLooking() {
        let tasks = state.withLock { state in
            state.isOver = true
            defer { state.models = [:] }
            for load in state.models.values.compactMap(\.load) { load.cancel() }
            return [state.looking].compactMap { $0 } + state.models.values.compactMap(\.check)
        }
        for task in tasks { task.cancel() }
    }

    func shutDown() async {
        stopLooking()
        await upstream?.shutDown()
    }
}

extension String {
    /// A model's name with its tag, which for Ollama is `latest` if there is none.
    var withTag: String {
        let name = split(separator: "/").last ?? ""
        return name.contains(":") ? self : self + ":latest"
    }
}
