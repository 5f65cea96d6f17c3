import Glibc

/// The binary under test: `$INTENTD_BIN`, or `intentd` beside the test bundle.
enum Program {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    static func path() throws -> String {
        if let named = getenv("INTENTD_BIN") { return String(cString: named) }
        for start in [Files.link("/proc/self/exe"), CommandLine.arguments.first].compactMap({ $0 }) {
            var folder = start[...]
            // The bundle may be a folder: look beside everything that we are in.
            while let slash = folder.lastIndex(of: "/") {
                folder = folder[..<slash]
                let candidate = folder + "/intentd"
                if access(String(candidate), X_OK) == 0, !Files.exists(candidate + "/.") { return String(candidate) }
            }
        }
        throw Missing(description: "there is no intentd beside the tests; build it, or set INTENTD_BIN")
    }

    /// Runs a command to its end.
    static func run(_ arguments: [String], in root: Root, input: String? = nil) throws -> (
        ending: Child.Ending?, output: String, errors: String
    ) {
        let folder = root.path + "/run-\(root.nextNumber())"
        try Files.makeFolder(folder)
        let child = try Child(path(), arguments, folder: folder, input: input)
        let ending = child.wait()
        return (ending, child.output, child.errors)
    }
}
