import Glibc
import Patience
import Testing
import Wire

/// Work that leaves the event loops, asked for without a pause.
@Suite(.serialized) struct `Long work of one user` {
    /// 64,800 characters when it is normalised, a little less than a text may have.
    private static let blessings = String(repeating: "\u{FDFA}", count: 3_600)

    private static func line(_ method: String, _ params: JSON) -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
    }

    @Test func `holds no more than a share, and keeps nobody from stopping`() throws {
        let daemon = try DaemonProcess(try .trained())
        let clients = try (0..<2).map { _ in try daemon.connect() }
        for client in clients { try client.call("connection.restrict", ["role": "user"]) }
        let watch = MemoryWatch(daemon)
        for client in clients {
            for _ in 0..<128 { try client.begin("explain", ["text": .string(Self.blessings)]) }
        }
        // What is over the share is refused at once, before the rest is answered.
        let first = try #require(try clients[1].json())
        #expect(first["error"]?["data"]?["reason"] == "overloaded")
        let growth = try watch.growth()
        Figures.note("256 explanations of long texts", "\(growth) KiB")
        #expect(growth <= 256 << 10)
        let began = Patience.now
        #expect(try daemon.stop() == .exit(0))
        // Ten seconds are promised; a busy machine may take a little longer to notice.
        #expect(Patience.now - began < 30)
    }

    @Test func `ends when its client goes`() throws {
        let daemon = try DaemonProcess(try .trained())
        let text = String(repeating: "where is my parcel and my money ", count: 500)
        for _ in 0..<8 {
            let client = try daemon.connect()
            for _ in 0..<16 {
                try client.begin("predict", ["texts": .array([JSON](repeating: .string(text), count: 60))])
            }
            try client.call("status")
        }
        // All of it would take minutes.
        let client = try daemon.connect()
        let other = try client.begin("predict", ["texts": [.string(text)]])
        #expect(try client.answer(other)["result"] != nil)
        #expect(try daemon.stop() == .exit(0))
    }

    /// Somebody who asks from many connections and takes whatever comes.
    private final class Flood {
        private let root: Root
        private let child: Child

        init(_ daemon: DaemonProcess, of line: String, clients: Int) throws {
            root = daemon.root
            try root.write(String(repeating: line + "\n", count: 64), to: "flood/requests")
            try root.write("", to: "flood/on")
            for path in [root.path, root.file("run"), root.file("flood"), root.file("flood/requests")] {
                chmod(path, 0o755)
            }
            chmod(daemon.socket, 0o666)
            let script = """
                for i in $(seq "$2"); do
                    while [ -e "$1/on" ]; do nc -N -U "$0" <"$1/requests" >/dev/null; done &
                done
                wait
                """
            let user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
            let folder = root.file("flood-\(root.nextNumber())")
            try Files.makeFolder(folder)
            child = try Child(
                "/usr/bin/setpriv",
                user + ["/bin/sh", "-c", script, daemon.socket, root.file("flood"), "\(clients)"],
                folder: folder
            )
        }

        func end() {
            Files.remove(root.file("flood/on"))
            _ = child.wait()
        }
    }

    /// The 99th of a hundred of these calls, in milliseconds.
    private static func slowest(_ count: Int, _ call: (Int) throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for number in 0..<count {
            let began = Patience.now
            try call(number)
            times.append((Patience.now - began) * 1_000)
            usleep(2_000)
        }
        return times.sorted()[count * 99 / 100]
    }

    private static let canFlood = getuid() == 0 && Files.exists("/usr/bin/setpriv") && Files.exists("/usr/bin/nc")

    @Test(
        .enabled(if: canFlood),
        arguments: [
            line("explain", ["text": .string(String(repeating: "where is my parcel ", count: 800))]),
            line("predict", ["texts": .array([JSON](repeating: "where is my parcel and my money", count: 1_000))]),
        ]
    )
    func `lets another user and the admin through`(line: String) throws {
        let daemon = try DaemonProcess(try .trained())
        let (user, admin) = (try daemon.connect(), try daemon.connect())
        try user.call("connection.restrict", ["role": "user"])
        var given = 0
        let methods: [(name: String, call: () throws -> Void)] = [
            (
                "feedback.submit",
                {
                    given += 1
                    try user.call("feedback.submit", ["text": .string("box \(given) is late"), "intent": "delivery"])
                }
            ),
            ("chat", { try user.call("chat", ["message": "where is my parcel"]) }),
            ("models.list", { try admin.call("models.list") }), ("feedback.list", { try admin.call("feedback.list") }),
        ]
        for method in methods { for _ in 0..<20 { try method.call() } }
        // A round in which the machine was busy with something else says nothing of the daemon: one that was not is enough.
        var late: [String] = []
        for round in 1...5 {
            late = []
            let quiet = try methods.map { method in try Self.slowest(100) { _ in try method.call() } }
            let flood = try Flood(daemon, of: line, clients: 4)
            usleep(500_000)
            let busy = try methods.map { method in try Self.slowest(100) { _ in try method.call() } }
            flood.end()
            for (index, method) in methods.enumerated() {
                Figures.note(
                    "\(method.name) in round \(round)",
                    "p99 \(quiet[index]) ms quiet, \(busy[index]) ms flooded"
                )
                if busy[index] > 3 * quiet[index] + 50 { late.append(method.name) }
            }
            if late.isEmpty { break }
        }
        #expect(late.isEmpty)
    }
}
