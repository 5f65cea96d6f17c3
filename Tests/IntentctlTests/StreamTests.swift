import Glibc
import Testing
import Wire

@Suite struct StreamTests {
    private static func delta(_ text: String, _ seq: Int, request: Int = 1) -> FakeDaemon.Step {
        .notification("chat.delta", ["request": .integer(request), "seq": .integer(seq), "text": .string(text)])
    }

    private static func streaming(_ parts: [String], ending last: FakeDaemon.Step) throws -> FakeDaemon {
        try FakeDaemon { _, _, _ in parts.enumerated().map { delta($0.element, $0.offset) } + [last] }
    }

    private static let origin = "\u{1B}[2mlocal · order_status 0.97 · v1 · \(Answers.id)\u{1B}[0m\r\n"

    @Test(arguments: [["It ", "is on", " its way."], ["It is"], ["It is on its way."], []])
    func `on a terminal words appear once, as they come, and then where they came from`(_ parts: [String]) throws {
        let daemon = try Self.streaming(parts, ending: .result(Answers.chat("It is on its way.")))
        let (screen, code) = try daemon.onTerminal("chat", "hi")
        #expect(code == 0)
        #expect(screen == "It is on its way.\r\n" + Self.origin)
        #expect(daemon.requests.first?["params"] == ["message": "hi", "stream": true])
    }

