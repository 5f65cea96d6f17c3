/// A move in a CSV file: the fields of the intent column that name a source are written anew, or their rows go.
enum DataFileMove {
    /// - Returns: the file afterwards, and the number of rows that change or go.
    static func rewrite(
        _ bytes: [UInt8],
        by move: IntentMove,
        of file: MovedFile
    ) throws(IntentMoveError) -> (bytes: [UInt8], rows: Int) {
        let isForTraining = file == .data
        func parse(_ bytes: [UInt8]) -> DataFile.Parsed {
            DataFile.parse(bytes, format: .csv, isForTraining: isForTraining)
        }
        let before = parse(bytes)
        guard before.usable else { throw .unreadable(file, before.findings, isAfter: false) }
        let decoded = TextEncoding.decode(bytes, as: nil)
        let text = Array(decoded.bytes)
        let splices = Self.splices(text, by: move)
        guard !splices.isEmpty else { return (bytes, 0) }
        guard decoded.encoded(text, like: bytes) == bytes else {
            throw .byHand(
                file,
                line: nil,
                "The file has damaged characters, which could not be written back as they are."
            )
        }
        guard let moved = decoded.encoded(splices.applied(to: text), like: bytes) else {
            let message = "The file is \(decoded.encoding.title), which lacks a letter of \((move.target ?? "").shown)."
            throw IntentMoveError(.byHand, message, remedy: "Save it as UTF-8 first.", file: file.rawValue)
        }
        let after = parse(moved)
        guard after.usable else { throw .unreadable(file, after.findings, isAfter: true) }
        try check(before, after, by: move, of: file)
        return (moved, splices.count)
    }

    private static func splices(_ text: [UInt8], by move: IntentMove) -> [Splice] {
        CSVReader.intentPlaces(in: text).compactMap { place in
            let field = DataFile.unmarked(place.field)
            let name = field.trimmingWhitespace()
            guard move.sources.contains(name) else { return nil }
            guard let target = move.target else { return Splice(place.record, []) }
            let isQuoted = text[place.span.lowerBound...].first == UInt8(ascii: "\"")
            return Splice(place.span, written(target, in: place, field: field, name: name, isQuoted: isQuoted))
        }
    }

    /// The field with another name in it: what stands around the name, quotes and spaces, stays.
    private static func written(
        _ target: String,
        in place: CSVReader.IntentPlace,
        field: String,
        name: String,
        isQuoted: Bool
    ) -> [UInt8] {
        let scalars = field.unicodeScalars
        let lead = scalars.prefix { $0.properties.isWhitespace }
        let trail = scalars.dropFirst(lead.count + name.unicodeScalars.count)
        var value = String(lead) + target + String(trail)
        // Reading takes an apostrophe off a field that a spreadsheet would run.
        let wasMarked = field.utf8.count != place.field.utf8.count
        if DataFile.isFormula(value), wasMarked || value.utf8.first == UInt8(ascii: "'") { value = "'" + value }
        let quotation = UInt8(ascii: "\"")
        let needsQuotes = value.utf8.contains { $0 == place.delimiter || $0 == quotation || $0 == 0x0A || $0 == 0x0D }
        guard isQuoted || needsQuotes else { return Array(value.utf8) }
        return [quotation] + value.utf8.flatMap { $0 == quotation ? [$0, $0] : [$0] } + [quotation]
    }

    private static func check(
        _ before: DataFile.Parsed,
        _ after: DataFile.Parsed,
        by move: IntentMove,
        of file: MovedFile
    ) throws(IntentMoveError) {
        let expected = before.rows.compactMap { row in
            move.name(of: row.intent).map { name in
                var row = row
                row.intent = name
                return row
            }
        }
        for (wanted, row) in zip(expected, after.rows) {
            var row = row
            row.line = wanted.line
            guard row == wanted else {
                throw .byHand(file, line: wanted.line, "The row would not be read as it should.")
            }
        }
        guard expected.count == after.rows.count, after.leftOut <= before.leftOut else {
            let finding = after.findings.first { $0.severity == .error && !before.findings.contains($0) }
            throw .byHand(file, line: finding?.line, finding?.message ?? "A row would not be read as it should.")
        }
    }
}

extension IntentMoveError {
    static func byHand(_ file: MovedFile, line: Int?, _ message: String) -> IntentMoveError {
        let remedy = "Change the name in this file by hand, or write that place in the plain way, and try again."
        return IntentMoveError(.byHand, message, remedy: remedy, file: file.rawValue, line: line)
    }

    /// - Parameter isAfter: whether the findings are of the file as the move would leave it.
    static func unreadable(_ file: MovedFile, _ findings: [Finding], isAfter: Bool) -> IntentMoveError {
        let finding = findings.first { $0.severity == .error }
        let message = finding?.message ?? "The file cannot be read."
        return IntentMoveError(
            .unreadable,
            isAfter ? "After the move this would be wrong: \(message)" : message,
            remedy: finding?.remedy ?? "Mend it first.",
            file: file.rawValue,
            line: finding?.line
        )
    }
}
