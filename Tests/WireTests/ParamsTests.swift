import Testing
import Wire

/// A method, its parameters, and the field that is named, or nil where they are accepted.
private let calls: [(method: Method, params: JSON, field: String?)] = [
    (.predict, ["text": "x"], nil), (.predict, [:], nil), (.predict, ["text": "x", "_meta": [1, 2]], nil),
    (.predict, ["txet": "x"], "txet"), (.predict, ["Text": "x"], "Text"), (.predict, ["text": 1], "text"),
    (.predict, ["text": nil], "text"), (.predict, ["text": ""], "text"), (.predict, ["text": " "], nil),
    (.predict, ["text": .string(String(repeating: "é", count: 16_384))], nil),
    (.predict, ["text": .string(String(repeating: "é", count: 16_385))], "text"),
    (.predict, ["text": .string(String(repeating: "e\u{301}", count: 8_192))], nil),
    (.predict, ["text": .string(String(repeating: "e\u{301}", count: 8_193))], "text"),
    (.predict, ["text": .string(String(repeating: "😀", count: 16_384))], nil),
    (.predict, ["texts": ["a", "b"]], nil), (.predict, ["texts": []], "texts"),
    (.predict, ["texts": ["a", ""]], "texts"),
    (.predict, ["texts": ["a", 1]], "texts"), (.predict, ["texts": "a"], "texts"),
    (.predict, ["texts": .array(Array(repeating: "a", count: 1_000))], nil),
    (.predict, ["texts": .array(Array(repeating: "a", count: 1_001))], "texts"),
    (.predict, ["text": "x", "top_k": 1], nil), (.predict, ["text": "x", "top_k": 20], nil),
    (.predict, ["text": "x", "top_k": 0], "top_k"), (.predict, ["text": "x", "top_k": 21], "top_k"),
    (.predict, ["text": "x", "top_k": -1], "top_k"), (.predict, ["text": "x", "top_k": 1.0], "top_k"),
    (.predict, ["text": "x", "top_k": 1e300], "top_k"), (.predict, ["text": "x", "top_k": "3"], "top_k"),
    (.predict, ["text": "x", "top_k": .integer(.max)], "top_k"), (.predict, ["text": "x", "top_k": true], "top_k"),
    (.chat, [:], "message"), (.chat, ["message": " \n\u{2003}"], "message"), (.chat, ["message": " x "], nil),
    (.chat, ["message": .string(String(repeating: " ", count: 20_000) + "x")], nil),
    (.chat, ["message": "x", "mode": "local"], nil), (.chat, ["message": "x", "mode": "LOCAL"], "mode"),
    (.chat, ["message": "x", "ab_prob": 0], nil), (.chat, ["message": "x", "ab_prob": 1], nil),
    (.chat, ["message": "x", "ab_prob": 0.5], nil), (.chat, ["message": "x", "ab_prob": 1.01], "ab_prob"),
    (.chat, ["message": "x", "ab_prob": -0.01], "ab_prob"), (.chat, ["message": "x", "ab_prob": "0.5"], "ab_prob"),
    (.chat, ["message": "x", "session": "a.B_9:-"], nil), (.chat, ["message": "x", "session": ""], "session"),
    (.chat, ["message": "x", "session": "a b"], "session"), (.chat, ["message": "x", "session": "é"], "session"),
    (.chat, ["message": "x", "session": .string(String(repeating: "a", count: 128))], nil),
    (.chat, ["message": "x", "session": .string(String(repeating: "a", count: 129))], "session"),
    (.chat, ["message": "x", "session": "a\u{0}"], "session"), (.chat, ["message": "x", "stream": false], nil),
    (.chat, ["message": "x", "stream": 0], "stream"),
    (.feedbackSubmit, ["text": "x", "intent": "Refund_not_showing_up?"], nil),
    (.feedbackSubmit, ["text": "x", "intent": ""], "intent"),
    (.feedbackSubmit, ["text": "x", "intent": " a"], "intent"),
    (.feedbackSubmit, ["text": "x", "intent": "a\u{0}b"], "intent"),
    (.feedbackSubmit, ["text": "x", "intent": "a\nb"], "intent"),
    (.feedbackSubmit, ["text": "x", "intent": "a\u{202E}b"], "intent"),
    (.feedbackSubmit, ["text": "x", "intent": "eine Frage"], nil),
    (.feedbackSubmit, ["id": "x", "rating": "sideways"], "rating"),
    (.feedbackList, ["limit": 1_000], nil), (.feedbackList, ["limit": 0], "limit"),
    (.feedbackList, ["limit": 1_001], "limit"),
    (.feedbackReview, ["feedback_id": "x", "undo": true], nil), (.feedbackReview, ["accept": true], "feedback_id"),
    (.retrain, ["promote": "hold"], nil), (.retrain, ["dry_run": true], nil),
    (.retrain, ["dry_run": 1], "dry_run"),
    (.retrain, ["promote": "no"], "promote"),
    (.modelsPromote, ["version": 3], "reason"), (.modelsPromote, ["version": 0, "reason": "x"], "version"),
    (.modelsHistory, ["at": "2026-01-31T12:00:00Z"], nil), (.modelsHistory, ["at": "2026-01-31T12:00:00.123456Z"], nil),
    (.modelsHistory, ["at": "yesterday"], "at"), (.modelsHistory, ["at": "2026-01-31T12:00:00.Z"], "at"),
    (.modelsHistory, ["at": "2026-01-31 12:00:00Z"], "at"), (.modelsHistory, ["at": "2026-01-31T12:00:00+01:00"], "at"),
    (.metrics, ["window": "1h", "format": "prometheus"], nil), (.metrics, ["window": "2h"], "window"),
    (.status, ["x": 1], "x"), (.status, ["_meta": nil], nil), (.connectionRestrict, ["role": "admin"], "role"),
]

