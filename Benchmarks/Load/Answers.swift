import Glibc
import Wire

/// One answer found in the bytes that came.
struct Answer {
    /// The place where the next answer begins.
    var end: Int
    /// The request that is answered; nil for HTTP, where answers come in order, and for a notification.
    var id: Int?
    var isAnswer = true
    var isResult: Bool
}

/// Finds answers by their ends and their ids.
///
/// Whatever is spent here is not the daemon's and still counts against it, since both share the processors. So an answer
/// on the measured path is not parsed: `memchr` finds its end and `PlainAnswer`, with which every client begins to read,
/// its id. `Dialogue` reads strictly what is of another form, and the errors.
enum Answers {
    private static let blank: StaticString = "\r\n\r\n"
    private static let lengthField: StaticString = "\r\ncontent-length:"

    static func line(_ start: UnsafePointer<UInt8>, _ count: Int) throws -> Answer? {
        guard let newline = memchr(start, 10, count) else { return nil }
        let length = UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) - start
        let line = UnsafeRawBufferPointer(start: start, count: length)
        if let plain = PlainAnswer(line) { return Answer(end: length + 1, id: plain.id, isResult: plain.isResult) }
        switch try Dialogue.Message(line) {
        case .answer(let answer):
            let isResult = if case .success = answer.outcome { true } else { false }
            return Answer(end: length + 1, id: answer.id, isResult: isResult)
        // No request has this id, so it counts as a stray.
        case .refusal: return Answer(end: length + 1, id: 0, isResult: false)
        case .notification: return Answer(end: length + 1, id: nil, isAnswer: false, isResult: false)
        }
    }

    static func http(_ start: UnsafePointer<UInt8>, _ count: Int) throws -> Answer? {
        guard let found = find(blank, in: start, count: count) else { return nil }
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

    private static func find(_ text: StaticString, in start: UnsafePointer<UInt8>, count: Int) -> Int? {
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
    static func reason(_ start: UnsafePointer<UInt8>, _ count: Int, in dialect: Requests.Dialect) -> String {
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        guard dialect == .lines else { return "http\(String(decoding: bytes, as: UTF8.self).dropFirst(8).prefix(4))" }
        guard case .answer(let answer)? = try? Dialogue.Message(bytes), case .failure(let refusal) = answer.outcome,
            !refusal.reason.isEmpty
        else { return "unknown" }
        return refusal.reason
    }
}
