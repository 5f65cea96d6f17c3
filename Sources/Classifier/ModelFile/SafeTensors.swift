// A model is a safetensors file (github.com/huggingface/safetensors), which other tools can read and which holds nothing
// that is executed. The layout: the length of the header in 8 little-endian bytes, a JSON header of at most 1 MiB here,
// then the tensors without a hole, an overlap or anything after them.

/// The element types in use.
enum TensorType: String, Sendable {
    case u8 = "U8"
    case u32 = "U32"
    case u64 = "U64"
    case f32 = "F32"

    var width: Int {
        switch self {
        case .u8: 1
        case .u32, .f32: 4
        case .u64: 8
        }
    }
}

/// The header's entry for one tensor. Offsets count bytes from the end of the header.
struct TensorInfo: Sendable, Equatable {
    var name: String
    var type: TensorType
    var shape: [Int]
    var start: Int
    var end: Int
}

/// The tensors and settings of a file whose layout has been checked.
struct SafeTensors: Sendable {
    static let headerLimit = 1 << 20

    let metadata: [(name: String, value: String)]
    /// The tensors in the order of their offsets.
    let tensors: [TensorInfo]
    /// The offset in the file at which the tensors begin.
    let base: Int

    /// Reads the header and checks it against the file's size. No allocation depends on a size that the header claims.
    init(_ file: inout ModelFileStream, size: Int) throws(ModelFileError) {
        guard size >= 8 else { throw .truncated }
        var header: [UInt8] = try file.values(8)
        var length: UInt64 = 0
        for i in 0..<8 { length |= UInt64(header[i]) << (8 * UInt64(i)) }
        guard length <= UInt64(Self.headerLimit) else { throw .malformedHeader(position: 0) }
        base = 8 + Int(length)
        guard base <= size else { throw .truncated }
        header += try file.values(Int(length)) as [UInt8]
        var reader = HeaderReader(header, 8..<base)
        let tensors: [TensorInfo]
        (metadata, tensors) = try reader.read()
        self.tensors = tensors.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        try Self.check(self.tensors, size: size - base)
    }

    func tensor(_ name: String, _ type: TensorType, dimensions: Int) throws(ModelFileError) -> TensorInfo {
        guard let tensor = tensors.first(where: { $0.name == name }) else { throw .missing(name) }
        guard tensor.type == type, tensor.shape.count == dimensions else { throw .badTensor(name) }
        return tensor
    }

    func setting(_ name: String) throws(ModelFileError) -> String {
        guard let entry = metadata.first(where: { $0.name == name }) else { throw .missing(name) }
        return entry.value
    }

    /// Checks that the tensors fill the space without gaps, each as long as its shape says.
    private static func check(_ tensors: [TensorInfo], size: Int) throws(ModelFileError) {
        var position = 0
        for tensor in tensors {
            guard tensor.start == position, tensor.end >= tensor.start else { throw .badLayout(tensor: tensor.name) }
            var length = tensor.type.width
            for extent in tensor.shape {
                let (product, overflow) = length.multipliedReportingOverflow(by: extent)
                guard !overflow, extent >= 0 else { throw .badLayout(tensor: tensor.name) }
                length = product
            }
            guard length == tensor.end - tensor.start else { throw .badLayout(tensor: tensor.name) }
            position = tensor.end
            if position > size { throw .truncated }
        }
        guard position == size else { throw position < size ? .badLayout(tensor: "") : .truncated }
    }
}
