import StubServer
import Testing

@testable import LanguageModel

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private func decode(_ first: some AnswerDecoder, _ bytes: [UInt8], cuts: [Int] = []) -> [Piece] {
    var decoder = first
    var pieces: [Piece] = []
    var start = 0
    for end in cuts + [bytes.count] {
        pieces += bytes[start..<end].withUnsafeBytes { decoder.take($0) }
        start = end
    }
    return pieces + decoder.finish()
}

private func ollama(_ text: String) -> [Piece] { decode(OllamaDecoder(), Array(text.utf8)) }

private func openai(_ text: String) -> [Piece] { decode(OpenAIDecoder(), Array(text.utf8)) }

@Suite struct `Decoding an answer` {
    static let ollamaStreams = [
        Recorded.plain,
        Recorded.plain.replacing("\n", with: "\r\n") + "\r\n\r\n",
        Recorded.line("a") + #"{"error":"out of memory"}"# + "\n" + Recorded.end(),
        #"{"error":"first"}"# + "\n",
        Recorded.line("a") + Recorded.end() + Recorded.end("length") + "garbage",
        #"{"message":{"role":"assistant","content":"","thinking":"hmm ✓"},"done":false}"# + "\n"
            + Recorded.end("length"),
        Recorded.line(#"\ud83d\ude00 \"q\" \\ \u0000"#) + "\n\n" + Recorded.line("ü"),
        #"{"message":{"content":"x"},"remote_host":"https://ollama.com","done":false}"# + "\n" + Recorded.end(),
        "<html>\n<body>", Recorded.line("a") + "[1]\n", "",
        #"{"message":{"tool_calls":[{"function":{"name":"f","arguments":{}}}],"content":""},"done":false}"# + "\n",
        "\u{FEFF}" + Recorded.plain.replacing("\n", with: "\r"),
        "{\r\n \"message\": {\r\n\r\n\"content\": \"a}{\\\"\"},\n\"done\":true}\r\n",
        Recorded.line(#"\ud83d|\ude00|\ud83d\ude00"#) + #"{"detail":"boom"}"#,
    ]
    static let openaiStreams = [
        Recorded.events, Recorded.events.replacing("\n", with: "\r\n"),
        Recorded.event("a") + #"data: {"error":{"message":"boom","type":"api_error"}}"# + "\n\n",
        #"{"error":{"message":"bare"}}"# + "\n", "data: [DONE]\n\ndata: [DONE]\n\n" + Recorded.event("late"),
        "event: message\nid: 1\nretry: 5\n:c\ndata:{\"choices\":[{\"delta\":\ndata: {\"content\":\"two lines\"}}]}\n\n",
        Recorded.event("a") + #"data: {"choices":[{"delta":{"content":"ß"},"finish_reason":"length"}]}"#,
        #"data: {"choices":[{"delta":{"reasoning_content":"hmm","content":null}}]}"# + "\n\ndata: [DONE]\n\n",
        "data: nonsense\n\n", "<html>\n", "",
        "\u{FEFF}" + Recorded.events.replacing("\n", with: "\r"),
        "{\n\"choices\": [\r\n{\"message\":{\"content\":\"a}{\\\"\"},\n\n\"finish_reason\":\"stop\"}]}",
        Recorded.events.replacing("\n\n", with: "\n"), Recorded.event("a") + "event: error\r\ndata: boom\r\n\r\n",
        Recorded.event(#"\ud83d|\ude00|\ud83d\ude00"#) + "oops\n",
    ]

    @Test(arguments: [true, false])
    func `makes no difference by how the bytes are cut`(_ isOllama: Bool) {
        var random = Seeded(state: 20_261_124)
        let streams = (isOllama ? Self.ollamaStreams : Self.openaiStreams).map { Array($0.utf8) }
        let whole = streams.map { isOllama ? decode(OllamaDecoder(), $0) : decode(OpenAIDecoder(), $0) }
        for round in 0..<10_000 {
            let index = round % streams.count
            let bytes = streams[index]
            let count = Int.random(in: 0...min(bytes.count, 12), using: &random)
            let cuts = (0..<count).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let pieces =
                isOllama ? decode(OllamaDecoder(), bytes, cuts: cuts) : decode(OpenAIDecoder(), bytes, cuts: cuts)
            guard pieces == whole[index] else {
                Issue.record("stream \(index) cut at \(cuts): \(pieces)")
                return
            }
        }
    }

    @Test func `takes Ollama's lines`() {
        let ending = AnswerSummary(promptTokens: 7, completionTokens: 3, reason: "stop")
        #expect(ollama(Recorded.plain) == [.text("Héllo"), .text(" wörld 👩‍👩‍👧"), .text("!"), .done(ending)])
        #expect(ollama(Recorded.line("a") + Recorded.end() + Recorded.end() + "xyz") == [.text("a"), .done(ending)])
        #expect(ollama(Recorded.line("a")) == [.text("a")])
        #expect(ollama(#"{"error":"first"}"#) == [.error("first")])
        #expect(
            ollama(Recorded.line("a") + #"{"error":"x"}"# + "\n" + Recorded.line("b")) == [.text("a"), .error("x")]
        )
        #expect(ollama(Self.ollamaStreams[5]).count == 1)
        #expect(ollama(Self.ollamaStreams[11]) == [])
        guard case .error = ollama("<html>\n").first else { return #expect(Bool(false), "a page is an error") }
    }

    @Test func `takes OpenAI's events`() {
        let ending = AnswerSummary(promptTokens: 7, completionTokens: 3, reason: "stop")
        #expect(openai(Recorded.events) == [.text("Héllo"), .text(" wörld 👩‍👩‍👧"), .text("!"), .done(ending)])
        #expect(openai(Recorded.events.replacing("\n", with: "\r\n")) == openai(Recorded.events))
        #expect(openai(Self.openaiStreams[2]) == [.text("a"), .error("boom")])
        #expect(openai(Self.openaiStreams[3]) == [.error("bare")])
        #expect(openai(Self.openaiStreams[5]) == [.text("two lines")])
        #expect(openai(Self.openaiStreams[6]) == [.text("a"), .text("ß"), .done(AnswerSummary(reason: "length"))])
        #expect(openai(Self.openaiStreams[7]) == [.done(AnswerSummary())])
        #expect(openai(Recorded.event("a")) == [.text("a")])
    }

    @Test(arguments: ["-1", "1e3", "1099511627777", "9223372036854775807", "99999999999999999999", "\"3\"", "null"])
    func `believes no count that nothing can have`(_ count: String) {
        let line = #"{"message":{"content":""},"done":true,"prompt_eval_count":\#(count),"eval_count":\#(count)}"#
        #expect(ollama(line) == [.done(AnswerSummary())])
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":\#(count),"completion_tokens":\#(count)}}"#
        #expect(openai(usage + "\n\ndata: [DONE]\n\n") == [.done(AnswerSummary())])
    }

    @Test func `names the host that it was relayed to`() {
        var decoder = OllamaDecoder()
        let bytes = Array(Self.ollamaStreams[7].utf8)
        _ = bytes.withUnsafeBytes { decoder.take($0) }
        #expect(decoder.remoteHost == "https://ollama.com")
    }

    @Test func `keeps no line without an end`() {
        let long = [UInt8](repeating: 0x61, count: 8 << 20)
        #expect(decode(OllamaDecoder(), long) == [.error("a line is longer than 1048576 bytes")])
        #expect(decode(OpenAIDecoder(), Array("data: ".utf8) + long) == [.error("a line is longer than 1048576 bytes")])
        let many = String(repeating: "data: \(String(repeating: "a", count: 1_000))\n", count: 1_100)
        #expect(openai(many) == [.error("an event is longer than 1048576 bytes")])
    }
}
