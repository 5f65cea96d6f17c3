import Classifier
import Foundation
import Learning
import TestSupport
import Testing
import Text

/// The small sets of `data/scripts`. The path is not tidied on purpose: it may lead through a link.
enum Scripts {
    static let names = ["arabic", "bengali", "cyrillic", "devanagari", "han", "hebrew", "pairs", "thai"]

    static func text(_ name: String) throws -> String {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return try String(contentsOfFile: "/\(folder)/../../../data/scripts/\(name).csv", encoding: .utf8)
    }
}

@Suite struct `Texts of every script` {
    private func rows(_ csv: String) -> [DataRow] { DataFile.parse(Array(csv.utf8), format: .csv).rows }

    private func wrong(_ rows: [DataRow]) async throws -> [String] {
        let model = try await Trainer.train(rows.map { Example(text: $0.text, intent: $0.intent) })
        var workspace = Workspace()
        return rows.filter { model.intents[model.predict($0.text, workspace: &workspace).intent] != $0.intent }.map(
            \.text
        )
    }

    @Test(arguments: Scripts.names) func `are learnt, each of them`(name: String) async throws {
        let rows = rows(try Scripts.text(name))
        var key = WordKey()
        #expect(Set(rows.map { key($0.text) }).count == rows.count)
        #expect(try await wrong(rows) == [])
    }

    @Test(arguments: [
        "text,intent\nदिन,day\nदान,donation\nबिल,bill\nबाल,hair\nपता,address\nपिता,father\n",
        "text,intent\nป่า,forest\nป้า,aunt\nเสือ,tiger\nเสื้อ,shirt\nเสื่อ,mat\nปลา,fish\n",
        "text,intent\nc++ book,cpp\nc# book,csharp\nc book,c\nbuy a c++ book,cpp\nbuy a c# book,csharp\nbuy a c book,c\n",
        "text,intent\n👍,yes\n✅,yes\n👎,no\n❌,no\nyes,yes\nno,no\n",
        "text,intent\n:),happy\n:(,sad\n?,question\n!,shout\n",
    ])
    func `are told apart where a sign makes the difference`(csv: String) async throws {
        #expect(try await wrong(rows(csv)) == [])
    }

    @Test(arguments: [
        ("दिन", "दान"), ("เสือ", "เสื้อ"), ("c++ compiler", "c# compiler"), ("👍", "👎"), ("24/7", "24 7"),
        ("/start", "start"),
        ("3.5", "35"), ("a b", "ab"), ("e", "é"), (":)", ":("),
    ])
    func `with another key are not corrected together`(left: String, right: String) {
        var key = WordKey()
        #expect(key(left) != key(right))
        let file = [
            DataRow(text: left, intent: "a"), DataRow(text: right, intent: "b"), DataRow(text: "other", intent: "c"),
        ]
        let said = [Said.item(left, "c", uid: 1, byAdmin: true, id: "1")]
        let data = TrainingData(file: file, feedback: said, rules: .usual())
        #expect(data.rows.contains { $0.text == right && $0.intent == "b" })
    }

    @Test(arguments: [
        ("Where is  my parcel?", "where is my parcel"), ("ÉTÉ", "e\u{301}te\u{301}"), ("par\u{AD}cel", "parcel"),
        ("👍🏽", "👍"), ("open https://a.example.org", "open https://b.example.org"), ("wait\u{2026}", "wait"),
    ])
    func `with the same key are one text`(left: String, right: String) {
        var key = WordKey()
        #expect(key(left) == key(right))
    }

    @Test func `are one text by the letters of their language`() {
        var (turkish, other) = (WordKey(language: .tr), WordKey())
        #expect(turkish("ILIK") == turkish("ılık") && turkish("ILIK") != turkish("ilik"))
        #expect(other("ILIK") == other("ilik"))
    }
}
