// Passwords, keys and tokens. They are recognised by the word before them, by their issuer's prefix, or by their
// randomness: a random run of letters and digits switches between kinds far more often than any word does.

extension RedactionScanner {
    // MARK: By the word before

    /// The value after `password:`, `API_KEY=`, `"token": "`, `my pin is` and the like. After a verb the value must not
    /// look like a word, since "my password is wrong" is common.
    ///
    /// - Parameter index: the sign, or the first letter of the verb.
    func labelled(at index: Int) -> Range<Int>? {
        var position = index
        var hasSign = !text[index].isLetter
        if !hasSign {
            guard let verb = verbLength(at: index), byte(index - 1) == 0x20 else { return nil }
            position += verb
        }
        guard let label = label(before: index) else { return nil }
        while byte(position).isOne(of: ":=>") {
            hasSign = true
            position += 1
        }
        let afterSign = position
        while position - afterSign < 3, byte(position) == 0x20 { position += 1 }
        guard hasSign || position > afterSign else { return nil }
        if label == .number { return shortNumber(at: position) }
        guard let value = value(at: position) else { return nil }
        let isQuoted = byte(value.lowerBound - 1).isOne(of: "\"'`")
        let isWord = value.allSatisfy { text[$0].isLetter }
        if hasSign { return value.count >= (isWord && position > afterSign && !isQuoted ? 4 : 3) ? value : nil }
        let isTelling = value.contains { text[$0].isDigit || text[$0].isOne(of: "@#$%^&*+=~_!?") }
        return isQuoted || value.count >= 4 && isTelling ? value : nil
    }

    private func verbLength(at index: Int) -> Int? {
        let length = has("is", at: index) ? 2 : has("was", at: index) || has("ist", at: index) ? 3 : 0
        if length == 2, byte(index + 2).isAlphanumeric {
            return has("ist", at: index) && !byte(index + 3).isWord ? 3 : nil
        }
        return length > 0 && !byte(index + length).isWord ? length : nil
    }

    private enum Label { case any, number }

    /// The kind of value that the word before `index` announces.
    private func label(before index: Int) -> Label? {
        var end = index
        while index - end < 2, byte(end - 1) == 0x20 { end -= 1 }
        if byte(end - 1).isOne(of: "\"'`]") { end -= 1 }
        guard byte(end - 1).isLetter, byte(end - 2).isLetter, byte(end - 3).isLetter,
            byte(end - 1).lowered.isOne(of: "adekncpstvy")
        else { return nil }
        if Self.labels.contains(where: { has($0, before: end) }) { return .any }
        for word in Self.shortLabels where has(word, before: end) {
            guard !byte(end - word.utf8CodeUnitCount - 1).isAlphanumeric else { return nil }
            return UInt8(ascii: "w").isOne(of: word) || word.utf8CodeUnitCount > 3 ? .any : .number
        }
        guard has("key", before: end) else { return nil }
        let place = byte(end - 4).isOne(of: "_- ") ? end - 4 : end - 3
        return Self.keyKinds.contains { has($0, before: place) } ? .any : nil
    }

    private static let labels: [StaticString] = [
        "password", "passwd", "passcode", "passphrase", "secret", "token", "credential", "credentials", "passwort",
        "kennwort", "wachtwoord", "contrasena", "senha", "mot de passe",
    ]
    /// Short words. Those of three letters without a w announce digits only.
    private static let shortLabels: [StaticString] = ["pin", "otp", "cvv", "cvc", "pwd", "pass"]
    private static let keyKinds: [StaticString] = [
        "api", "access", "secret", "private", "auth", "account", "license", "encryption", "signing", "session",
        "shared",
    ]

    /// A value that begins here: up to the closing quote, or else to white space, without punctuation at its end.
    private func value(at index: Int) -> Range<Int>? {
        let quote = byte(index)
        if quote.isOne(of: "\"'`") {
            for end in index + 1..<index + 256 {
                if byte(end) == quote { return end > index + 1 ? index + 1..<end : nil }
                if byte(end) < 0x20 || byte(end).isOne(of: "<>") { break }
            }
        }
        let start = quote.isOne(of: "\"'`") ? index + 1 : index
        let isQuery = byte(index - 1) == UInt8(ascii: "=")
        var end = start
        while end < text.count, text[end] > 0x20, !text[end].isOne(of: "<>\""),
            !(isQuery && text[end] == UInt8(ascii: "&"))
        {
            end += 1
        }
        while end > start, text[end - 1].isOne(of: ".,;:!?)]}'`") { end -= 1 }
        return end > start ? start..<end : nil
    }

    /// Three to eight digits and no more, in quotes or not.
    private func shortNumber(at index: Int) -> Range<Int>? {
        let start = byte(index).isOne(of: "\"'`") ? index + 1 : index
        var end = start
        while end - start <= 8, byte(end).isDigit { end += 1 }
        return (3...8).contains(end - start) && !byte(end).isWord ? start..<end : nil
    }

    // MARK: By itself

