import Glibc
import Testing
import Wire

/// The daemon and its offline commands, started with closed descriptors.
@Suite struct ClosedDescriptorTests {
    private static let combinations: [[Int32]] = (0..<8).map { set in
        [0, 1, 2].filter { set & 1 << $0 != 0 }
    }

    private static func script(closing descriptors: [Int32]) -> String {
        "exec \"$0\" \"$@\"" + descriptors.map { $0 == 0 ? " <&-" : " \($0)>&-" }.joined()
    }

    @Test(arguments: combinations)
    func `nothing that the daemon opens becomes its input, output or errors`(_ closed: [Int32]) throws {
        let daemon = try DaemonProcess(try .trained(), shell: Self.script(closing: closed))
        for descriptor in 0...2 {
            let link = Files.link("/proc/\(daemon.process.pid)/fd/\(descriptor)") ?? ""
            #expect((link == "/dev/null") == (closed.contains(Int32(descriptor)) || descriptor == 0), "\(link)")
        }
        let connection = try daemon.connect()
        #expect(try connection.call("predict", ["text": "where is my parcel"])["model"]?.int == 1)
        #expect(try daemon.stop() == .exit(0))
    }

    @Test func `an offline command without an output fails, and says so`() throws {
        let root = try Root()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        let program = try Program.path()
        for (redirection, words) in [
            (" >&-", "Bad file descriptor"), (" >/dev/full", "No space left on device"),
        ] {
            for arguments in [["--version"], ["prepare", "--help"], ["prepare", "--root", root.path]] {
                let folder = root.path + "/run-\(root.nextNumber())"
                try Files.makeFolder(folder)
                let script = "exec \"$0\" \"$@\"" + redirection
                let child = try Child("/bin/sh", ["-c", script, program] + arguments, folder: folder)
                #expect(child.wait() == .exit(1), "\(arguments)")
                #expect(child.errors.hasSuffix("intentd: standard output: \(words)\n"), "\(child.errors)")
            }
        }
    }
}
