/// Replaces personal data by `<email>`, `<phone>`, `<card>`, `<iban>`, `<ip>`, `<url>` and `<secret>`.
///
/// The scanners are written by hand and not as regular expressions: their time is linear in the text whatever the text,
/// and the classifier, the logs and the feedback store all share one judgement. Full-width forms and the digits of Arabic
/// and Persian count as ASCII. Digits of other scripts, addresses spelt out ("bob at example") and names are not looked for.
///
///     Redactor.redact("write to bob@example.org")  // "write to <email>"
package enum Redactor {
    /// The text with its placeholders. Redacting a second time changes nothing.
    package static func redact(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            var output: [UInt8] = []
            return redact(bytes, into: &output) ? String(decoding: output, as: UTF8.self) : nil
        } ?? text
    }

    /// Redacts UTF-8 bytes into `output`.
    ///
    /// - Returns: whether there was something to redact. If not, `output` is of no use.
    package static func redact(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
        guard ByteClass.isSuspicious(text), scan(text, into: &output) else { return false }
        // Beside a placeholder may stand a number that was part of something longer before and is whole now. Each turn
        // leaves fewer bytes to look at.
        var again: [UInt8] = []
        while output.withUnsafeBufferPointer({ ByteClass.isSuspicious($0) && scan($0, into: &again) }) {
            swap(&output, &again)
        }
        return true
    }

    private static func scan(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
        var scanner = RedactionScanner(text, output: &output)
        let hasFound = scanner.run()
        scanner.finish(&output)
        if hasFound { return true }
        // Only after that: beside a letter of another form a number would be part of a word.
        guard let folded = FoldedForms(text) else { return false }
        return folded.bytes.withUnsafeBufferPointer { bytes in
            var scanner = RedactionScanner(bytes, written: (text, folded.places), output: &output)
            defer { scanner.finish(&output) }
            return scanner.run()
        }
    }
}
