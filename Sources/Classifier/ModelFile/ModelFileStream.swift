/// Reads a model file from its beginning to its end in pieces, so that neither the whole file nor a second copy of a tensor
/// is ever held. Numbers lie in the file as they lie in the memory of every host that Swift for Linux is built for.
struct ModelFileStream {
    private let next: () -> [UInt8]
    private var piece: [UInt8]
    private var position = 0

    /// - Parameters:
    ///   - piece: the first bytes.
    ///   - next: returns the bytes after those; none at the end.
    init(_ piece: [UInt8] = [], next: @escaping () -> [UInt8] = { [] }) {
        (self.piece, self.next) = (piece, next)
    }

    mutating func values<Value: BitwiseCopyable>(_ count: Int) throws(ModelFileError) -> [Value] {
        var isWhole = false
        let values = [Value](unsafeUninitializedCapacity: count) { values, filled in
            isWhole = fill(UnsafeMutableRawBufferPointer(values))
            filled = isWhole ? count : 0
        }
        guard isWhole else { throw .truncated }
        return values
    }

    mutating func floats(_ tensor: TensorInfo) throws(ModelFileError) -> [Float] {
        let values: [Float] = try values(tensor.shape[0])
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: tensor.name) }
        return values
    }

    /// Reads rows of `classes` numbers, each padded with zeros to whole vectors. Weights beyond 10^6, which no training
    /// makes, could overflow a sum and are refused like infinity.
    mutating func lanes(_ tensor: TensorInfo, rows: Int, classes: Int) throws(ModelFileError) -> [Float8] {
        let chunks = (classes + 7) / 8
        let limit = Float8(repeating: 1e6)
        var isWhole = true
        var isFinite = SIMDMask<SIMD8<Int32>>(repeating: true)
        let lanes = [Float8](unsafeUninitializedCapacity: rows * chunks) { lanes, filled in
            while filled < rows * chunks {
                let row = UnsafeMutableBufferPointer(rebasing: lanes[filled..<filled + chunks])
                row.initialize(repeating: Float8(repeating: 0))
                let bytes = UnsafeMutableRawBufferPointer(row)
                isWhole = fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(4 * classes)]))
                guard isWhole else { return }
                // Neither comparison holds for NaN.
                for lane in row { isFinite .&= (lane .<= limit) .& (lane .>= -limit) }
                filled += chunks
            }
        }
        guard isWhole else { throw .truncated }
        guard all(isFinite) else { throw .notFinite(tensor: tensor.name) }
        return lanes
    }

    /// Fills `target` with the next bytes.
    ///
    /// - Returns: false if the file ends before.
    private mutating func fill(_ target: UnsafeMutableRawBufferPointer) -> Bool {
        var filled = 0
        while filled < target.count {
            if position == piece.count {
                (piece, position) = (next(), 0)
                if piece.isEmpty { return false }
            }
            let count = min(piece.count - position, target.count - filled)
            piece.withUnsafeBytes { piece in
                UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[position..<position + count]))
            }
            filled += count
            position += count
        }
        return true
    }
}
