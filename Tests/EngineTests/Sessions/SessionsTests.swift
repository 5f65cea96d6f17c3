import FoundationEssentials
import GRDB
import Patience
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Sessions` {
    private static func said(_ name: String) -> [Member] { [Member("session", .string(name))] }

    @Test func `remember what was asked and answered, whoever answered, and nothing without a session`() async throws {
        let client = Client(try await TestWorld().engine())
        let long = String(repeating: "where is my parcel ", count: 120) + "x"
        for text in ["where is my parcel", "  I am ann@example.org  ", "sing\\n", long] {
            _ = try await client.chat(text, Self.said("a"))
            _ = try await client.chat(text)
        }
        let answer = try await client.chat("hello there", Self.said("a") + [Member("stream", true)])
        let turns = await client.engine.sessions.history(uid: 1_000, name: client.engine.ledger.seal.seal("a"))
        #expect(turns.map(\.text) == ["where is my parcel", "I am ann@example.org", "sing\\n", long, "hello there"])
        #expect(turns.last?.answer.description == answer["id"]?.string)
        #expect(turns.last?.reply == answer["reply"]?.string)
        #expect(turns.first?.route == .local && turns.first?.intent == "delivery")
        let listed = try await client.call("sessions.list")["sessions"]?.array ?? []
        #expect(listed.map { $0["session"] } == ["a"])
        #expect(listed.first?["turns"] == 5 && listed.first?["uid"] == 1_000)
    }

    @Test func `show what is kept, which is redacted, before a restart and after it`() async throws {
        let world = try TestWorld()
        var client = Client(try await world.engine())
        _ = try await client.chat("I am ann@example.org", Self.said("a"))
        let shown = try await client.call("sessions.show", ["session": "a"])
        #expect(Method.sessionsShow.result?.violation(in: shown) == nil)
        #expect(shown["turns"]?.array?.first?["text"] == "I am <email>")
        _ = try await client.chat("hello there", Self.said("a"))
        client.engine.finish()
        client = Client(try await TestWorld(after: world, files: world.files).engine())
        let again = try await client.call("sessions.show", ["session": "a"])
        #expect(again["turns"]?.array?.first == shown["turns"]?.array?.first)
        #expect(again["turns"]?.array?.map { $0["text"] } == ["I am <email>", "hello there"])
        #expect(try await client.refusal("sessions.show", ["session": "b"]).reason == "not_found")
    }

    @Test func `are one's own; an admin sees all of them`() async throws {
        let ann = Client(try await TestWorld().engine(), uid: 1_000)
        let (bob, admin) = (ann.other(uid: 1_001), ann.other(uid: 0, role: .admin))
        _ = try await ann.chat("hello there", Self.said("a"))
        _ = try await bob.chat("hello there", Self.said("a"))
        _ = try await bob.chat("hello there", Self.said("b"))
        #expect(try await ann.call("sessions.list")["sessions"]?.array?.count == 1)
        #expect(try await ann.call("sessions.list", ["uid": 1_000])["sessions"]?.array?.count == 1)
        let all = try await admin.call("sessions.list")
        #expect(Method.sessionsList.result?.violation(in: all) == nil)
        #expect(all["sessions"]?.array?.compactMap { $0["session"]?.string } == ["b", "a", "a"])
        #expect(try await admin.call("sessions.list", ["uid": 1_001, "limit": 1])["sessions"]?.array?.count == 1)
        for method in ["sessions.list", "sessions.show", "sessions.forget"] {
            let params: [Member] = method == "sessions.list" ? [] : Self.said("b")
            let refusal = try await ann.refusal(method, .object(params + [Member("uid", 1_001)]))
            #expect(refusal.reason == "forbidden")
        }
        #expect(try await ann.refusal("sessions.show", ["session": "b"]).reason == "not_found")
        #expect(try await admin.refusal("sessions.show", ["session": "b"]).reason == "not_found")
        #expect(try await admin.call("sessions.show", ["session": "b", "uid": 1_001])["uid"] == 1_001)

        #expect(try await ann.call("sessions.forget", ["session": "b"]) == ["sessions": 0, "turns": 0])
        #expect(try await admin.call("sessions.forget") == ["sessions": 0, "turns": 0])
        #expect(try await ann.call("sessions.forget") == ["sessions": 1, "turns": 1])
        #expect(await ann.engine.sessions.history(uid: 1_000, name: "a").isEmpty)
        #expect(try await bob.call("sessions.list")["sessions"]?.array?.count == 2)
        let gone = try await admin.call("sessions.forget", ["uid": 1_001])
        #expect(gone == ["sessions": 2, "turns": 2])
        #expect(Method.sessionsForget.result?.violation(in: gone) == nil)
        #expect(try await admin.call("sessions.list")["sessions"] == [])
    }

    /// Whether a text stands anywhere in the files of the database.
    private static func isOnDisk(_ text: String, _ world: TestWorld) throws -> Bool {
        for suffix in ["", "-wal", "-shm"] {
            let path = world.folders.database + suffix
            guard FileManager.default.fileExists(atPath: path) else { continue }
            if try Data(contentsOf: URL(fileURLWithPath: path)).firstRange(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    @Test(arguments: 0..<3)
    func `that were forgotten have left no word in the files of the database`(seed: Int) async throws {
        let world = try TestWorld { $0.sessions.maxTurns = 5 }
        let client = Client(try await world.engine())
        let memory = client.engine.sessions
        var generator = SeededGenerator(seed: UInt64(seed))
        var longest: [Int: Int] = [:]
        for number in 0..<600 {
            let session = generator.below(12)
            longest[session] = number
            let filler = String(repeating: "\(number) xyz ", count: generator.below(400))
            _ = try await client.chat("canary\(session)marker \(filler)", Self.said("s\(session)"))
            if generator.below(20) == 0 { try await memory.save() }
            // Pages are freed, split and merged meanwhile.
            if generator.below(60) == 0 { _ = try await memory.forget(uid: 1_000, name: "s11") }
        }
        try await memory.save()
        for session in longest.keys where session != 11 { #expect(try Self.isOnDisk("canary\(session)marker", world)) }
        for session in longest.keys.sorted() {
            _ = try await client.call("sessions.forget", ["session": .string("s\(session)")])
            #expect(!(try Self.isOnDisk("canary\(session)marker", world)), "session \(session)")
            #expect(await memory.history(uid: 1_000, name: "s\(session)").isEmpty)
        }
        client.engine.finish()
        for session in longest.keys { #expect(!(try Self.isOnDisk("canary\(session)marker", world))) }
    }

    @Test func `that were too old and are forgotten then have left no word either`() async throws {
        let world = try TestWorld { $0.sessions.maxAge = 60 }
        let client = Client(try await world.engine())
        let memory = client.engine.sessions
        for number in 0..<200 {
            let name = number.isMultiple(of: 3) ? "old" : "other\(number)"
            let filler = String(repeating: "\(number) ", count: number * 7 % 300)
            _ = try await client.chat("\(name)canary \(filler)", Self.said(name))
            if number.isMultiple(of: 10) { try await memory.save() }
        }
        try await memory.save()
        world.clock.advance(seconds: 700)
        _ = try await client.chat("newcanary", Self.said("new"))
        try await memory.expire(force: true)
        #expect(try await client.call("sessions.forget", ["session": "old"]) == ["sessions": 0, "turns": 0])
        #expect(!(try Self.isOnDisk("oldcanary", world)))
        #expect(try await client.call("sessions.show", ["session": "new"])["turns"]?.array?.count == 1)
    }

    @Test func `that many forget at once are forgotten, and the others stay`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        for number in 0..<40 { _ = try await client.chat("00\(number) canary\(number)x", Self.said("s\(number)")) }
        try await client.engine.sessions.save()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 {
                group.addTask { _ = try await client.call("sessions.forget", ["session": .string("s\(number)")]) }
            }
            try await group.waitForAll()
        }
        for number in 0..<40 { #expect(try Self.isOnDisk("canary\(number)x", world) == (number >= 30)) }
        let shown = try await client.call("sessions.show", ["session": "s35"])
        #expect(shown["turns"]?.array?.first?["text"] == "0035 canary35x")
        _ = try await client.chat("more", Self.said("s35"))
        #expect(try await client.call("sessions.show", ["session": "s35"])["turns"]?.array?.count == 2)
    }

    @Test func `that were forgotten before they reached the disk never reach it`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        _ = try await client.chat("canarymarker", Self.said("a"))
        #expect(try await client.call("sessions.forget", ["session": "a"]) == ["sessions": 1, "turns": 1])
        client.engine.finish()
        #expect(!(try Self.isOnDisk("canarymarker", world)))
    }

    @Test func `reach the disk by themselves`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        _ = try await client.chat("hello there", Self.said("a"))
        client.engine.tick()
        let isThere = try await Patience.eventually {
            try await client.engine.ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM turns") } == 1
        }
        #expect(isThere)
    }

    @Test func `come to a database that knew none`() async throws {
        let world = try TestWorld()
        var ledger = try world.ledger()
        try await ledger.write { try $0.db.downgrade(to: 1) }
        try ledger.close()
        ledger = try world.ledger()
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM turns") } == 0)
        let fresh = try TestWorld().ledger()
        let version = try await fresh.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == version)
    }
}
