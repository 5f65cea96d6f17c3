import Learning
import Testing
import World

@testable import Engine

/// Who answers and who scores along, for each state of the ledger.
@Suite struct `A lineup` {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var aliases: [Alias: Int] = [:]
        var move: (kind: Move.Kind, from: Int?, to: Int?)?
        var gone: Set<Int> = []
        var watch = 2_000
        var remembered: Lineup.Watching?
        var champion: Int?
        var watched: Int?
        var shadows: [Lineup.Shadow] = []
    }

    private static let noon = Timestamp(microseconds: 1_000_000)
    private static let reign = Lineup.Reign(version: 7, began: noon)

    static let cases: [Case] = [
        Case(testDescription: "of nothing is empty"),
        Case(testDescription: "of a candidate alone has nobody to answer", aliases: [.candidate: 3]),
        Case(
            testDescription: "of a first version has nobody to compare with",
            aliases: [.champion: 7],
            move: (.promote, nil, 7),
            champion: 7
        ),
        Case(
            testDescription: "of a promotion is watched against the champion before",
            aliases: [.champion: 7, .lastGood: 6],
            move: (.promote, 6, 7),
            champion: 7,
            watched: 6,
            shadows: [.init(6, .previous)]
        ),
        Case(
            testDescription: "of a rollback is not watched",
            aliases: [.champion: 7],
            move: (.rollback, 8, 7),
            champion: 7
        ),
        Case(
            testDescription: "without a watch has no shadow",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            watch: 0,
            champion: 7
        ),
        Case(
            testDescription: "whose former champion is gone is not watched",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            gone: [6],
            champion: 7
        ),
        Case(
            testDescription: "with a candidate has it score along",
            aliases: [.champion: 7, .candidate: 8],
            move: (.promote, 6, 7),
            champion: 7,
            watched: 6,
            shadows: [.init(8, .candidate), .init(6, .previous)]
        ),
        Case(
            testDescription: "whose former champion waits again has it once",
            aliases: [.champion: 7, .candidate: 6],
            move: (.promote, 6, 7),
            champion: 7,
            watched: 6,
            shadows: [.init(6, .candidate)]
        ),
        Case(
            testDescription: "whose champion waits has no shadow of itself",
            aliases: [.champion: 7, .candidate: 7],
            move: (.promote, nil, 7),
            champion: 7
        ),
        Case(
            testDescription: "whose watch has ended stays unwatched",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            remembered: .init(reign: reign, previous: nil),
            champion: 7
        ),
        Case(
            testDescription: "of a reign that began without a watch gets none by a reload",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            watch: 500,
            remembered: .init(reign: reign, previous: nil),
            champion: 7
        ),
        Case(
            testDescription: "of a reign that is watched stays so though the watch was switched off",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            watch: 0,
            remembered: .init(reign: reign, previous: 6),
            champion: 7,
            watched: 6,
            shadows: [.init(6, .previous)]
        ),
        Case(
            testDescription: "of another reign forgets the watch before",
            aliases: [.champion: 7],
            move: (.promote, 6, 7),
            remembered: .init(reign: .init(version: 6, began: noon), previous: 5),
            champion: 7,
            watched: 6,
            shadows: [.init(6, .previous)]
        ),
        Case(
            testDescription: "of a champion that no move made has no beginning",
            aliases: [.champion: 7],
            move: (.promote, 6, 5),
            champion: 7
        ),
    ]

    @Test(arguments: [nil, 4] as [Int?])
    func `watches against other bytes than the champion's`(lastGood: Int?) {
        var facts = Registry.Facts()
        facts.aliases = [.champion: 7]
        facts.twins = [6, 7]
        facts.lastGood = lastGood
        let entry = Move.Entry(kind: .promote, uid: 0, reason: "", verdict: nil)
        facts.championMove = Move(at: Self.noon, alias: .champion, from: 6, to: 7, entry: entry)
        let lineup = Lineup(facts, watch: 100, remembered: nil)
        #expect(lineup.watched == lastGood)
        #expect(Lineup(facts, watch: 100, remembered: .init(reign: Self.reign, previous: 6)).watched == lastGood)
    }

    @Test(arguments: cases)
    func `follows from the ledger alone`(_ given: Case) {
        var facts = Registry.Facts()
        facts.aliases = given.aliases
        facts.gone = given.gone
        facts.championMove = given.move.map {
            Move(
                at: Self.noon,
                alias: .champion,
                from: $0.from,
                to: $0.to,
                entry: Move.Entry(kind: $0.kind, uid: 0, reason: "", verdict: nil)
            )
        }
        let lineup = Lineup(facts, watch: given.watch, remembered: given.remembered)
        #expect(lineup.champion == given.champion)
        #expect(lineup.candidate == given.aliases[.candidate])
        #expect(lineup.watched == given.watched)
        #expect(lineup.shadows == given.shadows)
        #expect(Lineup(facts, watch: given.watch, remembered: lineup.watching) == lineup)
    }
}
