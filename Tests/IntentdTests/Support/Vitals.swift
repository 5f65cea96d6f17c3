import Glibc
import Patience
import Wire

/// What the kernel says of a running daemon.
struct Vitals {
    /// KiB of memory of its own; files that are mapped do not count.
    var memory = 0
    var descriptors: Int
    var threads = 0

    init(of pid: pid_t) {
        for line in Files.read("/proc/\(pid)/status").split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count > 1, let number = Int(words[1]) else { continue }
            if words[0] == "RssAnon:" { memory = number } else if words[0] == "Threads:" { threads = number }
        }
        descriptors = ProcessTable.openFiles(of: pid)
    }
}

/// The largest memory of a daemon while something goes on, looked at again and again.
final class MemoryWatch {
    private let base: Int
    private let isOver = Flag()
    private let peak: Background<Int>

    init(_ daemon: DaemonProcess) {
        let (pid, isOver) = (daemon.process.pid, isOver)
        base = Vitals(of: pid).memory
        peak = Background {
            var peak = 0
            while !isOver.isSet {
                peak = max(peak, Vitals(of: pid).memory)
                usleep(2_000)
            }
            return peak
        }
    }

    deinit { isOver.set() }

    /// By how many KiB it grew at most since the beginning.
    func growth() throws -> Int {
        isOver.set()
        return try peak.value() - base
    }
}

extension DaemonProcess {
    var vitals: Vitals { Vitals(of: process.pid) }

    /// What it needs when those who have left are gone.
    func settled() -> Vitals {
        var last = vitals
        while true {
            usleep(150_000)
            let now = vitals
            if now.descriptors == last.descriptors { return now }
            last = now
        }
    }

    /// Waits until descriptors, threads and memory are what they were; a normal client is answered then.
    ///
    /// - Parameters:
    ///   - memory: KiB that an allocator may keep for the next time.
    ///   - descriptors: What may have been opened for good when it was first needed.
    ///   - version: which answers.
    func recovers(
        to base: Vitals,
        memory: Int,
        descriptors: Int = 0,
        answering version: Int = 1
    ) throws -> Bool {
        var now = vitals
        let isBack = Patience.until {
            now = vitals
            return now.descriptors <= base.descriptors + descriptors && now.threads <= base.threads + 8
                && now.memory <= base.memory + memory
        }
        Figures.note(
            "afterwards",
            "\(now.memory - base.memory) KiB, \(now.descriptors - base.descriptors) descriptors, "
                + "\(now.threads - base.threads) threads"
        )
        let client = try connect()
        return try isBack && client.call("predict", ["text": "where is my parcel"])["model"]?.int == version
    }
}

/// What was measured, for who wants to see it: `INTENTD_FIGURES=1 swift test …`.
enum Figures {
    static func note(_ what: String, _ figure: @autoclosure () -> String) {
        if getenv("INTENTD_FIGURES") != nil { print("figure: \(what): \(figure())") }
    }
}
