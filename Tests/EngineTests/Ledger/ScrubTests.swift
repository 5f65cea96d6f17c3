import Foundation
import GRDB
import Learning
import TestSupport
import Testing
import World

@testable import Engine

@Suite struct `What deleted rows left in the file` {
    private static func isOnDisk(_ text: String, _ world: TestWorld) throws -> Bool {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: world.folders.database + suffix) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: world.folders.database + suffix))
            if bytes.firstRange(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    private static let insert = "INSERT INTO turns(uid, session, at, answer, text, reply, route, intent) VALUES "

    @Test(arguments: 1...4)
    func `is overwritten while others write, and no row is harmed`(seed: UInt64) async throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        var generator = SeededGenerator(seed: seed)
        // Rows of many sizes, some over several pages, come and go, so that pages are split and merged.
        for round in 0..<30 {
            let rows = (0..<60).map { number in
                let filler = String(repeating: "\(number) ", count: generator.below(round % 7 == 0 ? 3_000 : 120))
                return "(\(generator.below(3)), 's\(generator.below(40))canary', 0, '', '\(filler)canary', '', '', '')"
            }
            let gone = generator.below(40)
            try await ledger.write { transaction in
                try transaction.db.execute(sql: Self.insert + rows.joined(separator: ","))
                try transaction.db.execute(sql: "DELETE FROM turns WHERE session = 's\(gone)canary'")
            }
        }
        let before = try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM turns WHERE session LIKE 's1%' ORDER BY seq").map { "\($0)" }
        }
        try await ledger.write { try $0.db.execute(sql: "DELETE FROM turns WHERE session NOT LIKE 's1%'") }
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'turns'"
        let page = try await ledger.read { try Int.fetchOne($0, sql: root) }
        async let writing: Void = {
            for number in 0..<50 {
                try await ledger.write { transaction in
                    try transaction.db.execute(sql: Self.insert + "(9, 'other', 0, '', 'x\(number)', '', '', '')")
                }
            }
        }()
        try await ledger.scrub()
        try await writing
        let after = try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM turns WHERE session LIKE 's1%' ORDER BY seq").map { "\($0)" }
        }
        #expect(after == before && !before.isEmpty)
        // The table was not written anew.
        #expect(try await ledger.read { try Int.fetchOne($0, sql: root) } == page)
        #expect(try await ledger.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])

        try await ledger.write { try $0.db.execute(sql: "DELETE FROM turns WHERE uid < 9") }
        try await ledger.scrub()
        try await ledger.emptyLog(attempts: 20)
        #expect(try !Self.isOnDisk("canary", world))
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM turns") } == 50)
        try ledger.close()
        let again = try world.ledger()
        #expect(try await again.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
    }

    /// A leaf of a table with one cell of 20 bytes at the end, and 30 bytes of old ones before it.
    private static func leaf() -> [UInt8] {
        var page = [UInt8](repeating: 0, count: 512)
        page.replaceSubrange(0..<10, with: [13, 0, 0, 0, 1, 1, 236, 0, 1, 236])
        for place in 462..<512 { page[place] = 7 }
        return page
    }

    private static func cleared(_ page: inout [UInt8], isFirst: Bool = false) -> [Range<Int>] {
        page.withUnsafeMutableBufferPointer { FreePageSpace.clear($0, isFirst: isFirst, usable: 512) }
    }

    @Test func `is found by the page's own header`() {
        var page = Self.leaf()
        #expect(Self.cleared(&page) == [10..<492])
        #expect(page[462..<492].allSatisfy { $0 == 0 } && page[492...].allSatisfy { $0 == 7 })
        #expect(Self.cleared(&page) == [])
    }

    @Test(
        arguments: [
            [0: 0], [0: 1], [0: 14], [3: 2, 4: 0], [5: 3], [1: 0, 2: 5], [1: 1, 2: 255, 511: 9],
        ] as [[Int: UInt8]]
    )
    func `is left alone in a page that is none of a tree, or not as it should be`(changes: [Int: UInt8]) {
        var page = Self.leaf()
        for (place, byte) in changes { page[place] = byte }
        let before = page
        #expect(Self.cleared(&page) == [])
        #expect(page == before)
    }
}
