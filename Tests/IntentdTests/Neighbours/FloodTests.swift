import Glibc
import Testing
import Wire

/// One user with many connections and no patience.
@Suite(.serialized, .enabled(if: Files.exists("/usr/bin/nc")))
struct `A flood of one user` {
    /// As the user `nobody` where we may become somebody else.
    private static let isRoot = getuid() == 0 && Files.exists("/usr/bin/setpriv")

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
            for i in $(seq 64); do
                (while [ -e "$1/on" ]; do nc -N -U "$0" <"$1/requests" >/dev/null; done) &
            done
            wait
            """
        let user = Self.isRoot ? ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
        let command = user + ["/bin/sh", "-c", script, daemon.socket, root.file("flood")]
        let folder = root.file("flood-run")
        try Files.makeFolder(folder)
        let flood = try Child(command[0], Array(command.dropFirst()), folder: folder)
        defer { Files.remove(root.file("flood/on")) }
        #expect(Patience.until(10) { daemon.vitals.descriptors >= base.descriptors + 60 })
        let watch = MemoryWatch(daemon)
        var waits: (predict: [Double], status: [Double]) = ([], [])
        let end = Patience.now + 4
        while Patience.now < end {
            let asked = Patience.now
            #expect(try client.call("predict", ["text": "refund me"])["model"] == 1)
            let then = Patience.now
            #expect(try admin.call("status")["role"] == "admin")
            waits.predict.append(then - asked)
            waits.status.append(Patience.now - then)
            usleep(5_000)
        }
        let growth = try watch.growth()
        Files.remove(root.file("flood/on"))
        for (name, waits) in [("predict", waits.predict), ("status", waits.status)] {
            let all = waits.sorted()
            let (middle, late) = (all[all.count / 2], all[all.count * 99 / 100])
            Figures.note("\(name) in a flood of \(method)", "p50 \(middle), p99 \(late), max \(all[all.count - 1]) s")
        }
        // The flood's own 64 processes want the processors too: what is bounded is the usual case, and that all end.
        #expect(waits.predict.allSatisfy { $0 < 10 })
        #expect(waits.status.allSatisfy { $0 < 10 })
        #expect(waits.status.sorted()[waits.status.count / 2] < 1)
        Figures.note("in a flood of \(method), memory", "\(growth) KiB")
        // 64 budgets of one mebibyte each, and what is on its way.
        #expect(growth <= 128 << 10)
        #expect(flood.wait(within: 30) != nil)
        #expect(try daemon.recovers(to: base, memory: 20 << 10))
    }
}
