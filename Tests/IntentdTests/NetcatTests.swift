import Testing
import Wire

@Suite struct `Other people's clients` {
    private static let netcat = ["/usr/bin/nc", "/bin/nc"].first { Files.exists($0) }

    @Test(.enabled(if: netcat != nil, "netcat-openbsd is not installed"))
    func `netcat sends one line and gets its answer`() throws {
        let daemon = try DaemonProcess(try .trained())
        let folder = daemon.root.file("nc")
        try Files.makeFolder(folder)
        let client = try Child(
            try #require(Self.netcat),
            ["-N", "-U", daemon.socket],
            folder: folder,
            input: #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"where is my parcel"}}"# + "\n"
        )
        #expect(client.wait() == .exit(0))
        let answer = try JSONParser.parse(client.output)
        #expect(answer["id"] == 1 && answer["jsonrpc"] == "2.0")
        #expect(answer["result"]?["predictions"]?[0]?["intent"] == "delivery")
    }
}
