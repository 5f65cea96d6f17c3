/// Breaks lines between words, so that a terminal does not break them within. Text may come in pieces of any size. What
/// has been printed is never taken back, so near the end of a line a word that may still grow is held until it is whole;
/// elsewhere it is printed as it comes, because whoever watches a slow answer wants to see it move.
package struct WordWrap: Sendable {
    /// A word that begins at least so many columns before the end of the line is taken to fit.
    private static let longWord = 20

    private let limit: Int
    /// The columns that are filled already.
    private var column: Int
    /// Blanks that are printed only if a word follows on the same line.
    private var blanks = ""
    private var word = ""
    private var wordColumns = 0

    /// - Parameters:
    ///   - limit: how wide a line may be; nil leaves the text as it is.
    ///   - column: how many columns of the first line are filled already.
    package init(to limit: Int?, after column: Int = 0) { (self.limit, self.column) = (limit ?? .max, column) }

    /// Takes printable text and returns what can be printed.
    package mutating func take(_ text: String) -> String {
        guard limit < .max else { return text }
        var result = ""
        for character in text {
            switch character {
            case "\n":
                result += finish() + "\n"
                column = 0
            case " ":
                result += place()
                blanks.append(" ")
            default:
                let columns = character.columns
                // Scripts that are written without blanks may break anywhere between their wide characters.
                if columns == 2 { result += place() }
                if wordColumns + columns > limit { result += place() }
                word.append(character)
                wordColumns += columns
                if columns == 2 { result += place() }
            }
        }
        if !word.isEmpty, column + blanks.count + wordColumns + Self.longWord <= limit { result += place() }
        return result
    }

    /// Returns what was held.
    package mutating func finish() -> String {
        guard limit < .max else { return "" }
        let rest = place()
        blanks = ""
        return rest
    }

    /// Puts the held word on this line, or on the next one where it does not fit.
    private mutating func place() -> String {
        guard !word.isEmpty else { return "" }
        defer { (word, wordColumns, blanks) = ("", 0, "") }
        if column > 0, column + blanks.count + wordColumns > limit {
            column = wordColumns
            return "\n" + word
        }
        column += blanks.count + wordColumns
        return blanks + word
    }
}

extension String {
    /// The text with its lines broken between words.
    ///
    /// - Parameters:
    ///   - limit: how wide a line may be; nil leaves the text as it is.
    ///   - column: how many columns of the first line are filled already.
    package func wrapped(to limit: Int?, after column: Int = 0) -> String {
        var wrap = WordWrap(to: limit, after: column)
        return wrap.take(self) + wrap.finish()
    }
}
