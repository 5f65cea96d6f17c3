import Glibc
import Patience
import Testing
import Wire

/// One user with many connections and no patience.
@Suite(.serialized, .enabled(if: Files.exists("/usr/bin/nc")))
struct `A flood of one user` {
    /// As the user `nobody` where we may become somebody else.
    private static let isRoot = getuid() == 0 && Files.exists("/usr/bin/setpriv")

    private static let clients = 64
    /// One in so many of them is counted; to count all of them would take a processor of its own.
    private static let sample = 8
    /// What one of them may have under way (`limits.in_flight`).
    private static let inFlight = 128

    /// What the flood was answered: some of its clients write to one pipe, and results are counted there. Refusals are
    /// not; they cost next to nothing.
    private final class Answers: Sendable {
        let descriptor: Int32
        private let counter = Counter()
        private let reader: Background<Bool>

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Connection.Failure(description: "no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let source = ends[0]
            descriptor = ends[1]
            reader = Background { [counter] in
                var bytes = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = read(source, &bytes, bytes.count)
                    if count <= 0 { break }
                    counter.add(Self.results(in: bytes, count))
                }
                close(source)
                return true
            }
        }

        deinit { close(descriptor) }

        /// One that is cut by the end of the bytes does not count.
        private static func results(in bytes: [UInt8], _ count: Int) -> Int {
            bytes.withUnsafeBytes { bytes in
                var (start, found) = (bytes.baseAddress, 0)
                guard let end = start.map({ $0 + count }) else { return 0 }
                while let from = start, let quote = memchr(from, 0x22, end - from) {
                    if end - UnsafeRawPointer(quote) >= 8, memcmp(quote, "\"result\"", 8) == 0 { found += 1 }
                    start = UnsafeRawPointer(quote) + 1
                }
                return found
            }
        }

        var count: Int { counter.count }
    }

    @Test(arguments: ["predict", "status"])
    func `leaves room for another client and for the admin`(method: String) throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let params = method == "predict" ? #","params":{"text":"where is my parcel","top_k":3}"# : ""
        let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)"\#(params)}"# + "\n"
        try root.write(String(repeating: line, count: 2_000), to: "flood/requests")
        try root.write("", to: "flood/on")
        for path in [root.path, root.file("run"), root.file("flood"), root.file("flood/requests")] {
            chmod(path, 0o755)
        }
        chmod(daemon.socket, 0o666)
        let (client, admin) = (try daemon.connect(), try daemon.connect())
        try client.call("predict", ["text": "refund me"])
        try admin.call("status")
        let base = daemon.settled()
        // Each connection sends its lines without waiting; there is always a next one until the file is gone.
        let script = """
            for i in $(seq "$2"); do
                (
                    [ $((i % $3)) = 0 ] || exec 3>/dev/null
                    while [ -e "$1/on" ]; do nc -N -U "$0" <"$1/requests" >&3; done
                ) &
            done
            wait
            """
        let user = Self.isRoot ? ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
        let command =
            user + ["/bin/sh", "-c", script, daemon.socket, root.file("flood"), "\(Self.clients)", "\(Self.sample)"]
        let folder = root.file("flood-run")
        try Files.makeFolder(folder)
        let answers = try Answers()
        let flood = try Child(
            command[0],
            Array(command.dropFirst()),
            folder: folder,
            passing: [answers.descriptor]
        )
        defer { Files.remove(root.file("flood/on")) }
        #expect(Patience.until { daemon.vitals.descriptors >= base.descriptors + 60 && answers.count > 100 })
        let watch = MemoryWatch(daemon)
        // How many answers the flood got while ours were waited for. Seconds would tell how busy the machine is, with 64
        // other processes at least; turns do not.
        var turns = (predict: 0, status: 0)
        var rounds = 0
        let end = Patience.now + 4
        while rounds < 20 || Patience.now < end {
            let asked = answers.count
            #expect(try client.call("predict", ["text": "refund me"])["model"] == 1)
            let then = answers.count
            #expect(try admin.call("status")["role"] == "admin")
            turns.predict += then - asked
            turns.status += answers.count - then
            rounds += 1
            usleep(5_000)
        }
        let growth = try watch.growth()
        Files.remove(root.file("flood/on"))
        // Nobody waits until the flood has had enough. On a quiet machine an answer is overtaken by what the flood may have
        // under way; a busy one adds what the flood gets while this process waits for its turn, which is no limit of
        // ours. So the bound is one that only a client that is left out can reach.
        for (name, turns) in [("predict", turns.predict), ("status", turns.status)] {
            let each = turns * Self.sample / rounds
            Figures.note("\(name) in a flood of \(method)", "overtaken by \(each), in \(rounds) rounds")
            #expect(each < 100 * Self.clients * Self.inFlight, "\(name)")
        }
        Figures.note("in a flood of \(method), memory", "\(growth) KiB")
        // What all clients together may hold (`limits.memory`), and as much again for whatever holds it. How much of that they
        // do is decided by how fast they come to read.
        #expect(growth <= 256 << 10)
        #expect(flood.wait() != nil)
        #expect(try daemon.recovers(to: base, memory: max(20 << 10, growth / 4)))
    }

    @Test func `whoever goes on asking over a limit is read later instead of being refused again and again`() throws {
        let root = try Root.trained()
        try root.write("limits: { deferred_queue: 8 }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try Connection(daemon.socket)
        let count = 400
        let line = #"{"jsonrpc":"2.0","id":1,"method":"explain","params":{"text":"where is my parcel"}}"#
        for _ in 0..<count { try client.send(line) }
        client.closeWriting()
        let answers = try client.rest()
        let refused = answers.filter { $0["error"]?["data"]?["reason"] == "overloaded" }
        #expect(answers.count == count)
        #expect((1..<count / 2).contains(refused.count), "\(refused.count) of \(count) were refused")
        #expect(answers.count { $0["result"] != nil } == count - refused.count)
    }
}
