/// A `chat` or `predict` in the form that nearly all of them have: one object on the line, every member known, of its type
/// and given once. It is read without a tree and without a copy, because these two are answered on the event loop that
/// read the line.
///
/// A line of any other form is not refused here: ``Incoming`` reads it again and says what is wrong with it. So a line
/// that is accepted here must mean the same there; tests and the fuzzer compare the two.
package struct PlainCall: Sendable {
    package enum Question: Sendable {
        case chat(Chat)
        case predict(Predict)
    }

    /// A text on the wire: the bytes between its quotes.
    package struct Text: Sendable {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    package struct Chat: Sendable {
        package var message: Text
        package var mode: Range<Int>?
        /// A name without escapes.
        package var session: Range<Int>?
        package var abProb: Double?
    }

    package struct Predict: Sendable {
        package var text: Text
        package var topK: Int?
    }

    /// The place of the id's JSON in the line.
    package var id: Range<Int>
    package var question: Question

    /// The row of the method table.
    package var method: Method {
        switch question {
        case .chat: .chat
        case .predict: .predict
        }
    }

    fileprivate init(id: Range<Int>, question: Question) {
        (self.id, self.question) = (id, question)
    }

    /// Reads a line; nil if it is another call, or one in another form.
    package init?(_ line: UnsafeRawBufferPointer) {
        var reader = PlainReader(line)
        guard let call = reader.read() else { return nil }
        self = call
    }
}

extension PlainCall.Text {
    /// Replaces the contents of `text` by the text itself, with its escapes resolved.
    package func read(from line: UnsafeRawBufferPointer, into text: inout [UInt8]) {
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: line[range])
        guard hasEscapes else { return }
        let count = text.withUnsafeMutableBufferPointer { JSONParser(line).unescape(range, into: $0) }
        text.removeLast(text.count - count)
    }

    /// An upper bound of the text's length in bytes.
    package var byteCount: Int { range.count }
}

/// Reads one ``PlainCall``.
private struct PlainReader {
    private var parser: JSONParser
    private var id: Range<Int>?
    private var text: PlainCall.Text?
    private var textName: TextName?
    private var mode: Range<Int>?
    private var session: Range<Int>?
    private var abProb: Double?
    private var topK: Int?
    private var streams: Bool?

    private enum TextName { case message, text }

    init(_ line: UnsafeRawBufferPointer) { parser = JSONParser(line) }

    mutating func read() -> PlainCall? {
        do throws(JSONError) {
            return try call()
        } catch {
            return nil
        }
    }

    private mutating func call() throws(JSONError) -> PlainCall? {
        parser.skipSpace()
        guard parser.next == UInt8(ascii: "{") else { return nil }
        try parser.open()
        if parser.next == UInt8(ascii: "}") { return nil }
        var (hasVersion, hasParams) = (false, false)
        var method: Range<Int>?
        repeat {
            guard let name = try name() else { return nil }
            if says(name, "jsonrpc") {
                guard !hasVersion, let version = try plainString(), says(version, "2.0") else { return nil }
                hasVersion = true
            } else if says(name, "id") {
                guard id == nil, let place = try requestID() else { return nil }
                id = place
            } else if says(name, "method") {
                guard method == nil, let place = try plainString() else { return nil }
                method = place
            } else if says(name, "params") {
                guard !hasParams, try params() else { return nil }
                hasParams = true
            } else {
                return nil
            }
        } while try !parser.closes(with: UInt8(ascii: "}"))
        try parser.end()
        guard hasVersion, let id, let method, let text else { return nil }
        if says(method, "chat") {
            guard textName == .message, topK == nil else { return nil }
            let chat = PlainCall.Chat(message: text, mode: mode, session: session, abProb: abProb)
            return PlainCall(id: id, question: .chat(chat))
        }
        guard says(method, "predict"), textName == .text, mode == nil, session == nil, abProb == nil, streams == nil
        else { return nil }
        return PlainCall(id: id, question: .predict(PlainCall.Predict(text: text, topK: topK)))
    }

    private mutating func params() throws(JSONError) -> Bool {
        guard parser.next == UInt8(ascii: "{") else { return false }
        try parser.open()
        if parser.next == UInt8(ascii: "}") { return false }
        repeat {
            guard let name = try name(), try parameter(name) else { return false }
        } while try !parser.closes(with: UInt8(ascii: "}"))
        return true
    }

    /// Reads the value of a parameter.
    ///
    /// - Returns: whether the parameter is known, new and of its type.
    private mutating func parameter(_ name: Range<Int>) throws(JSONError) -> Bool {
        if says(name, "message") || says(name, "text") {
            guard textName == nil, parser.next == UInt8(ascii: "\"") else { return false }
            textName = says(name, "message") ? .message : .text
            let quoted = try parser.quoted()
            text = PlainCall.Text(range: quoted.range, hasEscapes: quoted.hasEscapes)
            return true
        }
        if says(name, "mode") {
            guard mode == nil, let place = try plainString() else { return false }
            mode = place
            return true
        }
        if says(name, "session") {
            guard session == nil, let place = try plainString() else { return false }
            session = place
            return true
        }
        if says(name, "stream") {
            guard streams == nil, parser.next == UInt8(ascii: "t") || parser.next == UInt8(ascii: "f") else {
                return false
            }
            streams = try parser.value().bool
            return true
        }
        if says(name, "ab_prob") {
            guard abProb == nil, let number = try number() else { return false }
            abProb = number.double
            return true
        }
        if says(name, "top_k") {
            guard topK == nil, case .integer(let count)? = try number() else { return false }
            topK = count
            return true
        }
        return false
    }

    /// Reads a member's name and its colon; nil for a name with escapes.
    private mutating func name() throws(JSONError) -> Range<Int>? {
        guard let name = try plainString() else { return nil }
        parser.skipSpace()
        guard parser.next == UInt8(ascii: ":") else { return nil }
        parser.position += 1
        parser.skipSpace()
        return name
    }

    /// Reads a string; nil for any other value, and for a string with escapes.
    private mutating func plainString() throws(JSONError) -> Range<Int>? {
        guard parser.next == UInt8(ascii: "\"") else { return nil }
        let quoted = try parser.quoted()
        return quoted.hasEscapes ? nil : quoted.range
    }

    private mutating func number() throws(JSONError) -> JSON? {
        switch parser.next {
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try parser.number()
        default: return nil
        }
    }

    /// Reads an id that is a string or an integer of 64 bits; nil for any other.
    private mutating func requestID() throws(JSONError) -> Range<Int>? {
        let start = parser.position
        if parser.next == UInt8(ascii: "\"") {
            _ = try parser.quoted()
        } else {
            guard case .integer? = try number() else { return nil }
        }
        return start..<parser.position
    }

    private func says(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where parser.bytes[range.lowerBound + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }
}
