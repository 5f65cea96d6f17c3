import Glibc
import Testing
import Wire

@Suite struct Rights {
    private static let adminOnly: [(method: String, params: JSON)] = [
        ("retrain", [:]), ("reload", [:]), ("jobs.cancel", ["job": "x"]),
        ("feedback.review", ["feedback_id": "x", "accept": true]),
        ("models.promote", ["version": 1, "reason": "x"]), ("models.rollback", ["reason": "x"]),
    ]

    @Test func `a connection that gave its rights up never gets them back`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        #expect(try client.refusal("connection.restrict", ["role": "admin"])?.code == -32_602)
        #expect(try client.call("status")["role"] == "admin")
        let restricted = try client.call("connection.restrict", ["role": "user"])
        #expect(restricted == ["uid": .integer(Int(getuid())), "role": "user"])
        #expect(try client.call("connection.restrict", ["role": "user"])["role"] == "user")
        for (method, params) in Self.adminOnly {
            let refusal = try client.refusal(method, params)
            #expect(refusal?.code == -32_002, "\(method)")
            #expect(refusal?.reason == "forbidden", "\(method)")
        }
        #expect(try client.call("status")["role"] == "user")
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
        // Other connections of the same person keep theirs.
        #expect(try daemon.connect().call("status")["role"] == "admin")
    }

    @Test func `what comes before it in the same batch is still done as an admin`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.send(
            "["
                + [
                    #"{"jsonrpc":"2.0","id":1,"method":"status"}"#,
                    #"{"jsonrpc":"2.0","id":2,"method":"connection.restrict","params":{"role":"user"}}"#,
                    #"{"jsonrpc":"2.0","id":3,"method":"reload"}"#,
                ].joined(separator: ",") + "]"
        )
        let answers = try #require(try client.json()?.array)
        #expect(answers.first { $0["id"] == 1 }?["result"]?["role"] == "admin")
        #expect(answers.first { $0["id"] == 3 }?["error"]?["code"] == -32_002)
        #expect(try client.refusal("retrain")?.code == -32_002)
    }

    @Test func `a user's feedback waits for an admin and is his alone to see`() throws {
        let daemon = try DaemonProcess(try .trained())
        let (admin, user) = (try daemon.connect(), try daemon.connect())
        try user.call("connection.restrict", ["role": "user"])
        let receipt = try user.call("feedback.submit", ["text": "ship it faster", "intent": "delivery"])
        #expect(receipt["state"] == "pending" && receipt["pending"] == 1)
        let id = receipt["feedback_id"] ?? .null
        let reviewed = try admin.call("feedback.review", ["feedback_id": id, "accept": true])
        #expect(reviewed["state"] == "accepted" && reviewed["feedback_id"] == id)
        #expect(try admin.call("feedback.review", ["feedback_id": id, "accept": false])["state"] == "rejected")
        #expect(try admin.refusal("feedback.review", ["feedback_id": "x", "accept": true])?.code == -32_003)
        #expect(try admin.call("feedback.submit", ["text": "open the door", "intent": "hours"])["state"] == "accepted")
        let items = try user.call("feedback.list")["items"]?.array ?? []
        #expect(items.count == 2)
        #expect(items.last?["text"] == "ship it faster")
    }

    @Test func `the socket is its owner's alone`() throws {
        let daemon = try DaemonProcess(try .trained())
        var information = stat()
        #expect(lstat(daemon.socket, &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
    }
}
