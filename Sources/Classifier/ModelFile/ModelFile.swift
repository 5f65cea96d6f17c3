// A model as a safetensors file:
//
//     sparse.hash      U64 [features]           hash of each n-gram (see NGrams)
//     sparse.idf       F32 [features]
//     sparse.weight    F32 [features, classes]
//     bias             F32 [classes]
//     intents.offsets  U32 [classes + 1]        name i is bytes[offsets[i]..<offsets[i + 1]], UTF-8
//     intents.bytes    U8  [length]
//
// A dense block would be `dense.weight` and whatever makes its values.

extension Model {
    private static var format: String { "intentd-classifier-1" }

    /// The bytes of the model's file. Equal models give equal bytes.
    package func serialized() -> [UInt8] {
        let classes = intents.count
        let metadata = [("format", Self.format)] + settings.metadata + calibration.metadata
        let size = space.count * (12 + 4 * classes) + intents.reduce(0) { $0 + $1.utf8.count } + 8 * classes + 64
        var writer = TensorWriter(metadata: metadata, capacity: size)
        // Wider types come first, so that each tensor is aligned.
        writer.add("sparse.hash", space.hashes)
        writer.add("sparse.idf", space.idf)
        writer.add("sparse.weight", .f32, shape: [space.count, classes]) { data in
            for row in 0..<space.count {
                for k in 0..<classes {
                    TensorWriter.append(weights[row * chunks + k / 8][k % 8].bitPattern, to: &data)
                }
            }
        }
        writer.add("bias", (0..<classes).map { bias[$0 / 8][$0 % 8] })
        var names: [UInt8] = []
        var offsets: [UInt32] = [0]
        for intent in intents {
            names.append(contentsOf: intent.utf8)
            offsets.append(UInt32(names.count))
        }
        writer.add("intents.offsets", offsets)
        writer.add("intents.bytes", .u8, shape: [names.count]) { $0.append(contentsOf: names) }
        return writer.finish()
    }

    /// Reads a model. Every offset is checked against the size of `bytes` before anything of that size is allocated, and
    /// values that are not finite are refused.
    ///
    /// - Throws: `ModelFileError` for bytes that ``serialized()`` cannot have made.
    package convenience init(safetensors bytes: [UInt8]) throws(ModelFileError) {
        let file = try SafeTensors(bytes)
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
        guard file.tensors.count == 6 else { throw .badLayout(tensor: "") }
        let features = hash.shape[0]
        let classes = bias.shape[0]
        guard classes >= 2 else { throw .badTensor("bias") }
        guard features <= settings.features.maximumFeatures, idf.shape[0] == features else {
            throw .badTensor("sparse.idf")
        }
        guard weight.shape == [features, classes] else { throw .badTensor("sparse.weight") }
        guard offsets.shape[0] == classes + 1 else { throw .badTensor("intents.offsets") }

        let reader = TensorReader(bytes: bytes, base: file.base)
        let intents = try reader.strings(offsets, names)
        for (previous, next) in zip(intents, intents.dropFirst())
        where !previous.utf8.lexicographicallyPrecedes(next.utf8) {
            throw .badTensor("intents.bytes")
        }
        let frequencies = try reader.floats(idf)
        guard frequencies.allSatisfy({ $0 >= 0 && $0 < 1_000 }) else { throw .badTensor("sparse.idf") }
        guard let space = FeatureSpace(hashes: reader.integers(hash), idf: frequencies) else {
            throw .badTensor("sparse.hash")
        }
        self.init(
            intents: intents,
            settings: settings,
            space: space,
            weights: try reader.lanes(weight, rows: features, classes: classes),
            bias: try reader.lanes(bias, rows: 1, classes: classes),
            calibration: calibration
        )
    }
}
