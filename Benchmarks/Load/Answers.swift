import Glibc

/// One answer found in the bytes that came.
struct Answer {
    /// Where the next one begins.
    var end: Int
    /// nil for HTTP, where answers come in order, and for a notification.
    var id: Int?
    var isAnswer = true
    var isResult: Bool
}

/// Finds answers by their ends and their ids, without a parser.
enum Answers {
    private static let head: StaticString = "{\"jsonrpc\":\"2.0\",\"id\":"
    private static let result: StaticString = "\"result\":"
    private static let blank: StaticString = "\r\n\r\n"
    private static let lengthField: StaticString = "\r\ncontent-length:"

    static func line(_ start: UnsafePointer<UInt8>, _ count: Int) -> Answer? {
        guard let newline = memchr(start, 10, count) else { return nil }
        let length = UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) - start
        var index = head.utf8CodeUnitCount
        if length <= index || memcmp(start, head.utf8Start, index) != 0 {
            guard let found = find("\"id\":", start, length) else {
                return Answer(end: length + 1, id: nil, isAnswer: false, isResult: false)
            }
            index = found + 5
        }
        var id = 0
        while index < length, case let digit = start[index] &- 48, digit < 10 {
            id = id &* 10 &+ Int(digit)
            index += 1
        }
        let size = result.utf8CodeUnitCount
        let isNext = length - index > size && memcmp(start + index + 1, result.utf8Start, size) == 0
        let isResult = isNext || find(result, start, length) != nil
        return Answer(end: length + 1, id: id, isResult: isResult)
    }

    static func http(_ start: UnsafePointer<UInt8>, _ count: Int) throws -> Answer? {
        guard let found = find(blank, start, count) else { return nil }
        let head = found + 4
        let name = lengthField.utf8CodeUnitCount
        let field = (0..<max(0, head - name)).first { index in
            start[index] == 13
                && lengthField.utf8Start.withMemoryRebound(to: CChar.self, capacity: name) { wanted in
                    (start + index).withMemoryRebound(to: CChar.self, capacity: name) {
                        strncasecmp($0, wanted, name) == 0
                    }
                }
        }
        guard let field else { throw Failure("an HTTP answer has no content-length") }
        let body = (start + field + name).withMemoryRebound(to: CChar.self, capacity: head) { Int(atoi($0)) }
        guard count >= head + body else { return nil }
        let isOK = head > 12 && memcmp(start + 8, " 200", 4) == 0
        return Answer(end: head + body, id: nil, isResult: isOK)
    }

    private static func find(_ text: StaticString, _ start: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        let size = text.utf8CodeUnitCount
        var from = 0
        while count - from >= size, let hit = memchr(start + from, Int32(text.utf8Start[0]), count - from - size + 1) {
            let index = UnsafePointer(hit.assumingMemoryBound(to: UInt8.self)) - start
            if memcmp(hit, text.utf8Start, size) == 0 { return index }
            from = index + 1
        }
        return nil
    }

    /// The `reason` of an error line, or its status for HTTP.
    static func reason(_ start: UnsafePointer<UInt8>, _ count: Int, _ dialect: Requests.Dialect) -> String {
        let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        guard dialect == .lines else { return "http\(text.dropFirst(8).prefix(4))" }
        guard let range = text.firstRange(of: "\"reason\":\"") else { return "unknown" }
        return String(text[range.upperBound...].prefix { $0 != "\"" })
    }
}
