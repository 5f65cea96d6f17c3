import Wire

/// One JSON object a line, with members `text` and `intent` and optionally `split`, `weight` and `source`.
enum JSONLinesReader {
    static func read(_ bytes: ArraySlice<UInt8>, into rows: inout RowCollector) {
        var unknown: Set<String> = []
        var line = 0
        var rest = bytes
        while !rest.isEmpty {
            line += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            read(Array(rest[..<end]), line: line, unknown: &unknown, into: &rows)
            rest = rest[min(end + 1, rest.endIndex)...]
        }
    }

    private static func read(
        _ bytes: [UInt8],
        line: Int,
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
                rows.leaveOut(
                    .badJSON,
                    line: line,
                    "The line is not JSON: \(error.message), at byte \(error.position + 1).",
                    remedy: "Write one object on each line: {\"text\":\"…\",\"intent\":\"…\"}."
                )
            }
            return
        }
        guard let members = value.object else {
            rows.leaveOut(
                .wrongType,
                line: line,
                "The line must be a JSON object.",
                remedy: "Write one object on each line: {\"text\":\"…\",\"intent\":\"…\"}."
            )
            return
        }
        guard let fields = fields(of: members, line: line, unknown: &unknown, into: &rows) else { return }
        rows.add(fields, line: line)
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
            switch member.name {
            case "text":
                fits = member.value.string != nil
                fields.text = member.value.string ?? ""
            case "intent":
                fits = member.value.string != nil
                fields.intent = member.value.string ?? ""
            case "split":
                fits = member.value.string != nil || member.value.isNull
                fields.split = member.value.string
            case "weight":
                fits = member.value.double != nil || member.value.isNull
                fields.weight = member.value.double.map { "\($0)" }
            case "source":
                fits = member.value.string != nil || member.value.isNull
                fields.source = member.value.string
            default:
                note(member.name, line: line, unknown: &unknown, into: &rows)
            }
            if !fits {
                rows.leaveOut(
                    .wrongType,
                    line: line,
                    "The member \(member.name) has the wrong type.",
                    remedy: "text, intent, split and source are strings, weight is a number."
                )
                return nil
            }
        }
        return fields
    }

    /// Said once for each name, and for so many names only.
    private static func note(_ name: String, line: Int, unknown: inout Set<String>, into rows: inout RowCollector) {
        guard unknown.count < 20, unknown.insert(name).inserted else { return }
        rows.findings.add(
            .unknownColumn,
            .warning,
            line: line,
            message: "The member \"\(name.shown)\" is not known and was ignored.",
            remedy: "Members are text, intent, split, weight and source."
        )
    }
}
