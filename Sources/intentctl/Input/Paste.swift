import Glibc
import Terminal

/// Bracketed paste: a terminal that is asked to sets marks around what is pasted, so that a line feed within does not send
/// the first line (https://invisible-island.net/xterm/ctlseqs, "Bracketed Paste Mode").
enum Paste {
    /// The mark before a paste, as libedit's key bindings write it.
    static let begin = "\\e[200~"
    static let end = "\u{1B}[201~".unicodeScalars

    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Runs `body` while the terminal sets the marks. Whatever ends the tool meanwhile, the terminal is left without them.
    static func marked<Value>(_ body: () -> Value) -> Value {
        guard Output.standard.canRedraw else { return body() }
        var action = sigaction()
        // The handler is gone when it runs, so that the signal does its work when it comes again.
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { signal in
            let off: StaticString = "\u{1B}[?2004l"
            _ = write(STDOUT_FILENO, off.utf8Start, off.utf8CodeUnitCount)
            raise(signal)
        }
        let before = signals.map { signal in
            var before = sigaction()
            sigaction(signal, nil, &before)
            // What is ignored stays so (nohup).
            if before.__sigaction_handler.sa_handler == nil { sigaction(signal, &action, nil) }
            return before
        }
        Output.standard.write("\u{1B}[?2004h")
        defer {
            Output.standard.write("\u{1B}[?2004l")
            for (signal, var action) in zip(signals, before) { sigaction(signal, &action, nil) }
        }
        return body()
    }

    /// What was pasted, as a text: terminals send a carriage return for the end of a line. The end of the last line goes,
    /// because Return sends the message.
    static func text(_ scalars: String.UnicodeScalarView) -> String {
        var text = String(scalars).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        text.unicodeScalars.removeAll { $0 == "\0" }
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
