package import Logging
package import NIOCore
import Synchronization

/// Asks an LLM and says how it is. One for the whole process; every method may be called from anywhere.
package final class LanguageModel: Sendable {
    struct State {
        var site: Site
        var counters = Counters()
        var relays: [ObjectIdentifier: Relay] = [:]
        var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]
        var isShutDown = false
    }

    let clock: Timepiece
    let admission: Admission
    let state: Mutex<State>
    private let jitter: @Sendable () -> Double
    private let group: (any EventLoopGroup)?
    private let logger: Logger

    /// - Parameters:
    ///   - jitter: a number in 0…1, another one at every call.
    ///   - group: whose event loops carry the connections; without it, AsyncHTTPClient's own.
    package init(
        _ settings: Settings,
        clock: Timepiece = .system,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "intentd.llm")
    ) throws(InvalidSettings) {
        self.clock = clock
        self.jitter = jitter
        self.group = group
        self.logger = logger
        admission = Admission(maxInFlight: settings.maxInFlight, maxQueued: settings.maxQueued)
        state = Mutex(State(site: try Site(settings, clock, jitter, group, logger)))
    }

    /// The answer, piece by piece. Letting go of the stream, or cancelling the task that reads it, ends the question.
    package func complete(_ prompt: Prompt) -> AsyncStream<Delta> {
        let relay = Relay()
        let site = state.withLock { state -> Site? in
            state.counters.calls += 1
            guard !state.isShutDown else { return nil }
            state.relays[ObjectIdentifier(relay)] = relay
            return state.site
        }
        guard let site else {
            relay.finish(.failed(Self.stopping))
            return relay.deltas
        }
        let task = Task {
            await answer(prompt, from: site, into: relay)
            state.withLock { state in
                state.relays[ObjectIdentifier(relay)] = nil
                state.tasks[ObjectIdentifier(relay)] = nil
            }
        }
        state.withLock { state in
            if state.relays[ObjectIdentifier(relay)] != nil { state.tasks[ObjectIdentifier(relay)] = task }
        }
        relay.adopt(task)
        return relay.deltas
    }

    /// What is known without asking.
    package var health: Health { state.withLock { $0.site }.health }

    package var counters: Counters {
        var counters = state.withLock { $0.counters }
        (counters.inFlight, counters.queued) = admission.load
        return counters
    }

    /// Looks at the LLM's state, and has the model loaded, so that the first question need not wait for it.
    package func prepare() { state.withLock { $0.site }.prepare() }

    /// Whether these settings could be applied.
    package static func check(_ settings: Settings) throws(InvalidSettings) { _ = try Site.endpoint(settings) }

    /// Answers that have begun go on as they began; what comes after goes by the new settings.
    package func apply(_ settings: Settings) throws(InvalidSettings) {
        let old = state.withLock { $0.site }
        guard settings != old.settings else { return }
        let site = try Site(settings, clock, jitter, group, logger)
        state.withLock { $0.site = site }
        old.stopLooking()
        admission.resize(maxInFlight: settings.maxInFlight, maxQueued: settings.maxQueued)
    }

    /// Ends every question with a last delta, and closes all connections.
    package func shutDown() async {
        let (site, relays, tasks) = state.withLock { state in
            state.isShutDown = true
            return (state.site, Array(state.relays.values), Array(state.tasks.values))
        }
        for relay in relays { relay.stop() }
        for task in tasks { await task.value }
        await site.shutDown()
    }
}

typealias Counters = LanguageModel.Counters
