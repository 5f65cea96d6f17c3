import Text

/// Names of intents that nobody can tell apart are one name, or a slip: `Refund`, `refund ` and `refund` with an invisible
/// character would be learnt as three.
package enum IntentName {
    /// The longest name, in Unicode scalars, wherever one is given.
    package static let maximumLength = 100

    /// What two names have in common that differ only in case, in invisible characters, or in spaces, hyphens and
    /// underscores.
    package static func folded(_ name: String) -> String {
        var out = String.UnicodeScalarView()
        var isPending = false
        for scalar in name.lowercased().unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
            if scalar.properties.isWhitespace || scalar == "_" || scalar == "-" || scalar == "." {
                isPending = !out.isEmpty
            } else {
                if isPending { out.append("_") }
                isPending = false
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// Whether the name is another spelling of ``DataRow/outOfScope``, such as `OOS` or `out-of-scope`.
    package static func isOutOfScope(_ name: String) -> Bool {
        guard !name.utf8.elementsEqual(DataRow.outOfScope.utf8) else { return false }
        return ["oos", "outofscope"].contains(folded(name).filter { $0 != "_" })
    }

    /// The one of these names that the name can be taken for, but is not; nil if there is none.
    package static func confusable(_ name: String, among names: some Sequence<String>) -> String? {
        let key = folded(name)
        return names.first { $0 != name && folded($0) == key }
    }

    /// Why nobody may call a new intent so: the name goes into every model, log and answer, where nothing redacts it.
    package static func personal(_ name: String) -> (message: String, remedy: String)? {
        guard Redactor.redact(name) != name else { return nil }
        let message = "The name holds personal data or a secret: \"\(Redactor.redact(name).shown)\"."
        return (message, "Use a name that says what the texts mean.")
    }

    /// Why people cannot use the name, and what helps; nil if they can.
    ///
    /// - Parameter names: those that are in use.
    package static func trouble(
        _ name: String,
        among names: some Sequence<String>
    ) -> (message: String, remedy: String)? {
        if isOutOfScope(name) {
            let remedy = "Write \(DataRow.outOfScope) for texts that belong to no intent, or choose another name."
            return ("\"\(name.shown)\" is another spelling of \(DataRow.outOfScope).", remedy)
        }
        if let other = confusable(name, among: names) {
            let message =
                "\"\(name.shown)\" differs from \(other.shown) only in case, spaces, signs between words or invisible characters."
            return (message, "Use \(other.shown), or a name that can be told from it.")
        }
        guard name.unicodeScalars.count > maximumLength else { return nil }
        let message = "The name \"\(name.shown)\" has \(name.unicodeScalars.count) characters."
        return (message, "Use up to \(maximumLength).")
    }
}
