import GRDB
import Learning
import TestSupport
import Wire
import World

@testable import Engine

/// A daemon's stores, driven by chance through everything that they can record.
struct RandomLife {
    let world: TestWorld
    let ledger: Ledger
    let feedback: FeedbackStore
    let registry: Registry
    private let random: Randomness
    private var staged = 0

    static let people: [UInt32] = [1, 2, 3, 4, 5]
    private static let admins: [UInt32] = [0, 1]

    init(seed: UInt64) throws {
        world = try TestWorld()
        ledger = try Ledger(path: nil, clock: world.clock.clock, randomness: .seeded(seed), projections: .all)
        feedback = FeedbackStore(ledger: ledger, naming: Naming(ledger: ledger))
        registry = world.registry(ledger)
        random = .seeded(seed &* 7919)
        try world.files.makeDirectory(world.folders.versions)
    }

    /// A word that only this person uses.
    static func word(of person: UInt32) -> String { "quagga\(person)" }

    private func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private func any<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// What a person says: common words, or words of their own; some are awkward to store.
    private func text(_ person: UInt32) -> String {
        any([
            "late box", "lost \u{0} box", "the \u{1A}0 \"parcel\"", "\(Self.word(of: person)) is gone",
            "naïve ~/ tilde",
        ])
    }

    private func intent(_ person: UInt32) -> String {
        any(["delivery", "refund", "hours", Self.word(of: person)])
    }

    /// One thing happens. What the stores refuse, they refuse.
    mutating func step() async throws {
        world.clock.advance(seconds: Double(below(1_000)))
        do {
            switch below(22) {
            case 0..<6: try await submit()
            case 6..<8: try await review()
            case 8: _ = try await feedback.undoReview(try await anyFeedback(), by: any(Self.admins))
            case 9: try await revise()
            case 10: _ = try await feedback.withdraw(try await anyFeedback(), by: editor())
            case 11..<14: try await train()
            case 14: try await move()
            case 15: _ = try await registry.reject(nil, uid: any(Self.admins), reason: "no", expected: nil)
            case 16: _ = try await registry.collect(keep: 1 + below(4), answeredSince: world.clock.now, uid: 9)
            case 17: _ = try await registry.letGoOverdue(uid: 9)
            case 18: try await moveIntents()
            case 19: try await undoMove()
            case 20: if below(3) == 0 { try await forget(any(Self.people)) }
            default: if below(4) == 0 { try await crash() }
            }
        } catch is RPCError {
            return
        }
    }

    private func moveIntents() async throws {
        let kind = any(IntentMove.Kind.allCases)
        let intents = ["delivery", "refund", "hours", "opening"]
        let move = IntentMove(
            kind: kind,
            sources: kind == .merge ? [any(intents), any(intents)] : [any(intents)],
            target: kind == .remove ? nil : any(intents)
        )
        let (admin, through) = (any(Self.admins), below(5))
        try await ledger.write { transaction in
            try transaction.record(
                .intentMove,
                uid: admin,
                payload: IntentMoveFact.move(
                    transaction.makeIdentifier(),
                    move,
                    through: through,
                    plan: MovePlan().json,
                    reason: "it says it better than \(Self.word(of: 3))"
                ),
                words: IntentMoveFact.words
            )
        }
    }

    private func undoMove() async throws {
        let (admin, place) = (any(Self.admins), below(100))
        try await ledger.write { transaction in
            let ids = try String.fetchAll(transaction.db, sql: "SELECT move FROM intent_moves ORDER BY seq")
            guard !ids.isEmpty, let move = try StoredMove.fetch(ids[place % ids.count], transaction.db),
                !move.isUndone, !move.move.sources.isEmpty
            else { return }
            let id = transaction.makeIdentifier()
            let event = IntentMoveFact.restoration(id, of: move, through: 9, reason: "a slip")
            try transaction.record(.intentRestoration, uid: admin, payload: event, words: IntentMoveFact.words)
        }
    }

