extension String {
    /// Lines as an editor numbers them: what comes after the last line feed is one only if something is there.
    ///
    /// A YAML error about what is missing at the end names the line after it, which nobody finds.
    package var lineCount: Int {
        let breaks = reduce(0) { $0 + ($1.isNewline ? 1 : 0) }
        return max(1, last?.isNewline ?? true ? breaks : breaks + 1)
    }
}
