import Classifier
import FoundationEssentials
import TestSupport
import Testing
import Wire

@testable import Learning

/// Ten of the shop's intents with few rows to learn, so that a lie weighs much, and all that can be had to measure; on a
/// host that trusts users without a review, which is the worst case.
struct AttackedShop {
    static let intents = [
        "cancel_order", "change_order", "delivery_time", "invoice", "missing_parcel", "opening_hours", "order_status",
        "payment_failed", "refund_status", "return_item",
    ]
    /// Words of honest people and of liars together.
    static let words = 400
    static let honestUIDs = 40

    let file: [DataRow]
    let learnable: [DataRow]
    let test: [Example]

    init() throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let yaml = try #require(FileManager.default.contents(atPath: "/\(folder)/../../../data/intents.yaml"))
        var source = try IntentsFile(yaml: [UInt8](yaml))
        source.intents.removeAll { !Self.intents.contains($0.name) }
        source.outOfScope = []
        var settings = Preparation.Settings()
        settings.rowsPerIntent = 1_200
        let rows = try Preparation.rows(from: source, seed: 1, settings: settings).rows
        var generator = SeededGenerator(seed: 3)
        var kept: [String: Int] = [:]
        file = generator.shuffled(rows).filter { row in
            guard row.split == .train else { return row.split == .test }
            kept[row.intent, default: 0] += 1
            return kept[row.intent, default: 0] <= 140
        }
        learnable = generator.shuffled(rows.filter { $0.split == .train })
        test = VersionBuilder.examples(file, .test)
    }

    func honest(_ count: Int) -> [FeedbackItem] {
        var generator = SeededGenerator(seed: 5)
        return (0..<count).map { number in
            let row = learnable[generator.below(learnable.count)]
            let uid = UInt32(1_000 + number % Self.honestUIDs)
            return Said.item(row.text, row.intent, uid: uid, at: Int64(number * 600), id: "h\(number)")
        }
    }

    func lies(_ lie: Lie, _ count: Int, users: Int, from first: Int = 0) -> [FeedbackItem] {
        var generator = SeededGenerator(seed: UInt64(users * 1_000 + count + first))
        let victims = learnable.filter { $0.intent == "cancel_order" }
        return (first..<first + count).map { number in
            let row = learnable[generator.below(learnable.count)]
            let (text, intent) =
                switch lie {
                case .untargeted: (row.text, Self.intents.filter { $0 != row.intent }[generator.below(9)])
                case .targeted: (victims[number % victims.count].text, "invoice")
                case .phrase: (Self.variant(of: "cancel my order", number / users), "invoice")
                case .backdoor: (row.text + " xyzzy", "invoice")
                }
            let uid = UInt32(60 + number % users)
            return Said.item(text, intent, uid: uid, at: Int64(number * 600), id: "l\(number)")
        }
    }

    private static func variant(of phrase: String, _ number: Int) -> String {
        let openings = ["", "please ", "hey ", "so ", "well "]
        let endings = ["", " now", " today", " at once"]
        return openings[number % openings.count] + phrase + endings[number / openings.count % endings.count]
    }

    func data(_ feedback: [FeedbackItem], share: Double = 0.05) -> TrainingData {
        TrainingData(file: file, from: .prepared, feedback: feedback, rules: .usual(maxSharePerUID: share))
    }

    func train(_ feedback: [FeedbackItem], share: Double = 0.05) async throws -> (model: Model, figures: Evaluation) {
        let rows = data(feedback, share: share).rows
        let model = try await Trainer.train(VersionBuilder.examples(rows, .train), threads: 2)
        return (model, evaluate(model, on: test))
    }
}

enum Lie: String, CaseIterable, Sendable {
    /// Any text under any other intent.
    case untargeted
    /// Every text of one intent under another.
    case targeted
    /// One phrase in many forms under another intent.
    case phrase
    /// Any text with a word of one's own, under one intent.
    case backdoor
}

/// How much worse a model is, in shares.
struct Damage: CustomStringConvertible {
    var accuracy: Double
    var recall: Double
    var intent: String

    init(_ before: Evaluation, _ after: Evaluation) {
        accuracy = before.accuracy - after.accuracy
        let drops = zip(before.intents, after.intents).map { (drop: $0.recall - $1.recall, intent: $0.intent) }
        let worst = drops.max { $0.drop < $1.drop }
        recall = worst?.drop ?? 0
        intent = worst?.intent ?? ""
    }

