/// Collects tensors and settings and makes a safetensors file of them. The same calls give the same bytes.
struct TensorWriter {
    private var header = "{\"__metadata__\":{"
    private var data: [UInt8] = []

    init(metadata: [(name: String, value: String)], capacity: Int) {
        data.reserveCapacity(capacity)
        for (index, entry) in metadata.enumerated() {
            if index > 0 { header += "," }
            header += "\"\(entry.name)\":\"\(Self.escape(entry.value))\""
        }
        header += "}"
    }

    /// Adds a tensor whose bytes `append` appends. Wider types must come first, so that each tensor is aligned to its
    /// elements.
    mutating func add(_ name: String, _ type: TensorType, shape: [Int], append: (inout [UInt8]) -> Void) {
        let start = data.count
        append(&data)
        let extents = shape.map(String.init).joined(separator: ",")
        header += ",\"\(name)\":{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],"
        header += "\"data_offsets\":[\(start),\(data.count)]}"
    }

    mutating func add(_ name: String, _ type: TensorType, values: [some FixedWidthInteger]) {
        add(name, type, shape: [values.count]) { data in
            for value in values { Self.append(value, to: &data) }
        }
    }

    mutating func add(_ name: String, _ values: [Float]) { add(name, .f32, values: values.map(\.bitPattern)) }

    consuming func finish() -> [UInt8] {
        var text = Array((header + "}").utf8)
        while text.count % 8 != 0 { text.append(0x20) }
        var file: [UInt8] = []
        file.reserveCapacity(8 + text.count + data.count)
        Self.append(UInt64(text.count), to: &file)
        file.append(contentsOf: text)
        file.append(contentsOf: data)
        return file
    }

    @inline(__always)
    static func append(_ value: some FixedWidthInteger, to data: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
