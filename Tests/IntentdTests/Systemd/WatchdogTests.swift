import Glibc
import Logging
import Synchronization
import Testing
import intentd

@Suite struct `The watchdog` {
    /// Something that answers at once, later, or with a failure.
    private final class Answerer: Sendable {
        private struct State {
            var holds = false
            var failure: String?
            var asked = 0
            var held: [@Sendable (String?) -> Void] = []
        }

        private let state = Mutex(State())

        var asked: Int { state.withLock { $0.asked } }

        var failure: String? {
            get { state.withLock { $0.failure } }
            set { state.withLock { $0.failure = newValue } }
        }

        func hold() { state.withLock { $0.holds = true } }

        func release() {
            let held = state.withLock { state in
                state.holds = false
                defer { state.held = [] }
                return state.held
            }
            for answer in held { answer(nil) }
        }

        func part(_ name: String) -> Watchdog.Part {
            Watchdog.Part(name) { [self] answered in
                let isHeld = state.withLock { state in
                    state.asked += 1
                    if state.holds { state.held.append(answered) }
                    return state.holds
                }
                if !isHeld { answered(failure) }
            }
        }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        var logger: Logger {
            Logger(label: "test") { [self] _ in Handler(lines: self) }
        }

        private struct Handler: LogHandler {
            let lines: Lines
            var logLevel = Logger.Level.info
            var metadata: Logger.Metadata = [:]

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) { lines.lines.withLock { $0.append(event.message.description) } }
        }
    }

    private let loop = Answerer()
    private let database = Answerer()
    private let lines = Lines()
    private let pings = Counter()

    private final class Counter: Sendable {
        private let value = Atomic(0)

        var count: Int { value.load(ordering: .relaxed) }

        func add() { value.add(1, ordering: .relaxed) }
    }

    private var watchdog: Watchdog {
        Watchdog(parts: [loop.part("event loop 0"), database.part("database")], logger: lines.logger) { [pings] in
            pings.add()
        }
    }

    @Test func `pings when everybody has answered`() {
        let watchdog = watchdog
        for _ in 0..<3 { watchdog.round() }
        #expect(pings.count == 3 && loop.asked == 3 && database.asked == 3)
        #expect(lines.all.isEmpty)
    }

    @Test func `does not ping while one hangs, asks it once and says so once`() {
        let watchdog = watchdog
        watchdog.round()
        loop.hold()
        for _ in 0..<5 { watchdog.round() }
        #expect(pings.count == 1 && loop.asked == 2 && database.asked == 2)
        #expect(lines.all == ["The watchdog is not pinged: no answer from event loop 0."])
        loop.release()
        #expect(pings.count == 2)
        watchdog.round()
        #expect(pings.count == 3)
        #expect(lines.all.count == 2)
    }

    @Test func `does not ping while one fails and says so once`() {
        let watchdog = watchdog
        database.failure = "disk I/O error"
        for _ in 0..<3 { watchdog.round() }
        #expect(pings.count == 0 && database.asked == 3)
        #expect(lines.all == ["The watchdog is not pinged: database: disk I/O error."])
        database.failure = nil
        watchdog.round()
        #expect(pings.count == 1 && lines.all.count == 2)
    }
}
