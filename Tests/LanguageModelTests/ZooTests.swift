import Glibc
import Patience
import StubServer
import Testing
import World

@testable import LanguageModel

/// The form in which a server of one protocol writes an LLM's words.
struct Speech: Sendable, CustomStringConvertible {
    var backend: LLM.Backend
    var description: String { backend.rawValue }

    static let all = [Speech(backend: .ollama), Speech(backend: .openai)]

    var isOllama: Bool { backend == .ollama }
    var type: String { isOllama ? "application/x-ndjson" : "text/event-stream" }

    /// A part of the stream around a JSON object.
    func frame(_ object: String) -> String { isOllama ? object + "\n" : "data: \(object)\n\n" }

    /// A message with these members.
    func message(_ members: String) -> String {
        isOllama
            ? frame(#"{"message":{"role":"assistant",\#(members)},"done":false}"#)
            : frame(#"{"choices":[{"index":0,"delta":{\#(members)},"finish_reason":null}]}"#)
    }

    func says(_ text: String) -> String { message(#""content":"\#(text)""#) }

    func ends(_ reason: String = "stop") -> String { isOllama ? Recorded.end(reason) : Recorded.eventEnd(reason) }

    /// The whole answer as one object.
    func object(_ text: String) -> String {
        isOllama
            ? #"{"message":{"content":"\#(text)"},"done":true,"done_reason":"stop","eval_count":3}"#
            : #"{"object":"chat.completion","choices":[{"message":{"content":"\#(text)"},"finish_reason":"stop"}]}"#
    }
}

/// Whatever an LLM's server can send in place of an answer, in both protocols.
@Suite struct `The zoo of LLM servers` {
    struct Animal: Sendable, CustomStringConvertible {
        var description: String
        /// `whole`, `truncated`, or the kind of the failure.
        var outcome: String
        var text = ""
        /// A part of the LLM's own words.
        var said: String?
        var chat: @Sendable (Speech, Line) -> Void
    }

    private static func stream(
        _ description: String,
        _ outcome: String,
        _ text: String = "",
        said: String? = nil,
        _ body: @escaping @Sendable (Speech) -> String
    ) -> Animal {
        Animal(description: description, outcome: outcome, text: text, said: said) { $1.answer(body($0), $0.type) }
    }

    private static func status(
        _ status: Int,
        _ outcome: String,
        said: String? = nil,
        _ body: String
    ) -> Animal {
        Animal(description: "status \(status) \(body.prefix(24))", outcome: outcome, said: said) {
            $1.reply(status, body)
        }
    }

    static let animals: [Animal] = [
        // What is whole, and what is not.
        stream("stop", "whole", "a") { $0.says("a") + $0.ends() },
        stream("end of sequence", "whole", "a") { $0.says("a") + $0.ends("eos_token") },
        stream("length", "truncated", "a") { $0.says("a") + $0.ends("length") },
        stream("a filter in the middle", "interrupted", "a", said: "content_filter") {
            $0.says("a") + $0.ends("content_filter")
        },
        stream("a reason that nobody knows", "interrupted", "a", said: "abort") { $0.says("a") + $0.ends("abort") },
        stream("a reason that is an error", "interrupted", "a") { $0.says("a") + $0.ends("error") },
        stream("no end", "interrupted", "a") { $0.says("a") },
        stream("an error of text", "interrupted", "a", said: "boom") {
            $0.says("a") + $0.frame(#"{"error":"boom"}"#) + $0.ends()
        },
        stream("an error object", "interrupted", "a", said: "boom") {
            $0.says("a") + $0.frame(#"{"error":{"code":500,"message":"boom","type":"x"}}"#) + $0.ends()
        },
        stream("an error by its type", "interrupted", "a", said: "boom") {
            $0.says("a") + $0.frame(#"{"type":"error","message":"boom"}"#) + $0.ends()
        },
        stream("an error by its object", "interrupted", "a", said: "boom") {
            $0.says("a") + $0.frame(#"{"object":"error","message":"boom","code":40303}"#) + $0.ends()
        },
        stream("an error as a detail", "interrupted", "a", said: "boom") {
            $0.says("a") + $0.frame(#"{"detail":[{"loc":["body"],"msg":"boom","input":"x"}]}"#) + $0.ends()
        },
        stream("an object without sense", "interrupted", "a") { $0.says("a") + $0.frame("{}") + $0.ends() },
        stream("a list", "interrupted", "a") { $0.says("a") + $0.frame("[1]") + $0.ends() },
        stream("a bare sentence", "interrupted", "a") { $0.says("a") + "Internal Server Error\n\n" + $0.ends() },
        stream("an error first", "error", said: "boom") { $0.frame(#"{"error":{"message":"boom"}}"#) },
        // The same in another spelling.
        stream("a byte-order mark", "whole", "ab") { "\u{FEFF}" + $0.says("a") + $0.says("b") + $0.ends() },
        stream("lines that end with CR", "whole", "ab") {
            ($0.says("a") + $0.says("b") + $0.ends()).replacing("\n", with: "\r")
        },
        stream("lines that end with CR LF", "whole", "ab") {
            ($0.says("a") + $0.says("b") + $0.ends()).replacing("\n", with: "\r\n")
        },
        stream("spaces everywhere", "whole", "a") {
            ($0.says("a") + $0.ends()).replacing("data: ", with: " data :  ").replacing("\n", with: " \t\n")
        },
        stream("no spaces and no empty lines", "whole", "ab") {
            ($0.says("a") + $0.says("b") + $0.ends()).replacing("data: ", with: "data:").replacing("\n\n", with: "\n")
        },
        stream("null wherever it may stand", "whole", "a") {
            $0.message(#""content":null,"tool_calls":null,"refusal":null,"thinking":null"#) + $0.says("a")
                + $0.frame(
                    $0.isOllama
                        ? #"{"message":null,"error":null,"done":true,"done_reason":null}"#
                        : #"{"choices":[{"delta":null,"finish_reason":"stop"}],"error":null,"usage":null}"#
                )
        },
        stream("half of a pair in an escape", "whole", "a\u{FFFD}b😀") {
            $0.says(#"a\ud83db\ud83d\ude00"#) + $0.ends()
        },
        stream("content in parts", "whole", "ab") {
            $0.message(#""content":[{"type":"text","text":"a"},"b"]"#) + $0.ends()
        },
        stream("a picture", "error") { $0.message(#""content":[{"type":"image_url","image_url":{}}]"#) + $0.ends() },
        stream("a number", "error") { $0.message(#""content":7"#) + $0.ends() },
        stream("one object", "whole", "a") { $0.object("a") },
        stream("one object over several lines", "whole", "a") {
            "\u{FEFF}" + $0.object("a").replacing(":{", with: ":\n  {\n").replacing(",", with: ",\r\n\r\n")
        },
        stream("half an object", "interrupted") { String($0.object("a").dropLast(1)) },
        // What is no answer has a name of its own.
        stream("nothing", "error", said: nil) { $0.ends() },
        stream("white space", "error") { $0.says(" ") + $0.says(#"\n"#) + $0.ends() },
        stream("thinking in a field", "error") {
            $0.message($0.isOllama ? #""content":"","thinking":"hm""# : #""content":"","reasoning_content":"hm""#)
                + $0.ends("length")
        },
        stream("thinking in a block", "error") { $0.says("<think>hm</think>") + $0.ends() },
        stream("thinking without an end", "error") { $0.says("<think>hm, ") + $0.says("hm") + $0.ends("length") },
        stream("thinking before the answer", "whole", "a") {
            $0.says("<thi") + $0.says(#"nk>\nhm <b"#) + $0.says("</thin") + $0.says(#"k>\n\na"#) + $0.ends()
        },
        stream("thinking in a part", "whole", "a") {
            $0.message(
                #""content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}]"#
            )
                + $0.ends()
        },
        stream("thinking after the answer", "truncated", "a ") { $0.says("a <think>hm") + $0.ends() },
        stream("thinking that never began", "whole", "a") { $0.says("hm</think>a") + $0.ends() },
        stream("a refusal", "error", said: "I cannot") {
            $0.message(#""content":null,"refusal":"I cannot do that.""#) + $0.ends()
        },
        stream("a refusal by a filter", "error", said: "content_filter") { $0.ends("content_filter") },
        stream("a call of a tool", "error") {
            $0.message(#""content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]"#) + $0.ends()
        },
        // Refusals in their own words.
        status(500, "error", said: "more system memory", #"{"error":"model requires more system memory (5.6 GiB)"}"#),
        status(
            500,
            "error",
            said: "cublas",
            #"{"error":{"code":500,"message":"cublas failed","type":"server_error"}}"#
        ),
        status(
            422,
            "error",
            said: "body.messages: too many",
            #"{"detail":[{"loc":["body","messages"],"msg":"too many"}]}"#
        ),
        status(400, "error", said: "bad role", #"{"object":"error","message":"bad role","code":40001}"#),
        status(400, "error", said: "API key", #"[{"error":{"code":400,"message":"API key not valid"}}]"#),
        status(413, "error", said: "too large", "Request too large"),
        status(502, "unreachable", said: "bad gateway", "<html><head><title>502 Bad Gateway</title></head></html>"),
        status(404, "error", said: "Not Found", #"{"detail":"Not Found"}"#),
        status(404, "model_missing", said: "no-such", #"{"error":{"message":"The model `no-such` does not exist"}}"#),
        status(503, "busy", said: "overloaded", #"{"error":{"message":"overloaded"}}"#),
    ]

    @Test(arguments: Speech.all, [false, true])
    func `gets each one right`(_ speech: Speech, isUnix: Bool) async throws {
        let path = isUnix ? "/tmp/zoo-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock" : nil
        try await withStub(path: path, { $0.backend = speech.backend }) { model, stub in
            for animal in Self.animals {
                stub.onChat { animal.chat(speech, $1) }
                let heard = await model.hear(.user("what is the weather like"))
                let outcome = heard.record.map { $0.isTruncated ? "truncated" : "whole" } ?? heard.kind ?? "?"
                #expect(outcome == animal.outcome, "\(animal): \(String(describing: heard.failure))")
                #expect(heard.text == animal.text, "\(animal)")
                if let said = animal.said { #expect(heard.failure?.said?.contains(said) == true, "\(animal)") }
            }
            // After all of that an answer is an answer, and the LLM is well.
            stub.onChat { _, line in line.answer(speech.says("well") + speech.ends(), speech.type) }
            #expect(await model.hear().text == "well")
            #expect(model.health.state == .ready)
            #expect(model.health.said == nil)
        }
    }

    @Test(arguments: Speech.all)
    func `tells thinking, refusals, tools and nothing apart`(_ speech: Speech) async throws {
        try await withStub({ $0.backend = speech.backend }) { model, stub in
            let streams: [(String, String)] = [
                (speech.ends(), "empty"), (speech.says("<think>hm") + speech.ends(), "thought"),
                (speech.message(#""refusal":"no""#) + speech.ends(), "refused"),
                (speech.message(#""tool_calls":[{}]"#) + speech.ends(), "tool"),
            ]
            for (stream, word) in streams {
                stub.onChat { $1.answer(stream, speech.type) }
                let message = await model.hear().failure?.message ?? ""
                #expect(message.contains(word), "\(message)")
            }
        }
    }

    @Test(arguments: Speech.all)
    func `signs of life are no answer, but keep one alive`(_ speech: Speech) async throws {
        let sign = speech.isOllama ? "\n" : ": keep-alive\n\n"
        let empty = speech.says("")
        let impatient: @Sendable (inout LLM.Settings) -> Void = {
            $0.backend = speech.backend
            $0.firstByteTimeout = 0.3
            $0.idleTimeout = 0.15
        }
        try await withStub(impatient) { model, stub in
            // Signs for ever are no answer.
            stub.onChat { _, line in
                line.head(speech.type)
                while line.chunk(sign + empty) { line.pause(10) }
            }
            #expect(await model.hear().kind == "timeout")
            #expect(model.health.state != .unreachable)
        }
        let usual: @Sendable (inout LLM.Settings) -> Void = {
            $0.backend = speech.backend
            $0.idleTimeout = 2
        }
        try await withStub(usual) { model, stub in
            // Longer than the limit of silence before and within an answer, with signs of life.
            stub.onChat { _, line in
                line.head(speech.type)
                for _ in 0..<25 {
                    line.chunk(sign)
                    line.pause(100)
                }
                line.chunk(speech.says("a"))
                for _ in 0..<25 {
                    line.chunk(sign + empty)
                    line.pause(100)
                }
                line.chunk(speech.ends())
                line.last()
            }
            #expect(await model.hear().record != nil)
        }
    }

    @Test func `a server that refuses a member is asked without it, and remembered`() async throws {
        let refused: Stub.Handler = { request, line in
            let complaint = #"{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#
            if request.body.contains("stream_options") { return line.reply(422, complaint) }
            line.answer(Recorded.events, "text/event-stream")
        }
        try await withStub({ $0.backend = .openai }, refused) { model, stub in
            for _ in 0..<3 { #expect(await model.hear().text == Recorded.text) }
            #expect(stub.count("/v1/chat/completions") == 4)
        }
    }

    @Test(arguments: Speech.all)
    func `thinking that never began is not shown again`(_ speech: Speech) async throws {
        try await withStub({ $0.backend = speech.backend }) { model, stub in
            stub.onChat { _, line in
                line.answer(
                    speech.says("hm ") + speech.says("hm") + speech.says("</think>a") + speech.ends(),
                    speech.type
                )
            }
            let first = await model.hear()
            #expect(first.kind == "interrupted")
            #expect(!first.text.contains("a"))
            #expect(await model.hear().text == "a")
            // A model that thinks no more streams again.
            stub.onChat { _, line in line.answer(speech.says("b") + speech.ends(), speech.type) }
            #expect(await model.hear().text == "b")
            #expect(await model.hear().text == "b")
        }
    }
}
