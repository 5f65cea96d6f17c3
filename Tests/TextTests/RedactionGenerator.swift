import Statistics

/// Makes structured personal data by rule, with true check digits, and sentences around it.
struct RedactionGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private static let sentences = [
        "*", "my details are * thanks", "please use *.", "is * still right?", "(*)", "hi, *, i have a question",
        "change it to *; order 4417 can wait", "on 2024-01-15 i gave you * and nothing happened", "here: *", "\"*\"",
        "i paid 25.50 and then * failed", "* ", "old one was * , what now", "第一 * 第二",
    ]

    mutating func line(_ kind: String) -> RedactionCorpus.Line {
        let value: String
        switch kind {
        case "email": value = email()
        case "phone": value = phone()
        case "card": value = card()
        case "iban": value = iban()
        case "ip": value = address()
        case "url": value = url()
        default: value = secret()
        }
        let parts = pick(Self.sentences).split(separator: "*", omittingEmptySubsequences: false)
        return RedactionCorpus.Line(parts.joined(separator: "{\(kind)|\(value)}"))
    }

    private mutating func email() -> String {
        let names = ["bob", "anna.maria", "j_doe", "x", "o'neil", "first.last+tag", "user%unit", "7of9", "A-B"]
        let domains = [
            "example.org", "mail.example.co.uk", "a.io", "sub-domain.example.museum", "EXAMPLE.COM", "x1.de",
        ]
        return pick(names) + digits(Int(below(3))) + "@" + pick(domains)
    }

    private mutating func phone() -> String {
        let shapes = [
            "+1 2## 5## ####", "+1-2##-5##-####", "+1 (2##) 5##-####", "+12##5######", "(2##) 5##-####", "2##-5##-####",
            "2##.5##.####", "1-2##-5##-####", "2## 5## ####", "+44 20 7### ####", "+44 7### ######", "020 7### ####",
            "07### ######", "+49 30 1######", "+49 151 1#######", "030 1######", "0151/1######", "+33 6 ## ## ## ##",
            "06 ## ## ## ##", "+34 6## ### ###", "6## ### ###", "9## ## ## ##", "+86 138 #### ####", "138 #### ####",
            "+81 90 1### ####", "090-1###-####", "+91 98### #####", "98### #####", "+61 4## ### ###", "(02) 9### ####",
            "0049 30 1######", "+7 (495) 1##-##-##", "+353.87.123.####", "+39 06 1### ####", "+4915112######",
        ]
        return pick(shapes).map { $0 == "#" ? digits(1) : String($0) }.joined()
    }

    private mutating func card() -> String {
        let (prefix, length) = pick([
            ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16), ("36", 14),
        ])
        var number = (prefix + digits(length - 1 - prefix.count)).compactMap(\.wholeNumberValue)
        let sum = number.reversed().enumerated().reduce(0) { sum, item in
            let doubled = item.element * 2
            return sum + (item.offset % 2 == 1 ? item.element : doubled > 9 ? doubled - 9 : doubled)
        }
        number.append((10 - sum % 10) % 10)
        let text = number.map(String.init).joined()
        let groups = length == 16 ? [4, 4, 4, 4] : length == 15 ? [4, 6, 5] : [4, 6, 4]
        return grouped(text, groups, by: pick(["", " ", "-"]))
    }

    private mutating func iban() -> String {
        let (country, length, letters) = pick([
            ("DE", 18, 0), ("GB", 18, 4), ("NL", 14, 4), ("FR", 23, 0), ("ES", 20, 0), ("NO", 11, 0),
        ])
        let account = (0..<letters).map { _ in pick(["A", "K", "Z"]) }.joined() + digits(length - letters)
        var remainder = 0
        for character in account + country + "00" {
            let value = character.wholeNumberValue ?? Int(character.asciiValue ?? 0) - 55
            remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
        }
        let check = 98 - remainder
        let text = country + (check < 10 ? "0" : "") + String(check) + account
        return grouped(text, Array(repeating: 4, count: 9), by: pick(["", " "]))
    }

    private mutating func address() -> String {
        if below(2) == 0 { return (0..<4).map { _ in String(below(256)) }.joined(separator: ".") }
        func groups(_ count: Int) -> String {
            (0..<count).map { _ in String(1 + below(0xFFFF), radix: 16) }.joined(separator: ":")
        }
        return pick([groups(8), "2001:db8::" + groups(2), "fe80::1", "2a02:" + groups(3) + "::" + groups(1), "::1"])
    }

    private mutating func url() -> String {
        let hosts = ["example.org", "www.example.com", "localhost:8080", "a-b.example.co", "192.0.2.1"]
        let paths = ["", "/", "/a/b.html", "/search?q=cards&n=4417#top", "/~bob/x_y", "/%20x", "/@user/1"]
        return below(4) == 0
            ? "www.example.org" + pick(paths) : pick(["http://", "https://"]) + pick(hosts) + pick(paths)
    }

    private mutating func secret() -> String {
        let mixed = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        func letters(_ count: Int) -> String { String((0..<count).map { _ in mixed[Int(below(62))] }) }
        func hex(_ count: Int) -> String { String((0..<count).map { _ in Array("0123456789abcdef")[Int(below(16))] }) }
        return pick([
            "sk-" + letters(40) + "1", "ghp_" + letters(36), "AKIA" + "IOSFODNN" + digits(8),
            "xoxb-" + digits(12) + "-" + letters(20),
            "eyJ" + letters(30) + "." + letters(40) + "." + letters(43), hex(40), hex(64), letters(48),
            "glpat-" + letters(20) + "7",
        ])
    }

    private func grouped(_ text: String, _ groups: [Int], by divider: String) -> String {
        var rest = text[...]
        var parts: [Substring] = []
        for length in groups where !rest.isEmpty {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: divider)
    }

    private mutating func below(_ bound: UInt64) -> UInt64 { random.next() % bound }

    private mutating func digits(_ count: Int) -> String { (0..<max(count, 0)).map { _ in String(below(10)) }.joined() }

    private mutating func pick<T>(_ items: [T]) -> T { items[Int(below(UInt64(items.count)))] }
}
