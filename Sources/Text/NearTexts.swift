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
    private var table = BandTable(crowd: NearTexts.crowd)
    /// The sorted trigrams of all texts added so far, one text after the other, and where each text's begin.
    private var trigrams: [UInt64] = []
    private var starts = [0]
    /// The texts that share a band with the one that is looked for, each once.
    private var candidates: [Int32] = []
    /// For each text the last search that met it.
    private var met: [Int32] = []
    private var search: Int32 = 0

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
        var count = 0
        for gram in grams where count == 0 || grams[count - 1] != gram {
            grams[count] = gram
            count += 1
        }
        grams.removeLast(grams.count - count)
        return Profile(trigrams: grams, bands: Self.bands(of: grams))
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

    /// Multiplying by odd numbers and taking the high half permutes well enough for a minimum.
    private static func bands(of trigrams: [UInt64]) -> [UInt64] {
        let hashes = trigrams.map { mix($0 &+ gamma) }
        let salts = Self.salts
        func permuted(_ hash: UInt64, _ salt: UInt64) -> UInt64 {
            let mixed = (hash ^ salt) &* 0xd6e8_feb8_6659_fd93
            return mixed ^ mixed >> 32
        }
        return (0..<bands).map { band in
            // The minima of a band's three rows do not wait for each other.
            let salt = (salts[band * rows], salts[band * rows + 1], salts[band * rows + 2])
            var least = (UInt64.max, UInt64.max, UInt64.max)
            for hash in hashes {
                least.0 = min(least.0, permuted(hash, salt.0))
                least.1 = min(least.1, permuted(hash, salt.1))
                least.2 = min(least.2, permuted(hash, salt.2))
            }
            return mix(mix(mix(UInt64(band) ^ least.0) ^ least.1) ^ least.2)
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
        let number = Int32(met.count)
        trigrams += profile.trigrams
        starts.append(trigrams.count)
        met.append(0)
        for band in profile.bands { table.add(number, to: band) }
    }

    /// The numbers of the added texts that are near this one, ascending.
    package mutating func near(_ profile: Profile) -> [Int] {
        find(profile)
        return candidates.map(Int.init).filter { isNear(profile, $0) }.sorted()
    }

    /// The least number of an added text that is near this one.
    package mutating func first(near profile: Profile) -> Int? {
        find(profile)
        return candidates.sorted().first { isNear(profile, Int($0)) }.map(Int.init)
    }

    /// Finds the candidates.
    private mutating func find(_ profile: Profile) {
        search += 1
        candidates.removeAll(keepingCapacity: true)
        for band in profile.bands {
            var entry = table.newest(of: band)
            while entry >= 0 {
                let (text, next) = table.entries[entry]
                if met[Int(text)] != search {
                    met[Int(text)] = search
                    candidates.append(text)
                }
                entry = Int(next)
            }
        }
    }

    private func isNear(_ profile: Profile, _ other: Int) -> Bool {
        profile.trigrams.withUnsafeBufferPointer { one in
            trigrams.withUnsafeBufferPointer { all in
                Self.areNear(one, UnsafeBufferPointer(rebasing: all[starts[other]..<starts[other + 1]]))
            }
        }
    }

    /// Stops as soon as too many trigrams of one of them are missing in the other.
    private static func areNear(_ one: UnsafeBufferPointer<UInt64>, _ other: UnsafeBufferPointer<UInt64>) -> Bool {
        if one.isEmpty || other.isEmpty { return one.isEmpty && other.isEmpty }
        let both = one.count + other.count
        var needed = Int(similarity * Double(both) / (1 + similarity))
        while Double(needed) < similarity * Double(both - needed) { needed += 1 }
        let (spareLeft, spareRight) = (one.count - needed, other.count - needed)
        guard spareLeft >= 0, spareRight >= 0 else { return false }
        var (left, right, shared) = (0, 0, 0)
        while left < one.count, right < other.count {
            let (mine, theirs) = (one[left], other[right])
            left += mine <= theirs ? 1 : 0
            right += theirs <= mine ? 1 : 0
            shared += mine == theirs ? 1 : 0
            if left - shared > spareLeft || right - shared > spareRight { return false }
        }
        return shared >= needed
    }

    /// Groups near texts; nearness is taken as transitive.
    ///
    /// - Parameter visit: called with each text's number and profile, for whoever needs them as well.
    /// - Returns: for each text the smallest index of a text in its group.
    package static func groups(_ texts: [String], visit: (Int, Profile) -> Void = { _, _ in }) -> [Int] {
        var index = NearTexts()
        var sets = DisjointSets(count: texts.count)
        for (number, text) in texts.enumerated() {
            let profile = index.profile(of: text)
            index.find(profile)
            for candidate in index.candidates where sets.root(Int(candidate)) != sets.root(number) {
                if index.isNear(profile, Int(candidate)) { sets.join(Int(candidate), number) }
            }
            index.add(profile)
            visit(number, profile)
        }
        return sets.roots()
    }
}

/// Which texts have a band. Bands are hashes already, so that their last bits say where they lie (open addressing).
private struct BandTable: Sendable {
    private struct Slot {
        var band: UInt64 = 0
        /// −1 where the slot is free.
        var newest: Int32 = -1
        var count: Int32 = 0
    }

    /// A text, and the entry before it of the same band, or −1.
    private(set) var entries: [(text: Int32, next: Int32)] = []
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var used = 0
    private let crowd: Int32

    /// - Parameter crowd: how many texts of a band are kept; they are the first.
    init(crowd: Int) { self.crowd = Int32(crowd) }

    /// The band's last entry, or −1.
    func newest(of band: UInt64) -> Int { Int(slots[place(of: band)].newest) }

    mutating func add(_ text: Int32, to band: UInt64) {
        let place = place(of: band)
        guard slots[place].count < crowd else { return }
        let isNew = slots[place].count == 0
        entries.append((text, slots[place].newest))
        slots[place] = Slot(band: band, newest: Int32(entries.count - 1), count: slots[place].count + 1)
        guard isNew else { return }
        used += 1
        if used * 4 > slots.count * 3 { grow() }
    }

    /// The band's slot, or the free one where it would be.
    private func place(of band: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: band) & mask
        while slots[place].newest >= 0, slots[place].band != band { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let before = slots
        slots = [Slot](repeating: Slot(), count: before.count * 2)
        for slot in before where slot.newest >= 0 { slots[place(of: slot.band)] = slot }
    }
}
