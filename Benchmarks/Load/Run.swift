import CEpoll
import Glibc

/// Drives connections until a number of requests is answered or a time is over.
final class Run {
    enum Length {
        case requests(Int)
        case seconds(Double)
        /// As long as it holds; it is asked every few milliseconds.
        case condition(() -> Bool)
    }

    private typealias End = (issue: Int, time: Int, holds: (() -> Bool)?)

    private let requests: Requests
    private let connections: [Connection]
    private let queue: Int32
    private let timer: Int32
    private var tally = Tally()
    private var issued = 0
    private var events: [epoll_event]
    private static let timerTag = UInt32.max

    init(_ endpoint: Endpoint, requests: Requests, connections count: Int, inFlight: Int) throws {
        self.requests = requests
        // Connecting comes first, because it fails often, and the queue and the timer would stay open.
        connections = try (0..<count).map { _ in
            Connection(try endpoint.connected(), requests: requests, inFlight: inFlight)
        }
        queue = epoll_create1(Int32(EPOLL_CLOEXEC))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        guard queue >= 0, timer >= 0 else { throw explain("cannot make an event queue") }
        events = Array(repeating: epoll_event(), count: count + 1)
    }

    deinit {
        close(queue)
        close(timer)
    }

    /// Runs once; may be called again on the same connections.
    ///
    /// - Parameter rate: requests per second, each timed from when it was due; nil sends as fast as answers come.
    func go(_ length: Length, rate: Double? = nil) throws -> Outcome {
        tally = Tally()
        let first = issued
        let cpu = ownCPU()
        let began = clock()
        let end: End =
            switch length {
            case .requests(let count): (issued + count, Int.max, nil)
            case .seconds(let seconds): (Int.max, began + Int(seconds * 1e9), nil)
            case .condition(let holds): (Int.max, Int.max, holds)
            }
        if let rate {
            watchAll()
            try open(until: end, since: began, rate: rate)
        } else if connections.count == 1, connections[0].underWay == 0, connections[0].freeCount == 1 {
            // One request at a time needs no event queue: the kernel wakes the reader.
            try alone(connections[0], end)
        } else {
            watchAll()
            try closed(end)
        }
        return Outcome(
            tally: tally,
            missing: issued - first - tally.answers,
            seconds: Double(clock() - began) / 1e9,
            requestBytes: requests.meanBytes,
            cpu: ownCPU() - cpu
        )
    }

    private func alone(_ connection: Connection, _ end: End) throws {
        var nextLook = 0
        while issued < end.issue {
            let now = clock()
            guard now < end.time else { return }
            if let holds = end.holds, now >= nextLook {
                guard holds() else { return }
                nextLook = now + 5_000_000
            }
            connection.enqueue(sequence: issued, at: now)
            issued += 1
            try connection.flush()
            while connection.underWay > 0 {
                try connection.receive(&tally)
                if connection.underWay > 0, clock() - now > 10_000_000_000 { return }
            }
        }
    }

    private func closed(_ end: End) throws {
        for connection in connections { try fill(connection, end) }
        while connections.contains(where: { $0.underWay > 0 }) {
            let count = wait(milliseconds: 10_000)
            // After ten seconds without one answer, the missing ones will not come.
            if count == 0 { return }
            for index in 0..<count {
                let connection = connections[Int(events[index].data.u32)]
                if events[index].events & ~EPOLLOUT.rawValue != 0 { try connection.receive(&tally) }
                try fill(connection, end)
            }
        }
    }

    private func fill(_ connection: Connection, _ end: End) throws {
        if connection.freeCount > 0, issued < end.issue, case let now = clock(), now < end.time {
            while connection.freeCount > 0, issued < end.issue {
                connection.enqueue(sequence: issued, at: now)
                issued += 1
            }
        }
        try flush(connection)
    }

