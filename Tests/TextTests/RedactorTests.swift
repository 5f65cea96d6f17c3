import Statistics
import Testing

@testable import Text

@Suite("Redaction")
struct RedactorTests {
    @Test(arguments: RedactionCorpus.handWritten)
    func `a written line is redacted exactly where it is marked`(line: RedactionCorpus.Line) {
        #expect(Redactor.redact(line.raw) == line.redacted)
    }

    @Test(arguments: RedactionCorpus.hardNegatives)
    func `a number or word that is nobody's stays`(line: String) {
        #expect(Redactor.redact(line) == line)
    }

    @Test(arguments: ["email", "phone", "card", "iban", "ip", "url", "secret"])
    func `at least 99 percent of structured data is found`(kind: String) {
        var generator = RedactionGenerator(seed: 11)
        var missed: [String] = []
        let lines = 500
        for _ in 0..<lines {
            let line = generator.line(kind)
            if Redactor.redact(line.raw) != line.redacted {
                missed.append(line.markup + " → " + Redactor.redact(line.raw))
            }
        }
        #expect(missed.count * 100 <= lines, "\(missed.prefix(10).joined(separator: "\n"))")
    }

    @Test func `redacting twice is redacting once, and tokens stay the same`() {
        let pieces = [
            "bob@x.org", "@", "+", "(", ")", "-", ".", ":", "::", "=", "<", ">", "/", " ", " ", "4111 1111 1111 1111",
            "555",
            "123", "4567", "0", "00", "49", "192.168.0.1", "fe80", "::1", "DE89 3704 0044 0532 0130 00", "password",
            "token",
            "is", "sk-", "abc123", "https://", "www.", "x.y", "\"", "'", "é", "中", "hunter2", "eyJ", "<email>", "call",
            "12",
            "1", "a", "_", "d41d8cd98f00b204e9800998ecf8427e", "\n", "%", ",", ";",
        ]
        var random = SplitMix64(seed: 5)
        let tokenizer = Tokenizer(TextSettings())
        var (raw, kept) = (TokenizedText(), TokenizedText())
        for _ in 0..<60_000 {
            let text = (0..<1 + random.next() % 14).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
                .joined()
            let once = Redactor.redact(text)
            let twice = Redactor.redact(once)
            #expect(once == twice, "\(text)")
            tokenizer.tokenize(text, into: &raw)
            tokenizer.tokenize(once, into: &kept)
            #expect(raw.bytes == kept.bytes && raw.words == kept.words && raw.chunks == kept.chunks, "\(text)")
        }
    }

    @Test func `any bytes are redacted as the text they stand for`() {
        var random = SplitMix64(seed: 6)
        let tokenizer = Tokenizer(TextSettings())
        var (raw, kept) = (TokenizedText(), TokenizedText())
        for _ in 0..<20_000 {
            var bytes = (0..<random.next() % 40).map { _ in UInt8(truncatingIfNeeded: random.next() >> 9) }
            if random.next() % 2 == 0 {
                bytes.insert(contentsOf: Array("a@b.cd".utf8), at: Int(random.next() % UInt64(bytes.count + 1)))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            bytes.withUnsafeBufferPointer { tokenizer.tokenize($0, into: &raw) }
            tokenizer.tokenize(Redactor.redact(text), into: &kept)
            #expect(raw.bytes == kept.bytes && raw.words == kept.words)
        }
    }
}