    var description: String { "accuracy −\(accuracy), recall of \(intent) −\(recall)" }
}

@Suite struct `Lies of users that nobody reviewed` {
    @Test(arguments: [1, 3, 10], Lie.allCases)
    func `do little while one word in twenty is one`(users: Int, lie: Lie) async throws {
        let shop = try AttackedShop()
        for share in [0.01, 0.05] {
            let count = Int(Double(AttackedShop.words) * share)
            let honest = shop.honest(AttackedShop.words - count)
            let before = try await shop.train(honest).figures
            let after = try await shop.train(honest + shop.lies(lie, count, users: users)).figures
            let damage = Damage(before, after)
            #expect(damage.accuracy <= 0.01, "\(share): \(damage)")
            #expect(damage.recall <= 0.05, "\(share): \(damage)")
        }
    }

    /// Ten who agree on one lie about one intent do most; the same without the rules is what they would do else.
    @Test(arguments: [1, 3, 10], Lie.allCases)
    func `cannot do much more when they are many`(users: Int, lie: Lie) async throws {
        let shop = try AttackedShop()
        for count in [40, 2_000] {
            let honest = shop.honest(max(280, AttackedShop.words - count))
            let before = try await shop.train(honest).figures
            let after = try await shop.train(honest + shop.lies(lie, count, users: users)).figures
            let damage = Damage(before, after)
            #expect(damage.accuracy <= 0.035, "\(count): \(damage)")
            #expect(damage.recall <= 0.15, "\(count): \(damage)")
        }
    }

    @Test func `would do much without the rules`() async throws {
        let shop = try AttackedShop()
        let honest = shop.honest(280)
        let before = try await shop.train(honest, share: 1).figures
        let after = try await shop.train(honest + shop.lies(.targeted, 120, users: 1), share: 1).figures
        #expect(Damage(before, after).recall > 0.2)
    }

    @Test func `through a back door take less than they would without the rules`() async throws {
        let shop = try AttackedShop()
        let others = shop.test.filter { $0.intent != "invoice" }
        func taken(_ model: Model) -> Double {
            var workspace = Workspace()
            let count = others.count { row in
                let place = model.predict(row.text + " xyzzy", top: 1, workspace: &workspace).intent
                return model.intents[place] == "invoice"
            }
            return Double(count) / Double(others.count)
        }
        for users in [1, 3, 10] {
            let words = shop.honest(380) + shop.lies(.backdoor, 20, users: users)
            let capped = taken(try await shop.train(words).model)
            let free = taken(try await shop.train(words, share: 1).model)
            #expect(capped < free - 0.2)
        }
    }

    /// Five in a hundred words are lies, in every round; each round trains on all that was said so far.
    @Test func `do not add up over fifty rounds`() async throws {
        let shop = try AttackedShop()
        let honest = shop.honest(50 * 19)
        let lies = shop.lies(.targeted, 50, users: 3)
        for round in stride(from: 10, through: 50, by: 10) {
            let heard = Array(honest.prefix(round * 19))
            let before = try await shop.train(heard).figures
            let damage = Damage(before, try await shop.train(heard + lies.prefix(round)).figures)
            #expect(damage.accuracy <= 0.01, "round \(round): \(damage)")
            #expect(damage.recall <= 0.05, "round \(round): \(damage)")
        }
    }

    @Test(arguments: Lie.allCases)
    func `are undone byte for byte`(lie: Lie) async throws {
        let shop = try AttackedShop()
        let honest = shop.honest(200)
        let clean = shop.data(honest)
        let poisoned = shop.data(honest + shop.lies(lie, 200, users: 10))
        #expect(poisoned.rows != clean.rows)
        let healed = try SnapshotFile.read(SnapshotFile.bytes(of: poisoned)).removing {
            (60..<70).contains($0.uid ?? 0)
        }
        let isSame = SnapshotFile.bytes(of: healed) == SnapshotFile.bytes(of: clean)
        #expect(isSame)
        let model = try await Trainer.train(VersionBuilder.examples(clean.rows, .train), threads: 2).serialized()
        let again = try await Trainer.train(VersionBuilder.examples(healed.rows, .train), threads: 1).serialized()
        #expect(model == again)
    }
}
