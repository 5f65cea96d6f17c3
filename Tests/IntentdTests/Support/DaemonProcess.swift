import Glibc
import Patience
import Wire

/// `intentd serve` as a child process: started, waited for, stopped, or killed.
final class DaemonProcess {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let root: Root
    let socket: String
    let process: Child

    /// Returns when the socket answers.
    ///
    /// - Parameter shell: the script of a shell that starts it as `"$0" "$@"`.
    convenience init(
        _ root: Root,
        arguments: [String] = [],
        environment: [String: String] = [:],
        shell: String? = nil
    ) throws {
        try self.init(starting: root, arguments: arguments, environment: environment, shell: shell)
        try waitUntilReady()
    }

    /// Returns at once.
    ///
    /// - Parameter openFiles: how many descriptors it may have, for good.
    init(
        starting root: Root,
        arguments: [String] = [],
        socket: String? = nil,
        environment: [String: String] = [:],
        openFiles: Int? = nil,
        shell: String? = nil
    ) throws {
        self.root = root
        self.socket = socket ?? root.socket
        let folder = root.path + "/daemon-\(root.nextNumber())"
        try Files.makeFolder(folder)
        let place = socket.map { ["--socket", $0] } ?? []
        let command = [try Program.path(), "serve", "--root", root.path] + place + arguments
        let script = shell ?? openFiles.map { "ulimit -n \($0) && exec \"$0\" \"$@\"" }
        let wrapper = script.map { ["/bin/sh", "-c", $0] } ?? []
        let all = wrapper + command
        // No test asks an LLM that happens to run on this machine.
        let nobody = ["OLLAMA_API_URL": "http+unix://%2Fnowhere%2Fllm.sock"]
        process = try Child(
            all[0],
            Array(all.dropFirst()),
            folder: folder,
            environment: nobody.merging(environment) { $1 }
        )
    }

    func waitUntilReady() throws {
        let isReady = Patience.until {
            if process.hasEnded { return true }
            return (try? Connection(socket)) != nil
        }
        if process.hasEnded { throw Failure(description: "intentd ended at its start: \(process.errors)") }
        if !isReady { throw Failure(description: "intentd does not answer: \(process.errors)") }
    }

    func connect() throws -> Connection { try Connection(socket) }

    /// SIGTERM, and the end.
    @discardableResult
    func stop() throws -> Child.Ending {
        process.signal(SIGTERM)
        guard let ending = process.wait() else {
            process.signal(SIGKILL)
            throw Failure(description: "intentd does not end: \(process.errors)")
        }
        return ending
    }

    /// kill -9.
    func kill() {
        process.signal(SIGKILL)
        _ = process.wait()
    }

    /// The training child, as soon as there is one. Between its fork and its exec it is still the daemon, which waits for it.
    func trainingChild() throws -> pid_t {
        let child = Patience.wait {
            process.children.first { Files.read("/proc/\($0)/cmdline").contains("\0train\0") }
        }
        guard let child else {
            throw Failure(description: "no training child appeared: \(process.errors)")
        }
        return child
    }

    /// Waits for a job's end and gives it back.
    func job(_ id: String, _ connection: Connection) throws -> JSON {
        let final: Set = ["done", "refused", "failed", "cancelled"]
        var job = JSON.null
        let hasEnded = try Patience.until {
            job = try connection.call("jobs.get", ["job": .string(id)])
            return final.contains(job["state"]?.string ?? "")
        }
        guard hasEnded else { throw Failure(description: "job \(id) does not end") }
        return job
    }

    /// Retrains on one more correction, for the same data would make the same version, and waits for the end.
    func retrainAnew(_ connection: Connection, _ params: JSON = [:]) throws -> JSON {
        try teach(connection)
        return try retrain(connection, params)
    }

    /// Says something that nobody has said before.
    func teach(_ connection: Connection) throws {
        let jobs = try connection.call("jobs.list", ["limit": 1_000])["jobs"]?.array?.count ?? 0
        let text = JSON.string("parcel number \(jobs) is late")
        try connection.call("feedback.submit", ["text": text, "intent": "delivery"])
    }

    /// Retrains and waits for the end.
    func retrain(_ connection: Connection, _ params: JSON = [:]) throws -> JSON {
        let id = try connection.call("retrain", params)["job"]?.string ?? ""
        return try job(id, connection)
    }
}

/// A training child that comes no further until it may, so that it does not end while a test does something else.
final class HeldChild {
    let pid: pid_t
    private var isHeld = true

    init(of daemon: DaemonProcess) throws {
        pid = try daemon.trainingChild()
        kill(pid, SIGSTOP)
    }

    func release() {
        if isHeld { kill(pid, SIGCONT) }
        isHeld = false
    }

    deinit { release() }
}
