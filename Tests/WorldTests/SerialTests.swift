import Testing

@testable import World

@Suite struct `Work that takes turns` {
    @Test func `is refused where too much of it waits, and taken again afterwards`() async throws {
        let serial = Serial(limit: 3)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await serial.take {
                begin.finish()
                for await _ in gate {}
                return 0
            }
        }
        for await _ in begun {}
        let others = (1...2).map { number in Task { try await serial.take { number } } }
        while serial.waiting < 3 { await Task.yield() }
        await #expect(throws: Serial.Overload()) { _ = try await serial.take { 9 } }
        open.finish()
        #expect(try await first.value == 0)
        for (number, task) in zip(1..., others) { #expect(try await task.value == number) }
        while serial.waiting > 0 { await Task.yield() }
        #expect(try await serial.take { 4 } == 4)
    }

    @Test func `ends with its caller where that is wanted, and is left out if it has not begun`() async throws {
        let serial = Serial()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await serial.take(endsWithCaller: true) {
                begin.finish()
                for await _ in AsyncStream<Void>.makeStream().stream {}
                try Task.checkCancellation()
            }
        }
        for await _ in begun {}
        let second = Task {
            try await serial.take(endsWithCaller: true) {
                Issue.record("it has begun")
                return ()
            }
        }
        while serial.waiting < 2 { await Task.yield() }
        second.cancel()
        first.cancel()
        for task in [first, second] { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(try await serial.take { 4 } == 4)
    }
}
