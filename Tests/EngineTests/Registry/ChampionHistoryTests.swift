import TestSupport
import Testing

@testable import Engine

@Suite struct `Where a rollback goes` {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        /// `+3` promotes version 3, `-2` rolls back to 2.
        var moves: [Int]
        var lastGood: Int?
    }

    @Test(arguments: [
        Case(description: "nothing yet", moves: [], lastGood: nil),
        Case(description: "one version", moves: [1], lastGood: nil),
        Case(description: "two versions", moves: [1, 2], lastGood: 1),
        Case(description: "three versions", moves: [1, 2, 3], lastGood: 2),
        Case(description: "back from 3 to 2", moves: [1, 2, 3, -2], lastGood: 1),
        Case(description: "back twice", moves: [1, 2, 3, -2, -1], lastGood: nil),
        Case(description: "back, then a new one", moves: [1, 2, 3, -2, 4], lastGood: 2),
        Case(description: "back twice, then a new one", moves: [1, 2, 3, -2, -1, 4], lastGood: 1),
        Case(description: "back, new, back", moves: [1, 2, 3, -2, 4, -2], lastGood: 1),
        Case(description: "a bad one promoted on purpose is trusted again", moves: [1, 2, -1, 2], lastGood: 1),
        Case(description: "and a later one goes back to it", moves: [1, 2, -1, 2, 3], lastGood: 2),
        Case(description: "straight from 3 to 1", moves: [1, 2, 3, -1], lastGood: nil),
        Case(description: "promoting an old one is no rollback", moves: [1, 2, 3, 1], lastGood: 3),
    ])
    func `is the champion before that was never rolled back from`(history: Case) {
        var champion: Int?
        var moves: [(kind: Move.Kind, from: Int?, to: Int?)] = []
        for move in history.moves {
            moves.append((move < 0 ? .rollback : .promote, champion, abs(move)))
            champion = abs(move)
        }
        #expect(ChampionHistory(moves).lastGood == history.lastGood)
    }

    @Test func `is never the champion itself, nor one that was rolled back from`() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<3_000 {
            var champion: Int?
            var bad: Set<Int> = []
            var seen: Set<Int> = []
            var moves: [(kind: Move.Kind, from: Int?, to: Int?)] = []
            for _ in 0..<generator.below(12) {
                let target = 1 + generator.below(5)
                guard target != champion else { continue }
                let isRollback = generator.below(3) == 0 && seen.contains(target)
                if isRollback, let champion { bad.insert(champion) }
                bad.remove(target)
                moves.append((isRollback ? .rollback : .promote, champion, target))
                champion = target
                seen.insert(target)
                if let lastGood = ChampionHistory(moves).lastGood {
                    #expect(lastGood != champion)
                    #expect(!bad.contains(lastGood))
                    #expect(seen.contains(lastGood))
                }
            }
        }
    }
}
