import FoundationEssentials
import Learning
import TestSupport
import Testing
import Wire

@testable import Engine

/// A sign that stands for eighteen: as many of them as a text may have would be 294,912 characters.
private let blessing = String(repeating: "\u{FDFA}", count: 16_384)

@Suite struct `A text that becomes too long when it is normalised` {
    @Test(
        arguments: [
            ("explain", ["text": .string(blessing)], "text"), ("predict", ["text": .string(blessing)], "text"),
            ("predict", ["texts": ["hello there", .string(blessing)]], "texts"),
            ("chat", ["message": .string(blessing)], "message"),
            ("feedback.submit", ["text": .string(blessing), "intent": "refund"], "text"),
        ] as [(String, JSON, String)]
    )
    func `is refused`(method: String, params: JSON, field: String) async throws {
        let client = Client(try await TestWorld().engine())
        let refusal = try await client.refusal(method, params)
        #expect(refusal.reason == "invalid_params")
        #expect(refusal.data["field"] == .string(field))
        // Of signs that stand for fewer there may be as many as of any.
        let doubled = String(repeating: "ﬁ", count: 16_384)
        #expect(try await client.call("predict", ["text": .string(doubled)])["predictions"]?.array?.count == 1)
    }

    @Test func `is left out of a data file`() async throws {
        let admin = Client(try await TestWorld().engine(), role: .admin)
        let file = String(decoding: DataFile.csv(Shop.rows), as: UTF8.self) + "\(blessing),refund,train\n"
        let answer = try await admin.call("data.import", ["content": .string(file), "check_only": true])
        #expect(answer["counts"]?["text_too_long"] == 1)
    }

    @Test func `is charged for what it becomes, not for its line`() async throws {
        let world = try TestWorld { $0.limits.deferredPerUID = 8 << 20 }
        let client = Client(try await world.engine())
        let line = #"{"jsonrpc":"2.0","id":1,"method":"explain","params":{"text":"\#(blessing)"}}"#
        var pending: [Pending] = []
        var refused = 0
        for _ in 0..<20 {
            switch client.handle(line) {
            case .later(let requests): pending += requests
            case .reply(let bytes):
                let error = try Client.parse(bytes)["error"]
                #expect(error?["data"]?["reason"] == "overloaded")
                #expect(error?["data"]?["retry_after_ms"]?.int ?? 0 > 0)
                refused += 1
            default: Issue.record("neither answered nor refused")
            }
        }
        #expect((1...2).contains(pending.count) && refused == 20 - pending.count)
        for request in pending { _ = await request.run() }
        #expect(try await client.call("explain", ["text": "hello there"])["intent"] != nil)
    }
}
