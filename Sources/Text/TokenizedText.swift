/// One text after normalisation, and where its words are.
///
/// Reuse one value for many texts: its buffers keep their capacity, so that after the first few texts tokenizing
/// allocates nothing.
package struct TokenizedText: Sendable {
    /// The normalised text, which is valid UTF-8. All ranges below count its bytes.
    package internal(set) var bytes: [UInt8] = []
    /// The words, as ``TextSettings/wordRule`` has them, ascending; those that are no signs alone have at least the minimum
    /// length.
    package internal(set) var words: [Range<Int>] = []
    /// The chunks: runs without white space (Python: `str.isspace()`), ascending. scikit-learn's `char_wb` n-grams stay
    /// inside of these.
    package internal(set) var chunks: [Range<Int>] = []
    /// Whether one byte is one scalar everywhere in `bytes`; then the two arrays below are empty.
    package internal(set) var isASCII = true
    /// Whether the text becomes longer than ``Tokenizer/longest``. The rest of it is missing here.
    package internal(set) var isTooLong = false
    /// The offset of each scalar's first byte, and `bytes.count` at the end.
    package internal(set) var scalarStarts: [Int] = []
    /// For each chunk the indices of its scalars in `scalarStarts`: scalar `i` occupies the bytes
    /// `scalarStarts[i]..<scalarStarts[i + 1]`.
    package internal(set) var chunkScalars: [Range<Int>] = []

    var scratch = TextScratch()

    package init() {}

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
        chunks.removeAll(keepingCapacity: true)
        scalarStarts.removeAll(keepingCapacity: true)
        chunkScalars.removeAll(keepingCapacity: true)
        isASCII = true
        isTooLong = false
    }
}

/// Buffers between the steps, kept for their capacity.
struct TextScratch: Sendable {
    var scalars: [UInt32] = []
    var spare: [UInt32] = []
    var redacted: [UInt8] = []
    /// The offsets at which words, and chunks, begin and end, alternately.
    var wordEdges: [Int32] = []
    var chunkEdges: [Int32] = []

    /// Makes room for `count` edges.
    mutating func reserveEdges(_ count: Int) {
        guard wordEdges.count < count else { return }
        wordEdges.append(contentsOf: repeatElement(0, count: count - wordEdges.count))
        chunkEdges.append(contentsOf: repeatElement(0, count: count - chunkEdges.count))
    }
}

extension TokenizedText {
    /// Fills an empty value with the words and chunks of normalised scalars.
    ///
    /// - Parameter keepsMarks: whether marks and joiners go on with a word, and ``WrittenText/inWord`` makes one.
    mutating func cut(_ scalars: [UInt32], minimumWordLength: Int, keepsMarks: Bool, _ unicode: UnicodeData) {
        var before = UnicodeData.Properties.space
        var word = (start: 0, index: 0)
        var chunk = (start: 0, index: 0)
        isASCII = false
        bytes.reserveCapacity(scalars.count * 4)
        scalarStarts.reserveCapacity(scalars.count + 1)
        for index in scalars.indices {
            let start = bytes.count
            let scalar = scalars[index] & UnicodeData.scalarMask
            var now = unicode.properties(of: scalar)
            if keepsMarks {
                if scalars[index] & WrittenText.inWord != 0 {
                    now |= UnicodeData.Properties.word
                } else if now & UnicodeData.Properties.mark != 0 || WrittenText.isJoiner(scalar) {
                    // A mark without a letter before it is what folding made of a spacing accent.
                    now |= before & UnicodeData.Properties.word
                }
            }
            let change = now ^ before
            if change & UnicodeData.Properties.word != 0 {
                if now & UnicodeData.Properties.word != 0 {
                    word = (start, index)
                } else if index - word.index >= minimumWordLength {
                    words.append(word.start..<start)
                }
            }
            if change & UnicodeData.Properties.space != 0 {
                if now & UnicodeData.Properties.space == 0 {
                    chunk = (start, index)
                } else {
                    append(chunk, endingAt: (start, index))
                }
            }
            before = now
            scalarStarts.append(start)
            UTF8Text.encode(scalar, into: &bytes)
        }
        if before & UnicodeData.Properties.word != 0, scalars.count - word.index >= minimumWordLength {
            words.append(word.start..<bytes.count)
        }
        if before & UnicodeData.Properties.space == 0 { append(chunk, endingAt: (bytes.count, scalars.count)) }
        scalarStarts.append(bytes.count)
        if bytes.count == scalars.count {
            isASCII = true
            scalarStarts.removeAll(keepingCapacity: true)
            chunkScalars.removeAll(keepingCapacity: true)
        }
    }

    private mutating func append(_ chunk: (start: Int, index: Int), endingAt end: (start: Int, index: Int)) {
        chunks.append(chunk.start..<end.start)
        chunkScalars.append(chunk.index..<end.index)
    }
}
