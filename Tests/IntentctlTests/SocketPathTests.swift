import Glibc
import Testing
import Wire

@Suite struct SocketPathTests {
    @Test func `the option wins over the variable, and the variable over the checkout`() throws {
        let (one, two) = (try FakeDaemon.usual(), try Checkout())
        let inside = try two.daemon.folder.make("a/b")
        #expect(try Tool.run(["status"], in: inside).code == 0)
        #expect(two.daemon.requests.count == 1)
        #expect(try Tool.run(["status"], environment: ["INTENTD_SOCKET": one.path], in: inside).code == 0)
        #expect(one.requests.count == 1)
        let arguments = ["status", "--socket", two.daemon.path]
        #expect(try Tool.run(arguments, environment: ["INTENTD_SOCKET": one.path], in: inside).code == 0)
        #expect(two.daemon.requests.count == 2)
    }

    @Test func `an empty variable is none`() throws {
        let checkout = try Checkout()
        let outcome = try Tool.run(["status"], environment: ["INTENTD_SOCKET": ""], in: checkout.daemon.folder.path)
        #expect(outcome.code == 0)
    }

    @Test func `a checkout is found from any depth, however long the way`() throws {
        let checkout = try Checkout()
        let deep = try checkout.daemon.folder.make(String(repeating: "a-rather-long-name/", count: 10))
        #expect(try Tool.run(["status"], in: deep).code == 0)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a socket away"))
    func `a stranger's socket is not found, only named`() throws {
        let checkout = try Checkout()
        let daemon = checkout.daemon
        try #require(chown(daemon.path, 12_345, 12_345) == 0)
        _ = try Tool.run(["status"], in: daemon.folder.path)
        #expect(daemon.requests.isEmpty)
        #expect(try Tool.run(["status"], environment: ["SUDO_UID": "12345"], in: daemon.folder.path).code == 0)
        #expect(try Tool.run(["status", "--socket", daemon.path]).code == 0)
    }

    @Test(arguments: [108, 200, 5_000])
    func `a path that no socket can have is a usage error`(_ length: Int) throws {
        let path = "/" + String(repeating: "x", count: length - 1)
        #expect(try Tool.run(["status", "--socket", path]).code == 2)
        #expect(try Tool.run(["status"], environment: ["INTENTD_SOCKET": path]).code == 2)
    }

    @Test func `a path of 107 bytes is none too long`() throws {
        #expect(try Tool.run(["status", "--socket", "/" + String(repeating: "x", count: 106)]).code == 3)
    }

    /// A folder with run/intentd.sock.
    private struct Checkout {
        let daemon: FakeDaemon

        init() throws {
            daemon = try FakeDaemon(at: "run/intentd.sock") { method, _, _ in [.result(Answers.of(method))] }
        }
    }
}
