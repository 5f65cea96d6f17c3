import Patience
import StubServer
import Testing
import Wire

@Suite struct `What an LLM says` {
    private static let words = #"model requires more system memory (5.6 GiB)\u001b[31m\nAug 1 root: all is well"#
    private static let shown = #"model requires more system memory (5.6 GiB)\u{1b}[31m Aug 1 root: all is well"#

    @Test(arguments: ["ollama", "openai"])
    func `about its trouble reaches the journal once, an admin and status, and is told as a failure`(
        backend: String
    ) throws {
        let upstream = try Upstream(backend: backend) { $1.reply(500, #"{"error":"\#(Self.words)"}"#) }
        for _ in 0..<6 {
            let heard = try upstream.ask()
            #expect(heard.outcome == "fallback:llm_error")
            #expect(heard.result?["llm_error"] == .string(Self.shown))
        }
        let status = try upstream.client.call("status")
        #expect(status["role"] == "admin")
        #expect(status["llm"]?["state"] == "failing")
        #expect(status["llm"]?["llm_error"] == .string(Self.shown))
        let isDegraded = try Patience.until {
            try upstream.client.call("status")["degraded"]?.array?.contains { $0["feature"] == "llm" } == true
        }
        #expect(isDegraded)
        try upstream.daemon.stop()
        let journal = upstream.daemon.process.errors.split(separator: "\n")
        #expect(journal.count { $0.contains("requires more system memory") } == 1)
        #expect(!journal.contains { $0.hasPrefix("Aug 1") })
        #expect(!upstream.daemon.root.chatLog.joined().contains("system memory"))
    }

    @Test(arguments: ["ollama", "openai"])
    func `while it thinks is neither streamed nor remembered nor logged`(backend: String) throws {
        let isOllama = backend == "ollama"
        let says: @Sendable (String) -> String = { isOllama ? Recorded.line($0) : Recorded.event($0) }
        let end = isOllama ? Recorded.end() : Recorded.eventEnd()
        let stream =
            says("<th") + says("ink>a secret th") + says("ought</think>") + says(#"\n\nIt is "#) + says("so.") + end
        let upstream = try Upstream(backend: backend) {
            $1.answer(stream, isOllama ? "application/x-ndjson" : "text/event-stream")
        }
        let heard = try upstream.ask(Upstream.doubtful, [Member("session", "s")])
        #expect(heard.outcome == "llm")
        #expect(heard.deltas.joined() == "It is so.")
        #expect(heard.result?["reply"] == "It is so.")
        let turns = try upstream.client.call("sessions.show", ["session": "s"])["turns"]
        #expect(turns?[0]?["reply"] == "It is so.")
        _ = try upstream.ask("and now another one, please", [Member("session", "s"), Member("mode", "llm")])
        #expect(!upstream.stub.requests.contains { $0.body.contains("secret") })
        #expect(!upstream.daemon.root.chatLog.joined().contains("secret"))
    }
}
