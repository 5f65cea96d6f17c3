import Learning
import TestSupport
import Testing
import World

@Suite struct `A move in a data file` {
    private static let end = "\nx,a\ny,b\nz,c\n"

    @Test(arguments: [
        ("the name, and not the text", "text,intent\na,a" + end, "a", "new", "text,intent\na,new\nx,new\ny,b\nz,c\n"),
        (
            "line ends and a mark", "\u{FEFF}text,intent\r\nx,a\r\ny,b\r\nz,c", "c", "d",
            "\u{FEFF}text,intent\r\nx,a\r\ny,b\r\nz,d"
        ),
        (
            "other headers and signs", "label;utterance\na;\"x;\"\nb;y\nc;a\n", "a", "q",
            "label;utterance\nq;\"x;\"\nb;y\nc;a\n"
        ),
        ("tabs", "text\tintent\nx\ta\ny\tb\n", "a", "q r", "text\tintent\nx\tq r\ny\tb\n"),
        ("bars", "text|intent\nx|a\ny|b\n", "a", "q|r", "text|intent\nx|\"q|r\"\ny|b\n"),
        (
            "what Excel says first", "sep=;\r\ntext;intent\r\nx;a\r\ny;b\r\n", "b", "q;",
            "sep=;\r\ntext;intent\r\nx;a\r\ny;\"q;\"\r\n"
        ),
        ("quotes stay", "text,intent\n\"x\",\"a\"\ny,b\n", "a", "q", "text,intent\n\"x\",\"q\"\ny,b\n"),
        (
            "quotes come where needed", "text,intent\nx,a\ny,b\n", "a", "say \"q\", r",
            "text,intent\nx,\"say \"\"q\"\", r\"\ny,b\n"
        ),
        (
            "quotes in a name", "text,intent\nx,\"say \"\"q\"\", r\"\ny,b\n", "say \"q\", r", "q",
            "text,intent\nx,\"q\"\ny,b\n"
        ),
        ("spaces around it", "text,intent\nx, a \ny,b\n", "a", "q", "text,intent\nx, q \ny,b\n"),
        ("a name like a formula", "text,intent\nx,'=a\ny,b\n", "=a", "+q", "text,intent\nx,'+q\ny,b\n"),
        ("no formula any more", "text,intent\nx,'=a\ny,b\n", "=a", "q", "text,intent\nx,q\ny,b\n"),
        ("a name with a mark of its own", "text,intent\nx,a\ny,b\n", "a", "'=q", "text,intent\nx,''=q\ny,b\n"),
        ("signs of YAML and other scripts", "text,intent\nx,a\ny,b\n", "a", "दिन: #1", "text,intent\nx,दिन: #1\ny,b\n"),
        ("texts over several lines", "text,intent\n\"x\na\n\",a\ny,b\n", "a", "q", "text,intent\n\"x\na\n\",q\ny,b\n"),
        (
            "headers that come again, and empty rows", "text,intent\nx,a\n,\ntext,intent\n\ny,b\n", "intent", "q",
            "text,intent\nx,a\n,\ntext,intent\n\ny,b\n"
        ),
        (
            "rows that cannot be read stay", "text,intent\nx,a\n\"q\"x,a\ny,b,c\ny,b\n", "a", "q",
            "text,intent\nx,q\n\"q\"x,a\ny,b,c\ny,b\n"
        ),
        (
            "other columns", "intent,split,text,intent_note\na,train,x,a\nb,test,y,b\n", "a", "q",
            "intent,split,text,intent_note\nq,train,x,a\nb,test,y,b\n"
        ),
    ])
    func `renames`(_ what: String, _ before: String, _ old: String, _ new: String, _ after: String) throws {
        let box = MoveBox(["intents.csv": before])
        let plan = try box.carryOut(MoveBox.rename(old, new))
        #expect(box["intents.csv"] == after)
        #expect(plan.files.map(\.name) == (before == after ? [] : ["intents.csv"]))
        #expect(box.disk.text(MoveBox.folders.replacedData(MoveBox.time)) == (before == after ? nil : before))
    }