@Suite struct ParamsTests {
    @Test(arguments: calls)
    func checksAgainstTheTable(method: Method, params: JSON, field: String?) {
        do throws(RPCError) {
            _ = try Params(params.object ?? [], of: method)
            #expect(field == nil)
        } catch {
            #expect(error.code == -32602)
            #expect(error.reason == .invalidParams)
            #expect(error.field == field)
            #expect(error.message.hasSuffix("."))
        }
    }

    @Test func readsWhatIsThere() throws {
        let params = try Params(
            [
                Member("message", "  hi \n"), Member("mode", "llm"), Member("ab_prob", 1), Member("stream", true),
                Member("session", "s-1"),
            ],
            of: .chat
        )
        #expect(try params.requiredString("message") == "  hi \n")
        #expect(try params.double("ab_prob") == 1)
        #expect(try params.bool("stream") == true)
        #expect(try params.string("session") == "s-1")
        #expect(try params.string("model") == nil)
        #expect(throws: RPCError.self) { try params.requiredString("model") }
        #expect(throws: RPCError.self) { try params.int("message") }
    }

    @Test func readsChoicesAsCases() throws {
        enum Mode: String, CaseIterable { case auto, local, llm }
        enum Arm: String, CaseIterable { case llm }
        let params = try Params([Member("message", "x"), Member("mode", "local")], of: .chat)
        #expect(try params.choice("mode", of: Mode.self) == .local)
        #expect(try params.requiredChoice("mode", of: Mode.self) == .local)
        #expect(throws: RPCError.self) { try params.choice("mode", of: Arm.self) }
    }

    @Test func readsSeveralTexts() throws {
        let params = try Params([Member("texts", ["a", "b"]), Member("top_k", 3)], of: .predict)
        #expect(try params.strings("texts") == ["a", "b"])
        #expect(try params.requiredInt("top_k") == 3)
    }

    @Test func saysWhichElementIsWrong() {
        let error = #expect(throws: RPCError.self) { try Params([Member("texts", ["a", ""])], of: .predict) }
        #expect(error?.message == "texts[1] must have 1 to 16384 characters, not 0.")
    }
}
