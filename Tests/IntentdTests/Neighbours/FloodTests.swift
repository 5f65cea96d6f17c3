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
    /// What one of them may have under way (`limits.in_flight`).
    private static let inFlight = 128

    /// What the flood was answered: all of its clients write to one pipe, and results are counted there. Refusals are not;
    /// they cost next to nothing.
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

        /// One that is cut by the end of the bytes is not missed.
        private static func results(in bytes: [UInt8], _ count: Int) -> Int {
            let wanted = Array("\"result\"".utf8)
            var (matched, found) = (0, 0)
            for byte in bytes.prefix(count) {
                // Only the quotes stand twice in it: whoever fails at the second one is at the first.
                matched = byte == wanted[matched] ? matched + 1 : byte == wanted[0] ? 1 : 0
                if matched == wanted.count { (matched, found) = (0, found + 1) }
            }
            return found
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
                (while [ -e "$1/on" ]; do nc -N -U "$0" <"$1/requests" >&3; done) &
            done
            wait
            """
        let user = Self.isRoot ? ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
        let command = user + ["/bin/sh", "-c", script, daemon.socket, root.file("flood"), "\(Self.clients)"]
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
        #expect(Patience.until { daemon.vitals.descriptors >= base.descriptors + 60 && answers.count > 1_000 })
        let watch = MemoryWatch(daemon)
        // How many answers the flood got while one was waited for. Seconds would tell how busy the machine is, with 64
        // other processes at least; turns do not.
        var turns: (predict: [Int], status: [Int]) = ([], [])
        let end = Patience.now + 4
        while turns.predict.count < 20 || Patience.now < end {
            let asked = answers.count
            #expect(try client.call("predict", ["text": "refund me"])["model"] == 1)
            let then = answers.count
            #expect(try admin.call("status")["role"] == "admin")
            turns.predict.append(then - asked)
            turns.status.append(answers.count - then)
            usleep(5_000)
        }
        let growth = try watch.growth()
        Files.remove(root.file("flood/on"))
        // Nobody is overtaken by more than all that the flood may have under way, and what had just left.
        for (name, turns) in [("predict", turns.predict), ("status", turns.status)] {
            let all = turns.sorted()
            let (middle, late) = (all[all.count / 2], all[all.count * 99 / 100])
            Figures.note(
                "\(name) in a flood of \(method)",
                "overtaken by p50 \(middle), p99 \(late), max \(all[all.count - 1]) of \(answers.count), \(all.count) rounds"
            )
            #expect(middle < 2 * Self.clients * Self.inFlight, "\(name)")
        }
        Figures.note("in a flood of \(method), memory", "\(growth) KiB")
        // 64 budgets of one mebibyte each, and what is on its way.
        #expect(growth <= 128 << 10)
        #expect(flood.wait() != nil)
        #expect(try daemon.recovers(to: base, memory: 20 << 10))
    }
}