    private func editor() -> FeedbackStore.Editor {
        let isAdmin = below(2) == 0
        return FeedbackStore.Editor(uid: any(isAdmin ? Self.admins : Self.people), isAdmin: isAdmin)
    }

    private func anyFeedback() async throws -> String {
        let ids = try await feedback.list(uid: nil, state: nil, limit: 50, before: nil).items.map(\.id)
        return ids.isEmpty ? "none" : any(ids)
    }

    private func submit() async throws {
        let person = any(Self.people)
        let isRating = below(2) == 0
        _ = try await feedback.submit(
            FeedbackStore.Submission(
                uid: person,
                answer: isRating ? answer(to: any(Self.people)) : nil,
                text: text(person),
                intent: below(4) == 0 ? nil : intent(person),
                predicted: isRating ? any(["delivery", "refund"]) : nil,
                rating: isRating ? any([.up, .down]) : nil,
                comment: below(3) == 0 ? "a \u{0} remark of \(Self.word(of: person))" : nil,
                key: below(3) == 0 ? "key\u{1A}\(below(6))" : nil,
                request: String(below(3)),
                byAdmin: person == 1,
                state: any([.pending, .accepted, .evaluationOnly])
            )
        )
    }

    /// An intent that only this person knows.
    func name(_ intent: String, by person: UInt32) async throws {
        _ = try await feedback.submit(
            FeedbackStore.Submission(
                uid: person,
                answer: nil,
                text: "late box",
                intent: intent,
                predicted: nil,
                rating: nil,
                comment: nil,
                key: nil,
                request: "",
                byAdmin: false,
                state: .pending
            )
        )
    }

    /// Of one of a few answers that this person was given.
    private func answer(to person: UInt32) -> String { "answer \(below(5)) to \(person)" }

    private func review() async throws {
        let isLocked = below(5) == 0
        _ = try await feedback.review(
            try await anyFeedback(),
            accept: below(3) > 0,
            intent: below(2) == 0 ? nil : intent(any(Self.admins)),
            reviewer: any(Self.admins)
        ) { _ in isLocked }
    }

    private func revise() async throws {
        let editor = editor()
        let state = any([FeedbackState.pending, .accepted])
        _ = try await feedback.revise(
            try await anyFeedback(),
            intent: below(3) == 0 ? nil : intent(editor.uid),
            comment: below(2) == 0 ? nil : "said anew by \(Self.word(of: editor.uid))",
            by: editor
        ) { _ in state }
    }

