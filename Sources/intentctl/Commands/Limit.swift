import ArgumentParser
import Terminal
import Wire

/// The most items that a list may have.
struct Limit: ExpressibleByArgument {
    let json: JSON

    init(_ count: Int) { json = .integer(count) }

    init?(argument: String) {
        guard let count = Int(argument), 1...1_000 ~= count else { return nil }
        self.init(count)
    }

    var defaultValueDescription: String { json.cell }
}

/// A version as people write it: 7, v7, 000007.
struct Version: ExpressibleByArgument {
    let number: Int
    var json: JSON { .integer(number) }

    init?(argument: String) {
        let digits = argument.hasPrefix("v") ? argument.dropFirst() : argument[...]
        guard let number = Int(digits), 1...999_999 ~= number else { return nil }
        self.number = number
    }
}
