import Testing

@testable import Learning

// Files as people bring them, not as a program writes them.
@Suite struct `Files that people have` {
    private func parse(_ text: String, _ reading: DataFile.Reading = DataFile.Reading()) -> DataFile.Parsed {
        DataFile.parse(Array(text.utf8), format: .csv, reading: reading)
    }

    private func utf16(_ text: String, isLittle: Bool, mark: Bool) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + text.utf16).flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 255))
            return isLittle ? [low, high] : [high, low]
        }
    }

    @Test(arguments: [
        "text,intent\none,a\ntwo,b\n", "text;intent\none;a\ntwo;b\n", "text\tintent\none\ta\ntwo\tb\n",
        "text|intent\none|a\ntwo|b\n", "\"text\";\"intent\"\r\n\"one\";\"a\"\r\n\"two\";\"b\"\r\n",
        "\"text\"\t\"intent\"\n\"one\"\t\"a\"\n\"two\"\t\"b\"\n", "sep=;\ntext;intent\none;a\ntwo;b\n",
        "\"sep=^\"\ntext^intent\none^a\ntwo^b\n", "Message\tCategory\none\ta\ntwo\tb\n",
        "Texto,Intención\none,a\ntwo,b\n", "Text;Absicht\none;a\ntwo;b\n", "UTTERANCE,Label\none,a\ntwo,b\n",
        "text;intent;;\none;a;;\ntwo;b;;\n;;;\n;;;\n", "text,intent\none,a\ntext,intent\ntwo,b\n,\n",
        "text;intent\rone;a\rtwo;b\r", "\u{FEFF}text;intent\none;a\ntwo;b\n", "text,intent\none,a,,\ntwo,b,,\n",
    ])
    func `are read as they are meant`(file: String) {
        let parsed = parse(file)
        #expect(parsed.rows.map(\.text) == ["one", "two"], "\(parsed.findings)")
        #expect(parsed.rows.map(\.intent) == ["a", "b"])
        #expect(parsed.leftOut == 0)
    }

    @Test func `say what was taken for what`() {
        let codes = parse("Message;Category;Ticket\none;a;1\ntwo;b;2\n;;\n").findings.map(\.code)
        for code in ["delimiter", "mapped_columns", "unknown_column", "blank_rows"] { #expect(codes.contains(code)) }
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func `in UTF-16 are UTF-16`(isLittle: Bool, mark: Bool) {
        let parsed = DataFile.parse(
            utf16("text;intent\r\nपैसे 👍;a\r\nü;b\r\n", isLittle: isLittle, mark: mark),
            format: .csv
        )
        #expect(parsed.rows.map(\.text) == ["पैसे 👍", "ü"])
        #expect(parsed.findings.first?.code == "guessed_encoding")
    }

    @Test func `in Windows-1252 are read so, and it is said`() {
        let bytes =
            Array("text,intent\nzur".utf8) + [0xFC] + Array("ck,r".utf8) + [0xFC] + Array("ckgabe\n".utf8)
            + [0x80] + Array(" 5,b\n".utf8)
        let parsed = DataFile.parse(bytes, format: .csv)
        #expect(parsed.rows.map(\.text) == ["zurück", "€ 5"])
        #expect(parsed.rows[0].intent == "rückgabe")
        #expect(parsed.findings.contains { $0.code == "guessed_encoding" && $0.message.contains("Windows-1252") })
        let said = DataFile.parse(bytes, format: .csv, reading: DataFile.Reading(encoding: .latin1))
        #expect(said.rows[0].text == "zurück" && !said.findings.contains { $0.code == "guessed_encoding" })
        let strict = DataFile.parse(bytes, format: .csv, reading: DataFile.Reading(encoding: .utf8))
        #expect(strict.leftOut == 2)
    }

    @Test(arguments: [
        (Array("PK\u{3}\u{4}....xl/workbook.xml".utf8), ".xlsx"),
        (Array("PK\u{3}\u{4}mimetypeapplication/vnd.oasis.opendocument.spreadsheet".utf8), ".ods"),
        (Array("PK\u{3}\u{4}a.csv".utf8), "ZIP"), ([0x1F, 0x8B, 8, 0], "gzip"), (Array("%PDF-1.7".utf8), "PDF"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], ".xls"), (Array("<html><table>".utf8), "HTML"),
    ])
    func `that hold no lines of text are named`(bytes: [UInt8], name: String) throws {
        let parsed = DataFile.parse(bytes, format: .csv)
        #expect(!parsed.usable)
        let finding = try #require(parsed.findings.first { $0.code == "not_text" })
        #expect(finding.message.contains(name) && !finding.remedy.isEmpty)
    }

    @Test func `without a header are told which one they lack`() throws {
        let finding = try #require(parse("where is it,delivery\nmoney,refund\nit is late,delivery\n").findings.first)
        #expect(finding.code == "no_header" && finding.remedy.contains("text,intent"))
    }

    @Test func `name their columns as the caller says`() throws {
        let file = "Kunde,Sorte,Teil\none,a,train\ntwo,b,test\n"
        #expect(!parse(file).usable)
        let columns = Columns(text: "kunde", intent: "SORTE", split: "Teil")
        let parsed = parse(file, DataFile.Reading(columns: columns))
        #expect(parsed.rows.map(\.split) == [.train, .test])
        let absent = parse(file, DataFile.Reading(columns: Columns(text: "x"))).findings
        #expect(absent.first?.message.contains("\"Kunde\"") == true)
        #expect(parse("question,message,label\na,b,c\n").findings.first?.message.contains("Several") == true)
    }

    @Test func `have weights with a comma, and none that may be two numbers`() {
        let parsed = parse("text;intent;weight\none;a;0,5\ntwo;b;1,25\nthree;b;1,000\n")
        #expect(parsed.rows.map(\.weight) == [0.5, 1.25])
        #expect(parsed.leftOut == 1)
    }

    @Test func `with a row of another delimiter say so`() throws {
        let finding = try #require(parse("text;intent\none;a\ntwo,b\n").findings.first { $0.code == "field_count" })
        #expect(finding.line == 3 && finding.message.contains("commas") && finding.message.contains("semicolons"))
    }

    @Test(arguments: ["Refund", "refund\u{200B}", "re\u{AD}fund", "REFUND"])
    func `have no two names that look alike`(name: String) throws {
        let parsed = parse("text,intent\none,refund\ntwo,refund\nthree,\(name)\nfour,b\n")
        #expect(parsed.leftOut == 1 && parsed.rows.count == 3)
        let finding = try #require(parsed.findings.first { $0.code == "similar_intent" })
        #expect(finding.line == 4 && finding.remedy.contains("refund"))
    }

    @Test(arguments: ["OOS", "out_of_scope", "out-of-scope", "Out of Scope", "oos\u{200B}"])
    func `spell out of scope in one way`(name: String) {
        let finding = parse("text,intent\none,a\ntwo,b\nthree,\(name)\n").findings.first {
            $0.code == "reserved_intent"
        }
        #expect(finding?.line == 4)
    }

    @Test func `keep what ties rows together`() {
        let rows = [DataRow(text: "a b", intent: "x", group: "g1"), DataRow(text: "c", intent: "y")]
        for format in DataFile.Format.allCases {
            let bytes = format == .csv ? DataFile.csv(rows) : DataFile.jsonLines(rows)
            #expect(DataFile.parse(bytes, format: format).rows.map(\.group) == ["g1", nil])
        }
    }
}
