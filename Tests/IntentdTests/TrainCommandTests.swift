import Testing
import Wire

@Suite struct `intentd train and evaluate` {
    private func trained(_ root: Root, _ extra: [String] = []) throws -> (
        ending: Child.Ending?, output: String, errors: String
    ) {
        try root.write(TrainingSet.small, to: "set.csv")
        return try Program.run(
            ["train", "--data", root.file("set.csv"), "--out", root.file("version")] + extra,
            in: root
        )
    }

    private static let evaluationMembers: Set = [
        "rows", "accuracy", "macro_f1", "ece", "nll", "oos_auroc", "oos_recall", "oos_precision", "threshold",
        "coverage", "selective_accuracy", "intents",
    ]

    @Test func `train reports for a person and shows its steps off a terminal`() throws {
        let root = try Root()
        let run = try trained(root)
        #expect(run.ending == .exit(0), "\(run.errors)")
        #expect(run.output.contains("accuracy") && run.output.contains("5 intents"))
        #expect(run.errors.contains("training: "))
        #expect(!run.errors.contains("\u{1B}") && !run.errors.contains("\r"))
        #expect(
            Files.list(root.file("version")) == ["evaluation.json", "metadata.json", "model.safetensors"]
        )
        let metadata = try JSONParser.parse(Files.read(root.file("version/metadata.json")))
        #expect(metadata["digest"]?.string?.count == 64)
        #expect(metadata["intents"]?.array?.compactMap(\.string) == TrainingSet.intents)
    }

    @Test(arguments: ["0.4", "1", "much"])
    func `a target that cannot be proven is a usage error`(_ target: String) throws {
        let run = try trained(try Root(), ["--target-precision", target])
        #expect(run.ending == .exit(2))
        #expect(run.errors.contains("target-precision"))
    }

    @Test func `with --json standard output is one object`() throws {
        let root = try Root()
        let run = try trained(root, ["--json"])
        let trained = try JSONParser.parse(run.output)
        #expect(Self.evaluationMembers.isSubset(of: Set((trained.object ?? []).map(\.name))))
        let again = try Program.run(
            ["evaluate", "--model", root.file("version"), "--data", root.file("set.csv"), "--json"],
            in: root
        )
        #expect(again.ending == .exit(0))
        let evaluated = try JSONParser.parse(again.output)
        #expect(evaluated["accuracy"] == trained["accuracy"] && evaluated["rows"] == trained["rows"])
        #expect(evaluated["intents"]?["delivery"]?["recall"]?.double != nil)
    }

    @Test func `evaluate reports on the split that is asked for`() throws {
        let root = try Root()
        _ = try trained(root)
        let run = try Program.run(
            ["evaluate", "--model", root.file("version"), "--data", root.file("set.csv"), "--split", "train"],
            in: root
        )
        #expect(run.ending == .exit(0))
        #expect(run.output.contains("accuracy"))
        let wrong: [[String]] = [
            ["--model", root.file("nowhere"), "--data", root.file("set.csv")],
            ["--model", root.file("version"), "--data", root.file("nowhere.csv")],
        ]
        for arguments in wrong {
            let failed = try Program.run(["evaluate"] + arguments + ["--json"], in: root)
            #expect(failed.ending == .exit(1))
            #expect(try JSONParser.parse(failed.output)["error"]?.string?.contains("nowhere") == true)
            #expect(failed.errors.contains("nowhere"))
        }
    }

    @Test func `an output folder that is not empty is refused and left alone`() throws {
        let root = try Root()
        try root.write("precious\n", to: "version/notes.txt")
        let run = try trained(root, ["--json"])
        #expect(run.ending == .exit(1))
        #expect(run.errors.contains("not empty"))
        #expect(try JSONParser.parse(run.output)["error"]?.string?.contains("not empty") == true)
        #expect(Files.list(root.file("version")) == ["notes.txt"])
    }

    @Test(arguments: ["", "text,intent\nhello,greeting\n", "nonsense\n"])
    func `data that cannot be trained on ends with 1 and leaves nothing`(data: String) throws {
        let root = try Root()
        try root.write(data, to: "set.csv")
        let run = try Program.run(["train", "--data", root.file("set.csv"), "--out", root.file("version")], in: root)
        #expect(run.ending == .exit(1))
        #expect(run.errors.contains("set.csv"))
        #expect(!Files.exists(root.file("version/model.safetensors")))
    }

    @Test func `the same data gives the same bytes whatever the order of the process`() throws {
        let roots = [try Root(), try Root()]
        for root in roots { #expect(try trained(root, ["--nice", "5", "--memory", "1GiB"]).ending == .exit(0)) }
        let models = roots.map { Files.bytes($0.file("version/model.safetensors")) }
        #expect(!models[0].isEmpty && models[0] == models[1])
    }

    @Test func `one and two cores give the same bytes`() throws {
        let root = try Root()
        try root.write(TrainingSet.small, to: "set.csv")
        for threads in ["1", "2"] {
            let run = try Program.run(
                [
                    "train", "--data", root.file("set.csv"), "--out", root.file("version" + threads), "--threads",
                    threads,
                    "--label-errors", root.file("labels" + threads),
                ],
                in: root
            )
            #expect(run.ending == .exit(0), "\(run.errors)")
        }
        for name in ["version%/model.safetensors", "version%/evaluation.json", "labels%"] {
            let files = ["1", "2"].map { threads in
                Files.bytes(
                    root.file(name.split(separator: "%", omittingEmptySubsequences: false).joined(separator: threads))
                )
            }
            #expect(files[0] == files[1])
            #expect(!files[0].isEmpty || name == "labels%")
        }
        let none = try Program.run(["train", "--data", "x", "--out", "y", "--threads", "0"], in: root)
        #expect(none.ending == .exit(2))
    }

    @Test func `a damaged version is refused`() throws {
        let root = try Root()
        _ = try trained(root)
        let path = root.file("version/model.safetensors")
        var bytes = Files.bytes(path)
        bytes[bytes.count - 5] ^= 0x40
        try Files.write(bytes, to: path)
        let run = try Program.run(
            ["evaluate", "--model", root.file("version"), "--data", root.file("set.csv")],
            in: root
        )
        #expect(run.ending == .exit(1))
        #expect(run.errors.contains("digest"))
    }
}
