import Glibc

extension Commands {
    /// How long a command takes as a whole, from exec to exit, and what it needed.
    static func exec(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: ["runs"], flags: ["json"])
        var times = Histogram()
        var cpu = 0.0
        var peak = 0
        var failures = 0
        let runs = max(1, try options.integer("runs") ?? 5)
        for _ in 0..<runs {
            let began = clock()
            let end = try Child(options.command).end()
            times.record(clock() - began)
            cpu += end.cpu / Double(runs)
            peak = max(peak, end.peak)
            if end.status != 0 { failures += 1 }
        }
        var report = Report()
        report.add("runs", runs)
        report.add("failures", failures)
        report.add("mean_us", times.mean / 1e3)
        report.add(times)
        report.add("cpu_s", cpu)
        report.add("peak_kb", peak)
        report.show(json: options.has("json"))
        return failures == 0
    }

    /// How long a server takes from exec to its first answer; it is ended with SIGTERM each time.
    static func start(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(
            arguments,
            values: ["runs", "socket", "port", "method", "mode", "texts", "path", "top-k", "timeout"],
            flags: ["json", "http"]
        )
        let endpoint = try Endpoint(options)
        // Once: a client that reads its texts anew at every look keeps a processor from the server.
        let requests = try requests(options)
        let timeout = try options.number("timeout") ?? 60
        var times = Histogram()
        var stops = Histogram()
        for _ in 0..<max(1, try options.integer("runs") ?? 5) {
            let began = clock()
            let child = try Child(options.command)
            defer { child.signal(SIGKILL) }
            while true {
                if let run = try? Run(endpoint, requests: requests, connections: 1, inFlight: 1),
                    let outcome = try? run.go(.requests(1)), outcome.isClean
                {
                    break
                }
                if let end = child.ended() { throw Failure("the server ended with status \(end.status)") }
                guard clock() - began < Int(timeout * 1e9) else { throw Failure("the server does not answer") }
                usleep(200)
            }
            times.record(clock() - began)
            let stopping = clock()
            child.signal(SIGTERM)
            _ = try child.end()
            stops.record(clock() - stopping)
        }
        var report = Report()
        report.add("runs", times.count)
        report.add(times)
        report.add("stop_p50_us", Double(stops.quantile(0.5)) / 1e3)
        report.add("stop_max_us", Double(stops.maximum) / 1e3)
        report.show(json: options.has("json"))
        return true
    }

    /// Answers on one connection, one after the other, while a command runs or for some seconds.
    static func stall(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: runOptions, flags: ["json", "http"])
        let run = try Run(try Endpoint(options), requests: try requests(options), connections: 1, inFlight: 1)
        _ = try run.go(.requests(try options.integer("warmup") ?? 1_000))
        var status: Int32 = 0
        let outcome: Outcome
        if options.command.isEmpty {
            outcome = try run.go(.seconds(try options.number("seconds") ?? 3))
        } else {
            let child = try Child(options.command)
            outcome = try run.go(
                .condition {
                    guard let end = child.ended() else { return true }
                    status = end.status
                    return false
                }
            )
        }
        var report = outcome.report()
        report.add("over_1ms", outcome.tally.times.above(1_000_000))
        report.add("over_5ms", outcome.tally.times.above(5_000_000))
        report.add("command_status", Int(status))
        report.show(json: options.has("json"))
        return outcome.isClean
    }
}
