import Wire

/// A person's own training data: CSV or JSON lines to rows, with everything that is wrong said once, and rows to CSV.
package enum DataFile {
    package enum Format: String, Sendable, CaseIterable {
        case csv, jsonl

        /// Goes by the name's ending; CSV for all others.
        package static func of(path: String) -> Format {
            let name = path.lowercased()
            return name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") ? .jsonl : .csv
        }
    }

    /// The longest text that the daemon itself accepts, in Unicode scalars.
    package static let maximumTextLength = 16_384
    package static let maximumWeight = 1_000.0
    /// An intent with fewer rows is hardly learnt.
    package static let enoughRows = 5

    package struct Parsed: Sendable {
        /// In the file's order.
        package var rows: [DataRow]
        /// By line; those about the whole file come last.
        package var findings: [Finding]
        /// False if nothing can be trained on this; the findings say why.
        package var usable: Bool
        /// The rows that could not be read; each has a finding.
        package var leftOut = 0
    }

    /// How a file is to be read where it does not say so itself.
    package struct Reading: Sendable, Equatable {
        package var columns: Columns
        /// nil leaves it to the file's byte order mark, or a guess that is said.
        package var encoding: TextEncoding?

        package init(columns: Columns = Columns(), encoding: TextEncoding? = nil) {
            (self.columns, self.encoding) = (columns, encoding)
        }
    }

    /// Reads a whole file of any bytes in linear time. Everything that is wrong becomes a finding.
    ///
    /// A row with an ``Finding/Severity/error`` is left out; one with a warning stays.
    ///
    /// - Parameter isForTraining: whether there must be something to tell apart, and enough of it.
    package static func parse(
        _ bytes: [UInt8],
        format: Format,
        reading: Reading = Reading(),
        isForTraining: Bool = true
    ) -> Parsed {
        var rows = RowCollector(isForTraining: isForTraining)
        if let foreign = ForeignFile(bytes) {
            rows.refuse(.notText, line: nil, "The file is \(foreign.name), not lines of text.", remedy: foreign.remedy)
            return rows.finish()
        }
        let decoded = TextEncoding.decode(bytes, as: reading.encoding)
        if decoded.hadMark, decoded.encoding == .utf8 {
            let message = "The file begins with a byte order mark, which was skipped."
            let remedy = "Nothing to do; to be rid of it, save as UTF-8 without BOM."
            rows.findings.add(.byteOrderMark, .note, line: 1, message: message, remedy: remedy)
        }
        if decoded.isGuessed || reading.encoding == nil && decoded.encoding != .utf8 {
            let message = "The file is not UTF-8 and was read as \(decoded.encoding.title)."
            let remedy = "If letters are wrong, say what it is with --encoding, or save it as UTF-8."
            rows.findings.add(.guessedEncoding, .warning, line: 1, message: message, remedy: remedy)
        }
        switch format {
        case .csv: CSVReader.read(decoded.bytes, columns: reading.columns, into: &rows)
        case .jsonl where SnapshotFile.isSnapshot(decoded.bytes): SnapshotFile.read(decoded.bytes, into: &rows)
        case .jsonl: JSONLinesReader.read(decoded.bytes, columns: reading.columns, into: &rows)
        }
        return rows.finish()
    }

    /// Writes RFC 4180 with `\n` line ends and a header; `split`, `weight`, `source` and `group` only if some row has one, and
    /// `split` also if a row could be taken for the header.
    ///
    /// - Parameter forSpreadsheets: whether an apostrophe goes before a field that a spreadsheet would run; reading takes it
    ///   off again.
    package static func csv(_ rows: [DataRow], forSpreadsheets: Bool = false) -> [UInt8] {
        func append(_ field: String, to out: inout [UInt8]) {
            // A field with an apostrophe of its own gets another one, or reading would take its own off.
            let needsMark = isFormula(field) && (forSpreadsheets || field.utf8.first == UInt8(ascii: "'"))
            quote(needsMark ? "'" + field : field, to: &out)
        }
        let optional: [(name: String, field: (DataRow) -> String?)] = [
            ("split", { $0.split?.rawValue }), ("weight", { $0.weight.map { "\($0)" } }), ("source", \.source),
            ("group", \.group),
        ]
        // A row whose cells are the names of its columns would be read as a repeated header; no split is called "split".
        let hasLikeHeader = rows.contains { row in
            Columns.mayName("text", row.text)
                && Columns.fold(row.text) == "text" && Columns.fold(row.intent) == "intent"
        }
        let used = optional.filter { column in
            hasLikeHeader && column.name == "split" || rows.contains { column.field($0) != nil }
        }
        var out: [UInt8] = []
        out.reserveCapacity(rows.count * 64)
        out += (["text", "intent"] + used.map(\.name)).joined(separator: ",").utf8
        out.append(newline)
        for row in rows {
            append(row.text, to: &out)
            for field in [row.intent] + used.map({ $0.field(row) ?? "" }) {
                out.append(comma)
                append(field, to: &out)
            }
            out.append(newline)
        }
        return out
    }

    private static let newline = UInt8(ascii: "\n")
    private static let comma = UInt8(ascii: ",")
    private static let quotation = UInt8(ascii: "\"")

    /// Writes one object a line, with the columns of a CSV file as members.
    package static func jsonLines(_ rows: [DataRow]) -> [UInt8] {
        var out: [UInt8] = []
        for row in rows {
            var members = [Member("text", .string(row.text)), Member("intent", .string(row.intent))]
            if let split = row.split { members.append(Member("split", .string(split.rawValue))) }
            if let weight = row.weight { members.append(Member("weight", .double(weight))) }
            if let source = row.source { members.append(Member("source", .string(source))) }
            if let group = row.group { members.append(Member("group", .string(group))) }
            out += (JSON.object(members).description + "\n").utf8
        }
        return out
    }

    /// Whether a spreadsheet would run the field, apart from apostrophes at its beginning.
    static func isFormula(_ field: String) -> Bool {
        let rest = field.unicodeScalars.drop { $0 == "'" }.drop { $0.properties.isWhitespace }
        return rest.first.map { "=+-@＝＋－＠".unicodeScalars.contains($0) } ?? false
    }

    /// A field as it was before ``csv(_:forSpreadsheets:)`` marked it.
    static func unmarked(_ field: String) -> String {
        field.utf8.first == UInt8(ascii: "'") && isFormula(field) ? String(field.unicodeScalars.dropFirst()) : field
    }

    private static func quote(_ field: String, to out: inout [UInt8]) {
        let needsQuotes = field.utf8.contains { $0 == comma || $0 == quotation || $0 == newline || $0 == 0x0D }
        guard needsQuotes else {
            out += field.utf8
            return
        }
        out.append(quotation)
        for byte in field.utf8 {
            if byte == quotation { out.append(quotation) }
            out.append(byte)
        }
        out.append(quotation)
    }
}
