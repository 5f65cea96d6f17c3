import Statistics
import Testing

@testable import Text

@Suite("Tokenizing")
struct TokenizerTests {
    @Test(
        arguments: [
            ("", []), (" \t\n", []), ("Hello, World!", ["hello", "world"]), ("don't stop", ["don", "t", "stop"]),
            ("snake_case __x__", ["snake_case", "__x__"]), ("a\u{0}b", ["a", "b"]), ("x2 3.14", ["x2", "3", "14"]),
            ("I 👍🏽 it", ["i", "👍", "it"]), ("你好，世界", ["你好", "世界"]), ("Straße ＡＢＣ", ["strasse", "abc"]),
            ("שלום עולם", ["שלום", "עולם"]), ("مرحبا بالعالم", ["مرحبا", "بالعالم"]), ("\u{202E}abc", ["abc"]),
            ("नमस्ते", ["नमस्ते"]), ("e\u{301}t\u{e9}", ["été"]), ("it\u{2019}s", ["it", "s"]),
            ("½ x²", ["1", "2", "x2"]),
            ("zero\u{200B}width", ["zerowidth"]), ("a\u{A0}b\u{3000}c\u{2028}d\u{1C}e", ["a", "b", "c", "d", "e"]),
            ("\u{FEFF}bom", ["bom"]), ("mail bob@x.org now", ["mail", "email", "now"]), ("한국어", ["한국어"]),
        ] as [(String, [String])]
    )
    func `words are runs of letters, digits and underscores, and emoji`(text: String, words: [String]) {
        #expect(tokens(text, TextSettings()).words == words)
    }

    @Test(
        arguments: [
            ("दिन दान", ["दिन", "दान"]), ("เสือ เสื้อ", ["เสือ", "เสื้อ"]), ("কাল কুল", ["কাল", "কুল"]), ("கல் கால்", ["கல்", "கால்"]),
            ("סֵפֶר", ["סֵפֶר"]), ("عِلْم", ["عِلْم"]), ("ma\u{301}", ["má"]), ("می\u{200C}روم", ["می\u{200C}روم"]),
            ("ක්\u{200D}ෂ", ["ක්\u{200D}ෂ"]), ("par\u{200D}cel a\u{200C} b", ["parcel", "a", "b"]),
            ("за\u{301}мок", ["за\u{301}мок"]),
            // Folding makes a space and a mark of an accent that stands alone.
            ("it´s", ["it", "s"]),
        ] as [(String, [String])]
    )
    func `words keep their marks and joiners`(text: String, words: [String]) {
        #expect(tokens(text, TextSettings()).words == words)
    }

    @Test(
        arguments: [
            ("c++ c# C F#", ["c++", "c#", "c", "f#"]), ("a+b c#7 c+ +", ["a", "b", "c", "7", "c+"]),
            ("C++, c++.", ["c++", "c++"]),
            (".NET asp.net (.net) end.", [".net", "asp", "net", ".net", "end"]), ("well ...net", ["well", "net"]),
            ("24/7 1/2/3 24 7", ["24/7", "1/2/3", "24", "7"]), ("and/or 1/x", ["and", "or", "1", "x"]),
            ("/start start", ["/start", "start"]), ("--help help -h", ["--help", "help", "h"]),
            ("well--known", ["well", "known"]),
            ("Ｃ＋＋ ü++。", ["c++", "ü++"]), ("ü .net 24/7", ["ü", ".net", "24/7"]),
        ] as [(String, [String])]
    )
    func `signs that make a word belong to it`(text: String, words: [String]) {
        #expect(tokens(text, TextSettings()).words == words)
    }

