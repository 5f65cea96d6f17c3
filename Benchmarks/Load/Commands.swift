import Glibc

/// The options that several commands share: where to connect, what to send, how much.
let runOptions: Set = [
    "socket", "port", "method", "mode", "top-k", "path", "texts", "connections", "in-flight", "requests", "seconds",
    "rate", "warmup", "pid", "uid",
]

enum Commands {
    static func run(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: runOptions, flags: ["http", "json", "allow-errors"])
        let requests = try requests(options)
        // The files are read before this, by a user who may; the connections belong to the user who was named.
        if let uid = try options.integer("uid") { try become(uid) }
        let run = try Run(
            try Endpoint(options),
            requests: requests,
            connections: try options.integer("connections") ?? 1,
            inFlight: try inFlight(options)
        )
        if case let warmup = try options.integer("warmup") ?? 0, warmup > 0 { _ = try run.go(.requests(warmup)) }
        let pid = try options.integer("pid")
        let before = try pid.map(ProcessFigures.init)
        let outcome = try run.go(try length(options), rate: try options.number("rate"))
        var report = outcome.report()
        if let pid, let before {
            let after = try ProcessFigures(pid: pid)
            report.add("server_cpu", (after.cpu - before.cpu) / outcome.seconds, places: 2)
            let each = (after.cpu - before.cpu) / Double(max(1, outcome.tally.answers))
            report.add("server_cpu_us_each", each * 1e6, places: 2)
            report.add("rss_kb", after.resident)
        }
        report.show(json: options.has("json"))
        return outcome.isClean || (options.has("allow-errors") && outcome.missing == 0 && outcome.tally.strays == 0)
    }

    static func memory(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: ["pid"], flags: ["json"])
        guard let pid = try options.integer("pid") else { throw Failure("--pid is needed") }
        let figures = try ProcessFigures(pid: pid)
        var report = Report()
        report.add("rss_kb", figures.resident)
        report.add("anonymous_kb", figures.anonymous)
        report.add("pss_kb", figures.proportional)
        report.add("cpu_s", figures.cpu, places: 2)
        report.add("threads", figures.threads)
        report.add("descriptors", figures.descriptors)
        report.show(json: options.has("json"))
        return true
    }

    static func requests(_ options: Options) throws -> Requests {
        let texts = try options["texts"].map(Texts.read) ?? [Array("where is my parcel".utf8)]
        if options.has("http") { return Requests(path: options["path"] ?? "/chat", texts: texts) }
        let method = options["method"] ?? "predict"
        return try Requests(method: method, mode: options["mode"], topK: try options.integer("top-k"), texts: texts)
    }

    private static func inFlight(_ options: Options) throws -> Int {
        let count = try options.integer("in-flight") ?? 1
        guard (1...1024).contains(count) else { throw Failure("--in-flight must be from 1 to 1024") }
        guard count == 1 || !options.has("http") else { throw Failure("HTTP can have only one request in flight") }
        return count
    }

    private static func length(_ options: Options) throws -> Run.Length {
        if let seconds = try options.number("seconds") { return .seconds(seconds) }
        return .requests(try options.integer("requests") ?? 10_000)
    }

    private static func become(_ uid: Int) throws {
        let uid = uid_t(truncatingIfNeeded: uid)
        guard setgroups(0, nil) == 0, setgid(uid) == 0, setuid(uid) == 0 else {
            throw explain("cannot become uid \(uid)")
        }
    }
}
