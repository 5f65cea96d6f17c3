import Engine
import Patience
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
            var outcome = line.withUnsafeBytes { handler.handle($0, &caller, &output) }
            while case .unfinished(let rest) = outcome { outcome = rest.proceed(&caller) }
            handler.flush()
            return (outcome, output)
        }
    }
}

/// A connection: sends lines to an engine over a lane of its own and reads the answers.
final class Client: Sendable {
    let engine: Engine
    let loop: LoopBox
    private let caller: Mutex<Caller>
    private let conversation: Conversation
    private let unanswered = Atomic<Int>(0)

    init(
        _ engine: Engine,
        uid: UInt32 = 1_000,
        role: Role = .user,
        isService: Bool = false,
        loop: LoopBox? = nil
    ) {
        let conversation = Conversation()
        self.engine = engine
        self.loop = loop ?? LoopBox(engine.service.makeHandler())
        self.conversation = conversation
        caller = Mutex(
            Caller(uid: uid, role: role, isService: isService) { line in
                do { #expect(try conversation.hear(line) == nil) } catch { Issue.record(error) }
            }
        )
        let box = self.loop
        engine.champion.attach(EventLoops { body in box.use(body) })
    }

    var notifications: [Dialogue.Notification] { conversation.notifications }

    var role: Role { caller.withLock { $0.role } }

    var uid: UInt32 { caller.withLock { $0.uid } }

    /// Unanswered requests of this connection, as the server counts them.
    func setInFlight(_ count: Int) { unanswered.store(count, ordering: .relaxed) }

    /// Another connection on the same event loop.
    func other(uid: UInt32, role: Role = .user, isService: Bool = false) -> Client {
        Client(engine, uid: uid, role: role, isService: isService, loop: loop)
    }

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
        try await reply(to: Array(line.utf8)).map(Self.parse)
    }

    private func reply(to line: [UInt8]) async throws -> [UInt8]? {
        switch handle(line) {
        case .none, .cancel, .written, .unfinished: return nil
        case .reply(let bytes): return bytes
        case .later(let pending):
            #expect(pending.count == 1)
            return await pending.first?.run()
        }
    }

    /// Calls a method and gives back its result.
    ///
    /// - Throws: `Refusal` for an error.
    @discardableResult
    func call(_ method: String, _ params: JSON = [:]) async throws -> JSON {
        let request = conversation.ask(method, params)
        let bytes = try #require(try await reply(to: Array(request.line.dropLast())))
        let answer = try #require(try conversation.hear(bytes))
        #expect(answer.id == request.id)
        return try answer.outcome.get()
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

/// What a connection has asked and heard. Answers and notifications come from several threads, each line as a whole.
private final class Conversation: Sendable {
    private let dialogue = Mutex(Dialogue())
    private let heard = Mutex<[Dialogue.Notification]>([])

    var notifications: [Dialogue.Notification] { heard.withLock { $0 } }

    func ask(_ method: String, _ params: JSON) -> Dialogue.Request { dialogue.withLock { $0.ask(method, params) } }

    /// Takes one line: keeps a notification, gives back an answer.
    func hear(_ line: [UInt8]) throws -> Dialogue.Answer? {
        let message = try dialogue.withLock { dialogue in
            line.withUnsafeBytes { dialogue.take($0) }
            let message = try dialogue.next()
            #expect(try dialogue.next() == nil)
            return message
        }
        switch try #require(message) {
        case .answer(let answer): return answer
        case .notification(let notification):
            heard.withLock { $0.append(notification) }
            return nil
        case .refusal(let refusal): throw refusal
        }
    }
}

extension Client {
    /// Starts a retraining and waits for its end.
    func retrain(_ params: JSON = [:]) async throws -> JSON {
        let job = try #require(try await call("retrain", params)["job"]?.string)
        return try await finished(job)
    }

    func finished(_ job: String) async throws -> JSON {
        var record = JSON.null
        let hasEnded = try await Patience.eventually {
            record = try await call("jobs.get", ["job": .string(job)])
            return !["queued", "running"].contains(record["state"]?.string ?? "")
        }
        try #require(hasEnded, "job \(job) does not end")
        return record
    }

    func chat(_ message: String, _ extra: [Member] = []) async throws -> JSON {
        try await call("chat", .object([Member("message", .string(message))] + extra))
    }
}
