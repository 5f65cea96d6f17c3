package import Logging
import Synchronization
package import World

/// Asks an LLM and knows its health. There is one for the whole process, and its methods may be called from any thread.
///
///     var settings = LLM.Settings()
///     settings.model = "llama3.2"
///     let model = try LanguageModel(settings)
///     for await delta in model.complete(LLM.Prompt([.init(.user, "Hello")], uid: 1000)) { … }
package final class LanguageModel: Sendable {
    struct State {
        var site: Site
        var counters = Counters()
        var relays: [ObjectIdentifier: Relay] = [:]
        var isShutDown = false
    }

    let admission: Admission
    let state: Mutex<State>
    private let jitter: @Sendable () -> Double
    private let logger: Logger

    /// - Parameter jitter: returns a random number in 0…1.
    /// - Throws: `InvalidSettings` for an address that cannot be used.
    package init(
        _ settings: LLM.Settings,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        logger: Logger = Logger(label: "intentd.llm")
    ) throws(InvalidSettings) {
        (self.jitter, self.logger) = (jitter, logger)
        admission = Admission(maxInFlight: settings.maxInFlight, maxQueued: settings.maxQueued)
        state = Mutex(State(site: try Site(settings, jitter: jitter, logger: logger)))
    }

    /// Asks, and gives the answer piece by piece. Dropping the stream, or cancelling the task that reads it, cancels the
    /// question.
    package func complete(_ prompt: LLM.Prompt) -> AsyncStream<LLM.Delta> {
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
            state.withLock { $0.relays[ObjectIdentifier(relay)] = nil }
        }
        relay.adopt(task)
        return relay.deltas
    }

    /// This LLM for those who do not know how it is asked.
    package var llm: LLM { LLM(complete: { self.complete($0) }, health: { self.health }, look: { await self.look() }) }

    /// The last known health. Costs no request.
    package var health: LLM.Health { state.withLock { $0.site }.health }

    package var counters: Counters {
        var counters = state.withLock { $0.counters }
        (counters.inFlight, counters.queued) = admission.load
        return counters
    }

    /// Looks at the LLM's state now.
    package func look() async { await state.withLock { $0.site }.look() }

    /// Looks at the LLM's state, and has the model loaded, so that the first question need not wait for it.
    package func prepare() { state.withLock { $0.site }.prepare() }

    /// Checks that these settings could be applied.
    package static func check(_ settings: LLM.Settings) throws(InvalidSettings) { _ = try Site.endpoint(settings) }

    /// Applies new settings to the questions that come from now on. Answers under way keep the old ones.
    package func apply(_ settings: LLM.Settings) throws(InvalidSettings) {
        let old = state.withLock { $0.site }
        guard settings != old.settings else { return }
        let site = try Site(settings, jitter: jitter, logger: logger)
        state.withLock { $0.site = site }
        old.stopLooking()
        admission.resize(maxInFlight: settings.maxInFlight, maxQueued: settings.maxQueued)
    }

    /// Ends every question with a last delta, and closes all connections.
    package func shutDown() async {
        let (site, relays) = state.withLock { state in
            state.isShutDown = true
            return (state.site, Array(state.relays.values))
        }
        for relay in relays { relay.stop() }
        for relay in relays { await relay.work?.value }
        await site.shutDown()
    }
}

extension LanguageModel {
    /// Settings that cannot be used; the message names the key and the remedy.
    package struct InvalidSettings: Error, Sendable, Equatable, CustomStringConvertible {
        package var message: String
        package var description: String { message }
    }

    /// How many questions there were since the start, and what became of them.
    package struct Counters: Sendable, Equatable {
        package var calls = 0
        package var finished = 0
        /// Questions whose asker went away.
        package var cancelled = 0
        /// Failures by the name of their kind.
        package var failures: [String: Int] = [:]
        package var promptTokens = 0
        package var completionTokens = 0
        /// Questions that are being answered now, and those that wait for their turn.
        package var inFlight = 0
        package var queued = 0
    }
}
