import Engine
import Logging
import Synchronization
import TestSupport
import Testing
import Wire

/// What an engine told the log.
private final class Journal: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var fields: [String: String]

        var event: JournalMessage? { fields[JournalMessage.key].flatMap(JournalMessage.init) }
    }

    private let heard = Mutex<[Line]>([])

    var lines: [Line] { heard.withLock { $0 } }

    func of(_ event: JournalMessage) -> [Line] { lines.filter { $0.event == event } }

    func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(journal: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let journal: Journal
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
            let line = Line(level: event.level, message: event.message.description, fields: fields)
            journal.heard.withLock { $0.append(line) }
        }
    }
}

@Suite struct `What the journal hears` {
    private func engine(_ world: TestWorld, _ journal: Journal, _ level: Logger.Level = .info) async throws -> Engine {
        var handed = world.environment
        handed.logger = journal.logger(level)
        let engine = try await Engine(handed, world.configuration)
        await engine.bringUp()
        return engine
    }

    @Test func `every admin call with who, what, how it ended and how long it took`() async throws {
        let (world, journal) = (try TestWorld(), Journal())
        let engine = try await engine(world, journal)
        let admin = Client(engine, uid: 7, role: .admin)
        try await admin.call("reload")
        _ = try await admin.refusal("models.promote", ["version": 99, "reason": "a secret reason"])
        _ = try await admin.refusal("models.promote", ["vresion": 1])
        _ = try await admin.send(#"{"jsonrpc":"2.0","method":"reload"}"#)
        let calls = journal.of(.called)
        #expect(calls.map { $0.fields["method"] } == ["reload", "models.promote", "models.promote", "reload"])
        #expect(calls.map { $0.fields["result"] } == ["ok", "not_found", "invalid_params", "ok"])
        #expect(calls.map { $0.fields["request_id"] } == ["1", "2", "3", nil])
        #expect(calls.allSatisfy { $0.fields["uid"] == "7" && $0.level == .notice })
        #expect(calls.allSatisfy { Int($0.fields["duration_usec"] ?? "") != nil })
        #expect(journal.of(.reloaded).count == 2)
        #expect(!journal.lines.contains { $0.message.contains("secret reason") })
    }

    @Test func `reading calls not at all, and an answer only when debugging and never its words`() async throws {
        for level in [Logger.Level.info, .debug] {
            let (world, journal) = (try TestWorld(), Journal())
            let client = Client(try await engine(world, journal, level), uid: 1_000)
            let before = journal.lines.count
            let secret = "where is my parcel zebra"
            let answer = try await client.chat(secret)
            _ = try await client.chat(String(repeating: secret + " ", count: 120))
            try await client.call("predict", ["text": .string(secret)])
            try await client.call("status")
            let lines = journal.lines[before...]
            #expect(lines.count == (level == .debug ? 2 : 0))
            #expect(
                !lines.contains { $0.message.contains("zebra") || $0.fields.values.contains { $0.contains("zebra") } }
            )
            if let line = lines.first {
                #expect(
                    line.fields["route"] == answer["route"]?.string && line.fields["answer"] == answer["id"]?.string
                )
                #expect(line.fields["model_version"] == "1" && line.fields["duration_usec"] != nil)
            }
        }
    }

    @Test func `refusals for lack of rights once a second for each uid, and how many more`() async throws {
        let (world, journal) = (try TestWorld(), Journal())
        let engine = try await engine(world, journal)
        let one = Client(engine, uid: 1_000)
        let other = one.other(uid: 1_001)
        for _ in 0..<20 { _ = try await one.refusal("reload") }
        _ = try await other.refusal("retrain")
        #expect(journal.of(.forbidden).map { $0.fields["uid"] } == ["1000", "1001"])
        #expect(journal.of(.forbidden).map { $0.fields["method"] } == ["reload", "retrain"])
        #expect(journal.of(.called).isEmpty)
        world.clock.advance(seconds: 2)
        await engine.tick().value
        #expect(journal.of(.forbidden).map { $0.fields["suppressed"] } == [nil, nil, "19"])
        await engine.tick().value
        _ = try await one.refusal("reload")
        #expect(journal.of(.forbidden).count == 4)
    }

    @Test func `a request's id is cut`() async throws {
        let (world, journal) = (try TestWorld(), Journal())
        let client = Client(try await engine(world, journal), role: .admin)
        let id = String(repeating: "x", count: 10_000)
        _ = try await client.send(#"{"jsonrpc":"2.0","id":"\#(id)","method":"reload"}"#)
        #expect(journal.of(.called).first?.fields["request_id"]?.utf8.count == 128)
    }

    @Test func `what becomes of versions`() async throws {
        let (world, journal) = (try TestWorld(), Journal())
        let client = Client(try await engine(world, journal), uid: 7, role: .admin)
        #expect(journal.of(.firstModelTrained).map { $0.fields["model_version"] } == ["1"])
        let job = try await client.retrain()
        #expect(job["state"] == "done")
        let promoted = journal.of(.modelPromoted).last
        #expect(promoted?.fields["model_version"] == "2" && promoted?.fields["job"] == job["job"]?.string)
        try await client.call("models.rollback", ["reason": "worse"])
        #expect(journal.of(.modelRolledBack).map { $0.fields["model_version"] } == ["1"])
        #expect(journal.of(.modelRolledBack).map { $0.fields["previous"] } == ["2"])
    }

    @Test func `a reload that is refused, and its end`() async throws {
        let (world, journal) = (try TestWorld(), Journal())
        let engine = try await engine(world, journal)
        let client = Client(engine, role: .admin)
        world.breakConfiguration("line 3: local.treshold")
        _ = try await client.refusal("reload")
        #expect(journal.of(.reloadRefused).first?.message.contains("local.treshold") == true)
        let refused = engine.condition
        #expect(refused.degraded.first { $0.feature == .configuration }?.reason.contains("local.treshold") == true)
        world.breakConfiguration(nil)
        try await client.call("reload")
        let mended = engine.condition
        #expect(!mended.degraded.contains { $0.feature == .configuration })
    }
}
