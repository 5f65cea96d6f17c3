import Testing
import Wire

@Suite struct `A socket's path` {
    /// A host of user 1000 who stands two folders below the checkout, unless a test says otherwise.
    private func host(
        sockets: [String: UInt32] = [:],
        variables: [String: String] = [:],
        folder: String? = "/home/a/checkout/docs/deep",
        uid: UInt32 = 1_000
    ) -> SocketPath.Host {
        SocketPath.Host(variable: { variables[$0] }, owner: { sockets[$0] }, folder: folder, uid: uid)
    }

    @Test func `is what was named, then what the environment says, then the checkout's, then the system's`() throws {
        let checkout = ["../../run/intentd.sock": UInt32(1_000)]
        let variables = ["INTENTD_SOCKET": "/b"]
        #expect(try SocketPath.find("/a", on: host(sockets: checkout, variables: variables)) == "/a")
        #expect(try SocketPath.find(nil, on: host(sockets: checkout, variables: variables)) == "/b")
        #expect(
            try SocketPath.find(nil, on: host(sockets: checkout, variables: ["INTENTD_SOCKET": ""]))
                == "../../run/intentd.sock"
        )
        #expect(try SocketPath.find(nil, on: host(variables: ["INTENTD_SOCKET": ""])) == "/run/intentd.sock")
    }

    @Test(arguments: [
        (["run/intentd.sock": 1_000, "../run/intentd.sock": 1_000], "run/intentd.sock"),
        (["../../../../../run/intentd.sock": 1_000], "../../../../../run/intentd.sock"),
        (["../../../../../../run/intentd.sock": 1_000], SocketPath.system),
        (["run/intentd.sock": 77, "../run/intentd.sock": 0], "../run/intentd.sock"), ([:], SocketPath.system),
    ])
    func `of a checkout is the nearest that may be trusted`(_ sockets: [String: UInt32], _ path: String) throws {
        #expect(try SocketPath.find(nil, on: host(sockets: sockets)) == path)
    }

    @Test func `is not looked for where the folder is unknown`() throws {
        let host = host(sockets: ["run/intentd.sock": 1_000], folder: nil)
        #expect(try SocketPath.find(nil, on: host) == SocketPath.system)
    }

    @Test(arguments: [
        // Who asks, who asked before sudo, who owns the socket, and whether it is taken.
        (UInt32(1_000), nil, UInt32(1_000), true), (1_000, nil, 0, true), (1_000, nil, 1_001, false),
        (0, nil, 1_000, false), (0, "1000", 1_000, true), (0, "1001", 1_000, false), (0, "x", 1_000, false),
        (1_000, "1001", 1_001, false),
    ])
    func `of a stranger is taken only when it is named`(
        _ uid: UInt32,
        _ sudo: String?,
        _ owner: UInt32,
        _ isTaken: Bool
    )
        throws
    {
        let variables = sudo.map { ["SUDO_UID": $0] } ?? [:]
        let host = host(sockets: ["run/intentd.sock": owner], variables: variables, uid: uid)
        #expect(try SocketPath.find(nil, on: host) == (isTaken ? "run/intentd.sock" : SocketPath.system))
        #expect(try SocketPath.find("run/intentd.sock", on: host) == "run/intentd.sock")
    }

    @Test(arguments: [(0, false), (1, true), (107, true), (108, false), (5_000, false)])
    func `has 1 to 107 bytes`(_ count: Int, _ isUsable: Bool) throws {
        let path = String(repeating: "x", count: count)
        let variables = count == 0 ? [:] : ["INTENTD_SOCKET": path]
        if isUsable {
            #expect(try SocketPath.find(path, on: host()) == path)
            #expect(try SocketPath.find(nil, on: host(variables: variables)) == path)
            return
        }
        let words = "must be a path of 1 to 107 bytes, not \(count); use a shorter one."
        #expect {
            try SocketPath.find(path, on: host())
        } throws: {
            ($0 as? SocketPath.Unusable)?.description == "--socket \(words)"
        }
        guard count > 0 else { return }
        #expect {
            try SocketPath.find(nil, on: host(variables: variables))
        } throws: {
            ($0 as? SocketPath.Unusable)?.description == "INTENTD_SOCKET \(words)"
        }
    }
}
