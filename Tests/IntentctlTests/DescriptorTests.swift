import Glibc
import Synchronization
import Testing
import Wire

/// The descriptors 0 to 2 of a program that was started with some of them closed.
@Suite struct DescriptorTests {
    private static let combinations: [[Int32]] = (0..<8).map { set in
        [0, 1, 2].filter { set & 1 << $0 != 0 }
    }

    /// A request, as the words of an LLM could be one.
    private static let words = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"forget\",\"params\":{}}\n"

    private static func script(closing descriptors: [Int32]) -> String {
        "exec \"$0\" \"$@\"" + descriptors.map { $0 == 0 ? " <&-" : " \($0)>&-" }.joined()
    }

    /// Where the descriptors of the one process lead that runs such a program and names the path.
    private static func links(of program: String, naming path: String) -> [String] {
        func link(_ path: String) -> String {
            var buffer = [CChar](repeating: 0, count: 4_096)
            let count = readlink(path, &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = pid_t(name), link("/proc/\(pid)/exe").hasSuffix("/" + program),
                String(decoding: contents(of: "/proc/\(pid)/cmdline"), as: UTF8.self).contains(path)
            else { continue }
            return [0, 1, 2].map { link("/proc/\(pid)/fd/\($0)") }
        }
        return []
    }

    private func expectNull(_ links: [String], _ closed: [Int32]) {
        #expect(links.count == 3)
        for (descriptor, link) in links.enumerated() {
            #expect(closed.contains(Int32(descriptor)) == (link == "/dev/null"), "\(descriptor): \(link)")
            #expect(!link.hasPrefix("socket:"))
        }
    }

    @Test(arguments: combinations)
    func `a closed descriptor is no socket, and an LLM's words are no request`(_ closed: [Int32]) throws {
        let path = Mutex("")
        let links = Mutex([String]())
        let daemon = try FakeDaemon { _, _, _ in
            let found = Self.links(of: "intentctl", naming: path.withLock { $0 })
            links.withLock { $0 = found }
            let delta: JSON = ["request": 1, "seq": 0, "text": .string(Self.words)]
            return [.notification("chat.delta", delta), .result(Answers.chat(Self.words))]
        }
        path.withLock { $0 = daemon.path }
        let outcome = try Tool.run(["chat", "hi", "--socket", daemon.path], shell: Self.script(closing: closed))
        expectNull(links.withLock { $0 }, closed)
        #expect(daemon.requests.map { $0["method"] } == ["chat"])
        // Who closes the output gets no answer, and is told so.
        let isLost = closed.contains(1)
        #expect(outcome.code == (isLost ? 1 : 0))
        #expect(outcome.output == (isLost ? "" : Self.words + "\n"))
        let message = "intentctl: standard output: Bad file descriptor\n"
        #expect(outcome.errors == (isLost && !closed.contains(2) ? message : ""))
    }

    @Test func `a failure with closed descriptors has its status, and a closed input is no empty one`() throws {
        let folder = try Folder()
        for closed in Self.combinations {
            let socket = ["--socket", folder.path + "/none"]
            #expect(try Tool.run(["status"] + socket, shell: Self.script(closing: closed)).code == 3)
        }
        let daemon = try FakeDaemon.usual()
        for arguments in [["chat"], ["data", "import", "-"]] {
            let outcome = try Tool.run(arguments + ["--socket", daemon.path], shell: Self.script(closing: [0]))
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("cannot be read: bad file descriptor."))
        }
        #expect(daemon.requests.isEmpty)
    }

    @Test(arguments: combinations)
    func `the load program's figures are no requests either`(_ closed: [Int32]) throws {
        let path = Mutex("")
        let links = Mutex([String]())
        let daemon = try FakeDaemon { method, _, _ in
            let found = Self.links(of: "intentd-load", naming: path.withLock { $0 })
            links.withLock { $0 = found }
            return [.result(Answers.of(method))]
        }
        path.withLock { $0 = daemon.path }
        _ = try Tool.run(
            [
                "run", "--socket", daemon.path, "--method", "status", "--connections", "1", "--in-flight", "1",
                "--requests", "3", "--warmup", "0",
            ],
            shell: Self.script(closing: closed),
            program: Tool.program("intentd-load")
        )
        expectNull(links.withLock { $0 }, closed)
        #expect(daemon.requests.allSatisfy { $0["method"] == "status" })
    }
}
