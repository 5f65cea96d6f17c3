import CSystemd
import Glibc
import Synchronization

/// What the service manager is told (sd_notify(3)), and in which order: first that a start takes longer, then that it is
/// ready, reloads in pairs, last that it stops.
final class Notifier: Sendable {
    private enum Phase { case starting, ready, stopping }

    private struct State {
        var phase = Phase.starting
        /// Reloads under way that were announced.
        var reloads = 0
        var status = ""
    }

    private let state = Mutex(State())
    private let send: @Sendable (String) -> Void

    /// - Parameter send: takes `KEY=VALUE` lines.
    init(send: @escaping @Sendable (String) -> Void) { self.send = send }

    /// nil where nobody listens.
    convenience init?(environment: [String: String]) {
        guard environment["NOTIFY_SOCKET"] != nil else { return nil }
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

    /// The start ends with READY by itself, and a daemon that stops is not ready again: reloads then are not told.
    func reloadBegan() {
        state.withLock { state in
            guard state.phase == .ready else { return }
            state.reloads += 1
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            send("RELOADING=1\nMONOTONIC_USEC=\(Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1_000)")
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

    /// Tells a status that is another one than the last.
    func show(_ status: (_ isStarting: Bool) -> String) {
        state.withLock { state in
            let status = status(state.phase == .starting)
            guard state.phase != .stopping, state.status != status else { return }
            state.status = status
            send("STATUS=\(status)")
        }
    }

    /// Asks for more time, from now on.
    func extendTimeout(seconds: Int) { send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

    func alive() { send("WATCHDOG=1") }
}
