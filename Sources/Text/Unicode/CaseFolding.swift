/// NFKC(casefold(NFKD(text))) to its fixed point, on whole texts, accents kept (Unicode, D146 and UAX #15).
///
/// The definition takes several passes until nothing changes. Here there are three: the first decomposes and folds each
/// scalar by table, the second sorts marks, the third composes. The only letter for which folding first and sorting
/// later would differ is U+0345, a mark that folds to a letter: it stays a mark until it is sorted.
enum CaseFolding {
    private static let ypogegrammeni: UInt32 = 0x345
    private static let iota: UInt32 = 0x3B9

    /// Replaces scalar values by their folding. `scratch` is a buffer.
    ///
    /// - Parameters:
    ///   - dropsDots: whether the dot above an "i" or a "j" makes no difference.
    ///   - longest: the number of decomposed scalars above which a scalar that stands for several is the last one.
    /// - Returns: whether all of the text is there.
    @discardableResult
    static func fold(
        _ scalars: inout [UInt32],
        scratch: inout [UInt32],
        dropsDots: Bool = false,
        longest: Int = .max,
        _ unicode: UnicodeData
    ) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        let isWhole = decompose(scalars, into: &scratch, longest: longest, unicode)
        sortMarks(&scratch)
        if dropsDots { dropDots(&scratch) }
        compose(&scratch, unicode)
        swap(&scalars, &scratch)
        return isWhole
    }

    private static func decompose(
        _ scalars: [UInt32],
        into output: inout [UInt32],
        longest: Int,
        _ unicode: UnicodeData
    ) -> Bool {
        output.reserveCapacity(scalars.count)
        for scalar in scalars {
            if scalar < 0x80 {
                output.append(scalar &- 0x41 < 26 ? scalar | 0x20 : scalar)
                continue
            }
            let properties = unicode.properties(of: scalar)
            if properties & UnicodeData.Properties.folds == 0 {
                let mark = UInt32(properties & UnicodeData.Properties.combiningClass)
                output.append(scalar | mark << UnicodeData.classShift)
            } else if Hangul.isSyllable(scalar) {
                let (leading, vowel, trailing) = Hangul.letters(scalar)
                output.append(leading)
                output.append(vowel)
                if let trailing { output.append(trailing) }
            } else {
                for index in unicode.folds.range(of: scalar) { output.append(unicode.folds.scalars[index]) }
                if output.count > longest { return false }
            }
        }
        return true
    }

    /// Removes the dot that stands first above an "i" or a "j".
    private static func dropDots(_ scalars: inout [UInt32]) {
        let (dot, above): (UInt32, UInt32) = (0x307, 230)
        var isSoft = false
        scalars.removeAll { scalar in
            let mark = scalar >> UnicodeData.classShift
            if mark == 0 { isSoft = scalar == 0x69 || scalar == 0x6A }
            let isDropped = isSoft && scalar & UnicodeData.scalarMask == dot
            if mark == above { isSoft = false }
            return isDropped
        }
    }

    /// The canonical ordering algorithm: sorts each run of marks by class, stably.
    private static func sortMarks(_ scalars: inout [UInt32]) {
        var index = 1
        while index < scalars.count {
            let mark = scalars[index] >> UnicodeData.classShift
            guard mark != 0, scalars[index - 1] >> UnicodeData.classShift > mark else {
                index += 1
                continue
            }
            var start = index
            while start > 0, scalars[start - 1] >> UnicodeData.classShift != 0 { start -= 1 }
            var end = index
            while end < scalars.count, scalars[end] >> UnicodeData.classShift != 0 { end += 1 }
            sort(&scalars, start..<end)
            index = end
        }
    }

    /// Sorts by insertion the short runs of real text, and by counting the long ones that somebody made up to cost time.
    private static func sort(_ scalars: inout [UInt32], _ run: Range<Int>) {
        if run.count > 32 {
            var counts = [Int](repeating: 0, count: 257)
            for scalar in scalars[run] { counts[Int(scalar >> UnicodeData.classShift) + 1] += 1 }
            for mark in 1...256 { counts[mark] += counts[mark - 1] }
            for scalar in Array(scalars[run]) {
                let mark = Int(scalar >> UnicodeData.classShift)
                scalars[run.lowerBound + counts[mark]] = scalar
                counts[mark] += 1
            }
            return
        }
        for index in run.dropFirst() {
            let scalar = scalars[index]
            var place = index
            while place > run.lowerBound,
                scalars[place - 1] >> UnicodeData.classShift > scalar >> UnicodeData.classShift
            {
                scalars[place] = scalars[place - 1]
                place -= 1
            }
            scalars[place] = scalar
        }
    }

    /// The canonical composition algorithm, in place. It leaves scalar values without their classes.
    private static func compose(_ scalars: inout [UInt32], _ unicode: UnicodeData) {
        let count = scalars.withUnsafeMutableBufferPointer { scalars in
            var count = 0
            var starter: Int?
            var lastClass: UInt32 = 0
            for index in scalars.indices {
                var scalar = scalars[index] & UnicodeData.scalarMask
                var mark = scalars[index] >> UnicodeData.classShift
                if scalar == ypogegrammeni {
                    scalar = iota
                    mark = 0
                }
                // No ASCII scalar is the second half of a composition.
                if scalar >= 0x80, let starter, lastClass == 0 || lastClass < mark,
                    unicode.properties(of: scalar) & UnicodeData.Properties.second != 0,
                    let composite = unicode.composite(scalars[starter], scalar)
                {
                    scalars[starter] = composite
                    continue
                }
                if mark == 0 { starter = count }
                lastClass = mark
                scalars[count] = scalar
                count += 1
            }
            return count
        }
        scalars.removeLast(scalars.count - count)
    }
}

