import Testing
import Wire

/// What a dialogue made of one line.
private enum Heard: Equatable {
    case message(Dialogue.Message)
    case fault(Dialogue.Fault)
}

private func take(_ bytes: some Collection<UInt8>, into dialogue: inout Dialogue) {
    Array(bytes).withUnsafeBytes { dialogue.take($0) }
}

private func heard(_ dialogue: inout Dialogue) -> [Heard] {
    var all: [Heard] = []
    while true {
        do throws(Dialogue.Fault) {
            guard let message = try dialogue.next() else { return all }
            all.append(.message(message))
        } catch {
            all.append(.fault(error))
        }
    }
}

private func refusal(_ reason: String) throws -> Refusal {
    try #require(Refusal(["code": -32_005, "message": "No.", "data": ["reason": .string(reason)]]))
}

@Suite struct `A dialogue` {
    @Test func `numbers its requests and writes them as the daemon reads them`() throws {
        var dialogue = Dialogue()
        #expect(dialogue.nextID == 1)
        let status = dialogue.ask(.status)
        let chat = dialogue.ask("chat", ["message": "ü\n"])
        let bare = dialogue.ask("status")
        #expect([status.id, chat.id, bare.id] == [1, 2, 3])
        let lines = [status, chat, bare].map { String(decoding: $0.line, as: UTF8.self) }
        #expect(
            lines == [
                #"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"# + "\n",
                #"{"jsonrpc":"2.0","id":2,"method":"chat","params":{"message":"ü\n"}}"# + "\n",
                #"{"jsonrpc":"2.0","id":3,"method":"status"}"# + "\n",
            ]
        )
        for request in [status, chat, bare] {
            guard case .single(.success(let call)) = Incoming.parse(request.line) else {
                Issue.record("the daemon does not read \(request)")
                continue
            }
            #expect(call.id == RequestID(request.id))
        }
    }

    @Test func `matches answers by their ids, whatever their order`() throws {
        var dialogue = Dialogue()
        let ids = (0..<3).map { _ in dialogue.ask(.status).id }
        for id in ids.reversed() { take(Reply.result(id: RequestID(id)) { $0.value(id) }, into: &dialogue) }
        let expected = ids.reversed().map {
            Heard.message(.answer(Dialogue.Answer(id: $0, outcome: .success(.integer($0)))))
        }
        #expect(heard(&dialogue) == expected)
    }

    @Test func `tells answers, refusals and notifications apart`() throws {
        var dialogue = Dialogue()
        _ = dialogue.ask(.chat)
        _ = dialogue.ask(.retrain)
        take(Reply.notification("chat.delta") { $0.value(["request": 1, "seq": 0, "text": "a"]) }, into: &dialogue)
        take(Reply.error(id: RequestID(1), .cancelled), into: &dialogue)
        take(Reply.notification("job.progress") { $0.value(["request": 2, "step": "train"]) }, into: &dialogue)
        take(Reply.error(id: .null, .tooManyConnections), into: &dialogue)
        take(Array(#"{"jsonrpc":"2.0","method":"event"}"#.utf8) + [UInt8(ascii: "\n")], into: &dialogue)
        let all = heard(&dialogue)
        try #require(all.count == 5)
        guard case .message(.notification(let delta)) = all[0], case .message(.answer(let answer)) = all[1],
            case .message(.notification(let progress)) = all[2], case .message(.refusal(let refusal)) = all[3],
            case .message(.notification(let event)) = all[4]
        else {
            Issue.record("\(all)")
            return
        }
        #expect(delta.method == "chat.delta" && delta.request == 1 && delta.params["text"] == "a")
        #expect(answer.id == 1)
        guard case .failure(let cancelled) = answer.outcome else {
            Issue.record("\(answer)")
            return
        }
        #expect(cancelled.reason == "cancelled" && cancelled.code == RPCError.Reason.cancelled.code)
        #expect(progress.method == "job.progress" && progress.request == 2)
        #expect(refusal.reason == "overloaded" && refusal.data["retry_after_ms"] == 1_000)
        #expect(event.method == "event" && event.request == nil && event.params.isNull)
    }

    @Test func `asks to stop a request only while it is under way, and its answer still comes`() throws {
        var dialogue = Dialogue()
        #expect(dialogue.cancel(1) == nil)
        let request = dialogue.ask(.chat)
        let line = try #require(dialogue.cancel(request.id))
        guard case .single(.success(let call)) = Incoming.parse(line) else {
            Issue.record("the daemon does not read the cancel")
            return
        }
        #expect(call.method == "request.cancel" && call.id == nil && call.cancelled == RequestID(request.id))
        take(Reply.error(id: RequestID(request.id), .cancelled), into: &dialogue)
        #expect(heard(&dialogue).count == 1)
        #expect(dialogue.cancel(request.id) == nil)
    }

    @Test func `gives lines unread to those who sent their own`() throws {
        var dialogue = Dialogue()
        take(#"[{"id":"a"}]"#.utf8, into: &dialogue)
        #expect(try dialogue.nextLine() == nil)
        take("\r\nrest".utf8, into: &dialogue)
        #expect(try dialogue.nextLine() == Array(#"[{"id":"a"}]"#.utf8))
        #expect(try dialogue.nextLine() == nil)
    }

    // MARK: What a daemon must not say

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":2,"result":{}}"#, Dialogue.Fault.unknownID(2)),
        (#"{"jsonrpc":"2.0","id":0,"result":{}}"#, .unknownID(0)),
        (#"{"jsonrpc":"2.0","id":-1,"result":{}}"#, .unknownID(-1)),
        (#"{"jsonrpc":"2.0","id":"1","result":{}}"#, .unknownID("1")),
        (#"{"jsonrpc":"2.0","id":1.0,"result":{}}"#, .unknownID(.double(1))),
        (#"{"jsonrpc":"2.0","id":null,"result":{}}"#, .unknownID(nil)),
        (#"{"jsonrpc":"2.0","id":99999999999999999999,"result":{}}"#, .unknownID(.double(1e20))),
        (#"{"jsonrpc":"2.0","id":1}"#, .noOutcome), (#"{"jsonrpc":"2.0","id":null}"#, .noOutcome),
        (#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}"#, .notAMessage),
        (#"{"jsonrpc":"2.0","id":1,"method":"chat","params":{}}"#, .notAMessage),
        (#"{"jsonrpc":"2.0","id":1,"method":"chat","result":{}}"#, .notAMessage),
        (#"{"jsonrpc":"2.0","result":{}}"#, .notAMessage), (#"{"jsonrpc":"2.0","error":{}}"#, .notAMessage),
        (#"{"jsonrpc":"1.0","id":1,"result":{}}"#, .notAMessage), (#"{"id":1,"result":{}}"#, .notAMessage),
        (#"{"jsonrpc":2.0,"id":1,"result":{}}"#, .notAMessage), (#"{"jsonrpc":"2.0"}"#, .notAMessage),
        (#"{"jsonrpc":"2.0","method":7}"#, .notAMessage),
        (#"{"jsonrpc":"2.0","method":"event","params":[]}"#, .notAMessage),
        (#"[{"jsonrpc":"2.0","id":1,"result":{}}]"#, .notAMessage), ("{}", .notAMessage), ("[]", .notAMessage),
        ("null", .notAMessage), ("1", .notAMessage), ("\"jsonrpc\"", .notAMessage),
        (#"{"jsonrpc":"2.0","id":1,"error":{}}"#, .unclearError),
        (#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, .unclearError),
        (#"{"jsonrpc":"2.0","id":1,"error":null}"#, .unclearError),
        (#"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}"#, .unclearError),
        (#"{"jsonrpc":"2.0","id":null,"error":{"code":1}}"#, .unclearError),
    ])
    func `takes no line for more than it says`(_ line: String, _ fault: Dialogue.Fault) throws {
        var dialogue = Dialogue()
        _ = dialogue.ask(.status)
        take((line + "\n").utf8, into: &dialogue)
        #expect(heard(&dialogue) == [.fault(fault)])
        // The request is still open: its answer is taken, once.
        let answer = Reply.result(id: RequestID(1)) { $0.value("late") }
        take(answer + answer, into: &dialogue)
        let expected = Heard.message(.answer(Dialogue.Answer(id: 1, outcome: .success("late"))))
        #expect(heard(&dialogue) == [expected, .fault(.unknownID(1))])
    }

    @Test(arguments: [
        "garbage", "", " ", "\u{0}", "{", #"{"jsonrpc":"2.0","id":1,"result":"#, #"{"jsonrpc":"2.0","id":1,"result":}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{}} {}"#, #"{"jsonrpc":"2.0","id":01,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":1,"id":1,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":{},"id":1}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{},"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":1}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":"\ud800"}"#, #"{"jsonrpc":"2.0","id":1,"result":1e999}"#,
        #"{"jsonrpc":"2.0","id":1,"result":[1,]}"#, "\u{FEFF}" + #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ])
    func `refuses what is not strict JSON, and says where it is wrong`(_ line: String) throws {
        var dialogue = Dialogue()
        _ = dialogue.ask(.status)
        take((line + "\n").utf8, into: &dialogue)
        let all = heard(&dialogue)
        guard all.count == 1, case .fault(.notJSON(let error)) = all[0] else {
            Issue.record("\(all)")
            return
        }
        #expect(Dialogue.Fault.notJSON(error).description.contains("(at byte \(error.position))"))
    }

    @Test func `allows as many brackets as JSON has here, the line's own included`() throws {
        for (depth, isTaken) in [(63, true), (64, false)] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            var dialogue = Dialogue()
            _ = dialogue.ask(.status)
            take((#"{"jsonrpc":"2.0","id":1,"result":"# + nested + "}\n").utf8, into: &dialogue)
            guard case .message = heard(&dialogue).first else {
                #expect(!isTaken)
                continue
            }
            #expect(isTaken)
        }
    }

    @Test func `says of a line that is too long so, once, and goes on after it`() throws {
        var dialogue = Dialogue(limit: 40)
        _ = dialogue.ask(.status)
        take([UInt8](repeating: UInt8(ascii: "x"), count: 41), into: &dialogue)
        #expect(heard(&dialogue) == [.fault(.tooLong(limit: 40))])
        take([UInt8](repeating: UInt8(ascii: "x"), count: 100), into: &dialogue)
        #expect(heard(&dialogue).isEmpty)
        take([UInt8(ascii: "\n")] + Reply.result(id: RequestID(1)) { $0.value(1) }, into: &dialogue)
        #expect(heard(&dialogue) == [.message(.answer(Dialogue.Answer(id: 1, outcome: .success(1))))])
    }

    @Test func `has a sentence for every fault`() {
        let faults: [Dialogue.Fault] = [
            .tooLong(limit: 7), .notJSON(JSONError(.syntax, at: 3, "a value is missing")), .notAMessage, .noOutcome,
            .unclearError, .unknownID("a"),
        ]
        for fault in faults {
            #expect(fault.description.hasPrefix("The daemon") && fault.description.hasSuffix("."))
            #expect(!fault.description.contains("none"))
        }
        #expect(faults[0].description == "The daemon's line is longer than 7 bytes.")
        #expect(faults[1].description == "The daemon's line is not JSON: a value is missing (at byte 3).")
        #expect(faults[5].description == #"The daemon answers a request "a", and no such request waits for an answer."#)
    }

    // MARK: Properties

    @Test(arguments: 0..<8)
    func `hears the same, whatever the pieces`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let bytes = Self.conversation(&generator, requests: 40)
        func all(_ size: (inout SeededGenerator) -> Int) -> [Heard] {
            var dialogue = Dialogue(limit: 2_000)
            for _ in 0..<40 { _ = dialogue.ask(.status) }
            var (rest, all) = (bytes[...], [Heard]())
            while !rest.isEmpty {
                let piece = rest.prefix(size(&generator))
                rest = rest.dropFirst(piece.count)
                take(piece, into: &dialogue)
                all += heard(&dialogue)
            }
            return all
        }
        let whole = all { _ in bytes.count }
        #expect(whole.contains { if case .message(.answer) = $0 { true } else { false } })
        #expect(whole.contains { if case .fault = $0 { true } else { false } })
        #expect(all { _ in 1 } == whole)
        for _ in 0..<10 { #expect(all { Int.random(in: 1...300, using: &$0) } == whole) }
    }

    @Test(arguments: 0..<8)
    func `makes one thing of every line, and no answer of what it did not ask`(seed: UInt64) {
        var generator = SeededGenerator(state: seed &+ 50)
        for _ in 0..<40 {
            var bytes = Self.conversation(&generator, requests: 10)
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            bytes.append(UInt8(ascii: "\n"))
            var dialogue = Dialogue(limit: 2_000)
            for _ in 0..<10 { _ = dialogue.ask(.status) }
            take(bytes, into: &dialogue)
            let all = heard(&dialogue)
            #expect(all.count == bytes.count { $0 == UInt8(ascii: "\n") })
            let answered = all.compactMap { heard -> Int? in
                if case .message(.answer(let answer)) = heard { answer.id } else { nil }
            }
            #expect(Set(answered).count == answered.count && answered.allSatisfy { 1...10 ~= $0 })
        }
    }

    /// What a daemon might say to so many requests: answers in any order, notifications, and lines that are wrong.
    private static func conversation(_ generator: inout SeededGenerator, requests: Int) -> [UInt8] {
        var lines: [[UInt8]] = (1...requests).map { id in
            if Bool.random(using: &generator) { return Reply.error(id: RequestID(id), .noModel("none yet")) }
            let value = generator.value()
            return Reply.result(id: RequestID(id)) { $0.value(value) }
        }
        for _ in 0..<requests / 2 {
            let delta: JSON = ["request": 1, "text": .string(generator.text())]
            lines.append(Reply.notification("chat.delta") { $0.value(delta) })
            lines.append(Array(("\(generator.value())" + "\n").utf8))
            lines.append(Reply.result(id: RequestID(.random(in: -5...requests + 5, using: &generator))) { $0.null() })
        }
        lines.append([UInt8](repeating: UInt8(ascii: "x"), count: 5_000) + [UInt8(ascii: "\n")])
        lines.append(Array("\r\n".utf8))
        return Array(lines.shuffled(using: &generator).joined())
    }
}

@Suite struct `An answer in plain form` {
    private func plain(_ line: String) -> PlainAnswer? { Array(line.utf8).withUnsafeBytes { PlainAnswer($0) } }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":7,"result":{}}"#, 7, true), (#"{"jsonrpc":"2.0","id":0,"result":1}"#, 0, true),
        (#"{"jsonrpc":"2.0","id":123456789012345678,"error":{}}"#, 123_456_789_012_345_678, false),
        (#"{"jsonrpc":"2.0","id":10,"error":"#, 10, false), (#"{"jsonrpc":"2.0","id":10,"result":"#, 10, true),
    ])
    func `has its id, its kind and its content found`(_ line: String, _ id: Int, _ isResult: Bool) throws {
        let answer = try #require(plain(line))
        #expect(answer.id == id && answer.isResult == isResult)
        let before = isResult ? #""result":"# : #""error":"#
        #expect(String(decoding: Array(line.utf8)[..<answer.content], as: UTF8.self).hasSuffix(before))
    }

    @Test(arguments: [
        "", "{", #"{"jsonrpc":"2.0","id":"#, #"{"jsonrpc":"2.0","id":7"#, #"{"jsonrpc":"2.0","id":7,"resul":{}}"#,
        #"{"jsonrpc":"2.0","id":7,"result""#, #"{"jsonrpc":"2.0","id":07,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":-7,"result":{}}"#, #"{"jsonrpc":"2.0","id":"7","result":{}}"#,
        #"{"jsonrpc":"2.0","id":null,"error":{}}"#, #"{"jsonrpc":"2.0","id":1234567890123456789,"result":{}}"#,
        #"{"jsonrpc":"2.1","id":7,"result":{}}"#, #"{"jsonrpc": "2.0","id":7,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":7, "result":{}}"#, #"{"jsonrpc":"2.0","method":"event","params":{}}"#,
    ])
    func `is nothing else`(_ line: String) { #expect(plain(line) == nil) }

    @Test(arguments: 0..<8)
    func `means what it means in any other form`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed &+ 100)
        for _ in 0..<200 {
            let id = Int.random(in: 0...1_000, using: &generator)
            let value = generator.value()
            let isResult = Bool.random(using: &generator)
            let error: JSON = ["code": 1, "message": .string(generator.text()), "data": value]
            let content = isResult ? #""result":\#(value)"# : #""error":\#(error)"#
            let plain = Array(#"{"jsonrpc":"2.0","id":\#(id),\#(content)}"#.utf8)
            let other = Array(#" { \#(content), "id":\#(id), "more":[] , "jsonrpc":"2.0"}"#.utf8)
            #expect(plain.withUnsafeBytes { PlainAnswer($0) } != nil)
            #expect(other.withUnsafeBytes { PlainAnswer($0) } == nil)
            let (one, two) = (try message(plain), try message(other))
            #expect(one == two)
        }
    }

    private func message(_ line: [UInt8]) throws -> Dialogue.Message {
        try line.withUnsafeBytes { try Dialogue.Message($0) }
    }
}

@Suite struct `A refusal` {
    @Test func `keeps what it does not know, and its hint can be another`() throws {
        let error: JSON = [
            "code": -32_003, "message": "No such job.", "new": [1],
            "data": ["reason": "not_found", "field": "job", "hint": "intentctl jobs", "more": true],
        ]
        let refusal = try #require(Refusal(error))
        #expect(refusal.json == error)
        #expect(refusal.field == "job" && refusal.hint == "intentctl jobs" && refusal.reason == "not_found")
        #expect(refusal.description == "-32003 not_found: No such job.")
        let other = refusal.suggesting("look again")
        #expect(other.hint == "look again" && other.code == refusal.code && other.message == refusal.message)
        #expect(other.json["new"] == [1] && other.data["more"] == true && other.reason == "not_found")
    }

    @Test func `may lack what JSON-RPC does not ask for`() throws {
        let refusal = try #require(Refusal(["code": 1, "message": ""]))
        #expect(refusal.data.isNull && refusal.reason.isEmpty && refusal.hint == nil && refusal.field == nil)
        #expect(refusal.suggesting("this").hint == "this")
    }
}
