import TestSupport
import Testing

@testable import Engine

@Suite struct `Where a rollback goes` {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        /// `+3` promotes version 3, `-2` rolls back to 2.
        var moves: [Int]
        var lastGood: Int?
        /// Versions with the bytes of the first of them, whatever their numbers.
        var twins: Set<Int> = []
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
        Case(description: "the same bytes are nowhere to go back to", moves: [1, 2, 3], lastGood: 1, twins: [2, 3]),
        Case(description: "all the same", moves: [1, 2, 3], lastGood: nil, twins: [1, 2, 3]),
        Case(description: "a bad one is bad under each number", moves: [1, 2, -1, 3, 4], lastGood: 3, twins: [2, 4]),
        Case(description: "a bad one's twin was there before", moves: [1, 2, 3, 4, -3], lastGood: 1, twins: [2, 4]),
    ])
    func `is the champion before that was never rolled back from`(history: Case) {
        var champion: Int?
        var moves: [(kind: Move.Kind, from: Int?, to: Int?)] = []
        for move in history.moves {
            moves.append((move < 0 ? .rollback : .promote, champion, abs(move)))
            champion = abs(move)
        }
        let digests = Dictionary(uniqueKeysWithValues: history.twins.map { ($0, "same") })
        #expect(ChampionHistory(moves, digests: digests).lastGood == history.lastGood)
    }

    @Test func `is bad for every version with its bytes, until one is promoted again`() {
        let digests = [1: "a", 2: "b", 3: "b", 4: "c"]
        var moves: [(kind: Move.Kind, from: Int?, to: Int?)] = [
            (.promote, nil, 1), (.promote, 1, 2), (.rollback, 2, 1),
        ]
        #expect(ChampionHistory(moves, digests: digests).bad == [2, 3])
        moves.append((.promote, 1, 3))
        #expect(ChampionHistory(moves, digests: digests).bad == [])
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
