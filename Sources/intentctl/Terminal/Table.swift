/// Rows in columns, two blanks apart, without lines. On a terminal the column that may shrink is cut to fit.
struct Table {
    struct Column {
        enum Alignment { case left, right }

        var title: String
        var alignment = Alignment.left
        /// Whether it gives room when the terminal is narrow.
        var shrinks = false

        static func left(_ title: String) -> Column { Column(title: title) }
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
        static func text(_ title: String) -> Column { Column(title: title, shrinks: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: Column...) { self.columns = columns }

    /// - Parameter cells: printable texts, one per column, without colours.
    mutating func add(_ cells: String...) { rows.append(cells) }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter paint: colours a cell that is padded already: row, column, text.
    func text(
        for output: Output = .standard,
        paint: (_ row: Int, _ column: Int, _ text: String) -> String = { _, _, text in text }
    ) -> String {
        let widths = widths(within: output.columns)
        let style = Style(for: output)
        func line(_ cells: [String], _ paint: (Int, String) -> String) -> String {
            var line = ""
            for (index, (cell, column)) in zip(cells, columns).enumerated() {
                let isLast = index == columns.count - 1
                let short = cell.shortened(to: widths[index])
                let padded =
                    column.alignment == .right
                    ? short.padded(to: widths[index], right: true) : isLast ? short : short.padded(to: widths[index])
                line += paint(index, padded) + (isLast ? "" : "  ")
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        var text = ""
        if columns.contains(where: { !$0.title.isEmpty }) {
            text += line(columns.map(\.title)) { _, text in style.dim(text) }
        }
        for (number, row) in rows.enumerated() { text += line(row) { column, text in paint(number, column, text) } }
        return text
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.map(\.title.columns)
        for row in rows { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.columns) } }
        guard let limit, let flexible = columns.firstIndex(where: \.shrinks) else { return widths }
        let excess = widths.reduce(2 * (columns.count - 1), +) - limit
        if excess > 0 { widths[flexible] = max(8, widths[flexible] - excess) }
        return widths
    }
}

/// "name  value" lines with the values below each other.
func facts(_ pairs: [(name: String, value: String)], _ style: Style) -> String {
    let width = pairs.map(\.name.columns).max() ?? 0
    return pairs.map { style.dim($0.name.padded(to: width)) + "  " + $0.value + "\n" }.joined()
}