    @Test func `words appear before the answer is whole`() throws {
        let daemon = try FakeDaemon { method, _, _ in
            // The answer comes only after the person has seen the first word and stopped it.
            method == "chat" ? [Self.delta("Hel", 0)] : [.failure(.cancelled)]
        }
        let keys = [(after: "> ", type: "hi\r"), ("Hel", "\u{3}"), ("Stopped.", ""), ("> ", "/quit\r")]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys)
        #expect(code == 0)
        #expect(screen.contains("Hel\r\n\u{1B}[2mStopped.\u{1B}[0m\r\n"))
        #expect(daemon.requests.map { $0["method"] } == ["chat", "request.cancel"])
        #expect(daemon.requests.last?["params"] == ["request": 1])
        #expect(daemon.requests.last?["id"] == nil)
    }

    @Test func `after a stopped answer the chat goes on, and Ctrl-C at the prompt ends it`() throws {
        let daemon = try FakeDaemon { method, _, count in
            switch (method, count) {
            case ("chat", 0): [Self.delta("Hel", 0)]
            case ("chat", _): [Self.delta("It is", 0, request: 2), .result(Answers.chat("It is on its way."))]
            default: [.failure(.cancelled)]
            }
        }
        let keys = [
            (after: "> ", type: "hi\r"), ("Hel", "\u{3}"), ("Stopped.", ""), ("> ", "/retry\r"), ("its way.", ""),
            ("> ", "\u{3}"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys)
        #expect(code == -2)
        #expect(screen.contains("It is on its way.\r\n" + Self.origin))
        #expect(daemon.requests.map { $0["method"] } == ["chat", "request.cancel", "chat"])
        #expect(daemon.requests.last?["params"]?["message"] == "hi")
    }

    @Test(arguments: [[], ["--json"]])
    func `off a terminal and as JSON there is the answer alone`(_ options: [String]) throws {
        let daemon = try Self.streaming(["It is"], ending: .result(Answers.chat("It is on its way.")))
        let outcome = try daemon.run(["chat", "hi"] + options)
        let text = options.isEmpty ? "It is on its way." : Answers.chat("It is on its way.").description
        #expect(outcome.output == text + "\n")
        #expect(daemon.requests.first?["params"]?["stream"] == (options.isEmpty ? true : nil))
    }

    @Test func `off a terminal words come as they are said, and a reader that went away ends the answer`() throws {
        // The answer never comes to its end.
        let daemon = try FakeDaemon { _, _, _ in [Self.delta("Hel", 0), Self.delta("lo", 1)] }
        let (reader, writer) = try Descriptors.pipe()
        let folder = try Folder()
        let log = open(folder.path + "/error", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let child = try Tool.spawn(
            ["chat", "hi"],
            ["INTENTD_SOCKET": daemon.path],
            "/",
            [nothing, writer, log],
            ownGroup: true
        )
        for descriptor in [nothing, writer, log] { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64)
        while bytes.count < 5, case let count = read(reader, &buffer, buffer.count), count > 0 {
            bytes += buffer[..<count]
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "Hello")
        close(reader)
        kill(child, SIGTERM)
        _ = try Tool.wait(for: child)

        let (unread, other) = try Descriptors.pipe()
        close(unread)
        defer { close(other) }
        let outcome = try Tool.run(["chat", "hi"], environment: ["INTENTD_SOCKET": daemon.path], output: other)
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [["a\tb\r\nc\r", "\nd\te"], []])
    func `tabs and carriage returns pass through a pipe, in and out`(_ parts: [String]) throws {
        let reply = "a\tb\r\nc\r\nd\te"
        let daemon = try FakeDaemon { _, _, count in
            parts.enumerated().map { Self.delta($0.element, $0.offset, request: count + 1) }
                + [.result(Answers.chat(reply))]
        }
        let outcome = try daemon.run("chat", input: "x\ty\n\tz\r\n")
        #expect(outcome.output == reply + "\n" + reply + "\n")
        #expect(daemon.requests.map { $0["params"]?["message"] } == ["x\ty", "\tz"])
        #expect(try daemon.run("chat", "--", "\ta\rb ").code == 0)
        #expect(daemon.requests.last?["params"]?["message"] == "\ta\rb ")
    }

    @Test func `as JSON on a terminal there is the answer alone, too`() throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.onTerminal("chat", "hi", "--json").screen == Answers.of("chat").description + "\r\n")
        #expect(daemon.requests.first?["params"] == ["message": "hi"])
    }

    @Test func `control characters of streamed words cannot act, wherever they are cut`() throws {
        let reply = SafetyTests.payloads.joined(separator: " ")
        let parts = reply.unicodeScalars.map { String($0) }
        let daemon = try Self.streaming(parts, ending: .result(Answers.chat(reply)))
        let screen = try daemon.onTerminal("chat", "hi", environment: ["NO_COLOR": "1"]).screen
        #expect(SafetyTests.isHarmless(screen.replacing("\r\n", with: "\n")))
        #expect(screen.contains("\\u{1b}[31mred"))
    }

    @Test func `deltas of another request are not this one's words`() throws {
        let daemon = try FakeDaemon { _, _, _ in
            [Self.delta("stray", 0, request: 99), .result(Answers.chat("It is on its way."))]
        }
        #expect(try daemon.onTerminal("chat", "hi").screen == "It is on its way.\r\n" + Self.origin)
    }

    @Test func `what came before an LLM broke off is shown, then the error`() throws {
        let failure = FakeDaemon.Step.failure(.upstreamInterrupted(partial: "It is on"))
        for parts in [["It is", " on"], ["It is"], []] {
            let (screen, code) = try Self.streaming(parts, ending: failure).onTerminal("chat", "hi")
            #expect(code == 1)
            #expect(screen.hasPrefix("It is on\r\n\u{1B}[31mintentctl:\u{1B}[0m The LLM broke off"))
        }
        let outcome = try Self.streaming([], ending: failure).run("chat", "hi")
        #expect(outcome.code == 1)
        #expect(outcome.output == "It is on\n")
        #expect(outcome.errors.hasPrefix("intentctl: The LLM broke off"))
        let json = try Self.streaming([], ending: failure).run("chat", "hi", "--json")
        #expect(json.json?["error"]?["data"]?["partial"] == "It is on")
        #expect(json.output.filter { $0 == "\n" }.count == 1)
    }

    @Test func `in a chat an answer that broke off can be asked for again`() throws {
        let daemon = try FakeDaemon { _, _, count in
            count == 0 ? [.failure(.upstreamInterrupted(partial: "It"))] : [.result(Answers.of("chat"))]
        }
        let keys = [(after: "> ", type: "hi\r"), ("/retry", ""), ("> ", "/retry\r"), ("way.", ""), ("> ", "/quit\r")]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys)
        #expect(code == 0)
        #expect(screen.contains("Hint: /retry asks it again\r\n"))
        #expect(daemon.requests.compactMap { $0["params"]?["message"]?.string } == ["hi", "hi"])
    }
}
