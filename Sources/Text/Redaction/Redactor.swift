/// Puts `<email> <phone> <card> <iban> <ip> <url> <secret>` in the place of what they name.
///
/// By hand-written scanners over bytes: time is linear in the text whatever the text, and one judgement serves the
/// classifier, the logs and the feedback store alike. What no scanner recognises stays; digits of other scripts,
/// addresses spelt out ("bob at example") and names are not looked for.
package enum Redactor {
    /// The text with its placeholders. Redacting a second time changes nothing.
    package static func redact(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            var output: [UInt8] = []
            return redact(bytes, into: &output) ? String(decoding: output, as: UTF8.self) : nil
        } ?? text
    }

    /// As above for UTF-8 bytes.
    /// - Returns: false if there is nothing to redact; `output` means nothing then.
    package static func redact(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
        guard ByteClass.isSuspicious(text), scan(text, into: &output) else { return false }
        // A placeholder is a new neighbour for what stands beside it, which may now be whole where it was part of
        // something longer. Each turn leaves fewer bytes to look at.
        var again: [UInt8] = []
        while output.withUnsafeBufferPointer({ ByteClass.isSuspicious($0) && scan($0, into: &again) }) {
            swap(&output, &again)
        }
        return true
    }

    private static func scan(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
        var scanner = RedactionScanner(text, output: &output)
        defer { scanner.finish(&output) }
        return scanner.run()
    }
}
