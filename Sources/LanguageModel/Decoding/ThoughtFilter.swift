/// Takes the thinking out of the text of an answer: blocks such as `<think>…</think>`, wherever the text is cut into pieces,
/// and also one that never ends. A tag after a backtick is spoken of and not used.
///
///     var filter = ThoughtFilter()
///     for piece in pieces { print(filter.take(piece)) }
///     print(filter.finish())
struct ThoughtFilter {
    private enum Kind { case opening, closing }

    private struct Tag {
        var bytes: [UInt8]
        var kind: Kind
        /// Whether it means thinking only as the first word of an answer, since answers have it for other reasons, too.
        var isFirstWord = false
        /// The name that an opening and a closing tag share.
        var name: String
    }

    private static let tags: [Tag] =
        ["think", "thinking", "thought", "reasoning", "seed:think"].flatMap { name in
            let isFirstWord = !["think", "thinking"].contains(name)
            return [
                Tag(bytes: Array("<\(name)>".utf8), kind: .opening, isFirstWord: isFirstWord, name: name),
                Tag(bytes: Array("</\(name)>".utf8), kind: .closing, isFirstWord: isFirstWord, name: name),
            ]
        } + [
            Tag(bytes: Array("[think]".utf8), kind: .opening, isFirstWord: true, name: "[think]"),
            Tag(bytes: Array("[/think]".utf8), kind: .closing, isFirstWord: true, name: "[think]"),
        ]

    /// The end of the text so far, which may be the beginning of a tag.
    private var rest: [UInt8] = []
    /// White space before the first word.
    private var blank: [UInt8] = []
    /// Text that is kept until it is known to be no thinking.
    private var held: [UInt8] = []
    /// The name of the block that is open.
    private var block: String?
    private var holdsBack: Bool
    private var hasWord = false
    private var hasGiven = false
    private var last: UInt8 = 0
    private(set) var hasThought = false
    /// Whether a block ended that had not begun, so that all text before it was thinking. Templates that write the opening
    /// tag into the prompt cause this.
    private(set) var hasLooseEnd = false
    /// Whether some of that text has been given away already.
    private(set) var hasLeaked = false

    /// - Parameter holdsBack: keeps all text until a block ends or the answer does, for a model of which a loose end is known.
    init(holdsBack: Bool = false) { self.holdsBack = holdsBack }

    /// Whether thinking goes on at the moment.
    var isInThought: Bool { block != nil }

    /// Adds a piece of text.
    ///
    /// - Returns: the text that may be shown now.
    mutating func take(_ text: String) -> String {
        let isPlain = rest.isEmpty && block == nil && hasWord && !holdsBack
        if isPlain, !text.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "[") }) {
            last = text.utf8.last ?? last
            return text
        }
        let bytes = rest + text.utf8
        rest = []
        var shown: [UInt8] = []
        var index = 0
        while index < bytes.count, !hasLeaked {
            let byte = bytes[index]
            let isSpokenOf = last == UInt8(ascii: "`") && block == nil
            if byte == UInt8(ascii: "<") || byte == UInt8(ascii: "["), !isSpokenOf {
                switch find(in: bytes[index...]) {
                case .cut:
                    rest = Array(bytes[index...])
                    return give(shown)
                case .tag(let tag):
                    meet(tag, &shown)
                    index += tag.bytes.count
                    last = UInt8(ascii: ">")
                    continue
                case .text: break
                }
            }
            show(byte, &shown)
            last = byte
            index += 1
        }
        return give(hasLeaked ? [] : shown)
    }

    /// Ends the text.
    ///
    /// - Returns: the rest that may be shown.
    mutating func finish() -> String {
        guard !hasLeaked else { return "" }
        var shown: [UInt8] = []
        // Inside a block this shows nothing.
        for byte in rest { show(byte, &shown) }
        rest = []
        holdsBack = false
        defer { held = [] }
        return give(held + shown)
    }

    private mutating func give(_ shown: [UInt8]) -> String {
        guard !holdsBack else {
            held += shown
            return ""
        }
        hasGiven = hasGiven || !shown.isEmpty
        return String(decoding: shown, as: UTF8.self)
    }

    private mutating func show(_ byte: UInt8, _ shown: inout [UInt8]) {
        guard block == nil else { return }
        if !hasWord {
            guard ![0x20, 0x09, 0x0A, 0x0D].contains(byte) else { return blank.append(byte) }
            hasWord = true
            // What stands between thinking and answer belongs to neither.
            if !hasThought { shown += blank }
            blank = []
        }
        shown.append(byte)
    }

    private mutating func meet(_ tag: Tag, _ shown: inout [UInt8]) {
        switch tag.kind {
        case .opening:
            block = tag.name
            hasThought = true
        case .closing where block != nil: block = nil
        case .closing:
            (hasThought, hasLooseEnd) = (true, true)
            hasLeaked = hasGiven
            (shown, held, blank, hasWord, holdsBack) = ([], [], [], false, false)
        }
    }

    private enum Finding {
        case tag(Tag)
        /// The bytes end before it is clear.
        case cut
        case text
    }

    /// Looks for a tag that counts at the beginning of these bytes.
    private func find(in bytes: ArraySlice<UInt8>) -> Finding {
        var isCut = false
        for tag in Self.tags where counts(tag) {
            let isAlike = zip(bytes, tag.bytes).allSatisfy { byte, letter in
                byte == letter || (0x41...0x5A ~= byte && byte | 0x20 == letter)
            }
            guard isAlike else { continue }
            if bytes.count >= tag.bytes.count { return .tag(tag) }
            isCut = true
        }
        return isCut ? .cut : .text
    }

    private func counts(_ tag: Tag) -> Bool {
        if let block { return tag.kind == .closing && tag.name == block }
        return !tag.isFirstWord || (tag.kind == .opening && !hasWord)
    }
}
