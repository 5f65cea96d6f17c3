import Glibc

/// The yardstick for a server that is disturbed: a process that answers every line at once, with the id that it reads in
/// the line and the same bytes besides. What it has to wait for, every server has to wait for.
enum Echo {
    static func serve(on path: String, answer: Int) throws {
        let listener = try Endpoint.listening(on: path)
        let head = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8)
        let rest = Array(",\"result\":\"".utf8)
        let padding = max(0, answer - head.count - Requests.idDigits - rest.count - 3)
        var line = head + [UInt8](repeating: 48, count: Requests.idDigits) + rest
        line += [UInt8](repeating: 120, count: padding) + Array("\"}\n".utf8)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { throw explain("cannot accept a connection") }
            var filled = 0
            while true {
                let room = buffer.count - filled
                let count = buffer.withUnsafeMutableBytes {
                    recv(descriptor, $0.baseAddress.map { $0 + filled }, room, 0)
                }
                guard count > 0 else { break }
                filled += count
                // One request is under way at a time.
                guard buffer[filled - 1] == 10, filled >= head.count + Requests.idDigits else { continue }
                for index in head.count..<head.count + Requests.idDigits { line[index] = buffer[index] }
                filled = 0
                guard send(descriptor, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { break }
            }
            close(descriptor)
        }
    }
}

extension Commands {
    static func echo(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: ["socket", "answer-bytes"])
        try Echo.serve(on: try options.required("socket"), answer: try options.integer("answer-bytes") ?? 200)
        return true
    }
}
