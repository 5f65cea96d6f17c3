import Testing
import Wire

/// Messages of several lines.
@Suite struct PasteTests {
    private static func messages(_ daemon: FakeDaemon) -> [String?] {
        daemon.requests.map { $0["params"]?["message"]?.string }
    }

    @Test(arguments: [
        ("\u{1B}[200~first\r\tsecond\r\rthird\r\u{1B}[201~", "third", "first\n\tsecond\n\nthird"),
        ("\u{1B}[200~/usr/bin\n/why\u{1B}[201~", "/why", "/usr/bin\n/why"), ("one\u{F}zwölf", "zwölf", "one\nzwölf"),
        ("\u{1B}[200~grüße 日本\u{1B}[201~ end", "end", "grüße 日本 end"),
    ])
    func `pasted lines are one message, and Ctrl-O begins a new line`(
        _ keys: String,
        _ seen: String,
        _ message: String
    ) throws {
        let daemon = try FakeDaemon.usual()
        let state = try daemon.folder.make("state")
        let all = [(after: "> ", type: keys), (seen, "\r"), ("its way.", ""), ("> ", "/quit\r")]
        #expect(try daemon.onTerminal("chat", keys: all, environment: ["XDG_STATE_HOME": state]).code == 0)
        #expect(Self.messages(daemon) == [message])
        // The history has it as one line.
        let again = [(after: "> ", type: "\u{1B}[A\u{1B}[A"), (seen, "\r"), ("its way.", ""), ("> ", "/quit\r")]
        #expect(try daemon.onTerminal("chat", keys: again, environment: ["XDG_STATE_HOME": state]).code == 0)
        #expect(Self.messages(daemon) == [message, message])
    }

    @Test func `quotes begin and end a message of several lines`() throws {
        let daemon = try FakeDaemon.usual()
        let keys = [
            (after: "> ", type: "\"\"\"\r"), ("… ", "/one\r"), ("… ", "  two\r"), ("… ", "\"\"\"\r"), ("its way.", ""),
            ("> ", "\"\"\"a\r"), ("… ", "b\"\"\"\r"), ("its way.", ""), ("> ", "/quit\r"),
        ]
        #expect(try daemon.onTerminal("chat", keys: keys).code == 0)
        #expect(Self.messages(daemon) == ["/one\n  two", "a\nb"])
    }

    @Test(arguments: [
        ("\"\"\"\n/one\n\n  two\n\"\"\"\nthree\n", ["/one\n\n  two", "three"]), ("\"\"\"one\"\"\"", ["one"]),
        ("\"\"\"one\ntwo\"\"\" \n", ["one\ntwo"]), ("\"\"\"\n\"\"\"\nx", ["x"]), ("say \"\"\"", ["say \"\"\""]),
    ])
    func `so they do in a pipe`(_ input: String, _ messages: [String?]) throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.run("chat", input: input).code == 0)
        #expect(Self.messages(daemon) == messages)
    }

    @Test func `quotes that nothing ends are wrong usage, and nothing of them is sent`() throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run("chat", input: "\"\"\"\none\n")
        #expect(outcome.code == 2)
        #expect(daemon.requests.isEmpty)
    }

    @Test func `the terminal is asked for marks at the prompt alone, also where Ctrl-C ends the tool`() throws {
        let daemon = try FakeDaemon.usual()
        let (screen, code) = try daemon.onTerminal("chat", keys: [("> ", "hi\r"), ("its way.", ""), ("> ", "\u{3}")])
        #expect(code == -2)
        let parts = screen.components(separatedBy: "\u{1B}[?2004")
        #expect(parts.dropFirst().map(\.first) == ["h", "l", "h", "l"])
        let dumb = try daemon.onTerminal("chat", keys: [("> ", "/quit\r")], environment: ["TERM": "dumb"])
        #expect(!dumb.screen.contains("2004"))
    }
}

extension String {
    fileprivate func components(separatedBy mark: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let place = rest.firstRange(of: mark) {
            parts.append(rest[..<place.lowerBound])
            rest = rest[place.upperBound...]
        }
        return parts + [rest]
    }
}
