import Glibc

/// The yardstick: two threads pass messages of given sizes over a pair of Unix sockets, one at a time. No server that
/// is spoken to in this way can be faster.
enum PingPong {
    private final class Echo {
        let descriptor: Int32
        let question: Int
        let answer: Int

        init(_ descriptor: Int32, question: Int, answer: Int) {
            self.descriptor = descriptor
            self.question = question
            self.answer = answer
        }

        func run() {
            var buffer = [UInt8](repeating: 0, count: max(question, answer))
            while receive(descriptor, &buffer, count: question), send(descriptor, &buffer, count: answer) {}
        }
    }

    static func measure(question: Int, answer: Int, seconds: Double) throws -> (times: Histogram, seconds: Double) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw explain("cannot make a pair of sockets")
        }
        let echo = Unmanaged.passRetained(Echo(ends[1], question: question, answer: answer)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Echo>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            echo
        )
        guard status == 0 else { throw Failure("cannot start a thread") }
        defer {
            close(ends[0])
            pthread_join(thread, nil)
            close(ends[1])
        }
        var buffer = [UInt8](repeating: 0, count: max(question, answer))
        var times = Histogram()
        let warm = clock() + 100_000_000
        while clock() < warm { round(ends[0], &buffer, question: question, answer: answer) }
        let began = clock()
        let end = began + Int(seconds * 1e9)
        var last = began
        while last < end {
            round(ends[0], &buffer, question: question, answer: answer)
            let now = clock()
            times.record(now - last)
            last = now
        }
        return (times, Double(last - began) / 1e9)
    }

    private static func round(_ descriptor: Int32, _ buffer: inout [UInt8], question: Int, answer: Int) {
        _ = send(descriptor, &buffer, count: question)
        _ = receive(descriptor, &buffer, count: answer)
    }

    private static func send(_ descriptor: Int32, _ buffer: inout [UInt8], count: Int) -> Bool {
        write(descriptor, &buffer, count) == count
    }

    private static func receive(_ descriptor: Int32, _ buffer: inout [UInt8], count: Int) -> Bool {
        var got = 0
        while got < count {
            let read = recv(descriptor, &buffer, count - got, 0)
            guard read > 0 else { return false }
            got += read
        }
        return true
    }
}

extension Commands {
    static func pingPong(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(
            arguments,
            values: ["request-bytes", "answer-bytes", "seconds"],
            flags: ["json"]
        )
        let question = max(1, try options.integer("request-bytes") ?? 100)
        let answer = max(1, try options.integer("answer-bytes") ?? 200)
        let result = try PingPong.measure(
            question: question,
            answer: answer,
            seconds: try options.number("seconds") ?? 2
        )
        var report = Report()
        report.add("rate", Double(result.times.count) / result.seconds, places: 0)
        report.add(result.times)
        report.add("request_bytes", question)
        report.add("answer_bytes", answer)
        report.show(json: options.has("json"))
        return true
    }
}
