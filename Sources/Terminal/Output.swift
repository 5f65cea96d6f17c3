import Glibc
import Synchronization

/// Standard output and standard error, by system calls, so that nothing stays behind in a buffer when the process is
/// killed.
///
/// A write to standard output that fails is remembered, and nothing more is written, so that what stands there is the
/// beginning of the whole; ``finish()`` says why at the end. What cannot be written to standard error is lost, because
/// there is nobody left to tell.
package struct Output: Sendable {
    package static let standard = Output(descriptor: STDOUT_FILENO)
    package static let error = Output(descriptor: STDERR_FILENO)

    /// The number of the first error of standard output; 0 where all was written.
    private static let firstError = Atomic<Int32>(0)

    private let descriptor: Int32

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether lines can be drawn over again.
    package var canRedraw: Bool { isTerminal && environment("TERM") != "dumb" }

    /// How many columns the terminal has; nil off one.
    package var columns: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether something could not be written, so that there is no use in going on.
    package var isLost: Bool { descriptor == STDOUT_FILENO && Self.firstError.load(ordering: .relaxed) != 0 }

    package func write(_ text: String) {
        guard !isLost else { return }
        let isWritten = Array(text.utf8).withUnsafeBytes { bytes in
            handOver(bytes) { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        if !isWritten { remember(errno) }
    }

    /// Ends the output of a program that is about to leave. Some file systems tell only at a close that they had no room.
    ///
    /// - Returns: what a person should know, as "standard output: No space left on device"; nil where all was written, and
    ///   where the reader of a pipe has gone, which is the reader's decision.
    package func finish() -> String? {
        let copy = dup(descriptor)
        if copy >= 0, close(copy) != 0, errno != EINTR { remember(errno) }
        let code = Self.firstError.load(ordering: .relaxed)
        guard isLost, code != EPIPE else { return nil }
        return "standard output: " + (strerror(code).map { String(cString: $0) } ?? "error \(code)")
    }

    private func remember(_ code: Int32) {
        guard descriptor == STDOUT_FILENO else { return }
        _ = Self.firstError.compareExchange(expected: 0, desired: code, ordering: .relaxed)
    }
}

/// Hands over all bytes to a system call, which may take a part of them or be interrupted by a signal.
///
/// - Returns: false if it took no more of them; `errno` says why.
package func handOver(_ bytes: UnsafeRawBufferPointer, to call: (UnsafeRawBufferPointer) -> Int) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = call(UnsafeRawBufferPointer(rebasing: rest))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}

/// Colours a text, or leaves it as it is: off a terminal, on a dumb one, and with NO_COLOR (https://no-color.org).
package struct Style: Sendable {
    private let isColoured: Bool

    init(isColoured: Bool) { self.isColoured = isColoured }

    package init(for output: Output) { isColoured = output.canRedraw && (environment("NO_COLOR") ?? "").isEmpty }

    package func bold(_ text: String) -> String { paint(text, "1") }
    package func dim(_ text: String) -> String { paint(text, "2") }
    package func red(_ text: String) -> String { paint(text, "31") }
    package func green(_ text: String) -> String { paint(text, "32") }
    package func yellow(_ text: String) -> String { paint(text, "33") }

    private func paint(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// A variable of this process's environment.
package func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
