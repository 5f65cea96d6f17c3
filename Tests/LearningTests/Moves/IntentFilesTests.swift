import Learning
import Statistics
import TestSupport
import Testing
import Wire
import World

@Suite struct `Files that follow a move` {
    private static let files = [
        "intents.yaml": """
        # shop
        intents:
          a:
            responses: [One.]
            templates: |
              x
              u
              v
              w
              xx
          b:
            templates: |
              y
              yy
              y u
              y v
              y w
          c:
            templates: |
              z
              zz
              z u
              z v
              z w

        """,
        "responses.yaml": "intents:\n  a: {responses: [Two.]}\n  q: {summary: s}\n",
        "golden.csv": "text,intent\nx,a\nxx,a\ny,b\n",
        "behaviour.yaml": "must:\n  a: |\n    x\n    u\n  b: |\n    y\n",
    ]

    /// A folder whose data file is made by `prepare`.
    private func prepared() throws -> MoveBox {
        let box = MoveBox(Self.files)
        try TrainingSource(files: box.disk, folders: MoveBox.folders).prepareIfStale()
        return box
    }

    private static let moves = [
        MoveBox.rename("a", "d"), MoveBox.merge(["a", "b"], "e"), MoveBox.merge(["a"], "b"), MoveBox.remove("a"),
    ]

