import Learning
import Testing

@Suite struct SentenceTemplateTests {
    private let slots = ["colour": ["red", "green", "blue"], "item": ["shoe", "hat"]]

    private func source(_ text: String) throws -> SentenceSource {
        SentenceSource(try SentenceTemplate(text), slots: slots)
    }

    private func all(_ text: String) throws -> [String] {
        let source = try source(text)
        return (0..<source.count).map { source.sentence(at: $0) }
    }

    @Test(arguments: [
        ("hello", ["hello"]),
        ("(hi|hello) there", ["hi there", "hello there"]),
        ("hi [there]", ["hi", "hi there"]),
        ("hi [there|you]", ["hi", "hi there", "hi you"]),
        ("a {item}", ["a shoe", "a hat"]),
        ("((a|b) c|d)", ["a c", "b c", "d"]),
        ("[very [very]] good", ["good", "very good", "very very good"]),
        ("what [now] ?", ["what?", "what now?"]),
        ("\\(a\\|b\\) \\[c\\] \\{d\\} \\\\", ["(a|b) [c] {d} \\"]),
        ("  two   spaces [ , really ] ", ["two spaces", "two spaces, really"]),
        ("{colour} {item}", ["red shoe", "green shoe", "blue shoe", "red hat", "green hat", "blue hat"]),
    ])
    func `a template makes exactly these sentences`(template: String, sentences: [String]) throws {
        #expect(try all(template).sorted() == sentences.sorted())
    }

    @Test(arguments: [
        "(a|b|c) [d] (e|f (g|h)|[i] j)",
        "{colour} [{item} (a|b [c])] x",
        "[a] [b] [c] [d] e",
        "(({colour}|x) [y (z|w)]|{item} {item})",
    ])
    func `the count is the number of sentences and each has its own number`(template: String) throws {
        let sentences = try all(template)
        #expect(UInt64(Set(sentences).count) == (try source(template).count))
    }

    @Test(arguments: [
        ("", TemplateError.Kind.empty, 1),
        ("[hello]", .empty, 1),
        ("([a]|b) [c]", .empty, 1),
        ("a (b", .unbalanced, 3),
        ("a [b", .unbalanced, 3),
        ("a b)", .unbalanced, 4),
        ("a (b]", .unbalanced, 5),
        ("a }", .unbalanced, 3),
        ("a {b", .unbalanced, 3),
        ("a ()", .emptyPart, 4),
        ("a (b|)", .emptyPart, 6),
        ("a (|b)", .emptyPart, 4),
        ("a []", .emptyPart, 4),
        ("a {}", .emptyPart, 3),
        ("a | b", .strayBar, 3),
        ("a {Big}", .badSlotName, 3),
        ("a {b c}", .badSlotName, 3),
        ("a \\n", .badEscape, 3),
        ("a \\", .badEscape, 3),
        (String(repeating: "(", count: 40) + "a", .tooDeep, 33),
        (String(repeating: "a", count: 5_000), .tooLong, 1),
        (String(repeating: "(", count: 100_000), .tooLong, 1),
    ])
    func `what cannot be read is refused with its place`(text: String, kind: TemplateError.Kind, column: Int) throws {
        let error = #expect(throws: TemplateError.self) { try SentenceTemplate(text, line: 7) }
        #expect(error?.kind == kind)
        #expect(error?.column == column)
        #expect(error?.line == 7)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func `a bracket bomb is counted and drawn from at once`() throws {
        let bomb = String(repeating: "(a|b|c|d|e|f|g|h)", count: 200)
        let source = try source(bomb)
        #expect(source.count == SentenceSource.unbounded)
        let nested = String(repeating: "[(a|b) ", count: 15) + "z" + String(repeating: "]", count: 15) + " end"
        #expect(try self.source(nested).count == 65_535)
        let names = (0..<400).map { _ in "{colour}" }.joined(separator: " ")
        #expect(try self.source(names).count == SentenceSource.unbounded)
    }

    @Test func `slots are listed once`() throws {
        #expect(try SentenceTemplate("{a} {b} (c|{a})").slots == ["a", "b"])
    }

    @Test func `a slot without values makes no sentence`() throws {
        #expect(try source("a {unknown}").count == 0)
    }
}
