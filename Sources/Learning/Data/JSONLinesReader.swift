import Wire

/// One JSON object a line, with members `text` and `intent` and optionally `split`, `weight`, `source` and `group`.
enum JSONLinesReader {
    static func read(_ bytes: ArraySlice<UInt8>, columns: Columns, into rows: inout RowCollector) {
        var unknown: Set<String> = []
        var line = 0
        var rest = bytes
        while !rest.isEmpty {
            line += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            read(Array(rest[..<end]), line: line, columns: columns, unknown: &unknown, into: &rows)
            rest = rest[min(end + 1, rest.endIndex)...]
        }
    }

    private static func read(
        _ bytes: [UInt8],
        line: Int,
        columns: Columns,
        unknown: inout Set<String>,
        into rows: inout RowCollector
    ) {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        let value: JSON
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            if String(validating: bytes, as: UTF8.self) == nil {
                rows.leaveOut(.badUTF8, line: line, "The line is not valid UTF-8.", remedy: "Save the file as UTF-8.")
            } else {
                let message = "The line is not JSON: \(error.message), at byte \(error.position + 1)."
                let remedy = "Write one object on each line: {\"text\":\"…\",\"intent\":\"…\"}."
                rows.leaveOut(.badJSON, line: line, message, remedy: remedy)
            }
            return
        }
        guard var members = value.object else {
            let remedy = "Write one object on each line: {\"text\":\"…\",\"intent\":\"…\"}."
            rows.leaveOut(.wrongType, line: line, "The line must be a JSON object.", remedy: remedy)
            return
        }
        rename(&members, by: columns, isFirst: rows.rows.isEmpty, line: line, into: &rows)
        guard let fields = fields(of: members, line: line, unknown: &unknown, into: &rows) else { return }
        rows.add(fields, line: line)
    }

    /// Gives members that are text, intent or split by another name those names.
    private static func rename(
        _ members: inout [Member],
        by columns: Columns,
        isFirst: Bool,
        line: Int,
        into rows: inout RowCollector
    ) {
        let isPlain =
            columns == Columns() && members.contains { $0.name == "text" } && members.contains { $0.name == "intent" }
        let names = members.map(\.name)
        guard !isPlain, let found = try? columns.find(in: names) else { return }
        for (role, place) in found.mapped { members[place].name = role.rawValue }
        guard isFirst, !found.mapped.isEmpty else { return }
        let words = found.mapped.map { "\"\(names[$0.place].shown)\" as \($0.role.rawValue)" }.joined(separator: ", ")
        let remedy = "If another member is meant, say so with --text, --intent or --split."
        rows.findings.add(.mappedColumns, .note, line: line, message: "Members are taken: \(words).", remedy: remedy)
    }

    /// nil if a member has the wrong type; a missing text or intent counts as empty.
    private static func fields(
        of members: [Member],
        line: Int,
        unknown: inout Set<String>,
        into rows: inout RowCollector
    ) -> RowCollector.Fields? {
        var fields = RowCollector.Fields(text: "", intent: "")
        for member in members {
            var fits = true
            let value = member.value
            switch member.name {
            case "text": (fits, fields.text) = (value.string != nil, value.string ?? "")
            case "intent": (fits, fields.intent) = (value.string != nil, value.string ?? "")
            case "split": (fits, fields.split) = (value.string != nil || value.isNull, value.string)
            case "weight": (fits, fields.weight) = (value.double != nil || value.isNull, value.double.map { "\($0)" })
            case "source": (fits, fields.source) = (value.string != nil || value.isNull, value.string)
            case "group": (fits, fields.group) = (value.string != nil || value.isNull, value.string)
            default: note(member.name, line: line, unknown: &unknown, into: &rows)
            }
            if !fits {
                let remedy = "text, intent, split, source and group are strings, weight is a number."
                rows.leaveOut(.wrongType, line: line, "The member \(member.name) has the wrong type.", remedy: remedy)
                return nil
            }
        }
        return fields
    }

    /// Said once for each name, and for so many names only.
    private static func note(_ name: String, line: Int, unknown: inout Set<String>, into rows: inout RowCollector) {
        guard unknown.count < 20, unknown.insert(name).inserted else { return }
        let message = "The member \"\(name.shown)\" is not known and was ignored."
        let remedy = "Members are text, intent, split, weight, source and group."
        rows.findings.add(.unknownColumn, .warning, line: line, message: message, remedy: remedy)
    }
}
