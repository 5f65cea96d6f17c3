import Glibc
import Patience
import StubServer
import Testing
import Wire

@Suite struct Manners {
    @Test func `the status says where the daemon runs`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let status = try daemon.connect().call("status")
        #expect(status["pid"] == .integer(Int(daemon.process.pid)))
        #expect(status["root"] == .string(root.path))
        #expect(status["socket"] == .string(root.socket))
        #expect(status["configuration"] == .string(root.file("deploy/intentd.yaml")))
    }

    @Test func `an LLM that nobody configured is not missed, and one that was is`() throws {
        let root = try Root.trained(threshold: 0.5)
        // Nothing listens there; the address is what tells a configured one from the usual one.
        for (section, isMissed) in [("", false), ("llm: { url: \"http://127.0.0.1:9\" }\n", true)] {
            try root.write("local: { threshold: 0.5 }\n" + section, to: "deploy/intentd.yaml")
            let daemon = try DaemonProcess(root, environment: ["OLLAMA_API_URL": ""])
            let client = try daemon.connect()
            let llm = try client.call("status")["llm"]
            #expect(llm?["configured"] == .bool(isMissed))
            try #require(llm?["state"] == "unreachable", "another Ollama runs on this machine")
            // The status itself has looked.
            #expect(llm?["age_s"]?.int.map { $0 < 30 } == true)
            if isMissed {
                #expect(
                    try Patience.until {
                        try client.call("status")["degraded"]?.array?.contains { $0["feature"] == "llm" } == true
                    }
                )
            } else {
                _ = try client.call("chat", ["message": "please sing the national anthem of iceland"])
                sleep(2)
                #expect(try client.call("status")["degraded"]?.array?.contains { $0["feature"] == "llm" } == false)
            }
            try daemon.stop()
        }
    }

    @Test func `an intent that is mistyped is asked about, in the words of the tool`() throws {
        let daemon = try DaemonProcess(try .trained())
        let refusal = try daemon.connect().refusal("feedback.submit", ["text": "ship it", "intent": "delivry"])
        #expect(refusal?.reason == "not_found")
        #expect(refusal?.message == "There is no intent \"delivry\" yet. Did you mean delivery?")
    }

    @Test func `an explanation names the runner-up and the scope`() throws {
        let daemon = try DaemonProcess(try .trained())
        let explained = try daemon.connect().call("explain", ["text": "where is my parcel"])
        #expect(explained["in_scope"]?.bool != nil)
        let ranked = explained["alternatives"]?.array ?? []
        #expect(ranked.count >= 2 && ranked[0]["intent"] == explained["intent"])
        #expect((ranked[0]["confidence"]?.double ?? 0) >= (ranked[1]["confidence"]?.double ?? 1))
    }

    @Test func `the test rows that a version gets wrong are listed`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("models.show", ["version": 1])["wrong"] == .null)
        // No model can be right about a sentence that has another's intent.
        try root.write(
            Files.read(root.file("data/intents.csv")) + "where is my parcel please,hours,test\n",
            to: "data/intents.csv"
        )
        let wrong = try #require(try client.call("models.show", ["version": 1, "wrong": true])["wrong"])
        let items = wrong["items"]?.array ?? []
        #expect(wrong["total"] == .integer(items.count))
        #expect(items.contains { $0["text"] == "where is my parcel please" && $0["intent"] == "hours" })
        #expect(items.allSatisfy { $0["got"] != $0["intent"] || $0["in_scope"] == true })
    }

    @Test func `a dry run is called one, while it runs and afterwards`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let job = try daemon.retrain(client, ["dry_run": true])
        #expect(job["dry_run"] == true)
        let earnest = try daemon.retrain(client)
        #expect(earnest["dry_run"] == false)
        #expect(try client.call("jobs.list")["jobs"]?.array?.map { $0["dry_run"] } == [false, true, false])
    }

    @Test func `a command that is mistyped is asked about`() throws {
        let folder = try Root()
        let child = try Child(Program.path(), ["prepre"], folder: folder.path)
        #expect(child.wait() == .exit(2))
        #expect(child.errors == "intentd: There is no command prepre; did you mean intentd prepare?\n")
    }

    @Test func `a root that is not there is made only when asked`() throws {
        let folder = try Root()
        let path = folder.file("new/daemon")
        func serve(_ arguments: [String]) throws -> Child {
            try Child(Program.path(), ["serve", "--root", path] + arguments, folder: folder.path)
        }
        let refused = try serve([])
        #expect(refused.wait() == .exit(1))
        #expect(
            refused.errors
                == "intentd: There is no folder \(path). Make a new one with: intentd serve --root \(path) --create\n"
        )
        #expect(!Files.exists(folder.file("new")))
        let started = try serve(["--create"])
        #expect(Patience.until { Files.exists(path + "/run/intentd.sock") })
        started.signal(SIGTERM)
        #expect(started.wait() == .exit(0))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can be another user"))
    func `a second user of a checkout is told whose it is`() throws {
        let root = try Root.trained()
        chmod(root.path, 0o755)
        let other = try Root()
        chmod(other.path, 0o777)
        let child = try Child(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", try Program.path(), "serve", "--root", root.path,
            ],
            folder: other.path
        )
        #expect(child.wait() == .exit(1))
        #expect(child.errors.contains("\(root.path) belongs to root, and nobody may not write there."))
        #expect(child.errors.contains("intentd serve --root FOLDER --create"))
    }
}
