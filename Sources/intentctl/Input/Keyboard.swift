import Glibc

/// Reads single keys, so that a decision does not need the return key.
enum Keyboard {
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Waits for one of the keys; nil at the end of the input and for Ctrl-D.
    static func key(among keys: Set<Character>) -> Character? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var raw = before
        // Ctrl-C comes as a key, too: as a signal it would end the tool and leave the terminal without echo.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
        while true {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            // These are Ctrl-C and Ctrl-D.
            guard count == 1, byte != 3, byte != 4 else { return nil }
            let key = Character(Unicode.Scalar(byte))
            if keys.contains(key) { return key }
        }
    }

    /// A line, as the terminal lets the person edit it; nil at the end of the input.
    static func line() -> String? { readLine(strippingNewline: true) }
}
