// Counts the columns that a text takes on a terminal. It goes by ranges that are roughly Unicode's East Asian Width (UAX
// #11): terminals differ among themselves by more than a full table would gain.
extension Unicode.Scalar {
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

extension Character {
    /// Scalars that are drawn together take the room of the widest one.
    package var columns: Int { unicodeScalars.map(\.columns).max() ?? 0 }
}

extension String {
    package var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text in at most so many columns. An ellipsis stands for what was cut off.
    package func shortened(to limit: Int) -> String {
        guard columns > limit else { return self }
        var result = ""
        var room = limit - 1
        for character in self {
            room -= character.columns
            if room < 0 { break }
            result.append(character)
        }
        return result + "…"
    }

    package func padded(to width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - columns))
        return right ? space + self : self + space
    }
}
