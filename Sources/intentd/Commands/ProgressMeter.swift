import Glibc
import Learning
import Synchronization
import Wire

/// Shows how far a training is: a bar on a terminal, a line per step off one, JSON lines for a parent process.
final class ProgressMeter: Sendable {
    private let style: Train.ProgressStyle
    private let last = Mutex<(step: String, percent: Int)>(("", -1))

    init(style: Train.ProgressStyle) { self.style = style }

    func show(_ progress: VersionBuilder.Progress) {
        let percent = Int(progress.fraction * 100)
        let (isNewStep, isNew) = last.withLock { last in
            defer { last = (progress.step, percent) }
            return (last.step != progress.step, last.step != progress.step || last.percent != percent)
        }
        guard isNew else { return }
        switch style {
        case .none: return
        case .json:
            let message: JSON = ["step": .string(progress.step), "fraction": .double(progress.fraction)]
            Output.print(message.description + "\n")
        case .bar:
            if Output.errorIsTerminal {
                let filled = percent * 30 / 100
                let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
                Output.error("\r\u{1B}[K\(bar) \(percent) %  \(progress.step)")
            } else if isNewStep {
                Output.error("training: \(progress.step) (\(percent) %)\n")
            }
        }
    }

    func finish() {
        if style == .bar, Output.errorIsTerminal { Output.error("\r\u{1B}[K") }
    }
}