    /// A run of letters, digits and `_-+/` that carries an issuer's prefix, is a JSON Web Token, or is 32 or more of
    /// hexadecimal digits or of letters and digits too mixed for words.
    mutating func token(at index: Int) -> Range<Int>? {
        guard index >= runEnd else { return nil }
        let first = text[index]
        if first | 0x20 == UInt8(ascii: "b"), has("bearer ", at: index), let value = bearer(at: index + 7) {
            return value
        }
        runEnd = skip(from: index) { RunStatistics.counts($0) }
        // "ya29." is the shortest prefix that ends with a byte that no run contains.
        guard runEnd - index >= 12 || byte(runEnd) == UInt8(ascii: "."), !byte(index - 1).isAlphanumeric else {
            return nil
        }
        var statistics = RunStatistics()
        for place in index..<runEnd { statistics.add(text[place]) }
        for (prefix, least) in Self.prefixes where prefix.utf8Start.pointee == first && matches(prefix, at: index) {
            let length = prefix.utf8CodeUnitCount
            let allowsDots = UInt8(ascii: ".").isOne(of: prefix)
            let stop = skip(from: index + length) { $0.isWord || $0 == 0x2D || allowsDots && $0 == UInt8(ascii: ".") }
            if stop - index - length >= least, statistics.digits > 0 || statistics.uppers == statistics.letters {
                runEnd = max(runEnd, stop)
                return index..<stop
            }
        }
        if let end = webTokenEnd(from: index) { return index..<end }
        guard runEnd - index >= 32, statistics.looksRandom, !isUUID(index..<runEnd) else { return nil }
        return index..<skip(from: runEnd) { $0 == UInt8(ascii: "=") }
    }

    private func bearer(at index: Int) -> Range<Int>? {
        let stop = skip(from: index) { $0.isWord || $0.isOne(of: "-._~+/=") }
        return stop - index >= 16 && text[index..<stop].contains { $0.isDigit } ? index..<stop : nil
    }

    /// The prefixes that issuers give their tokens so that they can be found, and the least number of bytes after them.
    private static let prefixes: [(StaticString, Int)] = [
        ("sk-", 16), ("sk_live_", 10), ("sk_test_", 10), ("pk_live_", 10), ("pk_test_", 10), ("rk_live_", 10),
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20), ("glpat-", 16),
        ("AKIA", 16), ("ASIA", 16), ("xoxa-", 10), ("xoxb-", 10), ("xoxp-", 10), ("xoxr-", 10), ("xoxs-", 10),
        ("AIza", 30), ("hf_", 20), ("npm_", 30), ("whsec_", 16), ("shpat_", 20), ("SG.", 40), ("ya29.", 20),
        ("dop_v1_", 32), ("pypi-", 32),
    ]

    private func matches(_ prefix: StaticString, at index: Int) -> Bool {
        prefix.withUTF8Buffer { prefix in
            index + prefix.count <= text.count && prefix.indices.allSatisfy { text[index + $0] == prefix[$0] }
        }
    }

    /// The end of a JSON Web Token (RFC 7519): three parts of base64url, the first of which is a JSON object.
    private mutating func webTokenEnd(from index: Int) -> Int? {
        guard matches("eyJ", at: index) else { return nil }
        func part(_ start: Int) -> Int { skip(from: start) { $0.isWord || $0 == UInt8(ascii: "-") } }
        let header = part(index)
        guard header - index >= 12, byte(header) == UInt8(ascii: ".") else { return nil }
        let payload = part(header + 1)
        guard payload - header > 4 else { return nil }
        let end = byte(payload) == UInt8(ascii: ".") ? part(payload + 1) : payload
        runEnd = max(runEnd, end)
        return end
    }

    private func isUUID(_ range: Range<Int>) -> Bool {
        range.count == 36
            && range.allSatisfy { place in
                [8, 13, 18, 23].contains(place - range.lowerBound)
                    ? text[place] == UInt8(ascii: "-") : text[place].isHex
            }
    }
}

/// Tells random text from words by what it has seen of a run, byte by byte.
private struct RunStatistics {
    private(set) var digits = 0
    private(set) var letters = 0
    private(set) var uppers = 0
    private var count = 0
    private var hexes = 0
    private var switches = 0
    private var before: UInt8 = 0

    /// Whether a token may contain a byte.
    static func counts(_ byte: UInt8) -> Bool {
        byte.isWord || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
    }

    mutating func add(_ byte: UInt8) {
        count += 1
        if byte.isDigit { digits += 1 }
        if byte.isLetter { letters += 1 }
        if byte.isUpper { uppers += 1 }
        if byte.isHex { hexes += 1 }
        // A switch is one from lower to upper case, or between letters and digits. A capital at the beginning is none.
        if before.isAlphanumeric, byte.isAlphanumeric,
            before.isDigit != byte.isDigit || !before.isUpper && byte.isUpper && before.isLetter
        {
            switches += 1
        }
        before = byte
    }

    /// Whether the run has letters and digits and is hexadecimal, or has a switch in every five bytes: random base64 has
    /// one in about three, words and paths hardly any.
    var looksRandom: Bool {
        guard digits > 0, letters > 0 else { return false }
        return hexes == count || switches * 5 >= count
    }
}
