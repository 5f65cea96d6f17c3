import Classifier
import TestSupport
import Testing

/// What is called proven holds, and what is called estimated is about right: measured on fresh texts of the population
/// that the rows came from. `make bench` does the same with ten times as many seeds.
@Suite(.serialized) struct `Claims about texts that nobody has seen` {
    private func tally(_ shape: Honesty.Shape) async throws -> HonestyTally {
        var tally = HonestyTally()
        for seed in 1...20 { tally.add(try await Honesty.measure(shape, seed: UInt64(seed), threads: 2)) }
        return tally
    }

    private func holds(_ tally: HonestyTally) {
        // Nominal are 5 in 100; 4 in 20 is what chance gives in one of a hundred such tests.
        #expect(tally.broken <= 3)
        #expect(tally.farBelow(0.95) <= 0.25)
        #expect(tally.medianOfEstimated >= 0.94)
    }

    @Test func `ten templates for each of eight intents prove nothing`() async throws {
        let tally = try await tally(.practice)
        holds(tally)
        #expect(tally.proven == 0)
    }

    @Test func `a few sentences that are easy to tell apart give an estimate`() async throws {
        let tally = try await tally(.kiosk)
        holds(tally)
        #expect(tally.estimated.count >= 10)
    }

    @Test(arguments: [Honesty.Shape.shop, .bank])
    func `what is right often enough is nearly always proven`(shape: Honesty.Shape) async throws {
        let tally = try await tally(shape)
        holds(tally)
        #expect(tally.proven >= 18)
    }
}
