import Glibc
import Patience
import Testing
import Wire

/// A socket that somebody else made and listens on: descriptor 3 and the variables of sd_listen_fds(3).
@Suite struct `A passed socket` {
    private let root: Root

    init() throws { root = try Root.trained() }

    private var path: String { root.file("passed.sock") }

    private func listening(_ path: String, _ type: __socket_type = SOCK_STREAM) throws -> Int32 {
        let descriptor = try ServiceManager.bound(path, Int32(type.rawValue))
        if type == SOCK_STREAM { listen(descriptor, 16) }
        return descriptor
    }

    /// - Parameter sockets: take the numbers 3 and up.
    private func start(_ sockets: [Int32], names: String, arguments: [String] = []) throws -> Child {
        let folder = root.file("passed-\(root.nextNumber())")
        try Files.makeFolder(folder)
        return try Child(
            "/bin/sh",
            ["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\"", try Program.path(), "serve", "--root", root.path] + arguments,
            folder: folder,
            environment: ["LISTEN_FDS": "\(sockets.count)", "LISTEN_FDNAMES": names],
            passing: sockets
        )
    }

    private func stop(_ child: Child) {
        child.signal(SIGTERM)
        #expect(child.wait() == .exit(0))
    }

    @Test func `is served, and stays when the daemon goes`() throws {
        let socket = try listening(path)
        defer { close(socket) }
        for _ in 0..<2 {
            // Before anybody serves: it waits.
            let client = try Connection(path)
            let id = try client.begin("status")
            let daemon = try start([socket], names: "intentd")
            #expect(try client.answer(id)["result"]?["champion"] == 1)
            #expect(!Files.exists(root.socket))
            stop(daemon)
            #expect(Files.exists(path))
        }
    }

    @Test func `wins over the place that was named`() throws {
        let socket = try listening(path)
        defer { close(socket) }
        let daemon = try start([socket], names: "intentd", arguments: ["--socket", root.file("other.sock")])
        #expect(try Connection(path).call("status")["champion"] == 1)
        #expect(!Files.exists(root.file("other.sock")))
        stop(daemon)
    }

    @Test func `goes by its name, whatever its number`() throws {
        let sockets = [try listening(root.file("foreign.sock")), try listening(path)]
        defer { for socket in sockets { close(socket) } }
        let daemon = try start(sockets, names: "foreign:intentd")
        #expect(try Connection(path).call("status")["champion"] == 1)
        #expect(daemon.errors.contains("descriptor 3 is closed: its name is not intentd"), "\(daemon.errors)")
        stop(daemon)
    }

    @Test(arguments: [
        (SOCK_STREAM, "user", "its name is not intentd"), (SOCK_DGRAM, "intentd", "not a listening Unix stream socket"),
        (SOCK_SEQPACKET, "intentd", "not a listening Unix stream socket"),
    ])
    func `of a wrong name or kind is closed, and the daemon's own place is used`(
        type: __socket_type,
        name: String,
        why: String
    ) throws {
        let socket = try listening(path, type)
        defer { close(socket) }
        let daemon = try start([socket], names: name)
        #expect(Patience.until { (try? Connection(root.socket)) != nil }, "\(daemon.errors)")
        #expect(daemon.errors.contains(why), "\(daemon.errors)")
        stop(daemon)
        #expect(!Files.exists(root.socket) && Files.exists(path))
    }

    @Test func `is no file and no TCP socket either`() throws {
        let internet = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        listen(internet, 1)
        let file = open(root.file("data/intents.csv"), O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [internet, file] { close(descriptor) } }
        let daemon = try start([internet, file], names: "intentd:intentd")
        #expect(Patience.until { (try? Connection(root.socket)) != nil }, "\(daemon.errors)")
        for number in [3, 4] {
            #expect(daemon.errors.contains("descriptor \(number) is closed: it is not a listening"), "\(daemon.errors)")
        }
        stop(daemon)
    }

    @Test func `of another process is not taken`() throws {
        let daemon = try DaemonProcess(root, environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"])
        #expect(try daemon.connect().call("status")["champion"] == 1)
        #expect(try daemon.stop() == .exit(0))
    }
}

@Suite struct `Under systemd` {
    @Test func `the configuration is the one in its folder`() throws {
        let root = try Root.trained()
        try root.write("limits: { in_flight: 33 }\n", to: "etc/intentd.yaml")
        try root.write("limits: { in_flight: 44 }\n", to: "deploy/intentd.yaml")
        let variables = ["CONFIGURATION_DIRECTORY": root.file("etc") + ":/elsewhere"]
        let daemon = try DaemonProcess(root, environment: variables)
        #expect(try daemon.connect().call("status")["limits"]?["in_flight"] == 33)
        try daemon.stop()
        let other = try DaemonProcess(
            root,
            arguments: ["--config", root.file("deploy/intentd.yaml")],
            environment: variables
        )
        #expect(try other.connect().call("status")["limits"]?["in_flight"] == 44)
        try other.stop()
        Files.remove(root.file("etc"))
        let last = try DaemonProcess(root, environment: variables)
        #expect(try last.connect().call("status")["limits"]?["in_flight"] == 128)
        try last.stop()
    }

    @Test func `the log says as much as it is asked to and never what people wrote`() throws {
        let root = try Root.trained()
        for (level, isHeard) in [("debug", true), ("info", false)] {
            let daemon = try DaemonProcess(root, arguments: ["--log-level", level])
            try daemon.connect().call("chat", ["message": "where is my zebra"])
            try daemon.connect().call("reload")
            #expect(daemon.process.errors.contains("Answered by route") == isHeard)
            #expect(daemon.process.errors.contains("method=reload") && daemon.process.errors.contains("result=ok"))
            #expect(!daemon.process.errors.contains("zebra"))
            try daemon.stop()
        }
        let wrong = try DaemonProcess(starting: root, arguments: ["--log-level", "loud"])
        #expect(wrong.process.wait() == .exit(2))
    }
}
