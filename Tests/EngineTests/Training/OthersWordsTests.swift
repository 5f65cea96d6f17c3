import Classifier
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// The words of others, given for training, that a user may learn.
@Suite struct `Words of others` {
    private let secret = "zanzibar refund for leopold"

    /// An engine whose champion was also trained on the secret, which these users said.
    private func taught(_ world: TestWorld, by uids: [UInt32]) async throws -> (admin: Client, spy: Client) {
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for uid in uids {
            let user = admin.other(uid: uid)
            let said = try await user.call("feedback.submit", ["text": .string(secret), "intent": "refund"])
            _ = try await admin.call("feedback.review", ["feedback_id": said["feedback_id"] ?? .null, "accept": true])
        }
        #expect(try await admin.retrain()["state"] == "done")
        #expect(try await admin.call("status")["champion"] == 2)
        return (admin, admin.other(uid: 2_000))
    }

    private func features(_ client: Client, _ text: String) async throws -> [String] {
        let explained = try await client.call("explain", ["text": .string(text)])
        let terms = explained["contributions"]?.array ?? []
        let sum = terms.reduce(explained["bias"]?.double ?? .nan) { $0 + ($1["weight"]?.double ?? .nan) }
        #expect(abs(sum - (explained["logit"]?.double ?? .nan)) < 1e-3)
        #expect(!(explained["nearest"]?.array ?? []).contains { $0["text"]?.string == secret } || client.uid == 1_001)
        return terms.compactMap { $0["feature"]?.string }
    }

    @Test func `are not named to a user, whatever they ask`() async throws {
        let world = try TestWorld()
        let (admin, spy) = try await taught(world, by: [1_001])
        for text in ["zanzibar", "leopold", secret, "where is zanzibar", "for leopold", "zanzibarleopold"] {
            let named = try await features(spy, text)
            #expect(!named.contains { $0.contains("zanz") || $0.contains("leop") || $0.contains("zibar") }, "\(text)")
        }
        #expect(try await features(spy, "zanzibar refund").last == "others' words")
        #expect(try await features(spy, "zanzibar refund").contains("refund"))
        #expect(try await features(admin, "zanzibar").contains("zanzibar"))
        // Nobody's own words are told from others': the number alone is known.
        #expect(try await features(admin.other(uid: 1_001), "zanzibar") == ["others' words"])
    }

    @Test func `are everybody's once three people said the same`() async throws {
        let world = try TestWorld()
        let (_, spy) = try await taught(world, by: [1_001, 1_002, 1_003])
        #expect(try await features(spy, "zanzibar").contains("zanzibar"))
        let (_, other) = try await taught(try TestWorld(), by: [1_001, 1_002])
        #expect(try await features(other, "zanzibar") == ["others' words"])
    }

    @Test func `do not show between two versions of an answer`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let spy = admin.other(uid: 2_000)
        let before = try await spy.chat("leopold zanzibar")
        let (_, _) = try await taught(world, by: [1_001])
        let after = try await spy.chat("leopold zanzibar")
        for answer in [before, after] {
            let explained = try await spy.call("explain", ["id": answer["id"] ?? .null])
            let named = (explained["contributions"]?.array ?? []).compactMap { $0["feature"]?.string }
            #expect(!named.contains { $0.contains("zanz") || $0.contains("leop") })
        }
    }

    /// Versions of an earlier intentd do not say which features are whose.
    @Test func `of a version without marks are all that the data file has not`() async throws {
        let world = try TestWorld()
        let (admin, _) = try await taught(world, by: [1_001])
        let model = try await admin.engine.registry.model(2).model
        let scarce = ScarceFeatures(dataset: admin.engine.dataset)
        let earlier = try Model(safetensors: unmarked(model.serialized()))
        #expect(earlier.scarce == nil)
        let bits = try await scarce.bits(of: earlier, 2)
        let named = earlier.explain("zanzibar refund", hiding: bits).contributions.map(\.feature)
        #expect(named.contains("refund") && !named.contains { $0.contains("zanz") })
        // It is made again when the file has changed.
        world.files.put(world.folders.dataFile, DataFile.csv(Shop.rows + [DataRow(text: secret, intent: "refund")]))
        admin.engine.dataset.readRows()
        let fresh = try await scarce.bits(of: earlier, 2)
        #expect(earlier.explain("zanzibar", hiding: fresh).contributions.map(\.feature).contains("zanzibar"))
    }

    /// The bytes of a model's file without its last tensor.
    private func unmarked(_ bytes: [UInt8]) throws -> [UInt8] {
        let length = Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16
        var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        let start = try #require(header.firstRange(of: ",\"sparse.scarce\""))
        let numbers = header[start.lowerBound...].split { !$0.isNumber }.compactMap { Int($0) }
        let size = try #require(numbers.last) - numbers[numbers.count - 2]
        header = String(header[..<start.lowerBound]) + "}"
        while header.utf8.count % 8 != 0 { header += " " }
        let count = header.utf8.count
        let prefix = [UInt8(count & 0xff), UInt8(count >> 8 & 0xff), UInt8(count >> 16), 0, 0, 0, 0, 0]
        return prefix + Array(header.utf8) + bytes[(8 + length)...].dropLast(size)
    }

    @Test func `in golden and behaviour cases are counted for users, and quoted for admins`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let own = try await admin.other(uid: 1_001)
            .call("feedback.submit", ["text": "leopold wants zanzibar", "intent": "refund"])
        _ = try await admin.call("feedback.review", ["feedback_id": own["feedback_id"] ?? .null, "accept": true])
        world.files.put(
            world.folders.golden,
            Array("text,intent\nhello there,refund\nmy dear leopold,hours\nleopold wants zanzibar,greeting\n".utf8)
        )
        world.files.put(
            world.folders.behaviour,
            Array("must:\n  refund: [good morning leopold]\nperturbations: [leopold]\n".utf8)
        )
        let job = try await admin.retrain()
        #expect(job["state"] == "refused")
        func missed(_ client: Client) async throws -> [JSON] {
            let shown = try await client.call("models.show", ["version": 2])["verdict"] ?? .null
            let got = try await client.call("jobs.get", ["job": job["job"] ?? .null])["verdict"] ?? .null
            let listed = try await client.call("jobs.list")["jobs"]?[0]?["verdict"] ?? .null
            return [shown, got, listed]
        }
        for verdict in try await missed(admin) {
            #expect(verdict["golden_missed"]?.array?.count == 3 && verdict["others_words"] == nil)
            #expect(verdict["findings"]?.description.contains("leopold") == true)
        }
        for verdict in try await missed(admin.other(uid: 2_000)) {
            #expect(verdict["golden_missed"]?.array?.compactMap { $0["text"]?.string } == ["hello there"])
            #expect(verdict["behaviour_missed"] == [])
            #expect(verdict["others_words"] == ["golden_missed": 2, "behaviour_missed": 1])
            #expect(!verdict.description.contains("leopold"))
        }
        for verdict in try await missed(admin.other(uid: 1_001)) {
            #expect(verdict["others_words"] == ["golden_missed": 1, "behaviour_missed": 1])
        }
    }
}