    @Test func `merges names, and rows of a removed intent go with their lines`() throws {
        let text = "text,intent\r\nx,a\r\n\"two\r\nlines\",b\r\nz,c\r\nw,d"
        let box = MoveBox(["intents.csv": text])
        var plan = try box.carryOut(MoveBox.merge(["a", "b", "c"], "b"))
        #expect(box["intents.csv"] == "text,intent\r\nx,b\r\n\"two\r\nlines\",b\r\nz,b\r\nw,d")
        #expect(plan.rows == 2)
        let other = MoveBox(["intents.csv": text])
        plan = try other.carryOut(MoveBox.remove("b"))
        #expect(other["intents.csv"] == "text,intent\r\nx,a\r\nz,c\r\nw,d")
        #expect(plan.rows == 1)
    }

    @Test(arguments: [true, false], [true, false])
    func `keeps UTF-16 in its byte order, with its mark or without`(isLittle: Bool, hasMark: Bool) throws {
        func bytes(_ text: String) -> [UInt8] {
            ((hasMark ? "\u{FEFF}" : "") + text).utf16.flatMap { unit in
                isLittle ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            }
        }
        let box = MoveBox()
        box.disk.put("/d/intents.csv", bytes("text;intent\r\nüber;a\r\n👍;b\r\n"))
        try box.carryOut(MoveBox.rename("a", "день"))
        #expect(box.disk.bytes("/d/intents.csv") == bytes("text;intent\r\nüber;день\r\n👍;b\r\n"))
    }

    @Test func `keeps the letters of Windows, and refuses a name that has others`() throws {
        let old = Array("text;intent\r\n".utf8) + [0xFC, 0x80] + Array(";a\r\ny;b\r\n".utf8)
        let box = MoveBox()
        box.disk.put("/d/intents.csv", old)
        #expect(throws: IntentMoveError.self) { try box.files.plan(MoveBox.rename("a", "день")) }
        try box.carryOut(MoveBox.rename("a", "Größe €"))
        let new = Array("text;intent\r\n".utf8) + [0xFC, 0x80] + Array(";Gr".utf8) + [0xF6, 0xDF] + Array("e ".utf8)
        #expect(box.disk.bytes("/d/intents.csv") == new + [0x80] + Array("\r\ny;b\r\n".utf8))
    }

    @Test func `keeps bytes that are no characters`() throws {
        let old = Array("text,intent\né,a\nx".utf8) + [0xFF] + Array(",a\ny,b\n".utf8)
        let box = MoveBox()
        box.disk.put("/d/intents.csv", old)
        try box.carryOut(MoveBox.rename("a", "c"))
        let new = Array("text,intent\né,c\nx".utf8) + [0xFF] + Array(",c\ny,b\n".utf8)
        #expect(box.disk.bytes("/d/intents.csv") == new)
    }

    @Test(arguments: [
        ("one intent would be left", "text,intent\nx,a\ny,b\n", MoveBox.remove("a"), IntentMoveError.Kind.unreadable),
        ("one intent would be left", "text,intent\nx,a\ny,b\n", MoveBox.merge(["a"], "b"), .unreadable),
        ("no header", "x,a\ny,b\n", MoveBox.rename("a", "c"), .unreadable),
        ("a workbook", "PK\u{3}\u{4}xl/", MoveBox.rename("a", "c"), .unreadable),
        ("the name is taken", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "b"), .nameTaken),
        ("its own name", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "a"), .badName),
        ("a name like another", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "B "), .badName),
        ("a name like another", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "B"), .badName),
        ("out of scope", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "oos"), .badName),
        ("out of scope", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "OOS"), .badName),
        ("out of scope", "text,intent\nx,oos\ny,b\n", MoveBox.merge(["oos"], "b"), .badName),
        ("no name", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", " "), .badName),
        ("no name", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", "b\nc"), .badName),
        ("a long name", "text,intent\nx,a\ny,b\n", MoveBox.rename("a", String(repeating: "n", count: 101)), .badName),
        ("nothing to merge", "text,intent\nx,a\ny,b\n", MoveBox.merge(["a"], "a"), .badName),
        ("the row would be a header", "text,intent\ntext,a\ny,b\nz,c\n", MoveBox.rename("a", "intent"), .byHand),
    ])
    func `is refused before anything changes`(
        _ what: String,
        _ text: String,
        _ move: IntentMove,
        _ kind: IntentMoveError.Kind
    ) throws {
        let box = MoveBox(["intents.csv": text])
        let before = box.contents
        let error = #expect(throws: IntentMoveError.self, "\(what)") { try box.files.plan(move) }
        #expect(error?.kind == kind, "\(what): \(error?.description ?? "")")
        #expect(error?.remedy.isEmpty == false)
        #expect(box.contents == before)
    }
}
