import TestSupport
import Testing
import World

@testable import Learning

@Suite struct `The prepared file` {
    private let files = MemoryFileSystem()
    private let folders = Folders(models: "/m", data: "/d", logs: "/l")
    private var prepared: PreparedFile { PreparedFile(files: files, folders: folders) }

    init() throws { try files.makeDirectory("/d") }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `is absent, ours, or theirs`() throws {
        #expect(try prepared.state() == .absent)
        try prepared.write(bytes("a"), source: bytes("s"), seed: 4)
        #expect(try prepared.state() == .ours)
        #expect(prepared.seed == 4)
        files.put(folders.dataFile, "edited")
        #expect(try prepared.state() == .theirs)
        try prepared.importFile(bytes("a"))
        #expect(try prepared.state() == .theirs)
        #expect(prepared.seed == PreparedFile.defaultSeed)
    }

    @Test func `is stale when its source has changed, and never when it is theirs`() throws {
        files.put(folders.intents, "s")
        try prepared.write(bytes("a"), source: bytes("s"), seed: 1)
        #expect(try prepared.isStale() == false)
        files.put(folders.intents, "t")
        #expect(try prepared.isStale())
        try files.remove(folders.intents)
        #expect(try prepared.isStale() == false)
        files.put(folders.intents, "t")
        files.put(folders.dataFile, "edited")
        #expect(try prepared.isStale() == false)
    }

    @Test func `of an earlier form is stale, since its rows have no groups`() throws {
        files.put(folders.intents, "s")
        try prepared.write(bytes("a"), source: bytes("s"), seed: 1)
        let mark = try #require(files.text(folders.preparedMark))
        files.put(folders.preparedMark, mark.replacing(#","form":2"#, with: ""))
        #expect(try prepared.state() == .ours)
        #expect(try prepared.isStale())
    }

    @Test(arguments: ["", "{", "{}", "{\"csv\":1}", "null"])
    func `with a damaged mark counts as theirs`(mark: String) throws {
        try prepared.write(bytes("a"), source: bytes("s"), seed: 1)
        files.put(folders.dataFile + ".prepared", mark)
        #expect(try prepared.state() == .theirs)
    }

    @Test(arguments: 1...3, [false, true])
    func `is never taken for theirs after a crash`(operation: Int, afterEffect: Bool) throws {
        files.put(folders.intents, "new")
        try prepared.write(bytes("old csv"), source: bytes("old"), seed: 1)
        files.set(.crash(at: operation, afterEffect: afterEffect))
        try? prepared.write(bytes("new csv"), source: bytes("new"), seed: 1)
        let after = PreparedFile(files: files.afterCrash(), folders: folders)
        #expect(try after.state() == .ours)
        let text = files.afterCrash().text(folders.dataFile)
        #expect(text == "old csv" || text == "new csv")
        // What was not finished is made again.
        #expect(try after.isStale() == (text == "old csv"))
    }

    @Test(arguments: 1...3, [false, true])
    func `brought in survives a crash whole, and as theirs or as it was`(operation: Int, afterEffect: Bool) throws {
        try prepared.write(bytes("old csv"), source: bytes("old"), seed: 1)
        files.set(.crash(at: operation, afterEffect: afterEffect))
        try? prepared.importFile(bytes("my csv"))
        let disk = files.afterCrash()
        let text = disk.text(folders.dataFile)
        #expect(text == "old csv" || text == "my csv")
        if text == "my csv" { #expect(try PreparedFile(files: disk, folders: folders).state() == .theirs) }
    }

    @Test func `is made where there is none, and not over a person's own`() throws {
        let source = TrainingSource(files: files, folders: folders)
        #expect(throws: TrainingSource.Failure.self) { try source.prepareIfStale() }
        files.put(folders.intents, Shop.yaml)
        try source.prepareIfStale()
        let made = try #require(files.bytes(folders.dataFile))
        #expect(try prepared.state() == .ours)
        // The same source and seed: the same bytes.
        try source.prepare(seed: PreparedFile.defaultSeed, force: false)
        #expect(files.bytes(folders.dataFile) == made)
        files.put(folders.dataFile, "text,intent\nmine,a\n")
        try source.prepareIfStale()
        #expect(files.text(folders.dataFile) == "text,intent\nmine,a\n")
        #expect(throws: TrainingSource.Failure.self) { try source.prepare(seed: 1, force: false) }
        try source.prepare(seed: PreparedFile.defaultSeed, force: true)
        #expect(files.bytes(folders.dataFile) == made)
    }
}
