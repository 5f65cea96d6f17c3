import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A line's way through the engine` {
    /// The protocol's table, written down a second time.
    static let roles: [String: Role] = [
        "chat": .user, "predict": .user, "explain": .user, "feedback.submit": .user, "feedback.list": .user,
        "feedback.review": .admin, "retrain": .admin, "jobs.list": .user, "jobs.get": .user, "jobs.cancel": .admin,
        "models.list": .user, "models.show": .user, "models.promote": .admin, "models.rollback": .admin,
        "models.reject": .admin, "models.history": .user, "models.diff": .user, "verify": .user, "metrics": .user,
        "experiment.report": .user, "status": .user, "reload": .admin,
        "connection.restrict": .user,
        "sessions.list": .user, "sessions.show": .user, "sessions.forget": .user,
        "feedback.revise": .user, "feedback.withdraw": .user, "forget": .user,
        "data.check": .admin, "data.show": .admin, "data.diff": .admin, "data.import": .admin, "export": .admin,
        "rpc.discover": .user, "intents.list": .user, "intents.rename": .admin, "intents.merge": .admin,
        "intents.remove": .admin, "intents.undo": .admin,
    ]

    /// Parameters that the method takes and that change nothing.
    static let parameters: [String: JSON] = [
        "chat": ["message": "hello there"], "predict": ["text": "hello there"], "explain": ["text": "hello there"],
        "feedback.submit": ["text": "a new one", "intent": "refund"],
        "feedback.review": ["feedback_id": "x", "accept": true], "jobs.get": ["job": "x"], "jobs.cancel": ["job": "x"],
        "models.show": ["version": 1], "models.promote": ["version": 99, "reason": "r"],
        "models.rollback": ["version": 99, "reason": "r"],
        "models.reject": ["version": 99, "reason": "r"], "models.diff": ["from": 1, "to": 99],
        "connection.restrict": ["role": "user"],
        "sessions.show": ["session": "x"], "feedback.revise": ["feedback_id": "x", "comment": "c"],
        "feedback.withdraw": ["feedback_id": "x"],
        "data.diff": ["from": "now", "to": "now"], "data.import": ["content": "text,intent\n"],
        "export": ["what": "data"], "intents.rename": ["intent": "x", "to": "y", "reason": "r"],
        "intents.merge": ["intents": ["x", "y"], "to": "z", "reason": "r"],
        "intents.remove": ["intent": "x", "reason": "r"], "intents.undo": ["move": "x", "reason": "r"],
    ]

    @Test func `knows every method of the protocol's table, and no other`() {
        let built = Set(Method.allCases.filter { $0 != .requestCancel }.map(\.rawValue))
        #expect(built == Set(Self.roles.keys))
    }

    @Test(arguments: [Role.none, .user, .admin])
    func `lets each role do what the table grants`(role: Role) async throws {
        let world = try TestWorld()
        let engine = try await world.engine()
        for (method, needed) in Self.roles.sorted(by: { $0.key < $1.key }) {
            let client = Client(engine, role: role)
            let isAllowed = role == .admin || (role == .user && needed == .user)
            do {
                _ = try await client.call(method, Self.parameters[method] ?? [:])
                #expect(isAllowed, "\(method) as \(role)")
            } catch let refusal as Refusal {
                #expect((refusal.reason != "forbidden") == isAllowed, "\(method) as \(role): \(refusal)")
                #expect(["forbidden", "not_found"].contains(refusal.reason), "\(method) as \(role): \(refusal)")
                if refusal.reason == "forbidden" { #expect(refusal.code == -32_002) }
            }
        }
        await engine.jobs.stop()
    }

    @Test func `does nothing for one who may not ask, not even in a batch or as a notification`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let orders = world.child.orders.count
        let call = #"{"jsonrpc":"2.0","method":"retrain","params":{}}"#
        #expect(try await client.send(call) == nil)
        #expect(try await client.send("[\(call),\(call)]") == nil)
        let escaped = #"{"jsonrpc":"2.0","id":1,"method":"re\u0074rain"}"#
        #expect(try await client.send(escaped)?["error"]?["data"]?["reason"] == "forbidden")
        #expect(world.child.orders.count == orders)
        #expect(try await client.call("jobs.list")["jobs"]?.array?.count == 1)
    }

    @Test func `checks the role before the parameters`() async throws {
        let world = try TestWorld()
        let refusal = try await Client(try await world.engine()).refusal("retrain", ["nonsense": 1])
        #expect(refusal.reason == "forbidden")
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"nope"}"#, -32_601, "unknown_method"),
        (#"{"jsonrpc":"2.0","id":1,"method":"tickets/create"}"#, -32_601, "unknown_method"),
        (#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}"#, -32_601, "unknown_method"),
        (#"{"jsonrpc":"2.0","id":1,"method":"status","params":[]}"#, -32_602, "invalid_params"),
        (#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"x":1}}"#, -32_602, "invalid_params"),
        (#"{"jsonrpc":"2.0","id":1.5,"method":"status"}"#, -32_600, "invalid_request"),
        ("{", -32_700, "parse_error"), ("[]", -32_600, "invalid_request"), ("7", -32_600, "invalid_request"),
        (#"{"jsonrpc":"2.0","id":1,"method":"request.cancel","params":{"request":7}}"#, -32_600, "invalid_request"),
        (#"{"jsonrpc":"2.0","id":1,"method":"predict","params":{}}"#, -32_602, "invalid_params"),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"a","texts":["b"]}}"#, -32_602,
            "invalid_params"
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"models.history","params":{"at":"2026-02-30T00:00:00Z"}}"#, -32_602,
            "invalid_params"
        ),
    ])
    func `answers what it refuses with code and reason`(line: String, code: Int, reason: String) async throws {
        let world = try TestWorld()
        let answer = try #require(try await Client(try await world.engine()).send(line))
        #expect(answer["error"]?["code"] == .integer(code))
        #expect(answer["error"]?["data"]?["reason"] == .string(reason))
        #expect(answer["error"]?["message"]?.string?.isEmpty == false)
    }

    @Test(arguments: [
        "", "   ", #"{"jsonrpc":"2.0","method":"status"}"#, #"{"jsonrpc":"2.0","method":"nope"}"#,
        #"{"jsonrpc":"2.0","method":"predict","params":{"nonsense":1}}"#,
        #"[{"jsonrpc":"2.0","method":"status"},{"jsonrpc":"2.0","method":"nope"}]"#,
    ])
    func `is silent about blank lines and notifications`(line: String) async throws {
        let world = try TestWorld()
        #expect(try await Client(try await world.engine()).send(line) == nil)
    }

    @Test func `answers a batch as one array, with what is there at once and what comes later`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let line = """
            [{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"hello there"}},\
            {"jsonrpc":"2.0","id":"two","method":"status"},{"jsonrpc":"2.0","method":"status"},\
            {"jsonrpc":"2.0","id":3,"method":"nope"},7,{"jsonrpc":"2.0","id":null,"method":"jobs.list"}]
            """
        let answers = try #require(try await client.send(line)?.array)
        #expect(answers.count == 5)
        #expect(answers.compactMap { $0["id"] } == [1, "two", 3, .null, .null])
        #expect(answers[0]["result"]?["predictions"]?.array?.count == 1)
        #expect(answers[1]["result"]?["champion"] == 1)
        #expect(answers[2]["error"]?["data"]?["reason"] == "unknown_method")
        #expect(answers[3]["error"]?["data"]?["reason"] == "invalid_request")
        let ready = try await client.send(#"[{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"hi"}}]"#)
        #expect(ready?.array?.count == 1)
    }

    @Test func `refuses the request over the limit at once, and answers the others`() async throws {
        let world = try TestWorld { $0.limits.inFlight = 4 }
        let client = Client(try await world.engine())
        client.setInFlight(3)
        #expect(try await client.call("models.history")["moves"]?.array?.isEmpty == false)
        client.setInFlight(4)
        let refusal = try await client.refusal("models.history")
        #expect(refusal.reason == "overloaded")
        #expect(refusal.code == -32_005)
        #expect(refusal.data["retry_after_ms"]?.int ?? 0 > 0)
        // What is answered on the spot is never unanswered.
        #expect(try await client.chat("hello there")["route"] == "local")
        guard case .cancel = client.handle(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":1}}"#)
        else {
            Issue.record("a cancel does not get through")
            return
        }
    }

    @Test(arguments: [("7", RequestID(7)), ("\"a\"", RequestID(.string("a")))])
    func `takes a request back`(id: String, expected: RequestID?) async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        guard
            case .cancel(let cancelled) = client.handle(
                #"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":\#(id)}}"#
            )
        else {
            Issue.record("not a cancel")
            return
        }
        #expect(cancelled == expected)
    }

    @Test func `answers a cancelled request as cancelled`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        guard case .later(let pending) = client.handle(#"{"jsonrpc":"2.0","id":5,"method":"jobs.list"}"#),
            let request = pending.first
        else {
            Issue.record("jobs.list does not wait")
            return
        }
        #expect(request.id == RequestID(5))
        let task = Task {
            // Not before it is cancelled.
            while !Task.isCancelled { await Task.yield() }
            return await request.run()
        }
        task.cancel()
        let answer = try JSONParser.parse(try #require(await task.value))
        #expect(answer["error"]?["data"]?["reason"] == "cancelled")
        #expect(answer["id"] == 5)
    }

    @Test func `says that too many wait where a queue is full`() {
        #expect(RPCError(Serial.Overload(), logger: .quiet).reason == .overloaded)
    }

    @Test func `keeps what exactly went wrong inside to itself`() async throws {
        struct Secret: Error { var path = "/var/lib/secret" }
        let error = RPCError(Secret(), logger: .quiet)
        #expect(error.reason == .internal)
        #expect(!error.message.contains("secret"))
        #expect(!error.message.contains("Secret"))
    }

    @Test func `restricts a connection for good`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await client.call("connection.restrict", ["role": "user"])["role"] == "user")
        #expect(client.role == .user)
        #expect(try await client.refusal("reload").reason == "forbidden")
        #expect(try await client.refusal("connection.restrict", ["role": "admin"]).reason == "invalid_params")
        #expect(try await client.call("status")["role"] == "user")
    }

    @Test func `survives any bytes`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine(), role: .none)
        var generator = SeededGenerator(seed: 41)
        let seeds = [
            #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"texts":["a","b"],"top_k":3}}"#,
            #"[{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"a"}}]"#,
        ].map { Array($0.utf8) }
        for round in 0..<3_000 {
            var line = seeds[round % 2]
            for _ in 0...generator.below(4) {
                line[generator.below(line.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            if case .reply(let bytes) = client.handle(line) { _ = try Client.parse(bytes) }
        }
    }
}
