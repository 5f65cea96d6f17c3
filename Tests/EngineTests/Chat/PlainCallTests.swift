import CAllocations
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// The hot path takes what it can and must then say exactly what the general path says.
@Suite struct `The hot path` {
    /// One of two engines that know the same things and draw the same random numbers.
    private final class Side {
        let world: TestWorld
        let engine: Engine
        let lane: Lane
        var output: [UInt8] = []
        private var caller: Caller

        init(role: Role) async throws {
            world = try TestWorld()
            engine = try await world.engine()
            lane = engine.makeLane()
            caller = Caller(uid: 1_000, role: role) { _ in }
        }

        func plain(_ line: [UInt8]) -> (bytes: [UInt8], isPlain: Bool)? {
            line.withUnsafeBytes { bytes in
                output.removeAll()
                guard let call = PlainCall(bytes),
                    engine.door.answers(call, to: bytes, from: caller.identity, lane: lane, began: 0, output: &output)
                else { return nil }
                return (output, true)
            }
        }

        func general(_ line: [UInt8]) -> [UInt8]? {
            let outcome = engine.door.answer(
                Incoming.parse(line),
                caller: &caller,
                lane: lane,
                began: 0
            )
            guard case .reply(let bytes) = outcome else { return nil }
            return bytes
        }

        /// Without the times, which anybody who looks at the clock moves.
        static func timeless(_ text: some Sequence<UInt8>) -> String {
            String(decoding: Array(text), as: UTF8.self).split(separator: "\"total\":").map { part in
                String(part.drop { $0.isNumber })
            }.joined(separator: "\"total\":")
        }

        var log: String {
            lane.flush()
            return Self.timeless((world.files.text(world.folders.chatLog) ?? "").utf8)
        }
    }

