import Classifier
import Logging
import Statistics
import Synchronization
import Wire
import World

/// Notices when people ask for other things than at first. The figures are kept in the ledger, at most some seconds
/// old, and go on after a restart.
final class Drift: Sendable {
    private enum News: Sendable, Equatable {
        case nothing
        /// Another reign or threshold is in force, and the figures begin anew.
        case begun
        case alarm(String)
    }

    private let champion: Champion
    private let telemetry: Telemetry
    private let ground: Ground
    private let kept: Kept
    private let figures = Mutex<DriftFigures?>(nil)

    init(champion: Champion, telemetry: Telemetry, ledger: Ledger, ground: Ground) {
        (self.champion, self.telemetry, self.ground) = (champion, telemetry, ground)
        kept = Kept("drift", ledger: ledger, clock: ground.clock, logger: ground.logger)
    }

    /// The figures that `metrics` shows; null while no model serves.
    var json: JSON { figures.withLock { $0?.json ?? .null } }

    /// Whether there is an alarm and no retraining has begun because of it.
    var wantsTraining: Bool { figures.withLock { $0.map { $0.isAlarm && !$0.hasTrained } ?? false } }

    /// Remembers that a retraining has begun because of the alarm.
    func markTrained() { figures.withLock { $0?.hasTrained = true } }

    /// Takes up the stored figures. It must be called before a model serves.
    func recall() async throws {
        guard let stored = try await kept.recall().flatMap({ DriftFigures(stored: $0) }) else { return }
        figures.withLock { $0 = stored }
        if stored.isAlarm { ground.health.set(.drift, Self.sentence(stored)) }
    }

    var chore: Chore { Chore("drift") { [self] in await look() } }

    /// Takes over the counts of the event loops and judges them.
    func look() async {
        guard let model = champion.serving.model, let reign = champion.lineup.reign, reign.version == model.version,
            let began = reign.began
        else { return }
        let news = look(at: model, began: began)
        switch news {
        case .nothing: break
        case .begun: ground.health.set(.drift, nil)
        case .alarm(let sentence):
            ground.health.set(.drift, sentence)
            ground.logger.warning(
                "People ask for other things: \(sentence).",
                metadata: JournalMessage.drift.metadata(["model_version": "\(model.version)"])
            )
        }
        if let stored { await kept.store(stored, now: news != .nothing) }
    }

    private func look(at model: ServingModel, began: Timestamp) -> News {
        let now = ground.clock.now()
        return figures.withLock { figures in
            let (version, threshold, intents) = (model.version, model.threshold, model.model.intents)
            var news = News.nothing
            // Taken out and put back, so that its arrays are not copied.
            var drift = DriftFigures(version: version, began: began, threshold: threshold, intents: intents, at: now)
            if let old = figures.take(), old.isOfSame(drift) { drift = old } else { news = .begun }
            telemetry.withTallies { drift.take(from: &$0) }
            let windowBegan = drift.windowBegan
            if drift.look(at: now) { news = .alarm(Self.sentence(drift)) }
            if news == .begun || drift.windowBegan != windowBegan { telemetry.beginWindow() }
            figures = drift
            return news
        }
    }

    private static func sentence(_ drift: DriftFigures) -> String {
        "what people ask has changed since version \(drift.version) began to answer: "
            + drift.reasons.joined(separator: "; ")
    }

    /// Stores the figures at the end of the process; blocks.
    func storeAtEnd() throws { if let stored { try kept.storeAtEnd(stored) } }

    private var stored: JSON? { figures.withLock { $0?.stored } }
}
