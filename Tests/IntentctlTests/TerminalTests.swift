import Glibc
import Testing
import Wire

@Suite struct TerminalTests {
    @Test func `an answer on a terminal says where it came from`() throws {
        let (screen, code) = try FakeDaemon.usual().onTerminal("chat", "hi")
        #expect(code == 0)
        #expect(screen == "It is on its way.\r\n\u{1B}[2mlocal · order_status 0.97 · v1 · \(Answers.id)\u{1B}[0m\r\n")
    }

    @Test func `a reason other than confidence is told`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.result(Answers.chat("Hm.", reason: "policy"))] }
        #expect(try daemon.onTerminal("chat", "hi").screen.contains("local (policy) · order_status"))
    }

    @Test func `off a terminal the reply stands alone`() throws {
        let outcome = try FakeDaemon.usual().run("chat", "hi")
        #expect(outcome.output == "It is on its way.\n")
        #expect(outcome.errors.isEmpty)
    }

    static let commands: [[String]] = [
        ["status"], ["models"], ["jobs"], ["history"], ["metrics"], ["explain", "x"], ["feedback", "list"],
        ["jobs", "show", "x"], ["models", "show", "4"], ["promote"], ["predict", "x"], ["chat", "x"], ["experiment"],
        ["session"], ["session", "show", "a"],
    ]

    @Test(arguments: commands)
    func `NO_COLOR and a dumb terminal mean no escapes, a pipe as well`(_ arguments: [String]) throws {
        let daemon = try FakeDaemon.usual()
        for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            let variables = environment.merging(["INTENTD_SOCKET": daemon.path]) { $1 }
            #expect(!(try Terminal.run(arguments, environment: variables).screen.contains("\u{1B}")))
        }
        #expect(!(try daemon.run(arguments).output.contains("\u{1B}")))
    }

    @Test(arguments: commands)
    func `there are colours on a terminal`(_ arguments: [String]) throws {
        let daemon = try FakeDaemon.usual()
        let screen = try Terminal.run(arguments, environment: ["INTENTD_SOCKET": daemon.path, "NO_COLOR": ""]).screen
        #expect(screen.contains("\u{1B}["))
    }

    @Test func `an error is red on a terminal`() throws {
        let screen = try Terminal.run(["status", "--socket", "/nonexistent/s"]).screen
        #expect(screen.hasPrefix("\u{1B}[31mintentctl:\u{1B}[0m The daemon cannot be reached"))
    }

    @Test(arguments: [["history"], ["explain", "x"], ["predict", String(repeating: "long text ", count: 30)]])
    func `a table fits 80 columns`(_ arguments: [String]) throws {
        let long = String(repeating: "日本 and a long story ", count: 20)
        let daemon = try FakeDaemon { method, _, _ in
            switch method {
            case "models.history":
                [
                    .result([
                        "moves": [
                            [
                                "at": .string(Answers.time), "alias": "champion", "from": 3, "to": 4, "uid": 0,
                                "verdict": "pass", "reason": .string(long),
                            ]
                        ]
                    ])
                ]
            case "explain":
                [
                    .result([
                        "intent": "x", "contributions": [["feature": .string(long), "weight": 1]],
                        "nearest": [["text": .string(long), "intent": "order_status", "similarity": 0.5]],
                    ])
                ]
            default: [.result(Answers.of(method))]
            }
        }
        let environment = ["INTENTD_SOCKET": daemon.path, "NO_COLOR": "1"]
        let lines = try Terminal.run(arguments, environment: environment).screen.split(separator: "\r\n")
        #expect(lines.count >= 2)
        for line in lines {
            // Two columns for each of the East Asian ones.
            let width = line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x3000 ? 2 : 1) }
            #expect(width <= 80, "\(line)")
        }
        #expect(lines.contains { $0.contains("…") })
    }
}
