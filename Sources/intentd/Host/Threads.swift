import Glibc

/// Threads for work that may block for ever, or must not wait for others. In the pool of tasks such work would hold up
/// the other tasks, and be held up by them.
enum BackgroundThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a thread of its own.
    ///
    /// - Parameters:
    ///   - name: the name that `ps` and `/proc` show, 15 bytes at most.
    ///   - nice: its niceness, from 0 to 19; one of a nicer process stays as it is. See sched(7).
    /// - Returns: false if the system refuses another thread.
    @discardableResult
    static func start(_ name: String, nice: Int32 = 0, _ body: @escaping @Sendable () -> Void) -> Bool {
        var handle = pthread_t()
        let argument = Unmanaged.passRetained(
            Body {
                setName(name)
                // To the kernel, process 0 is the calling thread.
                if nice > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, nice) }
                body()
            }
        )
        let status = pthread_create(
            &handle,
            nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            argument.toOpaque()
        )
        guard status == 0 else {
            argument.release()
            return false
        }
        pthread_detach(handle)
        return true
    }

    /// Names the thread through the kernel's file, because Glibc's module does not show the function for it.
    private static func setName(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = name.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }
}

/// A counting semaphore. Unchecked: `sem_t` is made for being used by several threads at once.
final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }
}
