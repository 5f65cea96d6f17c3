import Wire

/// All requests, encoded before the clock runs. In a JSON-RPC line only the digits of the id change.
final class Requests {
    /// How many digits every id has.
    static let idDigits = 15
    /// The least number of that many digits.
    static let idBase = 100_000_000_000_000

    enum Dialect { case lines, http }

    let dialect: Dialect
    /// The offset of the id's digits, the same in every line.
    let idOffset: Int
    let longest: Int
    let meanBytes: Double
    private let storage: UnsafeMutablePointer<UInt8>
    private var places: [(start: Int, count: Int)] = []
    private var next = 0

    init(_ encoded: [[UInt8]], dialect: Dialect, idOffset: Int) {
        self.dialect = dialect
        self.idOffset = idOffset
        let total = encoded.reduce(0) { $0 + $1.count }
        let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: total)
        var start = 0
        for request in encoded {
            _ = UnsafeMutableBufferPointer(start: storage + start, count: request.count).update(fromContentsOf: request)
            places.append((start, request.count))
            start += request.count
        }
        self.storage = storage
        longest = encoded.map(\.count).max() ?? 0
        meanBytes = Double(total) / Double(max(1, encoded.count))
    }

    deinit { storage.deallocate() }

    convenience init(method: String, mode: String?, topK: Int?, texts: [[UInt8]]) throws {
        let encoded = try texts.map { text in
            let text = JSON.string(String(decoding: text, as: UTF8.self))
            let params: [Member] =
                switch method {
                case "predict": [Member("text", text)] + (topK.map { [Member("top_k", .integer($0))] } ?? [])
                case "chat": [Member("message", text)] + (mode.map { [Member("mode", .string($0))] } ?? [])
                case "status": []
                default: throw Failure("--method must be predict, chat or status")
                }
            return Dialogue.line(id: Self.idBase, method: method, params: .object(params))
        }
        self.init(encoded, dialect: .lines, idOffset: "{\"jsonrpc\":\"2.0\",\"id\":".utf8.count)
    }

    /// POST of `{"message":…}` as JSON.
    convenience init(path: String, texts: [[UInt8]]) {
        let encoded = texts.map { text in
            let message: JSON = ["message": .string(String(decoding: text, as: UTF8.self))]
            let body = Array(message.description.utf8)
            let head =
                "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.count)\r\n\r\n"
            return Array(head.utf8) + body
        }
        self.init(encoded, dialect: .http, idOffset: 0)
    }

    /// Copies the next request, with its id, and returns its length.
    func write(id: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let place = places[next]
        next += 1
        if next == places.count { next = 0 }
        target.update(from: storage + place.start, count: place.count)
        if dialect == .lines {
            var rest = id
            var index = idOffset + Self.idDigits - 1
            while index >= idOffset {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                target[index] = UInt8(truncatingIfNeeded: 48 + digit)
                rest = quotient
                index -= 1
            }
        }
        return place.count
    }
}
