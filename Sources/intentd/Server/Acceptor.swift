import Glibc
import Synchronization

/// Accepts connections on a thread of its own. Roles and limits need the peer's credentials, which must be read from
/// the descriptor before an event loop takes it.
final class Acceptor: Sendable {
    private let listener: Int32
    /// A pipe whose closing wakes the thread.
    private let wake: (read: Int32, write: Int32)
    private let accepted: @Sendable (Int32, _ done: @escaping @Sendable () -> Void) -> Void
    /// The connections that their event loops have not taken yet.
    private let pending = Atomic(0)
    /// The most of them; others wait in the kernel's queue, where they cost nothing.
    private static let pendingLimit = 32
    private let isRunning = Atomic(false)
    private let ended = Semaphore()

    /// - Parameter accepted: takes over the descriptor, and calls `done` once its event loop has it.
    init(listener: Int32, accepted: @escaping @Sendable (Int32, _ done: @escaping @Sendable () -> Void) -> Void) {
        (self.listener, self.accepted) = (listener, accepted)
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = (ends[0], ends[1])
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(wake.read) }

    func start() {
        let hasThread = BackgroundThread.start("acceptor") { [self] in
            run()
            ended.signal()
        }
        isRunning.store(hasThread, ordering: .relaxed)
    }

    /// Returns when no further connection will be accepted.
    func stop() {
        guard isRunning.exchange(false, ordering: .relaxed) else { return }
        close(wake.write)
        ended.wait()
    }

    /// Waits for the event loops, at most a tenth of a second: a loop that hangs is left to the watchdog.
    private func waitForLoops() {
        for _ in 0..<1_000 where pending.load(ordering: .relaxed) >= Self.pendingLimit { usleep(100) }
    }

    private func run() {
        var waiting = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&waiting, 2, -1) >= 0 || errno == EINTR else { return }
            if waiting[1].revents != 0 { return }
            while true {
                let descriptor = accept(listener, nil, nil)
                if descriptor >= 0 {
                    pending.add(1, ordering: .relaxed)
                    accepted(descriptor) { [self] in pending.subtract(1, ordering: .relaxed) }
                    waitForLoops()
                    continue
                }
                // Out of descriptors or memory: wait for connections to close; the others go on.
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { usleep(50_000) }
                break
            }
        }
    }
}
