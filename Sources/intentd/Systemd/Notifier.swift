import CSystemd
import Synchronization
import Terminal
import World

/// Tells the service manager how the daemon is (sd_notify(3)), and keeps the order that it expects: first that the start
/// takes longer, then that the daemon is ready, reloads in pairs, and last that it stops.
final class Notifier: Sendable {
    private enum Phase { case starting, ready, stopping }

    private struct State {
        var phase = Phase.starting
        /// How many announced reloads are under way.
        var reloads = 0
        var status = ""
    }

    private let state = Mutex(State())
    private let send: @Sendable (String) -> Void

    /// - Parameter send: takes `KEY=VALUE` lines.
    init(send: @escaping @Sendable (String) -> Void) { self.send = send }

    /// nil where no service manager listens.
    convenience init?() {
        guard environment("NOTIFY_SOCKET") != nil else { return nil }
        self.init { sd_notify(0, $0) }
    }

    func ready(status: String) {
        state.withLock { state in
            guard state.phase == .starting else { return }
            state.phase = .ready
            state.status = status
            send("READY=1\nSTATUS=\(status)")
        }
    }

    /// Announces a reload, unless the daemon starts or stops: a start ends with READY by itself, and a daemon that stops will
    /// not be ready again.
    func reloadBegan() {
        state.withLock { state in
            guard state.phase == .ready else { return }
            state.reloads += 1
            send("RELOADING=1\nMONOTONIC_USEC=\(Clock.host.monotonic() / 1_000)")
        }
    }

    func reloadEnded(status: String) {
        state.withLock { state in
            guard state.phase == .ready, state.reloads > 0 else { return }
            state.reloads -= 1
            state.status = status
            send("READY=1\nSTATUS=\(status)")
        }
    }

    func stopping() {
        state.withLock { state in
            guard state.phase != .stopping else { return }
            state.phase = .stopping
            state.status = "Stopping"
            send("STOPPING=1\nSTATUS=Stopping")
        }
    }

    var isStarting: Bool { state.withLock { $0.phase == .starting } }

    var isStopping: Bool { state.withLock { $0.phase == .stopping } }

    /// Tells the status if it has changed.
    func show(_ status: (_ isStarting: Bool) -> String) {
        state.withLock { state in
            let status = status(state.phase == .starting)
            guard state.phase != .stopping, state.status != status else { return }
            state.status = status
            send("STATUS=\(status)")
        }
    }

    /// Asks for that much time, counted from now.
    func extendTimeout(seconds: Int) { send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

    func alive() { send("WATCHDOG=1") }
}
