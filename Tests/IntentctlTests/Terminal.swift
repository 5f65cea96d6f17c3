import Glibc

/// The tool on a pseudo-terminal of 80 columns.
enum Terminal {
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// - Parameters:
    ///   - keys: what to type when a text shows up after what was typed before. Ctrl-C is a signal: the terminal
    ///     belongs to no session, so it makes none of it.
    /// - Returns: what stood on the terminal, and the exit code.
    static func run(
        _ arguments: [String],
        keys: [(after: String, type: String)] = [],
        environment: [String: String] = [:]
    ) throws -> (screen: String, code: Int32) {
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard main >= 0 else { throw SystemFailure(errno) }
        defer { close(main) }
        var number: Int32 = 0
        var isLocked: Int32 = 0
        guard ioctl(main, setLock, &isLocked) == 0, ioctl(main, getNumber, &number) == 0 else {
            throw SystemFailure(errno)
        }
        let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard other >= 0 else { throw SystemFailure(errno) }
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(other, UInt(TIOCSWINSZ), &size)
        let child = try Tool.spawn(
            arguments,
            ["TERM": "xterm"].merging(environment) { $1 },
            "/",
            [other, other, other],
            ownGroup: true
        )
        close(other)
        var bytes: [UInt8] = []
        var seen = 0
        var waiting = keys[...]
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(main, &buffer, buffer.count)
            // The last one to close a terminal ends it with an error.
            if count <= 0 { break }
            bytes += buffer[..<count]
            while let key = waiting.first, let end = find(Array(key.after.utf8), in: bytes[seen...]) {
                seen = end
                waiting.removeFirst()
                if key.type == "\u{3}" {
                    kill(child, SIGINT)
                    continue
                }
                let typed = Array(key.type.utf8)
                _ = write(main, typed, typed.count)
            }
        }
        return (String(decoding: bytes, as: UTF8.self), try Tool.wait(for: child))
    }

    private static func find(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - wanted.count)).first { bytes[$0...].starts(with: wanted) }
            .map { $0 + wanted.count }
    }
}
