import StubServer
import Testing
import World

@testable import LanguageModel

@Suite struct `The breaker` {
    private let failure = LLM.Failure(.timeout, "why")

    @Test func `opens after five, or after two that were refused`() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.fail(failure, isRefused: false, at: .zero, jitter: 0) }
        #expect(!breaker.isOpen)
        breaker.fail(failure, isRefused: false, at: .zero, jitter: 0)
        #expect(breaker.gate(at: .zero) == .refuse(failure))
        breaker = Breaker()
        breaker.fail(failure, isRefused: true, at: .zero, jitter: 0)
        #expect(breaker.gate(at: .zero) == .pass)
        breaker.fail(failure, isRefused: true, at: .zero, jitter: 0)
        #expect(breaker.isOpen)
    }

    @Test func `counts only failures in a row`() {
        var breaker = Breaker()
        for _ in 0..<20 {
            for _ in 0..<4 { breaker.fail(failure, isRefused: false, at: .zero, jitter: 1) }
            breaker.succeed()
        }
        #expect(!breaker.isOpen)
    }

    @Test func `lets one look, later each time, up to half a minute`() throws {
        var breaker = Breaker()
        var now = Duration.zero
        for _ in 0..<2 { breaker.fail(failure, isRefused: true, at: now, jitter: 1) }
        var pauses: [Double] = []
        for _ in 0..<8 {
            let due = try #require(breaker.due)
            pauses.append((due - now) / .seconds(1))
            #expect(breaker.gate(at: now) == .refuse(failure))
            now = due
            #expect(breaker.gate(at: now) == .probe)
            #expect(breaker.gate(at: now) == .refuse(failure))
            breaker.fail(failure, isRefused: true, at: now, jitter: 1)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
        now = try #require(breaker.due)
        #expect(breaker.gate(at: now) == .probe)
        breaker.close()
        #expect(breaker.gate(at: now) == .pass)
        // What was away has to prove itself.
        breaker.fail(failure, isRefused: false, at: now, jitter: 0)
        #expect(breaker.isOpen)
    }

    @Test func `what looks well and answers nothing is asked less and less`() throws {
        var breaker = Breaker()
        var now = Duration.zero
        for _ in 0..<5 { breaker.fail(failure, isRefused: false, at: now, jitter: 1) }
        var pauses: [Double] = []
        for _ in 0..<6 {
            let due = try #require(breaker.due)
            pauses.append((due - now) / .seconds(1))
            now = due
            #expect(breaker.gate(at: now) == .probe)
            breaker.close()
            breaker.fail(failure, isRefused: false, at: now, jitter: 1)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30])
        now = try #require(breaker.due)
        #expect(breaker.gate(at: now) == .probe)
        breaker.close()
        breaker.succeed()
        for _ in 0..<5 { breaker.fail(failure, isRefused: false, at: now, jitter: 1) }
        #expect(breaker.due == now + .seconds(1))
    }

    @Test func `an LLM that comes back is found`() async throws {
        let stub = try Stub()
        stub.stop()
        let model = try LanguageModel(settings(stub.url) { $0.probeInterval = 0.05 }, jitter: { 0 })
        for _ in 0..<2 { _ = await model.hear() }
        #expect(model.health.isBreakerOpen)
        let again = try Stub(port: stub.port) { $1.answer(Recorded.plain) }
        #expect(await eventually { !model.health.isBreakerOpen && model.health.state == .ready })
        #expect(await model.hear().record != nil)
        await model.shutDown()
        again.stop()
    }
}
