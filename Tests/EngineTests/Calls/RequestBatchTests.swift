import Patience
import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `A batch` {
    private static func batch(_ requests: [String]) -> [UInt8] { Array("[\(requests.joined(separator: ","))]".utf8) }

    private static func predict(_ id: Int) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"predict","params":{"text":"where is my parcel"}}"#
    }

    @Test func `is handled request by request, so that others have their turns in between`() async throws {
        let client = Client(try await TestWorld().engine())
        var caller = Caller(uid: 7, role: .user) { _ in }
        try client.loop.use { handler in
            var output: [UInt8] = []
            var outcome = Self.batch((1...5).map(Self.predict)).withUnsafeBytes { handler.handle($0, &caller, &output) }
            var parts = 1
            while case .unfinished(let rest) = outcome {
                parts += 1
                outcome = rest.proceed(&caller)
            }
            #expect(parts == 5)
            guard case .reply(let bytes) = outcome else { throw Refused() }
            let answers = try JSONParser.parse(String(decoding: bytes, as: UTF8.self)).array
            #expect(answers?.map { $0["id"] } == [1, 2, 3, 4, 5])
        }
    }

    @Test func `whose client has gone gives back what its first requests have taken`() async throws {
        let world = try TestWorld { $0.limits.deferredQueue = 2 }
        let client = Client(try await world.engine())
        var caller = Caller(uid: client.uid, role: .user) { _ in }
        let explain = #"{"jsonrpc":"2.0","id":1,"method":"explain","params":{"text":"where is my parcel"}}"#
        client.loop.use { handler in
            var output: [UInt8] = []
            let line = Self.batch([explain, explain, Self.predict(2)])
            let outcome = line.withUnsafeBytes { handler.handle($0, &caller, &output) }
            guard case .unfinished(let rest) = outcome, case .unfinished = rest.proceed(&caller) else {
                Issue.record("the batch is not handled in parts")
                return
            }
            rest.abandon()
        }
        #expect(
            await Patience.eventually { (try? await client.call("explain", ["text": "where is my parcel"])) != nil }
        )
        #expect(client.engine.door.held.value == 0)
    }

    private struct Refused: Error {}
}
