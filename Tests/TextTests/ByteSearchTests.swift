import Testing

@testable import Text

@Suite struct `Bytes are found in bytes` {
    @Test(arguments: [
        ("ab", "xxab", 2), ("ab", "aab", 1), ("ab", "a", nil), ("ab", "ba", nil), ("a", "a", 0), ("", "a", nil),
        ("", "", nil),
        ("aab", "aaab", 1), ("ß", "Straße", 4), ("AB", "ab", nil),
    ])
    func `where they first stand`(wanted: String, text: String, place: Int?) {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBufferPointer { ByteSearch(wanted).first(in: $0) } == place)
        #expect(ByteSearch(wanted).isFound(in: bytes) == (place != nil))
        #expect(ByteSearch(wanted).isFound(in: text) == (place != nil))
    }

    @Test(arguments: [
        ("Drop Table", "x; DROP tAbLe", true), ("@x", "`X", false), ("[a", "{A", false), ("é", "É", false),
        ("é", "é", true),
    ])
    func `without regard to the case of ASCII letters where that is asked for`(
        wanted: String,
        text: String,
        isFound: Bool
    ) {
        #expect(ByteSearch(wanted, ignoringCase: true).isFound(in: text) == isFound)
    }

    @Test func `again from a later place`() {
        let bytes = Array("a-a-a".utf8)
        let places = bytes.withUnsafeBufferPointer { bytes in
            [0, 1, 3, 5, 9].map { ByteSearch("a").first(in: bytes, from: $0) }
        }
        #expect(places == [0, 2, 4, nil, nil])
    }
}
