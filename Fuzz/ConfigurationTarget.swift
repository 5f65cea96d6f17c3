import Engine

/// Bytes of the configuration file.
///
/// Promised: a configuration or an error that names the file, a line that it has, and what is wrong; what is read can be
/// shown, and reads the same when it is written as it is shown.
enum ConfigurationTarget {
    static func make() -> Target { run }

    private static func run(_ input: [UInt8]) {
        let configuration: Configuration
        do throws(ConfigurationFile.Failure) {
            configuration = try ConfigurationFile.parse(input, path: "intentd.yaml")
        } catch {
            promise(!error.problem.isEmpty, "the error says nothing")
            if let line = error.line {
                promise(1...greatestLine(of: input) ~= line, "\(error): there is no such line")
            }
            return
        }
        let changes = ConfigurationFile.changes(from: configuration, to: configuration)
        promise(changes.changed.isEmpty && changes.needsRestart.isEmpty, "a configuration differs from itself")
        checkShown(configuration)
    }

    private static func checkShown(_ configuration: Configuration) {
        // Texts are shown without the quotes that YAML may want.
        let keys = ConfigurationKey.all.filter { !$0.accepts.contains("text") }
        // A key without a section ends the section before it, so that those come first.
        var yaml = keys.filter { !$0.name.contains(".") }.map { "\($0.name): \($0.show(configuration))\n" }.joined()
        for key in keys where key.name.contains(".") {
            let parts = key.name.split(separator: ".")
            if !yaml.contains("\(parts[0]):\n") { yaml += "\(parts[0]):\n" }
            yaml += "  \(parts[1]): \(key.show(configuration))\n"
        }
        guard let again = try? ConfigurationFile.parse(Array(yaml.utf8), path: "shown.yaml") else {
            broken("what is shown is not read: \(yaml)")
        }
        for key in keys {
            promise(key.show(again) == key.show(configuration), "\(key.name) is shown in two ways")
        }
    }
}