    /// A job from its request to its end, whichever it is.
    private mutating func train() async throws {
        staged += 1
        let (name, ending) = ("s\(staged)", below(6))
        // Sometimes the bytes of a version that is known.
        let bytes = below(3) == 0 ? "s\(1 + below(staged))" : name
        let words = Self.word(of: any(Self.people))
        let (registry, feedback, world) = (registry, feedback, world)
        let verdict: JSON = [
            "verdict": .string(any(["pass", "borderline", "fail"])),
            "checks": [
                ["name": .string("recall:\(words)"), "outcome": "pass", "value": 0.25, "limit": nil, "message": ""],
                ["name": "accuracy", "outcome": "pass", "value": 1, "message": .string("\(words) became wrong")],
            ],
            "fixed": [["text": .string("where is \(words)"), "intent": "delivery"]],
            "findings": [],
        ]
        let jobs = Jobs(ledger: ledger, clock: world.clock.clock, logger: .quiet) { job, _ in
            if ending == 0 { throw CancellationError() }
            if ending == 1 { throw RPCError.conflict("no good: \(words)") }
            let learned: JSON = ["applied": 1, "fixed": 0, "still_wrong": []]
            if job.isDryRun {
                return Retraining.Outcome(candidate: nil, verdict: verdict, learned: learned, isRefused: false)
            }
            let source = TrainingSource(files: world.files, folders: world.folders)
            let data = try source.load(
                feedback: try await feedback.accepted(),
                rules: TrainingData.Rules(world.configuration)
            )
            let snapshot = try await registry.storing { try source.store(data) }
            let staging = world.folders.staging(name)
            _ = try VersionFolder(staging, files: world.files).write(
                model: Array(bytes.utf8),
                evaluation: .null,
                metadata: [Member("metrics", ["rows": 8, "accuracy": 0.875, "threshold": nil])]
            )
            if let known = try await registry.version(digest: Digest.hex(Array(bytes.utf8))) {
                let number = known.version
                let standing = try await registry.reproduce(
                    number,
                    staged: staging,
                    snapshot: snapshot,
                    verdict: verdict,
                    job: job.id,
                    uid: job.uid
                )
                if ending > 3, standing == .other {
                    try await registry.move(.promote, to: number, uid: job.uid, reason: job.reason)
                }
                await registry.endTraining()
                return Retraining.Outcome(
                    candidate: nil,
                    verdict: verdict,
                    learned: learned,
                    isRefused: standing == .rejected,
                    sameAs: number,
                    refusal: standing == .rejected ? "it was rejected" : nil
                )
            }
            let version = try await registry.register(
                staged: staging,
                snapshot: snapshot,
                verdict: verdict,
                uid: job.uid
            )
            if ending == 2 {
                try await registry.nominate(
                    version.version,
                    uid: job.uid,
                    reason: "waits for an admin: borderline recall:\(words)",
                    verdict: "borderline"
                )
            } else if ending > 3 {
                try await registry.move(.promote, to: version.version, uid: job.uid, reason: job.reason)
            }
            await registry.endTraining()
            return Retraining.Outcome(
                candidate: version.version,
                verdict: verdict,
                learned: learned,
                isRefused: ending == 3
            )
        }
        let isDryRun = below(5) == 0
        let job = try await jobs.start(
            uid: any(Self.admins),
            policy: any([.gate, .hold]),
            cause: any([.admin, .drift, .feedback(3)]),
            isDryRun: isDryRun
        )
        while jobs.current?.id == job.id { await Task.yield() }
    }

    private func move() async throws {
        let versions = try await registry.versions().map(\.version)
        guard !versions.isEmpty else { return }
        let consent = Registry.Consent(fourEyes: below(3) == 0, force: below(2) == 0)
        try await registry.move(
            any([.promote, .rollback]),
            to: any(versions),
            uid: any(Self.admins),
            reason: "for \(Self.word(of: any(Self.people)))",
            verdict: any(["pass", nil]),
            consent: below(2) == 0 ? consent : nil
        )
    }

    /// A job that a crash left behind.
    private func crash() async throws {
        let jobs = Jobs(ledger: ledger, clock: world.clock.clock, logger: .quiet) { _, _ in throw CancellationError() }
        try await ledger.write { transaction in
            let record = JobRecord(
                id: transaction.makeIdentifier(),
                at: transaction.now,
                uid: 0,
                policy: .gate
            )
            try transaction.record(.jobRequest, uid: 0, at: record.createdAt, payload: JobFact.request(record))
        }
        try await jobs.recover()
    }

    /// Forgets a person and, as the log of their answers says, what others said about these.
    func forget(_ person: UInt32) async throws {
        let answers = Set((0..<5).map { "answer \($0) to \(person)" })
        let (ledger, registry) = (ledger, registry)
        try await registry.turn.take {
            let words = try await ledger.read { try ForgottenRows.words(of: person, answers, $0) }
            let data = try await ForgottenData(registry).prepare(for: person, words)
            try await ledger.write { transaction in
                _ = try ForgottenRows.erase(
                    person,
                    data,
                    answers: answers,
                    by: 0,
                    isCommon: { ["delivery", "refund", "hours"].contains($0) },
                    in: transaction
                )
                try transaction.db.execute(sql: "DELETE FROM forgotten")
            }
            try ForgottenData(registry).remove(data.going)
        }
    }
}
