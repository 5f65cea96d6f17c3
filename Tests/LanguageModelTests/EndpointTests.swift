import Glibc
import Testing
import World

@testable import LanguageModel

@Suite struct `The address of an LLM` {
    private static let host = ThisHost(
        name: { "Box" },
        addresses: { name in
            switch name.lowercased() {
            case "box", "box.example.org": ["fe80::1%eth0", "fd00::7", "192.0.2.7"]
            case "box.elsewhere.org": ["192.0.2.7", "198.51.100.9"]
            default: []
            }
        },
        owns: { ["192.0.2.7", "fd00::7"].contains($0) }
    )

    @Test(arguments: [
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"), ("http://[::]:11434/", "http://[::1]:11434"),
        ("HTTP://LocalHost:1", "http://LocalHost:1"), ("http://box:11434", "http://192.0.2.7:11434"),
        ("http://BOX", "http://192.0.2.7"), ("http://box.example.org:1/x", "http://192.0.2.7:1/x"),
        ("http://box.example.org.:1", "http://192.0.2.7:1"), ("http://192.0.2.7:1", "http://192.0.2.7:1"),
        ("http://[fd00::7]:1", "http://[fd00::7]:1"), ("https://box.example.org", "https://box.example.org"),
    ])
    func `that is this machine counts as local, and leads nowhere else`(_ url: String, _ base: String) throws {
        let endpoint = try Endpoint(url, backend: .ollama, thisHost: Self.host)
        #expect(endpoint.isLocal)
        #expect(endpoint.base == base)
    }

    @Test(arguments: [
        "http://box.elsewhere.org", "http://boxes", "http://example.org", "http://198.51.100.9",
        "http://box.unknown.org",
        "http://127.0.0.1.example.org", "http://127.1", "http://0127.0.0.1", "http://[2001:db8::1]:1",
    ])
    func `that is another machine, or may be, does not`(_ url: String) throws {
        #expect(try !Endpoint(url, backend: .ollama, thisHost: Self.host).isLocal)
    }

    @Test func `of this very machine is found out from the kernel`() {
        #expect(ThisHost.current.owns("127.0.0.1"))
        for address in ["192.0.2.1", "255.255.255.255", "224.0.0.1", "nonsense", ""] {
            #expect(!ThisHost.current.owns(address), "\(address)")
        }
        #expect(!ThisHost.current.name().isEmpty)
    }
}