    @Test func `are counted`() throws {
        let box = try prepared()
        let rows = try #require(box["intents.csv"]).split(separator: "\n").count { $0.contains(",a,") }
        let plan = try box.carryOut(MoveBox.rename("a", "d"))
        #expect(
            plan.files.map(\.name) == ["intents.csv", "intents.yaml", "responses.yaml", "golden.csv", "behaviour.yaml"]
        )
        #expect((plan.rows, plan.responses, plan.cases) == (rows, 2, 4))
        #expect([MovePlan.File](json: plan.files.json) == plan.files)
        #expect([MovePlan.File](json: [["name": "../x", "before": "", "after": ""]]) == nil)
        #expect(try box.files.isAsMoved(plan.files))
        #expect(box["golden.csv"] == "text,intent\nx,d\nxx,d\ny,b\n")
        box.disk.put("/d/golden.csv", "text,intent\n")
        #expect(try box.files.isAsMoved(plan.files) == false)
    }

    @Test(arguments: moves)
    func `leave a prepared data file prepared, and stale only if it was`(move: IntentMove) throws {
        for isStale in [false, true] {
            let box = try prepared()
            if isStale { box.disk.put("/d/intents.yaml", try #require(box["intents.yaml"]) + "# edited\n") }
            let file = PreparedFile(files: box.disk, folders: MoveBox.folders)
            let plan = try box.carryOut(move)
            #expect(try file.state() == .ours)
            #expect(try file.isStale() == isStale)
            try box.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
            #expect(try file.state() == .ours)
            #expect(try file.isStale() == isStale)
        }
        let box = try prepared()
        box.disk.put("/d/intents.csv", try #require(box["intents.csv"]) + "more,a\n")
        try box.carryOut(move)
        #expect(try PreparedFile(files: box.disk, folders: MoveBox.folders).state() == .theirs)
    }

    @Test(arguments: moves, [false, true])
    func `end the same after a crash at any operation`(move: IntentMove, afterEffect: Bool) throws {
        let whole = try prepared()
        let plan = try whole.files.plan(move)
        let first = whole.contents
        whole.disk.set(.none)
        try whole.files.carryOut(move, plan.files, at: MoveBox.time)
        let operations = whole.disk.operations
        #expect(operations >= 2 * plan.files.count)
        for operation in 1...operations {
            let box = try prepared()
            #expect(box.contents == first)
            box.disk.set(.crash(at: operation, afterEffect: afterEffect))
            #expect(throws: FileError.self) { try box.files.carryOut(move, plan.files, at: MoveBox.time) }
            let after = MoveBox(disk: box.disk.afterCrash())
            // Until the move is finished, the data file is never taken for a person's own.
            #expect(try PreparedFile(files: after.disk, folders: MoveBox.folders).state() == .ours)
            try after.files.carryOut(move, plan.files, at: MoveBox.time)
            #expect(after.contents == whole.contents, "operation \(operation)")
            // Once more changes nothing.
            try after.files.carryOut(move, plan.files, at: MoveBox.time)
            #expect(after.contents == whole.contents)
        }
    }

    @Test(arguments: moves, [false, true])
    func `are put back, also after a crash at any operation`(move: IntentMove, afterEffect: Bool) throws {
        func moved() throws -> (box: MoveBox, plan: MovePlan, before: MoveBox) {
            let (box, before) = (try prepared(), try prepared())
            return (box, try box.carryOut(move), before)
        }
        let (whole, plan, before) = try moved()
        whole.disk.set(.none)
        try whole.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
        for name in plan.files.map(\.name) { #expect(whole[name] == before[name]) }
        let operations = whole.disk.operations
        for operation in 1...operations {
            let box = try moved().box
            box.disk.set(.crash(at: operation, afterEffect: afterEffect))
            #expect(throws: FileError.self) {
                try box.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
            }
            let after = MoveBox(disk: box.disk.afterCrash())
            #expect(try PreparedFile(files: after.disk, folders: MoveBox.folders).state() == .ours)
            try after.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
            #expect(after.contents == whole.contents, "operation \(operation)")
        }
    }

    @Test func `are not put back where a copy is gone or changed`() throws {
        let box = try prepared()
        let plan = try box.carryOut(MoveBox.rename("a", "d"))
        let copy = Folders.replaced(MoveBox.folders.golden, at: MoveBox.time)
        for content in [nil, "text,intent\nother,a\n"] {
            if let content { box.disk.put(copy, content) } else { try box.disk.remove(copy) }
            let before = box.contents
            let error = #expect(throws: IntentMoveError.self) {
                try box.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
            }
            #expect(error?.kind == .noCopy)
            #expect(error?.file?.hasPrefix("golden.csv.replaced-") == true)
            #expect(box.contents == before)
        }
    }

    @Test func `are moved as they stand where somebody edited them meanwhile`() throws {
        let box = try prepared()
        let move = MoveBox.rename("a", "d")
        let plan = try box.files.plan(move)
        box.disk.put("/d/golden.csv", "text,intent\nxxx,a\n")
        box.disk.put("/d/behaviour.yaml", "must: [")
        #expect(throws: IntentMoveError.self) { try box.files.carryOut(move, plan.files, at: MoveBox.time) }
        #expect(box["golden.csv"] == "text,intent\nxxx,d\n")
        #expect(box["behaviour.yaml"] == "must: [")
        #expect(box["responses.yaml"]?.contains("  d: {responses: [Two.]}") == true)
        #expect(box.disk.text(Folders.replaced("/d/golden.csv", at: MoveBox.time)) == "text,intent\nxxx,a\n")
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `come back byte by byte, and say the same in between`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next(below: UInt64(values.count)))] }
        let end = pick(["\n", "\r\n"])
        let names = ["refund", "Rückgabe 2", "c++: #1", "say \"x\"", "दिन", "it's"].shuffled(using: &random)
        let sign = pick([",", ";", "\t", "|"])
        func field(_ text: String) -> String {
            let quoted = "\"" + text.replacing("\"", with: "\"\"") + "\""
            return pick([true, false]) || text.contains(where: { "\"\n\(sign)".contains($0) }) ? quoted : text
        }
        func key(_ name: String) -> String {
            let single = "'" + name.replacing("'", with: "''") + "'"
            let double = "\"" + name.replacing("\"", with: "\\\"") + "\""
            return name.contains(where: "\"':".contains) ? pick([single, double]) : pick([single, double, name])
        }
        var csv = pick(["", "\u{FEFF}"]) + ["text", "intent"].joined(separator: sign) + end
        for row in 0..<20 { csv += field("row \(row)\(pick(["", "\n", " \"q\""]))") + sign + field(pick(names)) + end }
        for name in names { csv += "a row" + sign + field(name) + end }
        var (yaml, behaviour) = ("# \(names[0])\(end)intents:\(end)", "must:\(end)")
        for name in names {
            yaml += pick(["", "  # \(name):\(end)", end]) + "  \(key(name)):\(pick(["", "  # x"]))\(end)"
            yaml += "    responses: |\(end)      \(name)\(end)"
            behaviour += "  \(key(name)): |\(end)    # \(name)\(end)    \(name) text\(end)"
        }
        let box = MoveBox(["intents.csv": csv, "responses.yaml": yaml, "behaviour.yaml": behaviour])
        let old = names[0]
        let rows = DataFile.parse(Array(csv.utf8), format: .csv).rows
        let plan = try box.carryOut(MoveBox.rename(old, "plain"))
        let moved = DataFile.parse(Array(try #require(box["intents.csv"]).utf8), format: .csv).rows
        #expect(moved.map(\.text) == rows.map(\.text))
        #expect(moved.map(\.intent) == rows.map { $0.intent == old ? "plain" : $0.intent })
        #expect(plan.rows == rows.count { $0.intent == old })
        let responses = try ResponsesFile(yaml: Array(try #require(box["responses.yaml"]).utf8)).intents
        #expect(responses.map(\.name) == ["plain"] + names.dropFirst())
        #expect(responses.map(\.treatment.responses) == names.map { [$0] })
        try box.files.undo(plan.files, movedAt: MoveBox.time, at: MoveBox.later)
        #expect((box["intents.csv"], box["responses.yaml"], box["behaviour.yaml"]) == (csv, yaml, behaviour))
        try box.carryOut(MoveBox.rename(old, "plain"))
        let back = MoveBox(["intents.csv": try #require(box["intents.csv"])])
        try back.carryOut(MoveBox.rename("plain", old))
        #expect(
            DataFile.parse(Array(try #require(back["intents.csv"]).utf8), format: .csv).rows.map(\.intent)
                == rows.map(\.intent)
        )
        // A name that needs no quotes comes and goes without a trace.
        if !old.contains(where: "\"':+#".contains) {
            try box.carryOut(MoveBox.rename("plain", old))
            #expect((box["intents.csv"], box["responses.yaml"], box["behaviour.yaml"]) == (csv, yaml, behaviour))
        }
    }
}
