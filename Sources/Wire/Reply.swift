/// The lines that the daemon sends. Each ends with a line feed.
///
///     Reply.result(id: request.id) { $0.value(["job": "7"]) }  // {"jsonrpc":"2.0","id":1,"result":{"job":"7"}}
package enum Reply {
    package static func result(id: RequestID, capacity: Int = 256, write: (inout JSONWriter) -> Void) -> [UInt8] {
        line(id, capacity: capacity) { writer in
            writer.name("result")
            write(&writer)
        }
    }

    /// - Parameter encoded: the result's JSON.
    package static func result(id: RequestID, encoded: [UInt8]) -> [UInt8] {
        result(id: id, capacity: encoded.count + 64) { $0.raw(encoded) }
    }

    /// Appends a result's line to `bytes`.
    ///
    /// - Parameter id: the JSON of an id.
    package static func append(
        to bytes: inout [UInt8],
        id: UnsafeRawBufferPointer.SubSequence,
        write: (inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter()
        swap(&writer.bytes, &bytes)
        writer.beginMessage()
        writer.name("id")
        writer.value(writing: { $0.append(contentsOf: id) })
        writer.name("result")
        write(&writer)
        writer.endMessage()
        swap(&writer.bytes, &bytes)
    }

    package static func error(id: RequestID, _ error: RPCError) -> [UInt8] {
        line(id) { writer in
            writer.name("error")
            error.write(to: &writer)
        }
    }

    package static func notification(_ method: String, params: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.message { writer in
            writer.name("method")
            writer.value(method)
            writer.name("params")
            params(&writer)
        }
    }

    /// Makes one line, an array, of the answers to a batch.
    ///
    /// - Parameter lines: the replies, as the functions above make them.
    package static func batch(_ lines: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(2) { $0 + $1.count })
        bytes.append(UInt8(ascii: "["))
        for (index, line) in lines.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...])
        }
        bytes.append(contentsOf: "]\n".utf8)
        return bytes
    }

    private static func line(_ id: RequestID, capacity: Int = 256, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.message(capacity: capacity) { writer in
            writer.name("id")
            writer.value(id)
            write(&writer)
        }
    }
}

// Every message of JSON-RPC begins and ends like this, whoever sends it.
extension JSONWriter {
    mutating func beginMessage() {
        beginObject()
        name("jsonrpc")
        value("2.0")
    }

    mutating func endMessage() {
        endObject()
        bytes.append(UInt8(ascii: "\n"))
    }

    static func message(capacity: Int = 256, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        writer.beginMessage()
        write(&writer)
        writer.endMessage()
        return writer.bytes
    }
}
