import Glibc
import Synchronization

/// The priority of a process that works beside others, such as a training.
///
/// At niceness 19 it takes what nobody else wants: the idle policy gives way at once to whoever wakes up. On a machine that
/// is never idle it would wait for ever, though. When it has got nearly nothing for five seconds, it goes on as a batch job
/// of niceness 19, which gets some 20 ms a second beside one busy process on the same core, and is idle again as soon as the
/// machine is. See sched(7).
enum BackgroundPriority {
    private enum Policy: Int32 {
        // Glibc's module shows neither name.
        case batch = 3
        case idle = 5
    }

    /// The span after which too little progress is noticed, in seconds.
    private static let patience = 5
    /// Less processor time than this in the span is too little, in seconds.
    private static let little = 0.1
    /// More processor time than this in one second means that the machine has nothing better to do, in seconds.
    private static let plenty = 0.5

    /// Lowers the priority of every thread of this process, and of those that they make.
    ///
    /// - Returns: false if the system refuses.
    static func lower(by nice: Int32) -> Bool {
        guard nice >= 19 else { return set(nice: nice, nil) }
        // Who may not leave the idle policy again stays a batch job.
        guard mayLeaveIdle() else { return set(nice: nice, .batch) }
        guard set(nice: nice, .idle) else { return false }
        BackgroundThread.start("priority") { follow() }
        return true
    }

    /// Changes the policy with the progress, for ever.
    private static func follow() {
        var policy = Policy.idle
        var used = [processorTime()]
        while true {
            sleep(1)
            used.append(processorTime())
            let last = used[used.count - 1] - used[used.count - 2]
            if used.count > patience + 1 { used.removeFirst() }
            switch policy {
            case .idle where used.count > patience && used[used.count - 1] - used[0] < little: policy = .batch
            case .batch where last > plenty: policy = .idle
            default: continue
            }
            _ = set(nice: 19, policy)
            used = [processorTime()]
        }
    }

    /// The processor time of this process, in seconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Whether a thread of this process may leave the idle policy; that takes a privilege, or a limit of niceness.
    private static func mayLeaveIdle() -> Bool {
        let answer = Mutex(false)
        let done = Semaphore()
        let isStarted = BackgroundThread.start("priority") {
            var parameters = sched_param()
            let isLeft =
                sched_setscheduler(0, Policy.idle.rawValue, &parameters) == 0
                && setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) == 0
                && sched_setscheduler(0, Policy.batch.rawValue, &parameters) == 0
            answer.withLock { $0 = isLeft }
            done.signal()
        }
        guard isStarted else { return false }
        done.wait()
        return answer.withLock { $0 }
    }

    /// Sets niceness and policy of every thread, until no thread is new: Linux keeps both for each, and a new thread takes
    /// over its maker's.
    private static func set(nice: Int32, _ policy: Policy?) -> Bool {
        var isDone = true
        var asked: Set<pid_t> = []
        while case let new = threads().subtracting(asked), !new.isEmpty {
            for thread in new {
                var parameters = sched_param()
                let isSet =
                    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(thread), nice) == 0
                    && (policy.map { sched_setscheduler(thread, $0.rawValue, &parameters) } ?? 0) == 0
                // A thread that has ended needs no priority.
                if !isSet, errno != ESRCH { isDone = false }
            }
            asked.formUnion(new)
        }
        return isDone
    }

    private static func threads() -> Set<pid_t> {
        Set((try? HostFileSystem().list("/proc/self/task"))?.compactMap { pid_t($0) } ?? [0])
    }
}
