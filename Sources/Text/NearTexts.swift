/// Finds texts that say nearly the same: two texts are near if they share at least 0.7 of all letter trigrams that they
/// have together (Jaccard). A typing error in a sentence, a "please", another number leave two texts near; another noun
/// does not. A letter is a Unicode scalar: counted in bytes, all texts of one script would look alike.
///
/// Candidates come from MinHash in bands (Broder 1997; Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, ch. 3),
/// and each is then compared exactly. Among many alike texts only the first of a band are compared, so the work grows
/// with the number of texts and not with its square. There is neither a seed nor a hash of the process: the same texts
/// in the same order give the same answers.
///
///     NearTexts.groups(["where is my parcel", "where is my parcl", "cancel my order"])  // [0, 0, 2]
package struct NearTexts: Sendable {
    /// The Jaccard similarity of trigrams, 0…1, from which on two texts are near.
    package static let similarity = 0.7

    private static let bands = 20
    private static let rows = 3
    /// The number of texts with an equal band that a new text is compared with.
    private static let crowd = 8

    private let tokenizer = Tokenizer(TextSettings())
    private var tokens = TokenizedText()
    private var scalars: [UInt32] = []
    private var buckets: [UInt64: [Int32]] = [:]
    /// The sorted trigrams of each text added so far.
    private var trigrams: [[UInt64]] = []

    package init() {}

    /// A text's trigrams and their MinHash. Make it once for a text that is used more than once.
    package struct Profile: Sendable {
        fileprivate var trigrams: [UInt64]
        fileprivate var bands: [UInt64]
    }

    /// Makes a text's profile, in time linear in its length.
    package mutating func profile(of text: String) -> Profile {
        tokenizer.tokenize(text, into: &tokens)
        var grams: [UInt64] = []
        let ranges = tokens.words.isEmpty ? tokens.chunks : tokens.words
        for range in ranges {
            // All numbers count as one digit; 1 marks the beginning of a word and 2 its end.
            var gram: UInt64 = 1
            var isNumber = false
            var count = 0
            func take(_ letter: UInt32) {
                gram = (gram << 21 | UInt64(letter)) & 0x7FFF_FFFF_FFFF_FFFF
                count += 1
                if count >= 2 { grams.append(gram) }
            }
            scalars.removeAll(keepingCapacity: true)
            tokens.bytes.withUnsafeBufferPointer { bytes in
                _ = UTF8Text.decode(UnsafeBufferPointer(rebasing: bytes[range]), into: &scalars)
            }
            for scalar in scalars {
                let isDigit = Self.isDigit(scalar)
                if isDigit, isNumber { continue }
                isNumber = isDigit
                take(isDigit ? UInt32(UInt8(ascii: "0")) : scalar)
            }
            take(2)
        }
        grams.sort()
        var unique: [UInt64] = []
        for gram in grams where unique.last != gram { unique.append(gram) }
        return Profile(trigrams: unique, bands: Self.bands(of: unique))
    }

    /// Whether a scalar is a decimal digit of the scripts in wide use; folding makes one of those in other forms.
    private static func isDigit(_ scalar: UInt32) -> Bool {
        if scalar < 0x660 { return scalar &- 0x30 < 10 }
        return zeros.contains { scalar &- $0 < 10 }
    }

    private static let zeros: [UInt32] = [
        0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040,
        0x17E0,
        0x1810,
    ]

    private static func bands(of trigrams: [UInt64]) -> [UInt64] {
        let count = bands * rows
        var least = [UInt64](repeating: .max, count: count)
        for gram in trigrams {
            let hash = mix(gram &+ gamma)
            // Multiplying by odd numbers and taking the high half permutes well enough for a minimum.
            for place in 0..<count {
                let mixed = (hash ^ salts[place]) &* 0xd6e8_feb8_6659_fd93
                let value = mixed ^ mixed >> 32
                if value < least[place] { least[place] = value }
            }
        }
        return (0..<bands).map { band in
            var key = UInt64(band)
            for row in 0..<rows { key = mix(key ^ least[band * rows + row]) }
            return key
        }
    }

    private static let gamma: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let salts = (1...UInt64(bands * rows)).map { mix(0x6e65_6172 &+ $0 &* gamma) }

    /// SplitMix64's output function: every bit of the input moves every bit of the result.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Adds a text. Texts are numbered in the order in which they are added, from 0.
    package mutating func add(_ profile: Profile) {
        let number = Int32(trigrams.count)
        trigrams.append(profile.trigrams)
        for band in profile.bands where buckets[band, default: []].count < Self.crowd {
            buckets[band, default: []].append(number)
        }
    }

    /// The numbers of the added texts that are near this one, ascending.
    package func near(_ profile: Profile) -> [Int] {
        var candidates: Set<Int32> = []
        for band in profile.bands { candidates.formUnion(buckets[band] ?? []) }
        return candidates.filter { Self.areNear(profile.trigrams, trigrams[Int($0)]) }.map(Int.init).sorted()
    }

    private static func areNear(_ one: [UInt64], _ other: [UInt64]) -> Bool {
        if one.isEmpty || other.isEmpty { return one.isEmpty && other.isEmpty }
        var (left, right, shared) = (0, 0, 0)
        while left < one.count, right < other.count {
            if one[left] == other[right] {
                shared += 1
                left += 1
                right += 1
            } else if one[left] < other[right] {
                left += 1
            } else {
                right += 1
            }
        }
        return Double(shared) >= similarity * Double(one.count + other.count - shared)
    }

    /// Groups near texts; nearness is taken as transitive.
    ///
    /// - Returns: for each text the smallest index of a text in its group.
    package static func groups(_ texts: [String]) -> [Int] {
        var index = NearTexts()
        var sets = DisjointSets(count: texts.count)
        for (number, text) in texts.enumerated() {
            let profile = index.profile(of: text)
            for other in index.near(profile) { sets.join(other, number) }
            index.add(profile)
        }
        return sets.roots()
    }
}
