import Testing
import Wire

@Suite struct `intentd prepare` {
    @Test func `the same seed gives the same bytes and another one others`() throws {
        let roots = try (0..<3).map { _ in try Root() }
        for (root, seed) in zip(roots, ["11", "11", "12"]) {
            try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
            let run = try Program.run(["prepare", "--root", root.path, "--seed", seed], in: root)
            #expect(run.ending == .exit(0), "\(run.errors)")
        }
        let files = roots.map { Files.bytes($0.file("data/intents.csv")) }
        #expect(!files[0].isEmpty && files[0] == files[1])
        #expect(files[0] != files[2])
    }

    @Test func `prints one JSON object and nothing else`() throws {
        let root = try Root()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        let run = try Program.run(["prepare", "--root", root.path, "--json"], in: root)
        #expect(run.ending == .exit(0))
        let report = try JSONParser.parse(run.output)
        #expect(report["path"]?.string == root.file("data/intents.csv"))
        #expect(report["rows"]?.int == Files.read(root.file("data/intents.csv")).split(separator: "\n").count - 1)
        #expect(report["intents"]?.array?.count == 3)
    }

    @Test func `shows a table of the intents, their templates and their rows`() throws {
        let root = try Root()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        let run = try Program.run(["prepare", "--root", root.path], in: root)
        #expect(run.ending == .exit(0))
        let lines = run.output.split(separator: "\n")
        #expect(lines.first?.split(separator: " ") == ["INTENT", "TEMPLATES", "SENTENCES", "TRAIN", "VAL", "TEST"])
        for name in ["delivery", "total"] { #expect(lines.contains { $0.hasPrefix(name) }, "\(name)") }
        #expect(!run.output.contains("\u{1B}"))
    }

    @Test func `a file of one's own is never overwritten without force`() throws {
        let root = try Root()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        try root.write("text,intent\nmine,own\n", to: "data/intents.csv")
        try root.write(TrainingSet.small, to: "new.csv")
        let ways = [["prepare"], ["prepare", "--from", root.file("new.csv")]]
        for way in ways {
            for json in [[], ["--json"]] {
                let run = try Program.run(way + ["--root", root.path] + json, in: root)
                #expect(run.ending == .exit(1))
                #expect(run.errors.contains("--force"))
                if !json.isEmpty { #expect(try JSONParser.parse(run.output)["error"]?.string != nil) }
                #expect(Files.read(root.file("data/intents.csv")) == "text,intent\nmine,own\n")
            }
        }
        #expect(try Program.run(["prepare", "--root", root.path, "--force"], in: root).ending == .exit(0))
        // What prepare wrote, it may write again; what was edited since, it may not.
        #expect(try Program.run(["prepare", "--root", root.path], in: root).ending == .exit(0))
        try root.write(Files.read(root.file("data/intents.csv")) + "my row,delivery,train\n", to: "data/intents.csv")
        #expect(try Program.run(["prepare", "--root", root.path], in: root).ending == .exit(1))
    }

    @Test func `every finding has its line, its code and a remedy`() throws {
        let root = try Root()
        let rows = [
            "text,intent,split", "where is my parcel,delivery,train", ",delivery,train", "track it,delivery,nowhere",
            "where is my parcel,refund,train", "where is my parcel,delivery,train", "pay me back,refund,train",
            "refund me,refund,test",
        ]
        var bytes = Array((rows.joined(separator: "\n") + "\n").utf8)
        bytes += [0x62, 0xFF, 0x64] + Array(",refund,train\n".utf8)
        try Files.write(bytes, to: root.file("own.csv"))
        let arguments = ["prepare", "--root", root.path, "--from", root.file("own.csv"), "--json"]
        let strict = try Program.run(arguments, in: root)
        #expect(strict.ending == .exit(1))
        #expect(strict.errors.contains("3 of 8 rows") && strict.errors.contains("--partial"))
        #expect(!Files.exists(root.file("data/intents.csv")))
        let run = try Program.run(arguments + ["--partial"], in: root)
        #expect(run.ending == .exit(0), "\(run.errors)")
        let report = try JSONParser.parse(run.output)
        #expect(report["usable"] == true)
        let findings = report["findings"]?.array ?? []
        let expected: [(code: String, line: Int)] = [("empty_text", 3), ("unknown_split", 4), ("bad_utf8", 9)]
        for (code, line) in expected {
            #expect(findings.contains { $0["code"]?.string == code && $0["line"]?.int == line }, "\(code)")
        }
        let codes = Set(findings.compactMap { $0["code"]?.string })
        #expect(codes.contains("few_rows"))
        #expect(findings.contains { $0["line"] == 5 })
        #expect(findings.contains { $0["line"] == 6 })
        for finding in findings {
            #expect(finding["message"]?.string?.isEmpty == false && finding["remedy"]?.string?.isEmpty == false)
            #expect(["error", "warning", "note"].contains(finding["severity"]?.string))
        }
        #expect(Files.read(root.file("data/intents.csv")).contains("refund me,refund,test"))
        let shown = try Program.run(
            ["prepare", "--root", root.path, "--from", root.file("own.csv"), "--force", "--partial"],
            in: root
        )
        #expect(shown.output.hasSuffix("; 3 were left out.\n"))
        #expect(shown.output.contains("line 3") && shown.output.contains("empty_text"))
    }

    @Test(arguments: ["-", "/dev/stdin"])
    func `a pipe is read, and what stood there is kept`(path: String) throws {
        let root = try Root()
        try root.write("text,intent\nmine,own\n", to: "data/intents.csv")
        let run = try Program.run(
            ["prepare", "--root", root.path, "--from", path, "--force"],
            in: root,
            input: "Message\tCategory\nwhere is it\tdelivery\nmoney back\trefund\n"
        )
        #expect(run.ending == .exit(0), "\(run.errors)")
        #expect(run.output.contains("\"Message\" as text, \"Category\" as intent"))
        #expect(Files.read(root.file("data/intents.csv")).contains("where is it,delivery,train"))
        let kept = try #require(run.output.split(separator: "\n").first { $0.contains("intents.csv.replaced-") })
        let copy = kept.split(separator: " ").last.map { String($0.dropLast()) } ?? ""
        #expect(Files.read(copy) == "text,intent\nmine,own\n")
    }

    @Test func `columns and letters are as they are said to be`() throws {
        let root = try Root()
        let bytes = Array("Kundentext;Sorte\nzur".utf8) + [0xFC] + Array("ck;a\nhallo;b\n".utf8)
        try Files.write(bytes, to: root.file("own.csv"))
        let arguments = ["prepare", "--root", root.path, "--from", root.file("own.csv")]
        #expect(try Program.run(arguments, in: root).errors.contains("cannot be used"))
        let named = arguments + ["--text", "kundentext", "--intent", "Sorte", "--encoding", "latin1"]
        #expect(try Program.run(named, in: root).ending == .exit(0))
        #expect(Files.read(root.file("data/intents.csv")).contains("zurück,a"))
        #expect(try Program.run(arguments + ["--encoding", "ebcdic"], in: root).ending == .exit(2))
    }

    @Test(arguments: [
        ("own.csv", ""), ("own.csv", "a,b\n1,2\n"), ("own.csv", "text,intent\n"), ("own.csv", "text,intent\nx,y\n"),
        ("own.jsonl", "hello\n"),
    ])
    func `an unusable file is refused and changes nothing`(name: String, text: String) throws {
        let root = try Root()
        try root.write(text, to: name)
        let run = try Program.run(["prepare", "--root", root.path, "--from", root.file(name), "--json"], in: root)
        #expect(run.ending == .exit(1))
        #expect(try JSONParser.parse(run.output)["usable"] == false)
        #expect(!run.errors.isEmpty)
        #expect(!Files.exists(root.file("data/intents.csv")))
    }

    @Test func `JSON lines are brought in and every intent gets its test rows`() throws {
        let root = try Root()
        var lines = ""
        let things = [
            "jacket", "kettle", "lamp", "sofa", "mirror", "carpet", "bicycle", "helmet", "camera", "printer", "blender",
            "curtain", "wallet", "scarf", "tent", "guitar", "drone", "piano", "ladder", "window",
        ]
        for thing in things {
            lines += #"{"text":"where is my \#(thing)","intent":"delivery"}"# + "\n"
            lines += #"{"text":"refund \#(thing), \"please\"","intent":"refund"}"# + "\n"
        }
        try root.write(lines, to: "own.jsonl")
        let run = try Program.run(["prepare", "--root", root.path, "--from", root.file("own.jsonl")], in: root)
        #expect(run.ending == .exit(0), "\(run.errors)")
        let csv = Files.read(root.file("data/intents.csv"))
        #expect(csv.split(separator: "\n").count == 41)
        for split in ["train", "val", "test"] {
            #expect(csv.contains(",refund,\(split)") && csv.contains(",delivery,\(split)"))
        }
    }

    @Test(arguments: [
        ["prepare", "--nonsense"], ["prepare", "--seed", "x"], ["train", "--data", "x"], ["nonsense"],
        ["train", "--data", "x", "--out", "y", "--progress", "loud"], ["serve", "--root"],
        ["evaluate", "--model", "x", "--data", "y", "--split", "nonsense"],
        ["train", "--data", "x", "--out", "y", "--memory", "much"],
    ])
    func `a slip of the pen ends with 2`(arguments: [String]) throws {
        let root = try Root()
        let run = try Program.run(arguments, in: root)
        #expect(run.ending == .exit(2))
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }

    @Test func `help and version end with 0`() throws {
        let root = try Root()
        for arguments in [["--help"], ["serve", "--help"], ["--version"]] {
            let run = try Program.run(arguments, in: root)
            #expect(run.ending == .exit(0))
            #expect(!run.output.isEmpty && run.errors.isEmpty)
        }
    }
}
