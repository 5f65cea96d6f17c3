import Classifier
import Learning
package import Logging
package import Synchronization
import Wire
package import World

/// The daemon's mind: lines in, answers out. It is handed everything that touches the world, and knows no socket.
package final class Engine: Sendable {
    let world: World
    let ledger: Ledger
    let registry: Registry
    let feedback: FeedbackStore
    let log: ChatLog
    let chat: ChatService
    package let sessions: SessionMemory
    let experimentSalt: String
    /// Bytes of requests under way and of unread answers, of all clients.
    package let held = Atomic<Int>(0)
    let forbidden = Throttle()
    let overLimit = Throttle()
    /// By kind instead of uid.
    let storageTrouble = Throttle()
    /// The reload that was asked for last: the next one begins when it has ended.
    let lastReload = Mutex<Task<JSON, any Error>?>(nil)
    /// Of the data file; the next reading begins when the last has ended.
    let reading = Mutex<Task<Void, Never>?>(nil)
    let watcher = Watcher()
    let triggers = Triggers()
    let drift = DriftWatch()
    let uploads = Uploads()
    let reportUnderWay = Mutex<ReportUnderWay?>(nil)
    let verifying = Mutex<Task<JSON, any Error>?>(nil)
    /// Comparisons of versions.
    let comparing = Serial(limit: 16)
    let collecting = Mutex(Collecting())
    let forgetting = Serial(limit: 16)
    /// Counts the log's earlier lines beside the start, which does not wait for it.
    private let recount: Task<Counters, Never>
    private let state: Mutex<State>
    private let jobQueue: Mutex<Jobs?> = Mutex(nil)

    private struct State {
        var configuration: Configuration
        var serving: Serving
        var shards: [CounterShard] = []
        /// The rows that `explain` shows as neighbours: what is not a locked test row.
        var rows: [DataRow] = []
        var intentsDigest: String?
        var dataDigest: String?
        var degraded: [Degradation]
        var lanes: Lanes?
        var intents: [IntentSource] = []
        var locked: Set<String> = []
        var champion: Int?
        var candidate: Int?
    }

    /// Something that does not work as it should, and why.
    package struct Degradation: Sendable, Equatable {
        package var feature: String
        package var reason: String

        package init(feature: String, reason: String) {
            self.feature = feature
            self.reason = reason
        }
    }

    /// Everything that is handed in.
    package struct World: Sendable {
        package var files: any FileSystem
        package var folders: Folders
        package var clock: Clock
        package var randomness: Randomness
        package var process: TrainingProcess
        package var logger: Logger
        /// Reads the configuration anew.
        package var configuration: @Sendable () throws -> Configuration
        /// The names of the keys that differ, and of those among them that only a restart applies.
        package var changes: @Sendable (Configuration, Configuration) -> (changed: [String], needsRestart: [String])
        /// Applies the parts of a configuration that the process, not the engine, holds.
        package var apply: @Sendable (Configuration) -> Void
        /// The uid under which the daemon's own acts are recorded.
        package var uid: UInt32
        /// nil where there is no way to ask one.
        package var llm: LLM?
        /// Told before a reload and after it, done or refused.
        package var reloading: @Sendable (_ isUnderWay: Bool) -> Void = { _ in }

        package init(
            files: any FileSystem,
            folders: Folders,
            clock: Clock,
            randomness: Randomness,
            process: TrainingProcess,
            logger: Logger,
            configuration: @escaping @Sendable () throws -> Configuration,
            changes:
                @escaping @Sendable (Configuration, Configuration) -> (changed: [String], needsRestart: [String]),
            apply: @escaping @Sendable (Configuration) -> Void,
            uid: UInt32
        ) {
            self.files = files
            self.folders = folders
            self.clock = clock
            self.randomness = randomness
            self.process = process
            self.logger = logger
            self.configuration = configuration
            self.changes = changes
            self.apply = apply
            self.uid = uid
        }
    }

    init(
        world: World,
        configuration: Configuration,
        ledger: Ledger,
        registry: Registry,
        log: ChatLog,
        degraded: [Degradation],
        experimentSalt: String
    ) {
        self.world = world
        self.ledger = ledger
        self.registry = registry
        self.log = log
        self.experimentSalt = experimentSalt
        feedback = FeedbackStore(ledger: ledger)
        chat = ChatService(clock: world.clock, randomness: world.randomness, log: log)
        sessions = SessionMemory(
            ledger: ledger,
            clock: world.clock,
            logger: world.logger,
            settings: configuration.sessions
        )
        state = Mutex(
            State(configuration: configuration, serving: .noModel("the daemon is starting"), degraded: degraded)
        )
        began = world.clock.monotonic()
        recount = Task.detached(priority: .utility) { log.recount() }
    }

    private let began: UInt64

    var uptimeSeconds: Int { Int((world.clock.monotonic() - began) / 1_000_000_000) }

    // MARK: What others need to know

    package var configuration: Configuration { state.withLock { $0.configuration } }

    var serving: Serving { state.withLock { $0.serving } }

    package var degraded: [Degradation] { state.withLock { $0.degraded } }

    package var jobs: Jobs? { jobQueue.withLock { $0 } }

    func install(_ jobs: Jobs) { jobQueue.withLock { $0 = jobs } }

    var knownIntents: Set<String> {
        state.withLock { state in
            var names = Set(state.intents.map(\.name))
            if case .ready(let snapshot) = state.serving { names.formUnion(snapshot.model.intents) }
            names.insert(DataRow.outOfScope)
            return names
        }
    }

    func isLocked(_ text: String) -> Bool {
        var key = WordKey()
        let word = key(text)
        return state.withLock { $0.locked.contains(word) }
    }

    /// A lane for one event loop, which serves what everybody serves.
    package func makeLane() -> Lane {
        let shard = CounterShard()
        let serving = state.withLock { state in
            state.shards.append(shard)
            return state.serving
        }
        return Lane(serving: serving, counters: shard, log: log)
    }

    package func attach(_ lanes: Lanes) { state.withLock { $0.lanes = lanes } }

    // MARK: What changes

    /// Makes `serving` what every event loop answers from; returns when all have swapped.
    func publish(_ serving: Serving) async {
        let lanes = state.withLock { state in
            state.serving = serving
            return state.lanes
        }
        // Each lane takes what is current when its turn comes: two publications may overtake each other.
        await lanes?.onEach { [self] lane in lane.serve(self.serving) }
    }

    /// Makes a snapshot what every event loop answers from, unless something else than `old` serves by now.
    func publish(_ snapshot: Snapshot, replacing old: Snapshot) async -> Bool {
        let (isDone, lanes) = state.withLock { state in
            guard case .ready(let current) = state.serving, current === old else { return (false, state.lanes) }
            state.serving = .ready(snapshot)
            return (true, state.lanes)
        }
        if isDone { await lanes?.onEach { [self] lane in lane.serve(self.serving) } }
        return isDone
    }

    func update(configuration: Configuration) { state.withLock { $0.configuration = configuration } }

    /// Of the files as they were read last.
    var digests: (intents: String?, data: String?) { state.withLock { ($0.intentsDigest, $0.dataDigest) } }

    func update(intents: [IntentSource], digest: String) {
        state.withLock { state in
            state.intents = intents
            state.intentsDigest = digest
        }
    }

    func update(rows: [DataRow], lockedTexts: Set<String>, digest: String) {
        state.withLock { state in
            state.rows = rows
            state.dataDigest = digest
            state.locked = lockedTexts
        }
    }

    var rows: [DataRow] { state.withLock { $0.rows } }

    func update(champion: Int?, candidate: Int?) {
        state.withLock { state in
            state.champion = champion
            state.candidate = candidate
        }
    }

    package var champion: Int? { state.withLock { $0.champion } }

    var candidate: Int? { state.withLock { $0.candidate } }

    var intents: [IntentSource] { state.withLock { $0.intents } }

    /// Replaces what was said about a feature before; nil takes it back.
    package func degrade(_ feature: String, _ reason: String?) {
        state.withLock { state in
            state.degraded.removeAll { $0.feature == feature }
            if let reason { state.degraded.append(Degradation(feature: feature, reason: reason)) }
        }
    }

    var shards: [CounterShard] { state.withLock { $0.shards } }

    /// The sum over all event loops and the lines that were in the log before this start.
    func counters() async -> Counters {
        var sum = await recount.value
        for shard in shards { sum.add(shard.read()) }
        return sum
    }
}
