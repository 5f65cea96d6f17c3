import Testing
import World

@Suite struct `Shared work` {
    @Test func `is done once for all who ask while it is under way, and again for the next`() async throws {
        let shared = Shared<Int>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let first = shared.join {
            for await _ in gate {}
            return 1
        }
        let second = shared.join { 2 }
        open.finish()
        #expect(try await first.value == 1)
        #expect(try await second.value == 1)
        #expect(try await shared.join { 3 }.value == 3)
    }

    @Test func `that fails does so for all, and is taken up again`() async throws {
        struct Broken: Error {}
        let shared = Shared<Int>()
        await #expect(throws: Broken.self) { try await shared.join { throw Broken() }.value }
        #expect(try await shared.join { 4 }.value == 4)
    }

    @Test func `goes on as long as one of those who wait is there, and ends with the last`() async throws {
        let shared = Shared<Int>()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let work: @Sendable () async throws -> Int = {
            begin.yield()
            defer { end.finish() }
            for await _ in AsyncStream<Void>.makeStream().stream {}
            try Task.checkCancellation()
            return 1
        }
        let one = Task { try await shared.value(work) }
        for await _ in begun { break }
        let other = Task { try await shared.value { 2 } }
        one.cancel()
        await Task.yield()
        other.cancel()
        for await _ in ended {}
        await #expect(throws: CancellationError.self) { try await one.value }
        #expect(try await shared.value { 3 } == 3)
        _ = try? await other.value
    }
}
