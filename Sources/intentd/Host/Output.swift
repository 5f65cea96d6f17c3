import Glibc

/// The standard streams, by system calls: nothing stays behind in a buffer when the process is killed.
enum Output {
    static func print(_ text: String) { write(text, 1) }

    static func error(_ text: String) { write(text, 2) }

    static var errorIsTerminal: Bool { isatty(2) == 1 }

    private static func write(_ text: String, _ descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let step = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if step < 0, errno == EINTR { continue }
                if step <= 0 { return }
                written += step
            }
        }
    }
}

/// The environment of this process.
enum ProcessEnvironment {
    static var all: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }
}