    private func open(until end: End, since began: Int, rate: Double) throws {
        let first = issued
        var turn = 0
        var lastAnswer = began
        while true {
            let now = clock()
            var due = began + Int(Double(issued - first) / rate * 1e9)
            var isFull = false
            while due <= now, due < end.time, issued < end.issue {
                guard let connection = nextFree(&turn) else {
                    isFull = true
                    break
                }
                connection.enqueue(sequence: issued, at: due)
                try flush(connection)
                issued += 1
                due = began + Int(Double(issued - first) / rate * 1e9)
            }
            let isOver = due >= end.time || issued >= end.issue
            if isOver, !connections.contains(where: { $0.underWay > 0 }) { return }
            if !isOver, !isFull { arm(due) }
            let answers = tally.answers
            for index in 0..<wait(milliseconds: 1_000) where events[index].data.u32 != Self.timerTag {
                let connection = connections[Int(events[index].data.u32)]
                if events[index].events & ~EPOLLOUT.rawValue != 0 { try connection.receive(&tally) }
                try flush(connection)
            }
            if tally.answers > answers { lastAnswer = clock() }
            if clock() - lastAnswer > 10_000_000_000 { return }
        }
    }

    private func nextFree(_ turn: inout Int) -> Connection? {
        for _ in connections.indices {
            turn = turn + 1 == connections.count ? 0 : turn + 1
            if connections[turn].freeCount > 0 { return connections[turn] }
        }
        return nil
    }

    // MARK: The event queue

    private var isWatching = false

    private func watchAll() {
        guard !isWatching else { return }
        isWatching = true
        for (index, connection) in connections.enumerated() {
            setNonblocking(connection.descriptor)
            control(EPOLL_CTL_ADD, connection.descriptor, tag: UInt32(index), interest: EPOLLIN.rawValue)
        }
        control(EPOLL_CTL_ADD, timer, tag: Self.timerTag, interest: EPOLLIN.rawValue)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, tag: UInt32, interest: UInt32) {
        var event = epoll_event(events: interest, data: epoll_data_t(u32: tag))
        epoll_ctl(queue, operation, descriptor, &event)
    }

    private func flush(_ connection: Connection) throws {
        try connection.flush()
        guard connection.isBlocked != connection.watchesRoom else { return }
        connection.watchesRoom = connection.isBlocked
        guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
        let interest = connection.isBlocked ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue
        control(EPOLL_CTL_MOD, connection.descriptor, tag: UInt32(index), interest: interest)
    }

    private func arm(_ due: Int) {
        var setting = itimerspec()
        setting.it_value = timespec(tv_sec: due / 1_000_000_000, tv_nsec: due % 1_000_000_000)
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    private func wait(milliseconds: Int32) -> Int {
        let count = Int(epoll_wait(queue, &events, Int32(events.count), milliseconds))
        guard count > 0 else { return errno == EINTR && count < 0 ? 0 : max(count, 0) }
        for index in 0..<count where events[index].data.u32 == Self.timerTag {
            var expirations = UInt64(0)
            _ = read(timer, &expirations, MemoryLayout<UInt64>.size)
        }
        return count
    }
}

struct Outcome {
    var tally: Tally
    /// Requests that were never answered.
    var missing: Int
    var seconds: Double
    var requestBytes: Double
    /// The processor time of this process, in seconds.
    var cpu: Double

    var isClean: Bool { missing == 0 && tally.strays == 0 && tally.errors.isEmpty }

    func report() -> Report {
        var report = Report()
        report.add("answers", tally.answers)
        report.add("seconds", seconds)
        report.add("rate", Double(tally.answers) / seconds, places: 0)
        report.add(tally.times)
        report.add("errors", counts: tally.errors)
        report.add("missing", missing)
        report.add("strays", tally.strays)
        report.add("request_bytes", requestBytes, places: 0)
        report.add("answer_bytes", Double(tally.answerBytes) / Double(max(1, tally.answers)), places: 0)
        report.add("load_cpu", cpu / seconds, places: 2)
        return report
    }
}
