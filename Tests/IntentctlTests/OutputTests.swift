import FoundationEssentials
import Glibc
import Testing
import Wire

/// An output that takes nothing, or not all.
@Suite struct OutputTests {
    /// Every command once.
    private static let commands: [[String]] = [
        ["chat", "x"], ["predict", "x"], ["explain", "x"], ["feedback", "submit", "--id", "x", "--up"],
        ["feedback", "list"], ["feedback", "revise", "x", "--comment", "c"], ["feedback", "withdraw", "x"], ["review"],
        ["retrain", "--wait"], ["jobs", "list"], ["jobs", "show", "x"], ["jobs", "wait", "x"], ["jobs", "cancel", "x"],
        ["models", "list"], ["models", "show", "4"], ["diff", "1", "2"], ["promote"], ["rollback"], ["reject"],
        ["history"], ["verify"], ["session", "list"], ["session", "show", "a"], ["session", "forget", "a"],
        ["forget", "--yes"], ["intents", "list"], ["intents", "rename", "a", "b"],
        ["intents", "merge", "a", "b", "into", "c"], ["intents", "remove", "a"], ["intents", "undo", "m"],
        ["metrics"], ["experiment"], ["status"], ["reload"], ["data", "check"], ["data", "show"],
        ["data", "diff", "v1", "v2"], ["data", "import", "/dev/null"], ["export", "data"],
    ]

    @Test func `the table has every command that the help names`() throws {
        func leaves(below path: [String]) throws -> [[String]] {
            let help = try Tool.run(["help"] + path).output
            guard let list = help.firstRange(of: "SUBCOMMANDS:") else { return [path] }
            return try help[list.upperBound...].split(separator: "\n").flatMap { line in
                let word = line.dropFirst(2).prefix { $0.isLetter || $0 == "-" }
                guard line.hasPrefix("  "), word.first?.isLowercase == true else { return [[String]]() }
                return try leaves(below: path + [String(word)])
            }
        }
        let all = try leaves(below: [])
        #expect(all.count > 30)
        for leaf in all { #expect(Self.commands.contains { $0.starts(with: leaf) }, "\(leaf)") }
    }

    private static func full() throws -> Int32 {
        let file = open("/dev/full", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFailure(errno) }
        return file
    }

    private static let message = "intentctl: standard output: No space left on device\n"

    @Test(arguments: commands)
    func `an output without room is an error`(_ command: [String]) throws {
        let daemon = try FakeDaemon.usual()
        let full = try Self.full()
        defer { close(full) }
        for options in [[], ["--json"]] {
            let arguments = command + options
            let outcome = try Tool.run(arguments, environment: ["INTENTD_SOCKET": daemon.path], output: full)
            #expect(outcome.code == 1)
            #expect(outcome.errors.hasSuffix(Self.message), "\(outcome.errors)")
        }
    }

    @Test(arguments: [["--help"], ["--version"], ["help", "chat"], ["--generate-completion-script", "bash"]])
    func `so it is for what the tool says of itself`(_ arguments: [String]) throws {
        let full = try Self.full()
        defer { close(full) }
        let outcome = try Tool.run(arguments, output: full)
        #expect(outcome.code == 1)
        #expect(outcome.errors == Self.message)
    }

    @Test func `a failure keeps its status, and a chat asks no more`() throws {
        let full = try Self.full()
        defer { close(full) }
        let failure = try Tool.run(["status", "--json", "--socket", "/nonexistent/s"], output: full)
        #expect(failure.code == 3)
        #expect(failure.errors == Self.message)
        let daemon = try FakeDaemon.usual()
        let variables = ["INTENTD_SOCKET": daemon.path]
        let chat = try Tool.run(["chat"], input: "a\nb\nc\n", environment: variables, output: full)
        #expect(chat.code == 1)
        #expect(chat.errors == Self.message)
        #expect(daemon.requests.count == 1)
    }

    @Test(arguments: commands)
    func `a reader that went away changes neither status nor messages`(_ command: [String]) throws {
        let daemon = try FakeDaemon.usual()
        let usual = try daemon.run(command)
        let (reader, writer) = try Descriptors.pipe()
        close(reader)
        defer { close(writer) }
        let outcome = try Tool.run(command, environment: ["INTENTD_SOCKET": daemon.path], output: writer)
        #expect(outcome.code == usual.code)
        #expect(outcome.errors == usual.errors)
    }

    // MARK: Files that may not grow

    private static func exporting(_ bytes: Int) throws -> FakeDaemon {
        let content = String(repeating: "a text,intent\n", count: bytes / 14)
        return try FakeDaemon { _, _, _ in
            [.result(["rows": 1, "sha256": "0", "content": .string(content), "next": nil])]
        }
    }

    /// A limit of 64 blocks of 512 bytes.
    private static let limited = "ulimit -f 64; exec \"$0\" \"$@\""

    @Test func `an export that does not fit ends with 1, and says so`() throws {
        let daemon = try Self.exporting(100_000)
        let outcome = try Tool.run(["export", "data", "--socket", daemon.path], shell: Self.limited)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "intentctl: standard output: File too large\n")
        #expect(outcome.output.utf8.count == 64 * 512)
    }

    @Test func `a file that does not fit stays as it was, and nothing lies beside it`() throws {
        let daemon = try Self.exporting(100_000)
        let folder = try Folder()
        let path = folder.path + "/kept.csv"
        #expect(try Self.exporting(0).run("export", "data", "--out", path).code == 0)
        let outcome = try Tool.run(["export", "data", "--out", path, "--socket", daemon.path], shell: Self.limited)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "intentctl: \(path) cannot be written: file too large.\n")
        #expect(contents(of: path).isEmpty)
        #expect(try Tool.run(["export", "data", "--out", path, "--socket", daemon.path]).code == 0)
        #expect(contents(of: path).count == 100_000 / 14 * 14)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == ["kept.csv"])
    }

    @Test func `a device stays a device, and a link a link`() throws {
        let daemon = try Self.exporting(1_000)
        let device = try daemon.run("export", "data", "--out", "/dev/full")
        #expect(device.code == 1)
        #expect(device.errors == "intentctl: /dev/full cannot be written: no space left on device.\n")
        var status = stat()
        #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let folder = try Folder()
        let (file, link) = (folder.path + "/file", folder.path + "/link")
        #expect(try daemon.run("export", "data", "--out", file).code == 0)
        #expect(symlink(file, link) == 0)
        #expect(try Self.exporting(28).run("export", "data", "--out", link).code == 0)
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(contents(of: file).count == 28)
    }
}
