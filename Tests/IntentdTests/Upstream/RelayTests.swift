import Glibc
import Patience
import StubServer
import Testing
import Wire

@Suite struct `The daemon and its LLM` {
    @Test(arguments: [("ollama", false), ("ollama", true), ("openai", false), ("openai", true)])
    func `stream through both protocols, over loopback and a Unix socket`(_ backend: String, _ isUnix: Bool) throws {
        let upstream = try Upstream(isUnix: isUnix, backend: backend) { _, line in
            if backend == "openai" {
                line.answer(Recorded.events, "text/event-stream")
            } else {
                line.answer(Recorded.plain)
            }
        }
        let heard = try upstream.ask(Upstream.doubtful, [Member("session", "s")])
        #expect(heard.outcome == "llm")
        #expect(heard.deltas.count > 1)
        #expect(heard.deltas.joined() == Recorded.text)
        #expect(heard.result?["reply"] == .string(Recorded.text))
        let llm = heard.result?["llm"]
        #expect(llm?["backend"] == .string(backend))
        #expect(llm?["prompt_tokens"] == 7)
        #expect(llm?["completion_tokens"] == 3)
        #expect(llm?["left_host"] == false)
        // The second question carries the first.
        #expect(
            try upstream.ask("and now another one, please", [Member("session", "s"), Member("mode", "llm")]).outcome
                == "llm"
        )
        let asked = upstream.stub.requests.last { $0.path.hasSuffix("chat") || $0.path.hasSuffix("completions") }
        let messages = try JSONParser.parse(Array((asked?.body ?? "").utf8))["messages"]?.array ?? []
        #expect(messages.map { $0["role"] } == ["system", "user", "assistant", "user"])
        #expect(messages[1]["content"] == .string(Upstream.doubtful))
        #expect(messages[2]["content"] == .string(Recorded.text))
    }

    @Test func `let go of each other when a client cancels or leaves`() throws {
        let upstream = try Upstream(
            llm: "max_in_flight: 1"
        )
        let ended = Counter()
        upstream.stub.onChat { _, line in
            line.head()
            line.chunk(Recorded.line("some"))
            line.hang()
            ended.add()
        }
        for isCancelled in [true, false] {
            let client = try upstream.daemon.connect()
            let id = try client.begin("chat", ["message": .string(Upstream.doubtful), "stream": true])
            _ = try client.notification { $0.method == "chat.delta" }
            let before = ended.count
            if isCancelled {
                try client.cancel(id)
                #expect(try client.answer(id)["error"]?["data"]?["reason"] == "cancelled")
            } else {
                shutdown(client.descriptor, Int32(SHUT_RDWR))
            }
            #expect(Patience.until { ended.count == before + 1 }, "cancelled \(isCancelled)")
        }
        upstream.stub.onChat { $1.answer(Recorded.plain) }
        // The only permit is free.
        #expect(try upstream.ask().outcome == "llm")
        let errors = try upstream.daemon.root.chatLog.map { try JSONParser.parse(Array($0.utf8))["error"]?.string }
        #expect(errors == ["cancelled", "cancelled", nil])
    }

    @Test func `are shared by users, and who finds no place is told so at once`() throws {
        let upstream = try Upstream(llm: "max_in_flight: 1, max_queued: 1")
        let mayGoOn = Flag()
        upstream.stub.onChat { _, line in
            while !mayGoOn.isSet { line.pause(10) }
            line.answer(Recorded.plain)
        }
        let clients = try (0..<6).map { _ in try upstream.daemon.connect() }
        let ids = try clients.map { try $0.begin("chat", ["message": .string(Upstream.doubtful)]) }
        // Whatever the LLM does, the local path goes on.
        for _ in 0..<100 { #expect(try upstream.ask("where is my parcel").outcome == "local:confident") }
        #expect(Patience.until { clients.count { $0.isReadable(within: 0) } == 4 })
        mayGoOn.set()
        let routes = try zip(clients, ids).map { client, id in
            let result = try client.answer(id)["result"]
            return "\(result?["route"]?.string ?? "") \(result?["reason"]?.string ?? "")"
        }
        #expect(routes.count { $0.hasPrefix("llm") } == 2)
        #expect(routes.count { $0 == "fallback llm_busy" } == 4)
    }

    @Test func `part in time when the daemon stops, and clients hear how it ended`() throws {
        let upstream = try Upstream()
        upstream.stub.onChat { request, line in
            if request.body.contains("some words") {
                line.head()
                line.chunk(Recorded.line("some"))
            }
            line.hang()
        }
        let (one, other) = (try upstream.daemon.connect(), try upstream.daemon.connect())
        let first = try one.begin("chat", ["message": .string(Upstream.doubtful)])
        let second = try other.begin("chat", ["message": "some words, please", "mode": "llm", "stream": true])
        _ = try other.notification { $0.method == "chat.delta" }
        #expect(Patience.until { upstream.stub.count("/api/chat") == 2 })
        #expect(try upstream.daemon.stop() == .exit(0))
        #expect(try one.answer(first)["result"]?["route"] == "fallback")
        #expect(try other.answer(second)["error"]?["data"]?["reason"] == "upstream_interrupted")
    }

    @Test func `know each other by a credential that is shown nowhere`() throws {
        let folder = try Root()
        try folder.write("s3cret-key\n", to: "llm_api_key")
        let upstream = try Upstream(backend: "openai", environment: ["CREDENTIALS_DIRECTORY": folder.path]) {
            $1.answer(Recorded.events, "text/event-stream")
        }
        #expect(try upstream.ask().outcome == "llm")
        let asked = upstream.stub.requests.last { $0.path.hasSuffix("completions") }
        #expect(asked?.headers["authorization"] == "Bearer s3cret-key")
        try upstream.daemon.stop()
        for text in [upstream.daemon.process.errors, upstream.daemon.root.chatLog.joined()] {
            #expect(!text.contains("s3cret"))
        }
    }

    @Test func `go by what a reload says, and a wrong address changes nothing`() throws {
        let upstream = try Upstream()
        let root = upstream.daemon.root
        #expect(try upstream.ask().outcome == "llm")
        try root.write(Upstream.configuration("standin"), to: "deploy/intentd.yaml")
        try upstream.client.call("reload")
        #expect(try upstream.ask().result?["llm"]?["backend"] == "standin")
        #expect(try upstream.client.call("status")["llm"]?["backend"] == "standin")
        try root.write(Upstream.configuration("off"), to: "deploy/intentd.yaml")
        try upstream.client.call("reload")
        #expect(try upstream.ask().outcome == "fallback:llm_off")
        try root.write(Upstream.configuration("ollama"), to: "deploy/intentd.yaml")
        try upstream.client.call("reload")
        #expect(try upstream.ask().outcome == "llm")
    }

    @Test(arguments: ["http://example.org:11434", "ftp://127.0.0.1", "example.org:11434", "127.0.0.1:x"])
    func `never meet by an address that is wrong or elsewhere`(url: String) throws {
        let root = try Root.trained()
        try root.write("llm: { backend: ollama }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(starting: root, environment: ["OLLAMA_API_URL": url])
        #expect(daemon.process.wait() == .exit(1))
        #expect(daemon.process.errors.contains("OLLAMA_API_URL"))
    }

    @Test func `never meet by a configured address that is elsewhere, at a reload either`() throws {
        let root = try Root.trained()
        // An empty variable is none.
        let daemon = try DaemonProcess(root, environment: ["OLLAMA_API_URL": ""])
        let client = try daemon.connect()
        try root.write("llm: { backend: openai, url: \"https://example.org\" }\n", to: "deploy/intentd.yaml")
        #expect(
            try client.refusal("reload")?.message
                == "Nothing was changed: llm.url is on another host; set llm.allow_remote to true if texts may leave this one"
        )
        #expect(try client.call("status")["llm"]?["state"] == "off")
    }

    @Test(arguments: ["/api/generate", "/api/chat", "/api", "/", ""])
    func `meet by the address that other programs use`(path: String) throws {
        let stub = try Stub { $1.answer(Recorded.plain) }
        defer { stub.stop() }
        let root = try Root.trained(threshold: 0.5)
        try root.write(Upstream.configuration("ollama"), to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root, environment: ["OLLAMA_API_URL": stub.url + path])
        #expect(try daemon.connect().call("chat", ["message": .string(Upstream.doubtful)])["route"] == "llm")
    }

    @Test(arguments: ["127.0.0.1:PORT", " localhost:PORT/ ", "0.0.0.0:PORT/api", "HTTP://0.0.0.0:PORT", ":PORT"])
    func `meet by an address as Ollama itself takes it`(address: String) throws {
        let stub = try Stub { $1.answer(Recorded.plain) }
        defer { stub.stop() }
        let root = try Root.trained(threshold: 0.5)
        try root.write(Upstream.configuration("ollama"), to: "deploy/intentd.yaml")
        let url = address.replacing("PORT", with: "\(stub.port)")
        let daemon = try DaemonProcess(root, environment: ["OLLAMA_API_URL": url])
        let answer = try daemon.connect().call("chat", ["message": .string(Upstream.doubtful)])
        #expect(answer["route"] == "llm")
        #expect(answer["llm"]?["left_host"] == false)
    }
}
