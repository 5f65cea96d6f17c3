/// Cuts raw text into normalised words.
///
/// Most text is ASCII and holds nothing to redact. So one pass over its bytes lowers them, finds words and chunks, and
/// notices on the way whether the redactor or the Unicode path is needed at all.
///
///     var tokens = TokenizedText()
///     Tokenizer(TextSettings()).tokenize("Where's my PARCEL?", into: &tokens)
///     tokens.words.map { String(decoding: tokens.bytes[$0], as: UTF8.self) }  // ["where", "s", "my", "parcel"]
package struct Tokenizer: Sendable {
    /// The most scalars that a text may have when it is normalised; then it ends, so that no text costs many times its
    /// length.
    package static let longest = 65_536
    /// No byte of a text stands for more normalised scalars: U+FDFA has three and becomes eighteen.
    package static let mostScalarsPerByte = 6

    package let settings: TextSettings
    private let table: [UInt16]

    package init(_ settings: TextSettings) {
        self.settings = settings
        table = ByteClass.table
    }

    /// Replaces the contents of `output` by the words of `text`, which has at most 2 GiB, in time linear in its length.
    package func tokenize(_ text: String, into output: inout TokenizedText) {
        var text = text
        text.withUTF8 { tokenize($0, into: &output) }
    }

    /// Does the same for any bytes. Bytes that are not UTF-8 count as U+FFFD, as in `String(decoding:as:)`.
    package func tokenize(_ text: UnsafeBufferPointer<UInt8>, into output: inout TokenizedText) {
        output.removeAll()
        let seen = passASCII(text, into: &output)
        if settings.redact, seen & ByteClass.suspicious != 0, redact(text, &output) {
            var redacted: [UInt8] = []
            swap(&redacted, &output.scratch.redacted)
            redacted.withUnsafeBufferPointer { redacted in
                output.removeAll()
                finish(redacted, seen: passASCII(redacted, into: &output), into: &output)
            }
            swap(&redacted, &output.scratch.redacted)
        } else {
            finish(text, seen: seen, into: &output)
        }
    }

    /// Redacts into the scratch.
    ///
    /// - Returns: whether there was something to redact.
    private func redact(_ text: UnsafeBufferPointer<UInt8>, _ output: inout TokenizedText) -> Bool {
        // The redactor is defined on valid UTF-8. Other bytes must be repaired before it sees them, or a text kept as a
        // string would be redacted differently from the bytes it came from.
        output.scratch.scalars.removeAll(keepingCapacity: true)
        if !output.isASCII, !UTF8Text.decode(text, into: &output.scratch.scalars) {
            var repaired: [UInt8] = []
            for scalar in output.scratch.scalars { UTF8Text.encode(scalar, into: &repaired) }
            return repaired.withUnsafeBufferPointer { Redactor.redact($0, into: &output.scratch.redacted) }
        }
        return Redactor.redact(text, into: &output.scratch.redacted)
    }

    private func finish(_ text: UnsafeBufferPointer<UInt8>, seen: UInt16, into output: inout TokenizedText) {
        // "I" is no ASCII letter in lower case everywhere.
        let isOther = seen & ByteClass.nonASCII != 0
        if isOther || settings.language.hasDotlessI && text.contains(UInt8(ascii: "I")) {
            passUnicode(text, into: &output)
        }
    }

    /// Lowers ASCII text and finds its words and chunks.
    ///
    /// The ends of words are the least predictable thing about a text, so the loop over bytes has no branches: it writes
    /// down every place and keeps those where something changed.
    ///
    /// - Returns: the classes seen. If ``ByteClass/nonASCII`` is among them, the output is of no use.
    private func passASCII(_ text: UnsafeBufferPointer<UInt8>, into output: inout TokenizedText) -> UInt16 {
        output.bytes.append(contentsOf: text)
        var scratch = TextScratch()
        swap(&scratch, &output.scratch)
        scratch.reserveEdges(text.count + 2)
        var seen: UInt16 = 0
        var wordEdges = 0
        var chunkEdges = 0
        table.withUnsafeBufferPointer { table in
            output.bytes.withUnsafeMutableBufferPointer { bytes in
                scratch.wordEdges.withUnsafeMutableBufferPointer { words in
                    scratch.chunkEdges.withUnsafeMutableBufferPointer { chunks in
                        var before = ByteClass.space
                        for index in 0..<bytes.count {
                            let now = table[Int(bytes[index])]
                            bytes[index] = UInt8(truncatingIfNeeded: now)
                            seen |= now
                            words[wordEdges] = Int32(truncatingIfNeeded: index)
                            chunks[chunkEdges] = Int32(truncatingIfNeeded: index)
                            wordEdges += Int((now ^ before) & ByteClass.word) / Int(ByteClass.word)
                            chunkEdges += Int((now ^ before) & ByteClass.space) / Int(ByteClass.space)
                            before = now
                        }
                        words[wordEdges] = Int32(truncatingIfNeeded: bytes.count)
                        chunks[chunkEdges] = Int32(truncatingIfNeeded: bytes.count)
                    }
                }
            }
        }
        output.isASCII = seen & ByteClass.nonASCII == 0
        for edge in stride(from: 0, to: wordEdges, by: 2) {
            let word = Int(scratch.wordEdges[edge])..<Int(scratch.wordEdges[edge + 1])
            if word.count >= settings.minimumWordLength { output.words.append(word) }
            // "www.", "e.g." or a token with dots: what follows a stop at once needs a closer look.
            if word.count >= ByteClass.longWord
                || word.lowerBound > 0 && table[Int(text[word.lowerBound - 1])] & ByteClass.stop != 0
            {
                seen |= ByteClass.suspicious
            }
        }
        for edge in stride(from: 0, to: chunkEdges, by: 2) {
            output.chunks.append(Int(scratch.chunkEdges[edge])..<Int(scratch.chunkEdges[edge + 1]))
        }
        swap(&scratch, &output.scratch)
        if settings.wordRule == .written, output.isASCII {
            if seen & ByteClass.sign != 0 { output.takeSigns() }
            if output.words.isEmpty { output.words = output.chunks }
        }
        return seen
    }

    /// Normalises any text scalar by scalar and finds its words and chunks.
    func passUnicode(_ text: UnsafeBufferPointer<UInt8>, into output: inout TokenizedText) {
        let unicode = UnicodeData.shared
        output.removeAll()
        var scratch = TextScratch()
        swap(&scratch, &output.scratch)
        scratch.scalars.removeAll(keepingCapacity: true)
        UTF8Text.decode(text, into: &scratch.scalars)
        let isWritten = settings.wordRule == .written
        if isWritten { WrittenText.removeInvisible(&scratch.scalars) }
        switch settings.casing {
        case .nfkcCaseFold:
            if settings.language.hasDotlessI { DotlessI.lower(&scratch.scalars) }
            let dropsDots = settings.language == .lt
            output.isTooLong = !CaseFolding.fold(
                &scratch.scalars,
                scratch: &scratch.spare,
                dropsDots: dropsDots,
                longest: Self.longest,
                unicode
            )
        case .lowercase: Lowercasing.lower(&scratch.scalars, scratch: &scratch.spare, unicode)
        }
        if isWritten { WrittenText.setEmojiApart(&scratch.scalars, scratch: &scratch.spare) }
        output.cut(
            scratch.scalars,
            minimumWordLength: settings.minimumWordLength,
            keepsMarks: isWritten,
            unicode
        )
        swap(&scratch, &output.scratch)
        if isWritten {
            output.takeSigns()
            if output.words.isEmpty { output.words = output.chunks }
        }
    }
}
