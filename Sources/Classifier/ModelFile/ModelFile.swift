// A model as a safetensors file:
//
//     sparse.hash      U64 [features]           hash of each n-gram (see NGrams)
//     sparse.idf       F32 [features]
//     sparse.weight    F32 [features, classes]
//     bias             F32 [classes]
//     intents.offsets  U32 [classes + 1]        name i is bytes[offsets[i]..<offsets[i + 1]], UTF-8
//     intents.groups   U32 [classes]            from how many groups of rows each was learnt
//     intents.bytes    U8  [length]
//     intents.withheld U8  [classes]            1 where answers are not given locally
//     sparse.scarce    U8  [features / 8]       one bit a feature, the first in the lowest bit, rounded up to bytes: 1
//                                               where fewer than three people stand behind it
//
// Files of earlier versions lack `sparse.scarce`, and still earlier ones also `intents.groups` and `intents.withheld`.
//
// A dense block would be `dense.weight` and whatever makes its values.

extension Model {
    private static var format: String { "intentd-classifier-1" }

    /// The bytes of the model's file. Equal models give equal bytes.
    package func serialized() -> [UInt8] {
        let count = classes.count
        let metadata = [("format", Self.format)] + settings.metadata + calibration.metadata
        let size = space.count * (12 + 4 * count) + classes.reduce(0) { $0 + $1.utf8.count } + 8 * count + 64
        var writer = TensorWriter(metadata: metadata, capacity: size)
        // Wider types come first, so that each tensor is aligned.
        writer.add("sparse.hash", .u64, values: space.hashes)
        writer.add("sparse.idf", space.idf)
        writer.add("sparse.weight", .f32, shape: [space.count, count]) { data in
            for row in 0..<space.count {
                for k in 0..<count {
                    TensorWriter.append(weights[row * chunks + k / 8][k % 8].bitPattern, to: &data)
                }
            }
        }
        writer.add("bias", (0..<count).map { bias[$0 / 8][$0 % 8] })
        var names: [UInt8] = []
        var offsets: [UInt32] = [0]
        for intent in classes {
            names.append(contentsOf: intent.utf8)
            offsets.append(UInt32(names.count))
        }
        writer.add("intents.offsets", .u32, values: offsets)
        if !groups.isEmpty { writer.add("intents.groups", .u32, values: groups.map { UInt32(clamping: $0) }) }
        writer.add("intents.bytes", .u8, values: names)
        if !groups.isEmpty { writer.add("intents.withheld", .u8, values: ownWithheld.map { $0 ? UInt8(1) : 0 }) }
        if let scarce { writer.add("sparse.scarce", .u8, values: scarce.bytes) }
        return writer.finish()
    }

    /// - Throws: `ModelFileError` for bytes that ``serialized()`` cannot have made.
    package convenience init(safetensors bytes: [UInt8]) throws(ModelFileError) {
        try self.init(ModelFileStream(bytes), size: bytes.count)
    }

    /// Reads a model from a file of `size` bytes; `next` gives its next bytes, as many as are handy.
    ///
    /// - Throws: `ModelFileError` for bytes that ``serialized()`` cannot have made.
    package convenience init(size: Int, next: @escaping () -> [UInt8]) throws(ModelFileError) {
        try self.init(ModelFileStream(next: next), size: size)
    }

