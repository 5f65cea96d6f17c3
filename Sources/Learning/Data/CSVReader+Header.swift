// The beginning of a file: what separates the fields, and which column is what.
extension CSVReader {
    static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]

    /// A way to read the first record.
    private struct Attempt {
        var delimiter: UInt8
        var names: [String]
        var found: Result<Columns.Found, Columns.Trouble>
        /// Where the next record begins.
        var end: (position: Int, line: Int)
    }

    /// nil if the file is refused.
    mutating func header(into rows: inout RowCollector) -> Header? {
        skipEmptyLines()
        let said = separatorLine()
        if said != nil { skipEmptyLines() }
        guard position < bytes.count else {
            rows.refuse(.noHeader, line: nil, "The file is empty.", remedy: Self.remedy)
            return nil
        }
        let start = (position: position, line: line)
        var attempts: [Attempt] = []
        for delimiter in said.map({ [$0] }) ?? Self.delimiters {
            (position, line, self.delimiter) = (start.position, start.line, delimiter)
            guard case .complete = next(), !badUTF8 else { continue }
            let found = Result { () throws(Columns.Trouble) in try columns.find(in: fields) }
            attempts.append(Attempt(delimiter: delimiter, names: fields, found: found, end: (position, line)))
        }
        let readable = attempts.first { if case .success = $0.found { true } else { false } }
        // Of those that cannot be read, the one with most fields says best what is wrong.
        let most = attempts.map(\.names.count).max()
        guard let attempt = readable ?? attempts.first(where: { $0.names.count == most }) else {
            let reason = "The file does not begin with a header."
            rows.refuse(.noHeader, line: start.line, reason, remedy: Self.remedy)
            return nil
        }
        (delimiter, position, line) = (attempt.delimiter, attempt.end.position, attempt.end.line)
        switch attempt.found {
        case .failure(let trouble):
            refuse(trouble, attempt.names, line: start.line, into: &rows)
            return nil
        case .success(let found):
            report(found, attempt.names, line: start.line, into: &rows)
            var names = attempt.names.map(Columns.fold)
            while names.last?.isEmpty == true { names.removeLast() }
            return Header(columns: found, names: names, count: names.count)
        }
    }

    private mutating func skipEmptyLines() {
        while position < bytes.count, isLineEnd(bytes[position]) { skipLineEnd() }
    }

    /// Takes the line `sep=;` that Excel writes and reads before a header; nil if there is none.
    private mutating func separatorLine() -> UInt8? {
        var end = position
        while end < bytes.count, end < position + 8, !isLineEnd(bytes[end]) { end += 1 }
        let line = bytes[position..<end].filter { $0 != UInt8(ascii: "\"") }
        guard line.count == 5, String(decoding: line.prefix(4), as: UTF8.self).lowercased() == "sep=",
            end == bytes.count || isLineEnd(bytes[end])
        else { return nil }
        skipLine()
        return line[4]
    }

    private static let remedy =
        "Let the first line be text,intent or text,intent,split, or name the columns with --text and --intent."

    private mutating func refuse(
        _ trouble: Columns.Trouble,
        _ names: [String],
        line: Int,
        into rows: inout RowCollector
    ) {
        let shown = names.filter(\.containsText).prefix(10).map { "\"\($0.trimmingWhitespace().shown)\"" }
        let list = shown.joined(separator: ", ")
        switch trouble {
        case .twice(let name):
            let message = "The column \(name.shown) stands in the header twice."
            rows.refuse(.duplicateColumn, line: line, message, remedy: "Remove or rename one of the two.")
        case .absent(let role, let name):
            let message = "There is no column \"\(name.shown)\"; the header has \(list)."
            rows.refuse(.noHeader, line: line, message, remedy: "Give one of these to --\(role.rawValue).")
        case .ambiguous(let role, let candidates):
            let choice = candidates.map { "\"\($0.trimmingWhitespace().shown)\"" }.joined(separator: " and ")
            let message = "Several columns may be the \(role.rawValue): \(choice)."
            rows.refuse(.noHeader, line: line, message, remedy: "Say which one: --\(role.rawValue) COLUMN.")
        case .missing(let role):
            if let header = missingHeader(names) {
                let message =
                    "The file has no header: its first line, \"\(names[0].shown)\" and so on, looks like a row."
                let remedy = "Put the line \(header) before it."
                return rows.refuse(.noHeader, line: line, message, remedy: remedy)
            }
            let message =
                names.first?.trimmingWhitespace().first == "{"
                ? "The file looks like JSON lines and was read as CSV."
                : "The header has no column \(role.rawValue); it has \(list.isEmpty ? "none" : list)."
            let remedy =
                names.first?.trimmingWhitespace().first == "{"
                ? "Let its name end in .jsonl, or say --format jsonl." : Self.remedy
            rows.refuse(.noHeader, line: line, message, remedy: remedy)
        }
    }

    /// The header that the file lacks, if what stands first is plainly a row: no name of it is known, and what stands in
    /// its last columns comes again.
    private mutating func missingHeader(_ names: [String]) -> String? {
        guard names.count == 2 || names.count == 3, names.allSatisfy(\.containsText),
            (try? Columns(text: names[0], intent: names[1]).find(in: names)) != nil
        else { return nil }
        let known = Columns.Role.allCases.map(\.rawValue)
        guard !names.contains(where: { known.contains(Columns.fold($0)) }) else { return nil }
        var isAgain = names[0].trimmingWhitespace().contains(" ")
        for _ in 0..<1_000 where !isAgain && position < bytes.count {
            guard case .complete = next() else { continue }
            isAgain = fields.count == names.count && fields[1] == names[1]
        }
        guard isAgain else { return nil }
        let hasSplit = names.count == 3 && Split(rawValue: Columns.fold(names[2])) != nil
        let header = ["text", "intent"] + (names.count == 3 ? [hasSplit ? "split" : "source"] : [])
        return header.joined(separator: String(UnicodeScalar(delimiter)))
    }

    private func report(_ found: Columns.Found, _ names: [String], line: Int, into rows: inout RowCollector) {
        if delimiter != UInt8(ascii: ",") {
            let message = "The fields are separated by \(DelimiterName.of(delimiter))s."
            rows.findings.add(.delimiter, .note, line: line, message: message, remedy: "Nothing to do.")
        }
        func shown(_ place: Int) -> String { "\"\(names[place].trimmingWhitespace().shown)\"" }
        if !found.mapped.isEmpty {
            let words = found.mapped.map { "\(shown($0.place)) as \($0.role.rawValue)" }.joined(separator: ", ")
            let remedy = "If another column is meant, say so with --text, --intent or --split."
            rows.findings.add(
                .mappedColumns,
                .note,
                line: line,
                message: "Columns are taken: \(words).",
                remedy: remedy
            )
        }
        for place in found.unknown {
            let message = "The column \(shown(place)) is not known and was ignored."
            let remedy = "Columns are text, intent, split, weight, source and group."
            rows.findings.add(.unknownColumn, .warning, line: line, message: message, remedy: remedy)
        }
    }
}

/// The name that people give to a sign between fields.
enum DelimiterName {
    static func of(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: ","): "comma"
        case UInt8(ascii: ";"): "semicolon"
        case UInt8(ascii: "\t"): "tab"
        case UInt8(ascii: "|"): "bar"
        default: "\"\(UnicodeScalar(byte))\""
        }
    }
}