    @Test(
        arguments: [
            ("?! ...", ["?!", "..."]), ("++ --", ["++", "--"]), ("what?!", ["what"]), ("。", ["。"]), ("", []), (" ", []),
            ("👍👎", ["👍", "👎"]), ("ok👍ok", ["ok", "👍", "ok"]), ("👍🏽 👍🏿", ["👍", "👍"]), ("❤️ ❤", ["❤", "❤"]),
            ("1️⃣ #️⃣ *️⃣", ["1⃣", "#⃣", "*⃣"]), ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]), ("👩🏽‍🚀👩‍🔬", ["👩‍🚀", "👩‍🔬"]),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", ["🏴󠁧󠁢󠁥󠁮󠁧󠁿"]), ("\u{200B}", []),
        ] as [(String, [String])]
    )
    func `emoji are words, and so are signs where there is nothing else`(text: String, words: [String]) {
        #expect(tokens(text, TextSettings()).words == words)
    }

    @Test(arguments: [
        "par\u{AD}cel", "par\u{200B}cel", "par\u{2060}cel", "\u{FEFF}parcel", "\u{202A}parcel\u{202C}",
        "PARCEL\u{FE0F}",
    ])
    func `what nobody sees makes no difference`(text: String) {
        #expect(tokens(text, TextSettings()).words == ["parcel"])
    }

    @Test(
        arguments: [
            (TextSettings.Language.tr, "ILIK İYİ I\u{307}", ["ılık", "iyi", "i"]), (.az, "QIZ", ["qız"]),
            (.tr, "WRITE TO BOB@X.ORG", ["wrıte", "to", "email"]), (.und, "ILIK", ["ilik"]),
            (.lt, "Ì J\u{301} i\u{307}\u{300} Į\u{303}", ["ì", "j\u{301}", "ì", "į\u{303}"]), (.lt, "z\u{307}", ["ż"]),
            (.und, "i\u{307}\u{300}", ["i\u{307}\u{300}"]),
        ] as [(TextSettings.Language, String, [String])]
    )
    func `case is folded by the letters of the language`(language: TextSettings.Language, text: String, words: [String])
    {
        let found = tokens(text, TextSettings(language: language)).words
        #expect(found.map { $0.unicodeScalars.map(\.value) } == words.map { $0.unicodeScalars.map(\.value) })
    }

    @Test(
        arguments: [
            ("नमस्ते c++ 👍", ["नमस", "त", "c"]), ("a\u{200B}b ?", ["a", "b"]), ("?!", []), ("24/7", ["24", "7"]),
        ] as [(String, [String])]
    )
    func `models from before keep the rule of letters and digits`(text: String, words: [String]) {
        #expect(tokens(text, TextSettings(wordRule: .alphanumeric)).words == words)
    }

    @Test(
        arguments: [
            ("a bc  d-e\n", ["a", "bc", "d-e"]), ("", []), ("  x", ["x"]), ("é\u{A0}ü\u{85}ö", ["é", "ü", "ö"]),
            ("don't", ["don't"]), ("a\u{1F}b", ["a", "b"]), ("你好 世界！", ["你好", "世界!"]),
        ] as [(String, [String])]
    )
    func `chunks are what white space divides`(text: String, chunks: [String]) {
        #expect(tokens(text, TextSettings()).chunks == chunks)
    }

    @Test(
        arguments: [
            ("I am a Bank_Customer x", ["am", "bank_customer"]), ("ΑΣ ΟΔΟΣ Α", ["ας", "οδος"]), ("É ÜB", ["üb"]),
            ("Straße ﬁn", ["straße", "ﬁn"]), ("mail bob@x.org", ["mail", "bob", "org"]),
            ("İx y", []),
            ("x² ①②", ["x²", "①②"]),
        ] as [(String, [String])]
    )
    func `scikit-learn's words have two characters and keep their compatibility forms`(text: String, words: [String]) {
        #expect(tokens(text, .scikitLearn).words == words)
    }

    @Test func `ASCII and Unicode paths agree`() {
        var random = SplitMix64(seed: 9)
        for settings in [TextSettings(redact: false), .scikitLearn] {
            let tokenizer = Tokenizer(settings)
            var (fast, slow) = (TokenizedText(), TokenizedText())
            for _ in 0..<20_000 {
                let bytes = (0..<random.next() % 60).map { _ in UInt8(random.next() % 128) }
                bytes.withUnsafeBufferPointer {
                    tokenizer.tokenize($0, into: &fast)
                    tokenizer.passUnicode($0, into: &slow)
                }
                #expect(fast.bytes == slow.bytes && fast.words == slow.words && fast.chunks == slow.chunks)
                #expect(fast.isASCII && slow.isASCII && slow.scalarStarts.isEmpty)
            }
        }
    }

    @Test func `any bytes give valid UTF-8, ordered ranges and exact scalar offsets`() {
        var random = SplitMix64(seed: 10)
        let tokenizer = Tokenizer(TextSettings())
        var text = TokenizedText()
        for _ in 0..<20_000 {
            let bytes = (0..<random.next() % 50).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            bytes.withUnsafeBufferPointer { tokenizer.tokenize($0, into: &text) }
            let string = String(validating: text.bytes, as: UTF8.self)
            #expect(string != nil)
            for ranges in [text.words, text.chunks] {
                #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
                #expect(ranges.allSatisfy { !$0.isEmpty && $0.upperBound <= text.bytes.count })
            }
            guard !text.isASCII, let string else { continue }
            #expect(text.scalarStarts.count == string.unicodeScalars.count + 1)
            #expect(text.scalarStarts.last == text.bytes.count)
            #expect(text.chunkScalars.count == text.chunks.count)
            for (chunk, scalars) in zip(text.chunks, text.chunkScalars) {
                #expect(text.scalarStarts[scalars.lowerBound] == chunk.lowerBound)
                #expect(text.scalarStarts[scalars.upperBound] == chunk.upperBound)
            }
        }
    }

    @Test(arguments: [
        "a", "1", "1 ", "12 ", "(1", "+1", "@", "a@", "a.b@", ":", "::1", "token:", "pin:", "password=\"", "eyJ", "SG.",
        "sk-",
        "http://", "DE89 ", "a1B2", "call 1234567 ", "0+1 555 123 4567", "4111 1111 1111 1111", "<", "\"", "ﷺ",
        "\u{301}\u{323}",
        "\u{345}", "Σ.", "한", "中", "👍🏽", "\u{0}", "\u{200B}", "аa",
    ])
    func `64 KiB of anything has words in order and the same words redacted`(unit: String) {
        let text = String(repeating: unit, count: 65_536 / unit.utf8.count)
        let tokenizer = Tokenizer(TextSettings())
        var (raw, kept) = (TokenizedText(), TokenizedText())
        tokenizer.tokenize(text, into: &raw)
        tokenizer.tokenize(Redactor.redact(text), into: &kept)
        #expect(raw.bytes == kept.bytes && raw.words == kept.words)
        #expect(zip(raw.words, raw.words.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }

    @Test func `a reused value keeps nothing of the text before`() {
        let tokenizer = Tokenizer(TextSettings())
        var reused = TokenizedText()
        for text in ["Grüße an bob@x.org", "plain words", "ünï", "", "call +1 555 123 4567", "x"] {
            var fresh = TokenizedText()
            tokenizer.tokenize(text, into: &fresh)
            tokenizer.tokenize(text, into: &reused)
            #expect(reused.bytes == fresh.bytes && reused.words == fresh.words && reused.chunks == fresh.chunks)
            #expect(reused.isASCII == fresh.isASCII && reused.scalarStarts == fresh.scalarStarts)
            #expect(reused.chunkScalars == fresh.chunkScalars)
        }
    }

    private func tokens(_ text: String, _ settings: TextSettings) -> (words: [String], chunks: [String]) {
        var output = TokenizedText()
        Tokenizer(settings).tokenize(text, into: &output)
        let cut = { (range: Range<Int>) in String(decoding: output.bytes[range], as: UTF8.self) }
        return (output.words.map(cut), output.chunks.map(cut))
    }
}
