import Learning
import Statistics
import Testing

@Suite struct DataFileTests {
    private func parse(_ text: String, _ format: DataFile.Format = .csv) -> DataFile.Parsed {
        DataFile.parse(Array(text.utf8), format: format)
    }

    /// Enough good rows that only what a test is about is found.
    private let good = (1...5).map { "hello \($0),greeting,train\nbye \($0),goodbye,train\n" }.joined()

    @Test func `columns stand in any order and beside others`() throws {
        let parsed = parse("Intent , colour,SPLIT,text\na,red,test,one\nb,blue,,two\n")
        #expect(parsed.usable)
        #expect(
            parsed.rows == [
                DataRow(text: "one", intent: "a", split: .test, line: 2),
                DataRow(text: "two", intent: "b", line: 3),
            ]
        )
        #expect(parsed.findings.contains { $0.code == "unknown_column" && $0.line == 1 })
    }

    @Test func `weight and source are read`() {
        let parsed = parse("text,intent,weight,source\none,a,2.5,chat\ntwo,b,,\n")
        #expect(parsed.rows[0].weight == 2.5)
        #expect(parsed.rows[0].source == "chat")
        #expect(parsed.rows[1].weight == nil)
        #expect(parsed.rows[1].source == nil)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `every line end is one`(end: String) {
        let parsed = parse(["text,intent", "\"a,\"\"b\"\"\(end)c\",x", "", "d,y", ""].joined(separator: end))
        #expect(parsed.rows.map(\.text) == ["a,\"b\"\(end)c", "d"])
        #expect(parsed.rows.map(\.line) == [2, 5])
    }

    @Test func `the last line needs no end`() {
        #expect(parse("text,intent\na,x\nb,y").rows.count == 2)
        #expect(parse("text,intent\na,x\nb,\"y\"").rows.count == 2)
    }

    @Test func `a byte order mark is skipped and mentioned`() {
        let parsed = parse("\u{FEFF}text,intent\na,x\nb,y\n")
        #expect(parsed.rows.count == 2)
        #expect(parsed.findings.contains { $0.code == "byte_order_mark" && $0.severity == .note })
    }

    @Test(arguments: [
        ("", "no_header"),
        ("\n\n", "no_header"),
        ("one,a\ntwo,b\n", "no_header"),
        ("text,mood\none,a\n", "no_header"),
        ("text;intent\none;a\n", "one_intent"),
        ("\"text,intent\none,a\n", "no_header"),
        ("text,intent,text\none,a,b\n", "duplicate_column"),
        ("text,intent\n", "no_rows"),
        ("text,intent\n,a\n", "no_rows"),
        ("text,intent\none,a\ntwo,a\n", "one_intent"),
        ("text,intent\none,oos\ntwo,oos\n", "one_intent"),
        ("text,intent\none,a\ntwo,oos\n", "one_intent"),
    ])
    func `an unusable file is refused with a reason`(text: String, code: String) throws {
        let parsed = parse(text)
        #expect(!parsed.usable)
        #expect(parsed.rows.isEmpty)
        let finding = try #require(parsed.findings.first { $0.code == code })
        #expect(finding.severity == .error)
        #expect(!finding.remedy.isEmpty)
    }

    @Test func `UTF-16 is named as such`() {
        let parsed = DataFile.parse([0xFF, 0xFE, 0x74, 0x00], format: .csv)
        #expect(!parsed.usable)
        #expect(parsed.findings.map(\.code) == ["guessed_encoding", "no_header"])
        #expect(parsed.findings[0].message.contains("UTF-16"))
    }

    @Test(arguments: ["", "\n", "\r", "\r\n\r\n", "sep=;\n"])
    func `a file without a line of text is called empty`(text: String) {
        let parsed = parse(text)
        #expect(parsed.findings.map(\.message) == ["The file is empty."])
        // There is no line that it could name.
        #expect(parsed.findings.allSatisfy { $0.line == nil })
    }

    // The header and ten good rows come first: the row in question is on line 12.
    @Test(arguments: [
        (",greeting,train", "empty_text", true),
        (" \u{A0}\t,greeting,train", "empty_text", true),
        ("hi,,train", "empty_intent", true),
        ("hi,\"gree\nting\",train", "bad_intent", true),
        ("hi,greeting,training", "unknown_split", true),
        ("hi,greeting", "field_count", true),
        ("hi,there,greeting,train", "field_count", true),
        ("\"hi\" there,greeting,train", "stray_quote", true),
        ("\"hi,greeting,train", "unterminated_quote", true),
        (String(repeating: "a", count: 16_385) + ",greeting,train", "text_too_long", true),
        ("h\u{0}i,greeting,train", "control_character", false),
        ("Hello  1!,greeting,train", "duplicate", false),
        ("hello 1,greeting,test", "duplicate_across_splits", false),
        ("hello 1,goodbye,train", "conflicting_intents", false),
        ("what,rare,train", "few_rows", false),
        ("what,rare,test", "no_train_rows", false),
    ])
    func `a bad row is found with its line`(row: String, code: String, isLeftOut: Bool) throws {
        let parsed = parse("text,intent,split\n" + good + row + "\n")
        let finding = try #require(parsed.findings.first { $0.code == code })
        #expect(finding.line == 12)
        #expect(!finding.message.isEmpty)
        #expect(!finding.remedy.isEmpty)
        #expect(finding.severity == (isLeftOut ? .error : .warning))
        #expect(parsed.usable)
        #expect(parsed.rows.count == (isLeftOut ? 10 : 11))
    }

    @Test func `both lines of a conflict are named`() throws {
        let finding = try #require(
            parse("text,intent\nhow are you?,a\nx,b\nHow are  you,b\n").findings.first {
                $0.code == "conflicting_intents"
            }
        )
        #expect(finding.line == 4)
        #expect(finding.otherLine == 2)
        #expect(finding.message.contains("line 2"))
    }

    @Test func `bad UTF-8 costs one row`() {
        let bytes = Array("text,intent\na,x\nb".utf8) + [0xE9] + Array(",x\nc,y\nü,y\n".utf8)
        let parsed = DataFile.parse(bytes, format: .csv)
        #expect(parsed.rows.map(\.text) == ["a", "c", "ü"])
        #expect(parsed.findings.contains { $0.code == "bad_utf8" && $0.line == 3 })
    }

    @Test(arguments: ["0", "-1", "nan", "inf", "1001", "much"])
    func `a weight is a positive number`(weight: String) {
        let parsed = parse("text,intent,weight\na,x,1\nb,y,1\nc,x,\(weight)\n")
        #expect(parsed.rows.count == 2)
        #expect(parsed.findings.contains { $0.code == "bad_weight" && $0.line == 4 })
    }

    @Test func `a text of the greatest length is kept`() {
        let text = String(repeating: "é", count: DataFile.maximumTextLength)
        #expect(parse("text,intent\n\(text),x\nb,y\n").rows.count == 2)
    }

    @Test func `findings come by line`() {
        let parsed = parse("text,intent\n,a\nhi,\nhi,a\nho,b\n,b\n")
        let lines = parsed.findings.compactMap(\.line)
        #expect(lines == lines.sorted())
    }

    @Test func `JSON lines give the same rows as CSV`() {
        let parsed = parse(
            """
            {"text":"one\\n\\"two\\"","intent":"a","split":"val","weight":2,"source":"chat"}

            {"intent":"b","text":"three","split":null}\r
            {"text":"four","intent":"a","mood":"good"}
            """,
            .jsonl
        )
        #expect(
            parsed.rows == [
                DataRow(text: "one\n\"two\"", intent: "a", split: .val, weight: 2, source: "chat", line: 1),
                DataRow(text: "three", intent: "b", line: 3),
                DataRow(text: "four", intent: "a", line: 4),
            ]
        )
        #expect(parsed.findings.contains { $0.code == "unknown_column" && $0.line == 4 })
    }

    @Test(arguments: [
        ("nonsense", "bad_json"),
        ("{\"text\":\"a\",\"text\":\"b\",\"intent\":\"x\"}", "bad_json"),
        ("[1]", "wrong_type"),
        ("{\"text\":1,\"intent\":\"x\"}", "wrong_type"),
        ("{\"text\":\"a\",\"intent\":\"x\",\"weight\":\"1\"}", "wrong_type"),
        ("{\"intent\":\"x\"}", "empty_text"),
        ("{\"text\":\"a\"}", "empty_intent"),
        ("{\"text\":\"a\",\"intent\":\"x\",\"split\":\"dev\"}", "unknown_split"),
        ("{\"text\":\"a\",\"intent\":\"x\",\"weight\":0}", "bad_weight"),
        (String(repeating: "[", count: 100_000), "bad_json"),
    ])
    func `a bad JSON line is left out`(line: String, code: String) throws {
        let good = "{\"text\":\"a\",\"intent\":\"x\"}\n{\"text\":\"b\",\"intent\":\"y\"}\n"
        let parsed = parse(good + line + "\n", .jsonl)
        #expect(parsed.rows.count == 2)
        let finding = try #require(parsed.findings.first { $0.code == code })
        #expect(finding.line == 3)
    }

    @Test func `the format follows the name`() {
        #expect(DataFile.Format.of(path: "a/b.CSV") == .csv)
        #expect(DataFile.Format.of(path: "a/b.JSONL") == .jsonl)
        #expect(DataFile.Format.of(path: "b") == .csv)
    }

    @Test func `what is written is read again`() {
        var random = SplitMix64(seed: 7)
        let alphabet = Array("ab,\"\n\r\t ;é漢🙂\u{0}'x\u{301}".unicodeScalars)
        for _ in 0..<200 {
            func word(_ most: Int) -> String {
                var text = String.UnicodeScalarView()
                for _ in 0...random.next(below: most) { text.append(alphabet[random.next(below: alphabet.count)]) }
                return String(text)
            }
            var rows = [DataRow(text: "a", intent: "one"), DataRow(text: "b", intent: "two")]
            for _ in 0..<random.next(below: 8) {
                rows.append(
                    DataRow(
                        text: "t" + word(12),
                        intent: "some intent, \"quoted\"",
                        split: random.next(below: 2) == 0 ? nil : .val,
                        weight: random.next(below: 2) == 0 ? nil : random.unit() + 0.1,
                        source: random.next(below: 2) == 0 ? nil : "s" + word(5)
                    )
                )
            }
            let parsed = DataFile.parse(DataFile.csv(rows), format: .csv)
            #expect(parsed.usable)
            let read = parsed.rows.map { row in
                var row = row
                row.line = 0
                return row
            }
            #expect(read.elementsEqual(rows) { $0 == $1 && $0.text.utf8.elementsEqual($1.text.utf8) })
        }
    }

    @Test func `a row that says what the header says is written so that it is read as a row`() {
        let rows = [
            DataRow(text: "open now?", intent: "hours"), DataRow(text: "Text", intent: "intent", source: "source"),
            DataRow(text: "late", intent: "delivery"),
        ]
        let read = DataFile.parse(DataFile.csv(rows), format: .csv).rows
        #expect(read.map(\.text) == rows.map(\.text))
        #expect(read.map(\.intent) == rows.map(\.intent))
    }

    @Test func `any bytes come to an end`() {
        var random = SplitMix64(seed: 11)
        let interesting: [UInt8] = Array("\",\n\r{}[]:\\textintent".utf8) + [0, 0xFF, 0xC3, 0xE2]
        for format in DataFile.Format.allCases {
            for _ in 0..<500 {
                var bytes = Array("text,intent\n".utf8)
                for _ in 0..<random.next(below: 200) {
                    bytes.append(interesting[random.next(below: interesting.count)])
                }
                let parsed = DataFile.parse(bytes, format: format)
                #expect(parsed.usable || parsed.rows.isEmpty)
            }
        }
    }

    @Test func `hostile files cost no more than their size`() {
        let line = "text,intent\n" + String(repeating: "a", count: 1 << 20) + ",x\na,x\nb,y\n"
        #expect(parse(line).rows.count == 2)
        let quotes = "text,intent\n" + String(repeating: "\"a\n", count: 100_000)
        #expect(!parse(quotes).usable)
        let nothing = DataFile.parse(Array("text,intent\n".utf8) + Array(repeating: 0, count: 1 << 20), format: .csv)
        #expect(!nothing.usable)
    }

    @Test func `a hundred thousand rows are read`() {
        var text = "text,intent,split\n"
        for index in 0..<100_000 { text += "where is parcel number \(index) now?,intent_\(index % 50),train\n" }
        let parsed = parse(text)
        #expect(parsed.rows.count == 100_000)
        #expect(parsed.findings.isEmpty)
    }
}
