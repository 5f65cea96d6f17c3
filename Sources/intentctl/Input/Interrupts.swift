import Glibc

/// Ctrl-C as something to wait for beside a socket, instead of the end of the tool.
///
/// A signal handler may do next to nothing, so it writes one byte into a pipe, and `poll` sees the pipe.
enum Interrupts {
    /// The pipe: its first end becomes readable after Ctrl-C. Both are -1 where no pipe could be made, and then Ctrl-C does
    /// nothing.
    private static let ends: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }()

    /// Runs `body` with the descriptor to wait for.
    static func caught<Value>(_ body: (_ descriptor: Int32) throws(Failure) -> Value) throws(Failure) -> Value {
        let descriptor = ends.read
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            let code = errno
            var byte: UInt8 = 3
            _ = write(Interrupts.ends.write, &byte, 1)
            errno = code
        }
        var before = sigaction()
        sigaction(SIGINT, &action, &before)
        defer {
            sigaction(SIGINT, &before, nil)
            // A Ctrl-C that came too late must not stop the next answer.
            clear()
        }
        return try body(descriptor)
    }

    /// Waits, at most so long, for Ctrl-C.
    ///
    /// - Returns: whether it came.
    static func wait(_ descriptor: Int32, milliseconds: Int) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        // The signal itself interrupts the wait before its byte is seen.
        while poll(&descriptors, 1, Int32(clamping: milliseconds)) < 0, errno == EINTR {}
        return descriptors[0].revents != 0
    }

    static func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(ends.read, &bytes, bytes.count) > 0 {}
    }
}
