import Engine
import Synchronization
import Testing
import Wire

/// One event loop's handler. Unchecked: the lock is held while anybody uses it.
final class LoopBox: @unchecked Sendable {
    private let handler: LineHandler
    private var output: [UInt8] = []
    private let lock = Mutex(())

    init(_ handler: LineHandler) { self.handler = handler }

    func use<Value>(_ body: (LineHandler) throws -> Value) rethrows -> Value {
        try lock.withLock { _ in try body(handler) }
    }

    /// Handles one line, and gives back what it added to the output.
    func handle(_ line: [UInt8], caller: inout Caller) -> (outcome: Outcome, output: [UInt8]) {
        lock.withLock { _ in
            output.removeAll(keepingCapacity: true)
            let outcome = line.withUnsafeBytes { handler.handle($0, &caller, &output) }
            handler.flush()
            return (outcome, output)
        }
    }
}

/// An answer of the daemon that is an error, as a client sees it.
struct Refusal: Error, Equatable, CustomStringConvertible {
    var code: Int
    var reason: String
    var field: String?
    var hint: String?
    var message: String
    var data: JSON

    init(_ error: JSON) {
        code = error["code"]?.int ?? 0
        message = error["message"]?.string ?? ""
        data = error["data"] ?? .null
        reason = data["reason"]?.string ?? ""
        field = data["field"]?.string
        hint = data["hint"]?.string
    }

    var description: String { "\(reason): \(message)" }
}

/// A connection: sends lines to an engine over a lane of its own and reads the answers.
final class Client: Sendable {
    let engine: Engine
    let loop: LoopBox
    private let caller: Mutex<Caller>
    private let number = Atomic<Int>(0)
    private let unanswered = Atomic<Int>(0)

    init(_ engine: Engine, uid: UInt32 = 1_000, role: Role = .user, loop: LoopBox? = nil) {
        let heard = Notifications()
        self.engine = engine
        self.loop = loop ?? LoopBox(engine.service.makeHandler())
        notifications = heard
        caller = Mutex(
            Caller(uid: uid, role: role) { line in
                if let json = try? JSONParser.parse(line) { heard.add(json) }
            }
        )
        let box = self.loop
        engine.champion.attach(EventLoops { body in box.use(body) })
    }

    let notifications: Notifications

    var role: Role { caller.withLock { $0.role } }

    /// Unanswered requests of this connection, as the server counts them.
    func setInFlight(_ count: Int) { unanswered.store(count, ordering: .relaxed) }

    /// Another connection on the same event loop.
    func other(uid: UInt32, role: Role = .user) -> Client { Client(engine, uid: uid, role: role, loop: loop) }

    /// What the engine makes of one line, before anything waits.
    func handle(_ line: String) -> Outcome { handle(Array(line.utf8)) }

    func handle(_ line: [UInt8]) -> Outcome {
        caller.withLock { caller in
            caller.inFlight = unanswered.load(ordering: .relaxed)
            let (outcome, output) = loop.handle(line, caller: &caller)
            if case .written = outcome { return .reply(output) }
            return outcome
        }
    }

    /// Sends a line and waits for its answer; nil where there is none.
    func send(_ line: String) async throws -> JSON? {
        switch handle(line) {
        case .none, .cancel, .written: return nil
        case .reply(let bytes): return try Self.parse(bytes)
        case .later(let pending):
            #expect(pending.count == 1)
            guard let bytes = await pending.first?.run() else { return nil }
            return try Self.parse(bytes)
        }
    }

    /// Calls a method and gives back its result.
    ///
    /// - Throws: ``Refusal`` for an error.
    @discardableResult
    func call(_ method: String, _ params: JSON = [:]) async throws -> JSON {
        let id = number.add(1, ordering: .relaxed).newValue
        let line: JSON = ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": params]
        let answer = try #require(try await send(line.description))
        #expect(answer["id"] == .integer(id))
        if let error = answer["error"] { throw Refusal(error) }
        return try #require(answer["result"])
    }

    /// The refusal that the call ends in.
    func refusal(_ method: String, _ params: JSON = [:]) async throws -> Refusal {
        do {
            let result = try await call(method, params)
            Issue.record("\(method) was not refused: \(result)")
            throw CancellationError()
        } catch let refusal as Refusal {
            return refusal
        }
    }

    static func parse(_ bytes: [UInt8]) throws -> JSON {
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(!bytes.dropLast().contains(UInt8(ascii: "\n")))
        return try JSONParser.parse(bytes)
    }
}

final class Notifications: Sendable {
    private let heard = Mutex<[JSON]>([])

    func add(_ json: JSON) { heard.withLock { $0.append(json) } }

    var all: [JSON] { heard.withLock { $0 } }
}

extension Client {
    /// Starts a retraining and waits for its end.
    func retrain(_ params: JSON = [:]) async throws -> JSON {
        let job = try #require(try await call("retrain", params)["job"]?.string)
        return try await finished(job)
    }

    func finished(_ job: String) async throws -> JSON {
        for _ in 0..<100_000 {
            let record = try await call("jobs.get", ["job": .string(job)])
            if !["queued", "running"].contains(record["state"]?.string ?? "") { return record }
            await Task.yield()
        }
        Issue.record("job \(job) does not end")
        throw CancellationError()
    }

    func chat(_ message: String, _ extra: [Member] = []) async throws -> JSON {
        try await call("chat", .object([Member("message", .string(message))] + extra))
    }
}
