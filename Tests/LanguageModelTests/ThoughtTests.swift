import Testing
import World

@testable import LanguageModel

private func shown(_ pieces: [String], holdsBack: Bool = false) -> String {
    var filter = ThoughtFilter(holdsBack: holdsBack)
    var text = ""
    for piece in pieces { text += filter.take(piece) }
    return text + filter.finish()
}

@Suite struct `Thinking in an answer` {
    static let texts: [(text: String, shown: String)] = [
        ("Hello.", "Hello."), ("<think>hm</think>Hello.", "Hello."),
        ("\n<think>\nhm\n</think>\n\nHello.\n", "Hello.\n"),
        ("<THINK>hm</Think> Hello.", "Hello."), ("<thinking>hm</thinking>Hello.", "Hello."),
        ("[THINK]hm[/THINK]Hello.", "Hello."), ("<think>hm", ""), ("<think>", ""), ("<think></think>", ""),
        ("Hello <think>hm</think>you.", "Hello you."), ("Hello <think>hm", "Hello "), ("</think>\nHello.", "Hello."),
        ("hm</think>Hello.", "Hello."), ("  Hello.", "  Hello."),
        ("a < b, [think of it] <thin", "a < b, [think of it] <thin"),
        ("Use the tag `<think>` for it.", "Use the tag `<think>` for it."), ("1 <reasoning> 2", "1 <reasoning> 2"),
        ("<think>ü 👩‍👩‍👧</think>ü 👩‍👩‍👧", "ü 👩‍👩‍👧"), ("<think>a</think><think>b</think>c", "c"),
        ("<think>a < b</th</think>c", "c"),
    ]

    @Test(arguments: texts)
    func `is left out, wherever the text is cut`(_ text: String, _ expected: String) {
        #expect(shown([text]) == expected)
        let isLoose = text.hasPrefix("hm</think>")
        let scalars = Array(text.unicodeScalars)
        for first in 0...scalars.count {
            for second in first...scalars.count {
                let pieces = [scalars[..<first], scalars[first..<second], scalars[second...]].map { part in
                    var view = String.UnicodeScalarView()
                    view.append(contentsOf: part)
                    return String(view)
                }
                // What was given before its end was known cannot be taken back.
                let text = shown(pieces, holdsBack: isLoose)
                #expect(Array(text.utf8) == Array(expected.utf8), "\(pieces)")
            }
        }
    }

    @Test func `that was given away is noticed`() {
        var filter = ThoughtFilter()
        #expect(filter.take("hm") == "hm")
        #expect(filter.take("</think>Hello.") == "")
        #expect(filter.hasLeaked)
        #expect(filter.take("more") == "")
        #expect(shown(["no ", "thinking"], holdsBack: true) == "no thinking")
    }
}

@Suite struct `The words of an LLM` {
    @Test func `are one line that does nothing to a terminal`() {
        #expect(Words.of("a\n\tb\u{1B}[31m\u{202E}c ") == #"a b\u{1b}[31m\u{202e}c"#)
        #expect(Words.of(" \n") == nil)
        #expect(Words.of(nil) == nil)
        #expect(Words.of(String(repeating: "x", count: 100_000))?.count == 500)
    }

    @Test func `repeat nothing of what was asked`() {
        let secret = "my card 4111 1111 1111 1111 was refused"
        let words = Words.of("cannot process: '\(secret)' is bad", asking: .user("Hello, \(secret). Why?"))
        #expect(words == "cannot process: '…' is bad")
        // A few common letters are not what was asked.
        #expect(Words.of("out of memory", asking: .user("memory")) == "out of memory")
    }

    @Test(
        arguments: [
            ("2", 2.0), ("0.5", 0.5), ("86400", 300), ("Wed, 21 Oct 2026 07:28:10 GMT", 10), ("0", nil), ("-1", nil),
            ("soon", nil),
            ("nan", nil), ("inf", nil), ("Wed, 21 Oct 2015 07:28:00 GMT", nil),
        ] as [(String, Double?)]
    )
    func `about a pause are read in both forms`(_ value: String, _ seconds: Double?) {
        // 21 October 2026, 07:28:00.
        #expect(RetryAfter.pause(value, at: 1_792_567_680) == seconds.map { .seconds($0) })
    }
}
