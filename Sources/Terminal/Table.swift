/// Rows in columns that stand two blanks apart, without rules. On a terminal the column that may shrink is cut to fit; in
/// a pipe nothing is cut, so that a script sees all.
package struct Table {
    package struct Column {
        enum Alignment { case left, right }

        var title: String
        var alignment = Alignment.left
        /// Whether the column gives room when the terminal is narrow.
        var shrinks = false

        package static func left(_ title: String) -> Column { Column(title: title) }
        package static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
        package static func text(_ title: String) -> Column { Column(title: title, shrinks: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// - Parameter columns: where none has a title, the table has no line of titles.
    package init(_ columns: [Column]) { self.columns = columns }
    package init(_ columns: Column...) { self.init(columns) }

    /// - Parameter cells: printable texts, one per column, without colours.
    package mutating func add(_ cells: [String]) { rows.append(cells) }
    package mutating func add(_ cells: String...) { add(cells) }

    package var isEmpty: Bool { rows.isEmpty }

    /// - Parameter paint: colours a cell that is padded already.
    package func text(
        for output: Output = .standard,
        paint: (_ row: Int, _ column: Int, _ text: String) -> String = { _, _, text in text }
    ) -> String {
        text(within: output.columns, style: Style(for: output), paint: paint)
    }

    /// - Parameter limit: how wide a line may be; nil where nothing has to fit.
    func text(
        within limit: Int?,
        style: Style,
        paint: (_ row: Int, _ column: Int, _ text: String) -> String = { _, _, text in text }
    ) -> String {
        let widths = widths(within: limit)
        func line(_ cells: [String], _ paint: (Int, String) -> String) -> String {
            var line = ""
            for (index, (cell, column)) in zip(cells, columns).enumerated() {
                let isLast = index == columns.count - 1
                let width = isLast && column.alignment == .left ? 0 : widths[index]
                let padded = cell.shortened(to: widths[index]).padded(to: width, right: column.alignment == .right)
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

package typealias Facts = [(name: String, value: String)]

/// Lines of a name and a value each, with the values below each other.
package func facts(_ pairs: Facts, _ style: Style) -> String {
    let width = pairs.map(\.name.columns).max() ?? 0
    return pairs.map { style.dim($0.name.padded(to: width)) + "  " + $0.value + "\n" }.joined()
}
