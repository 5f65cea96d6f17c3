/// RFC 4180 over bytes, one pass: quotes, doubled quotes, line breaks in quotes, `\n`, `\r\n` or `\r` as line ends.
struct CSVReader {
    static func read(_ bytes: ArraySlice<UInt8>, into rows: inout RowCollector) {
        bytes.withUnsafeBufferPointer { buffer in
            var reader = CSVReader(bytes: buffer)
            guard let header = reader.header(into: &rows) else { return }
            while reader.position < buffer.count { reader.row(under: header, into: &rows) }
        }
    }

    private struct Header {
        var text: Int
        var intent: Int
        var split: Int?
        var weight: Int?
        var source: Int?
        var group: Int?
        var count: Int
    }

    /// The result of reading one record.
    private enum Record {
        case complete
        /// The line is empty.
        case blank
        /// A quote was opened and never closed: the record swallowed the rest of the file.
        case unterminated
        /// Something follows a closing quote, found on this line.
        case stray(line: Int)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var line = 1
    /// The current record; its buffers are used again for the next one.
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var badUTF8 = false

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func header(into rows: inout RowCollector) -> Header? {
        var start = line
        var record = next()
        while case .blank = record, position < bytes.count {
            start = line
            record = next()
        }
        guard case .complete = record, !badUTF8 else {
            refuseHeader(&rows, line: start, reason: "The file does not begin with a header.")
            return nil
        }
        let names = fields.map { $0.trimmingWhitespace().lowercased() }
        var columns: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            if columns.updateValue(index, forKey: name) != nil, known.contains(name) {
                let message = "The column \(name) stands in the header twice."
                rows.refuse(.duplicateColumn, line: start, message, remedy: "Remove or rename one of the two.")
                return nil
            }
        }
        guard let text = columns["text"], let intent = columns["intent"] else {
            let reason =
                if columns["text"] != nil {
                    "The header has no column intent."
                } else if columns["intent"] != nil {
                    "The header has no column text."
                } else if names.count == 1, names[0].contains(";") || names[0].contains("\t") {
                    "The fields are not separated by commas."
                } else {
                    "The first line must be a header with the columns text and intent."
                }
            refuseHeader(&rows, line: start, reason: reason)
            return nil
        }
        for (name, _) in columns.sorted(by: { $0.value < $1.value }) where !known.contains(name) {
            let message = "The column \"\(name.shown)\" is not known and was ignored."
            let remedy = "Columns are text, intent, split, weight, source and group."
            rows.findings.add(.unknownColumn, .warning, line: start, message: message, remedy: remedy)
        }
        return Header(
            text: text,
            intent: intent,
            split: columns["split"],
            weight: columns["weight"],
            source: columns["source"],
            group: columns["group"],
            count: names.count
        )
    }

    private func refuseHeader(_ rows: inout RowCollector, line: Int, reason: String) {
        let remedy = "Let the first line be text,intent or text,intent,split and separate fields by commas."
        rows.refuse(.noHeader, line: line, reason, remedy: remedy)
    }

    private var known: [String] { ["text", "intent", "split", "weight", "source", "group"] }

    private mutating func row(under header: Header, into rows: inout RowCollector) {
        let start = line
        switch next() {
        case .blank:
            return
        case .unterminated:
            let message = "A quote is opened and never closed, so \(line - start) more lines were taken for one field."
            let remedy = "Close it with \"; write a quote inside a quoted field twice: \"\"."
            rows.leaveOut(.unterminatedQuote, line: start, message, remedy: remedy)
        case .stray(let end):
            let place = end == start ? "" : ", which closes in line \(end),"
            let message = "After a quoted field\(place) comes text instead of a comma."
            let remedy = "Write a quote inside a quoted field twice (\"\"), and nothing after the closing one."
            rows.leaveOut(.strayQuote, line: start, otherLine: end == start ? nil : end, message, remedy: remedy)
        case .complete where fields.count != header.count:
            let message = "The row has \(fields.count.counted("field", "fields")), the header \(header.count)."
            let remedy = "A text with a comma needs quotes around it: \"yes, please\"."
            rows.leaveOut(.fieldCount, line: start, message, remedy: remedy)
        case .complete where badUTF8:
            rows.leaveOut(.badUTF8, line: start, "The row is not valid UTF-8.", remedy: "Save the file as UTF-8.")
        case .complete:
            rows.add(
                RowCollector.Fields(
                    text: DataFile.unmarked(fields[header.text]),
                    intent: DataFile.unmarked(fields[header.intent]),
                    split: header.split.map { fields[$0] },
                    weight: header.weight.map { fields[$0] },
                    source: header.source.map { DataFile.unmarked(fields[$0]) },
                    group: header.group.map { DataFile.unmarked(fields[$0]) }
                ),
                line: start
            )
        }
    }

    /// Reads one record with its line end into `fields`.
    private mutating func next() -> Record {
        fields.removeAll(keepingCapacity: true)
        field.removeAll(keepingCapacity: true)
        badUTF8 = false
        if position < bytes.count, isLineEnd(bytes[position]) {
            skipLineEnd()
            return .blank
        }
        while true {
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                guard quoted() else { return .unterminated }
                if position < bytes.count, bytes[position] != UInt8(ascii: ","), !isLineEnd(bytes[position]) {
                    let end = line
                    skipLine()
                    return .stray(line: end)
                }
            } else {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: ","), !isLineEnd(bytes[position]) {
                    position += 1
                }
                field.append(contentsOf: bytes[start..<position])
            }
            finishField()
            if position == bytes.count { return .complete }
            if isLineEnd(bytes[position]) {
                skipLineEnd()
                return .complete
            }
            position += 1
        }
    }

    /// The rest of a quoted field; false at the end of the file.
    private mutating func quoted() -> Bool {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.count, bytes[position] == byte else { return true }
                position += 1
            } else if byte == UInt8(ascii: "\n") || byte == 0x0D && !follows(UInt8(ascii: "\n")) {
                line += 1
            }
            field.append(byte)
        }
        return false
    }

    private mutating func finishField() {
        if let text = String(validating: field, as: UTF8.self) {
            fields.append(text)
        } else {
            badUTF8 = true
            fields.append("")
        }
        field.removeAll(keepingCapacity: true)
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == 0x0D }

    private func follows(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

    private mutating func skipLineEnd() {
        let byte = bytes[position]
        position += 1
        if byte == 0x0D, follows(UInt8(ascii: "\n")) { position += 1 }
        line += 1
    }

    private mutating func skipLine() {
        while position < bytes.count, !isLineEnd(bytes[position]) { position += 1 }
        if position < bytes.count { skipLineEnd() }
    }
}
