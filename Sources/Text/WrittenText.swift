/// What people see of a text: characters that nobody sees go, and each emoji stands alone.
enum WrittenText {
    /// A flag on a scalar that belongs to a word whatever its own properties are.
    static let inWord: UInt32 = 1 << 31

    static func isJoiner(_ scalar: UInt32) -> Bool { scalar == 0x200C || scalar == zeroWidthJoiner }

    private static let zeroWidthJoiner: UInt32 = 0x200D
    private static let keycap: UInt32 = 0x20E3

    // MARK: Before folding

    /// Removes soft hyphens, zero-width spaces, marks of direction, variation selectors, the colour of an emoji's skin, and
    /// joiners where they join nothing.
    static func removeInvisible(_ scalars: inout [UInt32]) {
        var count = 0
        for index in scalars.indices {
            let scalar = scalars[index]
            // Nothing below is invisible.
            if scalar >= 0xAD {
                let before = count > 0 ? scalars[count - 1] : 0
                if isInvisible(scalar) || isSkinTone(scalar) && isPictograph(before) { continue }
                if isJoiner(scalar) {
                    let after = index + 1 < scalars.count ? scalars[index + 1] : 0
                    guard joins(scalar, between: before, and: after) else { continue }
                }
            }
            scalars[count] = scalar
            count += 1
        }
        scalars.removeLast(scalars.count - count)
    }

    private static func joins(_ joiner: UInt32, between before: UInt32, and after: UInt32) -> Bool {
        joiner == zeroWidthJoiner && isPictograph(before) && isPictograph(after)
            || isOfJoiningScript(before) && isOfJoiningScript(after)
    }

    private static func isInvisible(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xAD, 0x34F, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F,
            0xFE00...0xFE0F, 0xFEFF, 0xE0100...0xE01EF:
            true
        default: false
        }
    }

    private static func isSkinTone(_ scalar: UInt32) -> Bool { scalar &- 0x1F3FB < 5 }

    /// Whether a letter is of a script that spells with joiners: Arabic and its neighbours, the scripts of India,
    /// Myanmar, the Khmer and the Mongols.
    private static func isOfJoiningScript(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x600...0xDFF, 0x1000...0x109F, 0x1780...0x18AF, 0xA8E0...0xA8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFC: true
        default: false
        }
    }

    // MARK: After folding

    /// Puts spaces around each emoji and flags its scalars with ``inWord``. `scratch` is a buffer.
    static func setEmojiApart(_ scalars: inout [UInt32], scratch: inout [UInt32]) {
        guard scalars.contains(where: { isPictograph($0) || $0 == keycap }) else { return }
        scratch.removeAll(keepingCapacity: true)
        var index = 0
        while index < scalars.count {
            let end = endOfEmoji(at: index, in: scalars)
            guard end > index else {
                scratch.append(scalars[index])
                index += 1
                continue
            }
            if let last = scratch.last, last != 0x20 { scratch.append(0x20) }
            for place in index..<end { scratch.append(scalars[place] | inWord) }
            index = end
            if index < scalars.count, scalars[index] != 0x20 { scratch.append(0x20) }
        }
        swap(&scalars, &scratch)
    }

    /// The end of the emoji that begins at `index`; `index` if none does.
    private static func endOfEmoji(at index: Int, in scalars: [UInt32]) -> Int {
        func scalar(_ index: Int) -> UInt32 { index < scalars.count ? scalars[index] : 0 }
        let first = scalar(index)
        if first == UInt32(UInt8(ascii: "#")) || first == UInt32(UInt8(ascii: "*")) {
            return scalar(index + 1) == keycap ? index + 2 : index
        }
        guard isPictograph(first) else { return index }
        // Two of them are a flag.
        if isRegional(first) { return isRegional(scalar(index + 1)) ? index + 2 : index + 1 }
        var end = index + 1
        while true {
            if scalar(end) == zeroWidthJoiner, isPictograph(scalar(end + 1)) {
                end += 2
            } else if (0xE0020...0xE007F).contains(scalar(end)) {
                // The tags that make the flags of Scotland and the like.
                end += 1
            } else {
                return end
            }
        }
    }

    private static func isRegional(_ scalar: UInt32) -> Bool { scalar &- 0x1F1E6 < 26 }

    /// Arrows, technical and geometric signs, dingbats, and the planes of emoji; circled letters and mathematics are none.
    private static func isPictograph(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0..<0x2190: false
        case 0x2190...0x21FF, 0x2300...0x23FF, 0x25A0...0x2775, 0x2794...0x27BF, 0x2900...0x297F, 0x2B00...0x2BFF,
            0x1F000...0x1F0FF, 0x1F18E, 0x1F1E6...0x1FAFF:
            true
        default: false
        }
    }
}

extension TokenizedText {
    /// Gives words the signs that they are written with: `+` and `#` at their ends ("c++", "f#"), a slash between numbers
    /// ("24/7"), and at the beginning of a chunk a stop, a slash or two hyphens before a letter (".net", "/start",
    /// "--help").
    mutating func takeSigns() {
        var count = 0
        bytes.withUnsafeBufferPointer { bytes in
            for index in words.indices {
                var word = words[index]
                let next = index + 1 < words.count ? words[index + 1].lowerBound : -1
                var end = word.upperBound
                while end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "#") { end += 1 }
                // In "a+b" and "c#7" they belong to neither.
                if end != next { word = word.lowerBound..<end }
                if count > 0, Self.isSlashed(words[count - 1].upperBound, word.lowerBound, in: bytes) {
                    words[count - 1] = words[count - 1].lowerBound..<word.upperBound
                    continue
                }
                words[count] = word.lowerBound - Self.signs(before: word.lowerBound, in: bytes)..<word.upperBound
                count += 1
            }
        }
        words.removeLast(words.count - count)
    }

    /// Whether a number ends at `end`, another begins at `start`, and between them is a slash.
    private static func isSlashed(_ end: Int, _ start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        end == start - 1 && bytes[end] == UInt8(ascii: "/") && bytes[end - 1].isDigit && bytes[start].isDigit
    }

    /// How many signs at the beginning of a chunk belong to the word that begins at `start`.
    private static func signs(before start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard start > 0, bytes[start].isLetter else { return 0 }
        func begins(at index: Int) -> Bool {
            index == 0 || bytes[index - 1] <= 0x20 || bytes[index - 1].isOne(of: "([{\"'")
        }
        switch bytes[start - 1] {
        case UInt8(ascii: "."), UInt8(ascii: "/"): return begins(at: start - 1) ? 1 : 0
        case UInt8(ascii: "-"):
            return start > 1 && bytes[start - 2] == UInt8(ascii: "-") && begins(at: start - 2) ? 2 : 0
        default: return 0
        }
    }
}
