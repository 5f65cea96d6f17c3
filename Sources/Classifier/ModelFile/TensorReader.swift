/// Reads tensors, whose places in the file have been checked, as arrays.
struct TensorReader {
    let bytes: [UInt8]
    let base: Int

    func integers(_ tensor: TensorInfo) -> [UInt64] {
        bytes.withUnsafeBytes { bytes in
            (0..<tensor.shape[0]).map { i in
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: base + tensor.start + 8 * i, as: UInt64.self))
            }
        }
    }

    func floats(_ tensor: TensorInfo) throws(ModelFileError) -> [Float] {
        let values = bytes.withUnsafeBytes { bytes in
            (0..<tensor.shape[0]).map { i in Self.float(bytes, base + tensor.start + 4 * i) }
        }
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: tensor.name) }
        return values
    }

    /// Reads rows of `classes` numbers, each padded with zeros to whole vectors. Weights beyond 10^6, which no training
    /// makes, could overflow a sum and are refused like infinity.
    func lanes(_ tensor: TensorInfo, rows: Int, classes: Int) throws(ModelFileError) -> [Float8] {
        let chunks = (classes + 7) / 8
        var finite = true
        let lanes = [Float8](unsafeUninitializedCapacity: rows * chunks) { lanes, count in
            bytes.withUnsafeBytes { bytes in
                var position = base + tensor.start
                for row in 0..<rows {
                    for chunk in 0..<chunks {
                        var values = Float8(repeating: 0)
                        for lane in 0..<min(8, classes - chunk * 8) {
                            let value = Self.float(bytes, position)
                            // The comparison is false for NaN too.
                            if !(abs(value) <= 1e6) { finite = false }
                            values[lane] = value
                            position += 4
                        }
                        lanes.initializeElement(at: row * chunks + chunk, to: values)
                    }
                }
            }
            count = rows * chunks
        }
        guard finite else { throw .notFinite(tensor: tensor.name) }
        return lanes
    }

    /// Reads the strings that `offsets` cuts out of `names`.
    func strings(_ offsets: TensorInfo, _ names: TensorInfo) throws(ModelFileError) -> [String] {
        let ends = bytes.withUnsafeBytes { bytes in
            (0..<offsets.shape[0]).map { i in
                Int(
                    UInt32(
                        littleEndian: bytes.loadUnaligned(
                            fromByteOffset: base + offsets.start + 4 * i,
                            as: UInt32.self
                        )
                    )
                )
            }
        }
        guard ends.first == 0, ends.last == names.shape[0], zip(ends, ends.dropFirst()).allSatisfy(<=) else {
            throw .badTensor(offsets.name)
        }
        var strings: [String] = []
        for (start, end) in zip(ends, ends.dropFirst()) {
            let text = bytes[base + names.start + start..<base + names.start + end]
            guard let string = String(validating: text, as: UTF8.self) else { throw .badTensor(names.name) }
            strings.append(string)
        }
        return strings
    }

    @inline(__always)
    private static func float(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Float {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
