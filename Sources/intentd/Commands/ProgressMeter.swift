import Learning
import Synchronization
import Terminal
import Wire

/// Shows how far a training is: a bar on a terminal, lines off one, JSON lines for a parent process.
final class ProgressMeter: Sendable {
    private enum State {
        case silent
        /// A parent process reads each step and each percent once.
        case json(step: String, percent: Int)
        case bar(ProgressBar)
    }

    private let state: Mutex<State>

    init(style: Train.ProgressStyle) {
        let state: State =
            switch style {
            case .none: .silent
            case .json: .json(step: "", percent: -1)
            case .bar: .bar(ProgressBar(title: "training"))
            }
        self.state = Mutex(state)
    }

    func show(_ progress: VersionBuilder.Progress) {
        state.withLock { state in
            switch state {
            case .silent: return
            case .json(let step, let percent):
                let now = Int(progress.fraction * 100)
                guard step != progress.step || percent != now else { return }
                state = .json(step: progress.step, percent: now)
                let message: JSON = ["step": .string(progress.step), "fraction": .double(progress.fraction)]
                Output.standard.write(message.description + "\n")
            case .bar(var bar):
                bar.update(step: progress.step, fraction: progress.fraction)
                state = .bar(bar)
            }
        }
    }

    func finish() {
        state.withLock { state in
            guard case .bar(var bar) = state else { return }
            bar.finish()
            state = .bar(bar)
        }
    }
}
