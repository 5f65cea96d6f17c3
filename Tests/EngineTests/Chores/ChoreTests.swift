import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite struct `A chore` {
    private static let second: UInt64 = 1_000_000_000

    @Test func `without a span runs at every tick, one with a span when it has passed`() async {
        let (often, seldom) = (Counter(), Counter())
        let chores = Chores([
            Chore("often") { often.add() },
            Chore("seldom", every: 10) { seldom.add() },
        ])
        var ran: [Int] = []
        for second in 0..<35 {
            await chores.tick(at: UInt64(second) * Self.second + 5).value
            if seldom.value > ran.count { ran.append(second) }
        }
        #expect(often.value == 35)
        // The start has just done its work: the first turn comes after a span, too.
        #expect(ran == [10, 20, 30])
    }

    @Test func `never runs beside itself, and holds up no other`() async {
        let (begun, other) = (Counter(), Counter())
        let gate = AsyncStream.makeStream(of: Void.self)
        let chores = Chores([
            Chore("slow") {
                begun.add()
                for await _ in gate.stream { break }
            },
            Chore("quick") { other.add() },
        ])
        let first = chores.tick(at: 1)
        var second: UInt64 = 2
        while other.value < 5 {
            await chores.tick(at: second * Self.second).value
            second += 1
        }
        #expect(begun.value == 1)
        gate.continuation.yield()
        await first.value
        let again = chores.tick(at: (second + 1) * Self.second)
        gate.continuation.finish()
        await again.value
        #expect(begun.value == 2)
    }
}

/// A count that several tasks add to.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
