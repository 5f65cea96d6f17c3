import Glibc

extension Commands {
    /// Holds connections that say nothing, or have had one answer, and tells what they cost.
    static func idle(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(
            arguments,
            values: ["socket", "port", "connections", "pid", "seconds", "method", "mode", "texts", "top-k"],
            flags: ["ask", "json"]
        )
        let count = try options.integer("connections") ?? 10_000
        let endpoint = try Endpoint(options)
        let requests = try requests(options)
        let pid = try options.integer("pid")
        let prober = try Run(endpoint, requests: requests, connections: 1, inFlight: 1)
        _ = try prober.go(.requests(1_000))
        let before = try pid.map(ProcessFigures.init)
        let began = clock()
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        for _ in 0..<count { held.append(try endpoint.connected()) }
        if options.has("ask") { try ask(held, requests) }
        _ = try prober.go(.requests(1))
        let opening = clock() - began
        sleep(1)
        let refused = held.filter { descriptor in
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0
        }
        let after = try pid.map(ProcessFigures.init)
        let probe = try prober.go(.requests(5_000))
        var report = Report()
        report.add("connections", count - refused.count)
        report.add("refused", refused.count)
        report.add("open_ms", Double(opening) / 1e6)
        if let before, let after {
            report.add("rss_before_kb", before.resident)
            report.add("rss_after_kb", after.resident)
            report.add("rss_growth_kb", after.resident - before.resident)
        }
        report.add(probe.tally.times, prefix: "probe_")
        report.show(json: options.has("json"))
        fflush(nil)
        if let seconds = try options.number("seconds") {
            usleep(UInt32(seconds * 1e6))
        } else {
            while getchar() != EOF {}
        }
        return refused.isEmpty && probe.isClean
    }

    private static func ask(_ descriptors: [Int32], _ requests: Requests) throws {
        for (index, descriptor) in descriptors.enumerated() {
            // The connection closes its descriptor, and this one is not its own.
            let connection = Connection(dup(descriptor), requests: requests, inFlight: 1)
            var tally = Tally()
            connection.enqueue(sequence: index, at: clock())
            try connection.flush()
            while connection.underWay > 0 { try connection.receive(&tally) }
        }
    }

    /// Asks and asks and never reads.
    static func deaf(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(
            arguments,
            values: ["socket", "port", "seconds", "pid", "method", "mode", "texts", "top-k"],
            flags: ["json"]
        )
        let requests = try requests(options)
        let duration = try options.number("seconds") ?? 12
        guard let pid = try options.integer("pid") else { throw Failure("--pid is needed: this is about memory") }
        let before = try ProcessFigures(pid: pid)
        let descriptor = try Endpoint(options).connected()
        defer { close(descriptor) }
        setNonblocking(descriptor)
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: requests.longest)
        defer { block.deallocate() }
        let began = clock()
        var (sent, sequence, peak, nextLook, closedAfter) = (0, 0, before.resident, began, -1.0)
        var (filled, written) = (0, 0)
        while closedAfter < 0, case let now = clock(), now - began < Int(duration * 1e9) {
            if now >= nextLook {
                peak = max(peak, try ProcessFigures(pid: pid).resident)
                nextLook = now + 5_000_000
            }
            if written == filled {
                filled = requests.write(id: Requests.idBase + sequence, to: block)
                (written, sequence) = (0, sequence + 1)
            }
            let count = send(descriptor, block + written, filled - written, Int32(MSG_NOSIGNAL))
            if count > 0 {
                written += count
                sent += count
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 5)
            } else if errno != EINTR {
                closedAfter = Double(now - began) / 1e9
            }
        }
        let after = try ProcessFigures(pid: pid)
        var report = Report()
        report.add("sent_bytes", sent)
        report.add("requests", sequence)
        report.add("closed_after_s", closedAfter, places: 1)
        report.add("rss_before_kb", before.resident)
        report.add("rss_peak_kb", peak)
        report.add("rss_after_kb", after.resident)
        report.add("rss_growth_kb", peak - before.resident)
        report.show(json: options.has("json"))
        return true
    }

    /// How fast `status` is answered while another process asks as fast as it can. It is asked at a steady pace and
    /// timed from when it was due, so that a long wait counts for all who would have come meanwhile.
    static func flood(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: runOptions, flags: ["json"])
        let duration = try options.number("seconds") ?? 5
        let endpoint = try Endpoint(options)
        let status = try Requests(method: "status", mode: nil, topK: nil, texts: [[]])
        let run = try Run(endpoint, requests: status, connections: 1, inFlight: 128)
        let rate = try options.number("rate") ?? 500
        _ = try run.go(.requests(500))
        let quiet = try run.go(.seconds(1), rate: rate)
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw explain("cannot make a pipe") }
        let own = CommandLine.arguments[0]
        let child = try Child(try floodCommand(own, options, seconds: duration), output: pipe[1])
        close(pipe[1])
        usleep(500_000)
        let flooded = try run.go(.seconds(max(0.5, duration - 1)), rate: rate)
        let report = try text(pipe[0])
        _ = try child.end()
        var result = Report()
        result.add(quiet.tally.times, prefix: "quiet_")
        result.add(flooded.tally.times)
        result.add("answers", flooded.tally.answers)
        result.add("missing", flooded.missing)
        result.add("flood", json: report)
        result.show(json: options.has("json"))
        return flooded.isClean && report.hasPrefix("{")
    }

    private static func floodCommand(_ own: String, _ options: Options, seconds duration: Double) throws -> [String] {
        var command = [own, "run", "--json", "--allow-errors", "--seconds", "\(duration)"]
        for name in ["socket", "port", "method", "mode", "texts", "top-k", "uid"] {
            if let value = options[name] { command += ["--\(name)", value] }
        }
        command += ["--connections", options["connections"] ?? "64", "--in-flight", options["in-flight"] ?? "16"]
        return command
    }

    private static func text(_ descriptor: Int32) throws -> String {
        defer { close(descriptor) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(descriptor, &block, block.count), count > 0 { text += block[..<count] }
        return String(String(decoding: text, as: UTF8.self).prefix { $0 != "\n" })
    }
}
