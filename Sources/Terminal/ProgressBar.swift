/// Shows on standard error how far a job is: with a bar on a terminal, otherwise with a line for each step and each tenth.
package struct ProgressBar: Sendable {
    private let output: Output
    private let style: Style
    private let title: String
    private var step = ""
    private var tenth = -1
    private var last = ""

    /// - Parameter title: stands before each line off a terminal, where others write as well.
    package init(on output: Output = .error, title: String = "") {
        self.output = output
        self.title = title.isEmpty ? "" : title + ": "
        style = Style(for: output)
    }

    /// - Parameters:
    ///   - step: printable.
    ///   - fraction: 0…1
    ///   - remaining: milliseconds, if anybody knows.
    package mutating func update(step: String, fraction: Double, remaining: Int? = nil) {
        let fraction = min(max(fraction.isFinite ? fraction : 0, 0), 1)
        if output.canRedraw, let columns = output.columns {
            let line = line(step: step, fraction: fraction, remaining: remaining, columns: columns)
            // A terminal that is written to all the time flickers.
            if line != last { output.write("\r" + line + "\u{1B}[K") }
            last = line
        } else {
            tell(step: step, fraction: fraction)
        }
    }

    /// Takes the bar away.
    package mutating func finish() {
        if !last.isEmpty { output.write("\r\u{1B}[K") }
        last = ""
    }

    private func line(step: String, fraction: Double, remaining: Int?, columns: Int) -> String {
        let width = max(10, min(30, columns - 40))
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let rest = remaining.map { $0 > 0 ? ", \(duration(milliseconds: $0)) left" : "" } ?? ""
        let percent = String(Int(fraction * 100)).padded(to: 3, right: true)
        return style.green(bar) + " \(percent) %  \(step)\(rest)".shortened(to: max(1, columns - width - 1))
    }

    private mutating func tell(step: String, fraction: Double) {
        let tenth = Int(fraction * 10)
        guard step != self.step || tenth > self.tenth else { return }
        (self.step, self.tenth) = (step, tenth)
        output.write("\(title)\(step) \(Int(fraction * 100)) %\n")
    }
}