    /// Every offset is checked against the file's size before anything of that size is allocated, and values that are
    /// not finite are refused: the bytes need not be trusted.
    private convenience init(_ stream: consuming ModelFileStream, size: Int) throws(ModelFileError) {
        let file = try SafeTensors(&stream, size: size)
        let format = try file.setting("format")
        guard format == Self.format else { throw .unknownFormat(format) }
        let settings = try Settings(file)
        let calibration = try Calibration(file)

        let hash = try file.tensor("sparse.hash", .u64, dimensions: 1)
        let idf = try file.tensor("sparse.idf", .f32, dimensions: 1)
        let weight = try file.tensor("sparse.weight", .f32, dimensions: 2)
        let bias = try file.tensor("bias", .f32, dimensions: 1)
        let offsets = try file.tensor("intents.offsets", .u32, dimensions: 1)
        let names = try file.tensor("intents.bytes", .u8, dimensions: 1)
        let countsGroups = file.tensors.count > 6
        let groups = countsGroups ? try file.tensor("intents.groups", .u32, dimensions: 1) : nil
        let withheld = countsGroups ? try file.tensor("intents.withheld", .u8, dimensions: 1) : nil
        let marksScarce = file.tensors.count > 8
        let scarce = marksScarce ? try file.tensor("sparse.scarce", .u8, dimensions: 1) : nil
        guard file.tensors.count == (marksScarce ? 9 : countsGroups ? 8 : 6) else { throw .badLayout(tensor: "") }
        let features = hash.shape[0]
        let classes = bias.shape[0]
        guard classes >= 2 else { throw .badTensor("bias") }
        guard features <= settings.features.maximumFeatures, idf.shape[0] == features else {
            throw .badTensor("sparse.idf")
        }
        guard weight.shape == [features, classes] else { throw .badTensor("sparse.weight") }
        guard offsets.shape[0] == classes + 1 else { throw .badTensor("intents.offsets") }
        guard groups?.shape[0] ?? classes == classes else { throw .badTensor("intents.groups") }
        guard withheld?.shape[0] ?? classes == classes else { throw .badTensor("intents.withheld") }
        guard scarce.map({ $0.shape[0] == FeatureBits.length(of: features) }) ?? true else {
            throw .badTensor("sparse.scarce")
        }

        var data = TensorData()
        for tensor in file.tensors {
            switch tensor {
            case hash: data.hashes = try stream.values(features)
            case idf: data.idf = try stream.floats(tensor)
            case weight: data.weights = try stream.lanes(tensor, rows: features, classes: classes)
            case bias: data.bias = try stream.lanes(tensor, rows: 1, classes: classes)
            case offsets: data.offsets = try stream.values(classes + 1)
            case groups: data.groups = try stream.values(classes)
            case withheld: data.withheld = try stream.values(classes)
            case scarce: data.scarce = try stream.values(FeatureBits.length(of: features))
            default: data.names = try stream.values(names.shape[0])
            }
        }
        guard data.idf.allSatisfy({ $0 >= 0 && $0 < 1_000 }) else { throw .badTensor("sparse.idf") }
        guard let space = FeatureSpace(hashes: data.hashes, idf: data.idf) else { throw .badTensor("sparse.hash") }
        let bits = FeatureBits(bytes: data.scarce, count: features)
        if marksScarce, bits == nil { throw .badTensor("sparse.scarce") }
        self.init(
            intents: try data.intents(),
            groups: data.groups.map(Int.init),
            withheld: countsGroups ? data.withheld.map { $0 != 0 } : [Bool](repeating: false, count: classes),
            settings: settings,
            space: space,
            scarce: marksScarce ? bits : nil,
            weights: data.weights,
            bias: data.bias,
            calibration: calibration
        )
    }
}

/// The contents of a model's tensors.
private struct TensorData {
    var hashes: [UInt64] = []
    var idf: [Float] = []
    var weights: [Float8] = []
    var bias: [Float8] = []
    var offsets: [UInt32] = []
    var groups: [UInt32] = []
    var withheld: [UInt8] = []
    var scarce: [UInt8] = []
    var names: [UInt8] = []

    /// The names that the offsets cut out; ascending, as the trainer writes them.
    func intents() throws(ModelFileError) -> [String] {
        guard offsets.first == 0, offsets.last.map(Int.init) == names.count,
            zip(offsets, offsets.dropFirst()).allSatisfy(<=)
        else { throw .badTensor("intents.offsets") }
        var intents: [String] = []
        for (start, end) in zip(offsets, offsets.dropFirst()) {
            guard let intent = String(validating: names[Int(start)..<Int(end)], as: UTF8.self),
                intents.last?.utf8.lexicographicallyPrecedes(intent.utf8) ?? true
            else { throw .badTensor("intents.bytes") }
            intents.append(intent)
        }
        return intents
    }
}