/// The lower case of "I" and "İ" in Turkish and Azerbaijani, which folding would get wrong (Unicode's SpecialCasing).
enum DotlessI {
    static func lower(_ scalars: inout [UInt32]) {
        var count = 0
        var index = 0
        while index < scalars.count {
            var scalar = scalars[index]
            index += 1
            if scalar == 0x130 {
                scalar = 0x69
            } else if scalar == 0x49 {
                let hasDot = index < scalars.count && scalars[index] == 0x307
                scalar = hasDot ? 0x69 : 0x131
                if hasDot { index += 1 }
            }
            scalars[count] = scalar
            count += 1
        }
        scalars.removeLast(scalars.count - count)
    }
}

/// Python's `str.lower()`: one scalar after the other, except for the Greek final sigma.
enum Lowercasing {
    private static let sigma: UInt32 = 0x3A3

    /// Replaces scalar values by their lower case. `scratch` is a buffer.
    static func lower(_ scalars: inout [UInt32], scratch: inout [UInt32], _ unicode: UnicodeData) {
        scratch.removeAll(keepingCapacity: true)
        for index in scalars.indices {
            let scalar = scalars[index]
            if scalar == sigma {
                scratch.append(isFinal(index, in: scalars, unicode) ? 0x3C2 : 0x3C3)
            } else if unicode.properties(of: scalar) & UnicodeData.Properties.lowers == 0 {
                scratch.append(scalar)
            } else {
                for place in unicode.lowers.range(of: scalar) { scratch.append(unicode.lowers.scalars[place]) }
            }
        }
        swap(&scalars, &scratch)
    }

    /// Whether a cased letter comes before and none after, skipping ignorable ones (Unicode, table 3-17).
    private static func isFinal(_ index: Int, in scalars: [UInt32], _ unicode: UnicodeData) -> Bool {
        func isIgnorable(_ index: Int) -> Bool {
            unicode.properties(of: scalars[index]) & UnicodeData.Properties.caseIgnorable != 0
        }
        func isCased(_ index: Int) -> Bool {
            unicode.properties(of: scalars[index]) & UnicodeData.Properties.cased != 0
        }
        var before = index - 1
        while before >= 0, isIgnorable(before) { before -= 1 }
        guard before >= 0, isCased(before) else { return false }
        var after = index + 1
        while after < scalars.count, isIgnorable(after) { after += 1 }
        return after == scalars.count || !isCased(after)
    }
}
