/// The texts to send: the column `text` of a CSV file (of its rows of split `test`, if it has some), or one a line.
enum Texts {
    static func read(_ path: String) throws -> [[UInt8]] {
        let content = try bytes(path)
        let texts = path.hasSuffix(".csv") ? try column(records(content), path) : split(content)
        guard !texts.isEmpty else { throw Failure("\(path) has no texts") }
        return texts
    }

    private static func split(_ content: [UInt8]) -> [[UInt8]] {
        content.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    private static func column(_ records: [[[UInt8]]], _ path: String) throws -> [[UInt8]] {
        guard let header = records.first, let text = header.firstIndex(of: Array("text".utf8)) else {
            throw Failure("\(path) has no column text")
        }
        let rows = records.dropFirst().filter { $0.count == header.count && !$0[text].isEmpty }
        guard let split = header.firstIndex(of: Array("split".utf8)) else { return rows.map { $0[text] } }
        let test = rows.filter { $0[split] == Array("test".utf8) }
        return (test.isEmpty ? Array(rows) : test).map { $0[text] }
    }

    /// RFC 4180: quoted fields may hold commas, line feeds and doubled quotes.
    private static func records(_ content: [UInt8]) -> [[[UInt8]]] {
        var records: [[[UInt8]]] = []
        var record: [[UInt8]] = []
        var field: [UInt8] = []
        var quoted = false
        var index = 0
        while index < content.count {
            let byte = content[index]
            let quote = UInt8(ascii: "\"")
            if quoted {
                if byte == quote, index + 1 < content.count, content[index + 1] == quote {
                    field.append(byte)
                    index += 1
                } else if byte == quote {
                    quoted = false
                } else {
                    field.append(byte)
                }
            } else if byte == quote {
                quoted = true
            } else if byte == UInt8(ascii: ",") {
                record.append(field)
                field = []
            } else if byte == UInt8(ascii: "\n") {
                record.append(field)
                records.append(record)
                record = []
                field = []
            } else if byte != UInt8(ascii: "\r") {
                field.append(byte)
            }
            index += 1
        }
        if !field.isEmpty || !record.isEmpty { records.append(record + [field]) }
        return records
    }
}
