/// How far a job is, on standard error: a bar on a terminal, otherwise a line per step and per tenth.
struct ProgressBar {
    private let output: Output
    private let style: Style
    private var step = ""
    private var tenth = -1
    private var last = ""

    init(on output: Output = .error) {
        self.output = output
        style = Style(for: output)
    }

    /// - Parameters:
    ///   - step: printable.
    ///   - fraction: 0…1
    ///   - remaining: milliseconds, if anybody knows.
    mutating func update(step: String, fraction: Double, remaining: Int?) {
        let fraction = min(max(fraction.isFinite ? fraction : 0, 0), 1)
        if output.canRedraw, let columns = output.columns {
            draw(step, fraction, remaining, columns)
        } else {
            tell(step, fraction)
        }
    }

    /// Takes the bar away.
    mutating func finish() {
        if !last.isEmpty { output.write("\r\u{1B}[K") }
        last = ""
    }

    private mutating func draw(_ step: String, _ fraction: Double, _ remaining: Int?, _ columns: Int) {
        let width = max(10, min(30, columns - 40))
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let rest = remaining.map { $0 > 0 ? ", \(duration(milliseconds: $0)) left" : "" } ?? ""
        let percent = String(Int(fraction * 100)).padded(to: 3, right: true)
        let words = " \(percent) %  \(step)\(rest)".shortened(to: max(1, columns - width - 1))
        let line = style.green(bar) + words
        // A terminal that is written to all the time flickers.
        if line != last { output.write("\r" + line + "\u{1B}[K") }
        last = line
    }

    private mutating func tell(_ step: String, _ fraction: Double) {
        let tenth = Int(fraction * 10)
        guard step != self.step || tenth > self.tenth else { return }
        (self.step, self.tenth) = (step, tenth)
        output.write("\(step) \(Int(fraction * 100)) %\n")
    }
}
