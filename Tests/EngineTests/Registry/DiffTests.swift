import Classifier
import Learning
import Statistics
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A comparison of versions` {
    /// Version 2 has never heard of refunds; version 1 knows all four intents.
    private func prepared() async throws -> (world: TestWorld, client: Client) {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        world.child.behave(.trainOn(Shop.rows.filter { $0.intent != "refund" }))
        _ = try await admin.retrain()
        return (world, admin.other(uid: 1_000))
    }

    @Test func `has each metric's difference with the interval of paired rows, and the sentences`() async throws {
        let (_, client) = try await prepared()
        let result = try await client.call("models.diff", ["from": 1, "to": 2])
        let tests = Shop.rows.filter { $0.split == .test }
        #expect(result["from"] == 1 && result["to"] == 2 && result["rows"] == .integer(tests.count))
        // Counted here a second time, by predicting.
        var right: [[Bool]] = []
        for version in [1, 2] {
            let model = try await client.engine.registry.model(version).model
            var workspace = Workspace()
            right.append(
                tests.map { row in
                    model.intents[model.predict(row.text, top: 1, workspace: &workspace).intent] == row.intent
                }
            )
        }
        let inside = tests.indices.filter { tests[$0].intent != "oos" }
        let comparison = PairedComparison(
            gained: inside.count { !right[0][$0] && right[1][$0] },
            lost: inside.count { right[0][$0] && !right[1][$0] },
            rows: inside.count
        )
        let accuracy = try #require(result["metrics"]?["accuracy"])
        let share = { (version: Int) in Double(inside.count { right[version][$0] }) / Double(inside.count) }
        #expect(accuracy["from"]?.double == share(0).rounded(toPlaces: 6))
        #expect(accuracy["to"]?.double == share(1).rounded(toPlaces: 6))
        #expect(accuracy["delta"]?.double == comparison.difference.rounded(toPlaces: 6))
        #expect(accuracy["low"]?.double == comparison.interval().low.rounded(toPlaces: 6))
        #expect(accuracy["high"]?.double == comparison.interval().high.rounded(toPlaces: 6))
        #expect(comparison.lost > 0)
        #expect(result["metrics"]?["recall.refund"]?["to"] == 0.0)
        #expect(result["metrics"]?["ece"]?["low"] == .null)
        #expect(result["metrics"]?["rows"] == nil)
        let broken = result["broken"]?.array ?? []
        #expect(
            broken.map { $0["text"]?.string } == inside.filter { right[0][$0] && !right[1][$0] }.map { tests[$0].text }
        )
        #expect(result["broken_total"] == .integer(comparison.lost))
        #expect(result["fixed_total"] == .integer(comparison.gained))
    }

    @Test func `the other way round has what was lost as gained`() async throws {
        let (_, client) = try await prepared()
        let there = try await client.call("models.diff", ["from": 1, "to": 2])
        let back = try await client.call("models.diff", ["from": 2, "to": 1])
        #expect(there["broken"] == back["fixed"] && there["fixed"] == back["broken"])
        for metric in there["metrics"]?.object ?? [] {
            let other = back["metrics"]?[metric.name]
            #expect(metric.value["from"] == other?["to"], "\(metric.name)")
            guard let low = metric.value["low"]?.double, let high = other?["high"]?.double else { continue }
            #expect(abs(low + high) < 1e-6, "\(metric.name)")
        }
    }

    @Test func `of a version with itself has no difference`() async throws {
        let (_, client) = try await prepared()
        let result = try await client.call("models.diff", ["from": 1, "to": 1])
        #expect(result["fixed"] == [] && result["broken"] == [])
        #expect(result["identical"] == true)
        #expect(try await client.call("models.diff", ["from": 1, "to": 2])["identical"] == false)
        #expect(result["metrics"]?["accuracy"]?["delta"] == 0.0)
    }

    @Test func `needs versions that are there and rows to compare on`() async throws {
        let (world, client) = try await prepared()
        #expect(try await client.refusal("models.diff", ["from": 1, "to": 9]).reason == "not_found")
        #expect(try await client.refusal("models.diff", ["from": 1]).field == "to")
        world.files.put(world.folders.dataFile, DataFile.csv(Shop.rows.filter { $0.split != .test }))
        let refusal = try await client.refusal("models.diff", ["from": 1, "to": 2])
        #expect(refusal.reason == "conflict" && refusal.hint?.contains("split test") == true)
    }
}
