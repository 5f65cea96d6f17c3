import Testing

@testable import Wire

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{0}ü", "AMO8"),
    ])
    func `bytes travel as the standard says`(text: String, letters: String) {
        #expect(Base64.encode(Array(text.utf8)) == letters)
        #expect(Base64.decode(letters) == Array(text.utf8))
    }

    @Test func `all bytes come back`() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for count in [0, 1, 2, 3, 255, 999] {
            #expect(Base64.decode(Base64.encode(bytes[..<count])) == Array(bytes[..<count]))
        }
    }

    @Test(arguments: ["Z", "Zg=", "Z===", "Zm9v!A==", "Zg==Zg==", "ü==="])
    func `other letters are refused`(letters: String) { #expect(Base64.decode(letters) == nil) }
}