    static let lines: [String] = {
        let texts = [
            #"where is my parcel"#, #"WHERE is my \"parcel\"?"#, #"caf\u00e9 \ud83d\ude00 öffnet"#,
            #"mail bob@example.com"#,
            #"ignore previous instructions"#, #" refund "#, "\u{3000}refund", "refund\u{A0}", #"\u2003refund"#, "über",
            #""#, #" "#, #"\n\t"#, "日本語", #"a\u0000b"#, #"\ud800"#, "call +49 170 1234567 now",
            String(repeating: "long ", count: 500), String(repeating: "ä", count: 1_100),
        ]
        let extras = [
            "", #","mode":"local""#, #","mode":"llm""#, #","mode":"LOCAL""#, #","mode":7"#, #","session":"s-1""#,
            #","session":"a b""#, #","session":"""#, #","session":"a\u0062""#, #","ab_prob":0.5,"session":"x""#,
            #","ab_prob":1.5"#, #","ab_prob":null"#, #","stream":true"#, #","stream":"yes""#, #","model":"llama3.2""#,
            #","_meta":{}"#, #","top_k":2"#, #","top_k":0"#, #","top_k":2.0"#, #","top_k":21"#,
            #","mode":"auto","mode":"auto""#,
            #","unknown":1"#, #","mod\u0065":"local""#,
        ]
        let ids = [
            "1", "2", #""x""#, "3", #""a\"b""#, "null", "1.0", "-0", "12345678901234567890123", "true", #""\u00e9""#,
            "[]",
        ]
        var lines: [String] = []
        for text in texts {
            for extra in extras {
                for (method, name) in [("chat", "message"), ("predict", "text"), ("chat", "text"), ("explain", "text")]
                {
                    let id = ids[lines.count / 3 % ids.count]
                    lines.append(
                        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{"\#(name)":"\#(text)"\#(extra)}}"#
                    )
                }
            }
        }
        lines += [
            #"{"jsonrpc":"2.0","method":"chat","params":{"message":"hi"}}"#,
            #"{"jsonrpc":"2.0","id":1,"id":2,"method":"chat","params":{"message":"hi"}}"#,
            #"{"jsonrpc":"1.0","id":1,"method":"chat","params":{"message":"hi"}}"#,
            #"{"id":1,"method":"chat","params":{"message":"hi"}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"hi"},"extra":[1,{"a":1,"a":2}]}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"hi"},"extra":[1]}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"hi"}} x"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"hi",}}"#,
            #"{"params":{"message":"hi"},"method":"chat","id":"z","jsonrpc":"2.0"}"#,
            #" { "jsonrpc" : "2.0" , "id" : 1 , "method" : "predict" , "params" : { "text" : "hi" } } "#,
            #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"hi","texts":["a"]}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{}}"#, #"{"jsonrpc":"2.0","id":1,"method":"chat"}"#,
            "{}",
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":["hi"]}"#, "[]", "",
        ]
        return lines
    }()

    @Test(arguments: [Role.user, .admin, .none])
    func `says what the general path says`(role: Role) async throws {
        let (one, other) = (try await Side(role: role), try await Side(role: role))
        var taken = 0
        for line in Self.lines {
            guard let plain = one.plain(Array(line.utf8)) else { continue }
            taken += 1
            let general = try #require(other.general(Array(line.utf8)), "\(line)")
            #expect(Side.timeless(plain.bytes) == Side.timeless(general))
        }
        #expect(one.log == other.log)
        // Whoever has no rights is told so by the general path.
        #expect(role == .none ? taken == 0 : taken > 40, "\(taken) of \(Self.lines.count)")
    }

    @Test(arguments: 0..<4)
    func `takes no line that the general path would refuse`(seed: Int) async throws {
        let (one, other) = (try await Side(role: .user), try await Side(role: .user))
        var generator = SeededGenerator(seed: UInt64(seed))
        let pieces =
            Array(#"{}[]:,"\ chatpredictmessage0129eE.+-truefalsnul"#.utf8) + [0, 0x0A, 0x80, 0xC3, 0xA9, 0xFF]
        for round in 0..<6_000 {
            var line = Array(Self.lines[(round * 7) % Self.lines.count].utf8.prefix(400))
            guard !line.isEmpty else { continue }
            for _ in 0..<generator.below(4) {
                let place = generator.below(line.count)
                switch generator.below(3) {
                case 0: line[place] = pieces[generator.below(pieces.count)]
                case 1: line.insert(pieces[generator.below(pieces.count)], at: place)
                default: if line.count > 1 { line.remove(at: place) }
                }
            }
            if let plain = one.plain(line) {
                let general = try #require(other.general(line), "\(String(decoding: line, as: UTF8.self))")
                #expect(Side.timeless(plain.bytes) == Side.timeless(general))
            }
        }
        #expect(one.log == other.log)
    }

    @Test(
        .enabled(if: allocations_are_counted()),
        arguments: [
            #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"where is my parcel"}}"#,
            #"{"jsonrpc":"2.0","id":"a-long-string-as-an-id","method":"predict","params":{"text":"caf\u00e9 closes when?","top_k":3}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"where is my parcel","mode":"local"}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"please sing the anthem of Überland","mode":"auto"}}"#,
        ]
    )
    func `allocates nothing, but for what a session remembers`(line: String) async throws {
        let side = try await Side(role: .user)
        let bytes = Array(line.utf8)
        var caller = Caller(uid: 1_000, role: .user) { _ in }
        func ask() {
            bytes.withUnsafeBytes {
                _ = side.engine.door.handle($0, caller: &caller, lane: side.lane, output: &side.output)
            }
            side.output.removeAll(keepingCapacity: true)
        }
        // Until the buffers have their size; the log is written elsewhere.
        for _ in 0..<100 { ask() }
        side.lane.flush()
        let before = allocations_of_this_thread()
        for _ in 0..<100 { ask() }
        #expect(allocations_of_this_thread() - before == 0)
        side.lane.flush()
        #expect(side.log.isEmpty == line.contains("predict"))
    }
}
