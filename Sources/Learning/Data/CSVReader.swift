/// RFC 4180 over bytes, one pass: quotes, doubled quotes, line breaks in quotes, `\n`, `\r\n` or `\r` as line ends. What
/// separates the fields is a comma, or what the header is written with.
struct CSVReader {
    static func read(_ bytes: ArraySlice<UInt8>, columns: Columns, into rows: inout RowCollector) {
        bytes.withUnsafeBufferPointer { buffer in
            var reader = CSVReader(bytes: buffer, columns: columns)
            guard let header = reader.header(into: &rows) else { return }
            while reader.position < buffer.count { reader.row(under: header, into: &rows) }
        }
    }

    struct Header {
        var columns: Columns.Found
        /// As ``Columns/fold(_:)`` leaves them.
        var names: [String]
        /// Without the empty ones that a spreadsheet leaves at the end.
        var count: Int
    }

    /// The result of reading one record.
    enum Record {
        case complete
        /// The line is empty.
        case blank
        /// A quote was opened and never closed: the record swallowed the rest of the file.
        case unterminated
        /// Something follows a closing quote, found on this line.
        case stray(line: Int)
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let columns: Columns
    var delimiter = UInt8(ascii: ",")
    var position = 0
    var line = 1
    /// The current record; its buffers are used again for the next one.
    private var field: [UInt8] = []
    private(set) var fields: [String] = []
    /// The byte ranges of the fields in the file, quotes included.
    private(set) var spans: [Range<Int>] = []
    private(set) var badUTF8 = false

    private init(bytes: UnsafeBufferPointer<UInt8>, columns: Columns) { (self.bytes, self.columns) = (bytes, columns) }

    /// The place of a row's intent in the file.
    struct IntentPlace {
        /// The whole record, with its line end.
        var record: Range<Int>
        /// The field as written, with its quotes.
        var span: Range<Int>
        /// The field's value, without quotes.
        var field: String
        var delimiter: UInt8
    }

    /// The places of all rows that have as many fields as the header, whatever is in them; none without a header.
    ///
    /// - Parameter bytes: UTF-8, from 0.
    static func intentPlaces(in bytes: [UInt8]) -> [IntentPlace] {
        bytes.withUnsafeBufferPointer { buffer in
            var reader = CSVReader(bytes: buffer, columns: Columns())
            var findings = RowCollector(isForTraining: false)
            guard let header = reader.header(into: &findings), let column = header.columns.places[.intent] else {
                return []
            }
            var places: [IntentPlace] = []
            while reader.position < buffer.count {
                let start = reader.position
                guard case .complete = reader.next(), reader.fits(header), !reader.isHeader(header) else { continue }
                places.append(
                    IntentPlace(
                        record: start..<reader.position,
                        span: reader.spans[column],
                        field: reader.fields[column],
                        delimiter: reader.delimiter
                    )
                )
            }
            return places
        }
    }

    private mutating func row(under header: Header, into rows: inout RowCollector) {
        let start = line
        switch next() {
        case .blank:
            return
        case .unterminated:
            let message = "A quote is opened and never closed, so \(line - start) more lines were taken for one field."
            let remedy = "Close it with \"; write a quote inside a quoted field twice: \"\"."
            rows.leaveOut(.unterminatedQuote, line: start, count: max(1, line - start), message, remedy: remedy)
        case .stray(let end):
            let place = end == start ? "" : ", which closes in line \(end),"
            let message = "After a quoted field\(place) comes text instead of a \(DelimiterName.of(delimiter))."
            let remedy = "Write a quote inside a quoted field twice (\"\"), and nothing after the closing one."
            rows.leaveOut(.strayQuote, line: start, otherLine: end == start ? nil : end, message, remedy: remedy)
        case .complete where !badUTF8 && fields.allSatisfy({ !$0.containsText }):
            rows.blankRows += 1
        case .complete where isHeader(header):
            rows.repeatedHeaders += 1
        case .complete where !fits(header):
            let name = DelimiterName.of(delimiter)
            let other = fields.count == 1 ? otherDelimiter(in: fields[0]) : nil
            let message =
                other.map { "The row is separated by \(DelimiterName.of($0))s, the header by \(name)s." }
                ?? "The row has \(fields.count.counted("field", "fields")), the header \(header.count)."
            let remedy =
                other.map { _ in "Separate it like the others." }
                ?? "A text with a \(name) needs quotes around it: \"yes\(String(UnicodeScalar(delimiter))) please\"."
            rows.leaveOut(.fieldCount, line: start, message, remedy: remedy)
        case .complete where badUTF8:
            rows.leaveOut(.badUTF8, line: start, "The row is not valid UTF-8.", remedy: "Save the file as UTF-8.")
        case .complete:
            func field(_ role: Columns.Role) -> String? { header.columns.places[role].map { fields[$0] } }
            rows.add(
                RowCollector.Fields(
                    text: DataFile.unmarked(field(.text) ?? ""),
                    intent: DataFile.unmarked(field(.intent) ?? ""),
                    split: field(.split),
                    weight: field(.weight),
                    source: field(.source).map(DataFile.unmarked),
                    group: field(.group).map(DataFile.unmarked)
                ),
                line: start
            )
        }
    }

    /// Whether the record has as many fields as the header, apart from empty ones at its end.
    private func fits(_ header: Header) -> Bool {
        fields.count == header.count
            || fields.count > header.count && fields[header.count...].allSatisfy { !$0.containsText }
    }

    private func isHeader(_ header: Header) -> Bool {
        guard let first = header.names.first, Columns.mayName(first, fields[0]) else { return false }
        return fits(header) && fields.prefix(header.count).map(Columns.fold).elementsEqual(header.names)
    }

    private func otherDelimiter(in field: String) -> UInt8? {
        Self.delimiters.first { $0 != delimiter && field.utf8.contains($0) }
    }

    /// Reads one record with its line end into `fields`.
    mutating func next() -> Record {
        fields.removeAll(keepingCapacity: true)
        spans.removeAll(keepingCapacity: true)
        field.removeAll(keepingCapacity: true)
        badUTF8 = false
        if position < bytes.count, isLineEnd(bytes[position]) {
            skipLineEnd()
            return .blank
        }
        while true {
            let start = position
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                guard quoted() else { return .unterminated }
                if position < bytes.count, bytes[position] != delimiter, !isLineEnd(bytes[position]) {
                    let end = line
                    skipLine()
                    return .stray(line: end)
                }
            } else {
                while position < bytes.count, bytes[position] != delimiter, !isLineEnd(bytes[position]) {
                    position += 1
                }
                field.append(contentsOf: bytes[start..<position])
            }
            spans.append(start..<position)
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

    func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == 0x0D }

    private func follows(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

    mutating func skipLineEnd() {
        let byte = bytes[position]
        position += 1
        if byte == 0x0D, follows(UInt8(ascii: "\n")) { position += 1 }
        line += 1
    }

    mutating func skipLine() {
        while position < bytes.count, !isLineEnd(bytes[position]) { position += 1 }
        if position < bytes.count { skipLineEnd() }
    }
}
