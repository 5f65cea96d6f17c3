import Statistics
import Testing

@testable import Classifier

@Suite struct ModelFileTests {
    /// Small enough to cut at every byte.
    private func model() async throws -> Model {
        var settings = Settings()
        settings.features.characters = nil
        return try await Trainer.train(
            Samples.examples(perIntent: 3, intents: ["refund", "hours"]) + [
                Example(text: "ü\"\\x", intent: "na\"me\n\\ü")
            ],
            settings: settings
        )
    }

    @Test func `what was written is read`() async throws {
        for threshold in [nil, 0.4] {
            var settings = Settings(cost: 12.5, targetPrecision: 0.9, threshold: threshold, seed: .max)
            settings.features = .scikitLearn
            let model = try await Trainer.train(Samples.examples(perIntent: 20), settings: settings)
            let read = try Model(safetensors: model.serialized())
            #expect(read.settings == model.settings && read.intents == model.intents)
            #expect(read.calibration == model.calibration)
            let examples = Samples.examples(perIntent: 40, seed: 3)
            #expect(predictions(of: read, on: examples) == predictions(of: model, on: examples))
            #expect(read.serialized() == model.serialized())
        }
        let odd = try await self.model()
        #expect(try Model(safetensors: odd.serialized()).intents == odd.intents)
    }

    @Test func `a file cut anywhere is refused`() async throws {
        let bytes = try await model().serialized()
        for length in 0..<bytes.count {
            #expect(throws: ModelFileError.self) { try Model(safetensors: Array(bytes[..<length])) }
        }
        #expect(throws: ModelFileError.self) { try Model(safetensors: bytes + [0]) }
    }

    @Test func `a flipped bit is refused or gives a model that works`() async throws {
        let bytes = try await model().serialized()
        let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        var random = SplitMix64(seed: 5)
        // Every bit of the header, then bits of the tensors.
        let positions = (0..<header * 8).map { $0 } + (0..<20_000).map { _ in random.next(below: bytes.count * 8) }
        var workspace = Workspace()
        for position in positions {
            var damaged = bytes
            damaged[position / 8] ^= 1 << UInt8(position % 8)
            guard let model = try? Model(safetensors: damaged) else { continue }
            let prediction = model.predict("my refund at closing time ü", top: 3, workspace: &workspace)
            #expect(prediction.confidence.isFinite && prediction.logit.isFinite)
        }
    }

    @Test func `a file may come in pieces of any size`() async throws {
        let bytes = try await model().serialized()
        for size in [1, 7, 4_096] {
            var rest = bytes[...]
            let read = try Model(size: bytes.count) {
                defer { rest = rest.dropFirst(size) }
                return Array(rest.prefix(size))
            }
            #expect(read.serialized() == bytes)
        }
    }

    @Test func `a file that is shorter than it was said to be is refused`() async throws {
        let bytes = try await model().serialized()
        for length in [0, 7, 100, bytes.count - 1] {
            var rest = bytes[..<length]
            #expect(throws: ModelFileError.truncated) {
                try Model(size: bytes.count) {
                    defer { rest = [] }
                    return Array(rest)
                }
            }
        }
    }

    @Test func `weights that are no numbers are refused`() async throws {
        let model = try await model()
        let bytes = model.serialized()
        let file = try SafeTensors(bytes)
        for name in ["sparse.weight", "sparse.idf", "bias"] {
            let start = file.base + (try #require(file.tensors.first { $0.name == name }).start)
            for bits in [Float.nan.bitPattern, Float.infinity.bitPattern, (-Float.infinity).bitPattern] {
                var damaged = bytes
                for i in 0..<4 { damaged[start + i] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(i))) }
                #expect(throws: ModelFileError.notFinite(tensor: name)) { try Model(safetensors: damaged) }
            }
        }
    }

    private func file(_ header: String, data: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        TensorWriter.append(UInt64(header.utf8.count), to: &bytes)
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    @Test(arguments: hostile)
    func `hostile headers are refused`(header: String, data: Int) {
        #expect(throws: ModelFileError.self) { try SafeTensors(file(header, data: data)) }
    }

    @Test func `the smallest good headers are read`() throws {
        #expect(try SafeTensors(file("{}  ")).tensors.isEmpty)
        let read = try SafeTensors(
            file("{ \"__metadata__\" : {\"a\\u0041\":\"\\\"\\\\\"} ,\n" + Self.member("t", "U8", "[3,0]", 0, 0) + "}")
        )
        #expect(read.metadata.first?.name == "aA" && read.metadata.first?.value == "\"\\")
        #expect(read.tensors == [TensorInfo(name: "t", type: .u8, shape: [3, 0], start: 0, end: 0)])
    }

    @Test func `a header length beyond all measure is refused`() {
        let lengths: [UInt64] = [.max, 1 << 63, 1 << 40, (1 << 20) + 1]
        for length in lengths {
            var bytes: [UInt8] = []
            TensorWriter.append(length, to: &bytes)
            #expect(throws: ModelFileError.self) { try SafeTensors(bytes + Array("{}".utf8)) }
        }
    }

    /// Headers and how many bytes of tensors follow.
    private static let hostile: [(String, Int)] = [
        ("", 0), ("{", 0), ("{}x", 0), ("[]", 0), ("{\"a\":1}", 0),
        // A hole, an overlap, a tensor behind the end, one too short for its shape, bytes that belong to none.
        (tensor("a", "U8", "[2]", 1, 3), 3),
        (two("[2]", 0, 2, "b", "[2]", 1, 3), 3),
        (tensor("a", "U8", "[9]", 0, 9), 8), (tensor("a", "U32", "[2]", 0, 4), 4), (tensor("a", "U8", "[2]", 0, 2), 3),
        (tensor("a", "U8", "[2]", 2, 0), 0),
        // Shapes and offsets whose products overflow.
        (tensor("a", "U64", "[9223372036854775807,9223372036854775807]", 0, 8), 8),
        (tensor("a", "F32", "[4611686018427387905]", 0, 4), 4),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}", 1),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}", 1),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1),
        // Names twice, members unknown or missing, types unknown.
        (two("[1]", 0, 1, "a", "[1]", 1, 2), 2),
        ("{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", 0), ("{\"__metadata__\":{\"x\":1}}", 0),
        ("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1), (tensor("a", "I8", "[1]", 0, 1), 1),
        ("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1),
        ("{\"__metadata__\":{\"x\":\"\\ud800\"}}", 0), ("{\"__metadata__\":{\"x\":\"\\n\"}}", 0),
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1),
    ]

    private static func two(
        _ shape: String,
        _ start: Int,
        _ end: Int,
        _ name: String,
        _ other: String,
        _ from: Int,
        _ to: Int
    ) -> String {
        "{\(member("a", "U8", shape, start, end)),\(member(name, "U8", other, from, to))}"
    }

    private static func member(_ name: String, _ type: String, _ shape: String, _ start: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    private static func tensor(_ name: String, _ type: String, _ shape: String, _ start: Int, _ end: Int) -> String {
        "{" + member(name, type, shape, start, end) + "}"
    }
}

extension SafeTensors {
    init(_ bytes: [UInt8]) throws(ModelFileError) {
        var stream = ModelFileStream(bytes)
        try self.init(&stream, size: bytes.count)
    }
}
