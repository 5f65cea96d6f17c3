import Classifier
import Learning
import Statistics
import TestSupport
import Testing
import World

@Suite struct `A version that is trained offline` {
    private let files = MemoryFileSystem()

    private func build(_ rows: [DataRow]) async throws -> VersionBuilder.Built {
        let name = "/\(files.status("/a.csv") == nil ? "a" : "b")"
        files.put(name + ".csv", String(decoding: DataFile.csv(rows), as: UTF8.self))
        return try await VersionBuilder(files: files, clock: ManualClock().clock).build(
            data: name + ".csv",
            out: name,
            settings: Settings(),
            threads: 1
        ) { _ in }
    }

    private let rows: [DataRow] = {
        var random = SplitMix64(seed: 3)
        let words = ["parcel", "refund", "opening", "invoice", "courier", "shop", "today", "please", "late", "broken"]
        return (0..<120).map { number in
            let text = (0..<5).map { _ in words[random.next(below: words.count)] }.joined(separator: " ")
            let opening = ["where is", "money for", "when does"][number % 3]
            return DataRow(text: "\(opening) \(text)", intent: "i\(number % 3)")
        }
    }()

    @Test func `is the same whatever the order of the rows, and is measured on rows that it was not trained on`()
        async throws
    {
        var random = SplitMix64(seed: 9)
        var shuffled = rows
        random.shuffle(&shuffled)
        let (one, other) = (try await build(rows), try await build(shuffled))
        #expect(one.digest == other.digest)
        #expect(one.evaluation == other.evaluation)
        // A tenth of each intent was kept for it.
        #expect((6...18).contains(try #require(one.evaluation).rows))
    }
}
