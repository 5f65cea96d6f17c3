/// A YAML value, without the place where it stands.
enum YAMLValue: Sendable, Equatable {
    /// A text, and whether it stood in quotes.
    case scalar(String, isQuoted: Bool)
    /// An element that is not a scalar counts as a mapping, because no key takes one.
    case sequence([YAMLValue])
    case mapping

    var plain: String? { if case .scalar(let text, isQuoted: false) = self { text } else { nil } }
}

/// One kind of value: how it is read and written.
struct ValueKind<Value>: Sendable {
    let accepts: String
    let parse: @Sendable (YAMLValue) -> Value?
    let show: @Sendable (Value) -> String
}

extension ValueKind where Value == Bool {
    static var flag: ValueKind {
        ValueKind(accepts: "true or false", parse: { $0.plain.flatMap(Bool.init) }, show: { "\($0)" })
    }
}

extension ValueKind where Value == Int {
    static func whole(_ range: ClosedRange<Int>) -> ValueKind { number("a whole number", in: range) }

    /// A number of bytes: `512`, `64KiB`, `8MiB`, `2GiB`.
    static func size(_ range: ClosedRange<Int>) -> ValueKind {
        let (least, most) = (Quantity.size(range.lowerBound), Quantity.size(range.upperBound))
        return ValueKind(
            accepts: "a size such as 8MiB, from \(least) to \(most)",
            parse: { value in
                guard let text = value.plain else { return nil }
                let unit = Quantity.sizes.first { text.hasSuffix($0.unit) }
                guard let number = Int(text.dropLast(unit?.unit.count ?? 0)) else { return nil }
                let (bytes, overflows) = number.multipliedReportingOverflow(by: unit?.factor ?? 1)
                return !overflows && range.contains(bytes) ? bytes : nil
            },
            show: Quantity.size
        )
    }
}

extension ValueKind where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> ValueKind { number("a number", in: range) }

    /// A number of seconds, written `250ms`, `30s`, `5m`, `1h` or `7d`.
    static func duration(_ range: ClosedRange<Double>) -> ValueKind {
        let (least, most) = (Quantity.duration(range.lowerBound), Quantity.duration(range.upperBound))
        // `ms` ends in `s`, so it comes first.
        let units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        return ValueKind(
            accepts: "a duration such as 250ms, 30s or 7d, from \(least) to \(most)",
            parse: { value in
                guard let text = value.plain, let unit = units.first(where: { text.hasSuffix($0.0) }),
                    let number = Double(text.dropLast(unit.0.count)), number >= 0
                else { return nil }
                let seconds = number * unit.1
                return range.contains(seconds) ? seconds : nil
            },
            show: Quantity.duration
        )
    }
}

extension ValueKind where Value: LosslessStringConvertible & Comparable & Sendable {
    fileprivate static func number(_ name: String, in range: ClosedRange<Value>) -> ValueKind {
        ValueKind(
            accepts: "\(name) from \(range.lowerBound) to \(range.upperBound)",
            parse: { $0.plain.flatMap { Value($0) }.flatMap { range.contains($0) ? $0 : nil } },
            show: { "\($0)" }
        )
    }
}

extension ValueKind where Value == String {
    static var text: ValueKind {
        ValueKind(
            accepts: "a text",
            parse: { if case .scalar(let text, _) = $0, !text.isEmpty { text } else { nil } },
            show: { $0 }
        )
    }
}

extension ValueKind where Value == [String] {
    static var texts: ValueKind {
        ValueKind(
            accepts: "a list of texts, such as [a, b]",
            parse: { value in
                guard case .sequence(let elements) = value else { return nil }
                let texts = elements.compactMap { if case .scalar(let text, _) = $0 { text } else { nil } }
                return texts.count == elements.count ? texts : nil
            },
            show: { "[" + $0.joined(separator: ", ") + "]" }
        )
    }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static func choice() -> ValueKind {
        ValueKind(
            accepts: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            // YAML 1.1 readers take `off` for false; here it is a word.
            parse: { if case .scalar(let text, _) = $0 { Value(rawValue: text) } else { nil } },
            show: \.rawValue
        )
    }
}

extension ValueKind where Value == Double? {
    static func autoOr(_ kind: ValueKind<Double>) -> ValueKind {
        ValueKind(
            accepts: "auto or \(kind.accepts)",
            parse: { $0.plain == "auto" ? .some(nil) : kind.parse($0).map { .some($0) } },
            show: { $0.map(kind.show) ?? "auto" }
        )
    }
}

/// Writes sizes and durations as a person does.
enum Quantity {
    static let sizes = [(unit: "GiB", factor: 1 << 30), (unit: "MiB", factor: 1 << 20), (unit: "KiB", factor: 1 << 10)]

    static func size(_ bytes: Int) -> String { whole(bytes, of: sizes) ?? "\(bytes)" }

    /// A duration, exact to the millisecond.
    static func duration(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1_000).rounded())
        let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        return whole(milliseconds, of: units) ?? "\(milliseconds)ms"
    }

    /// In the first unit, the largest one first, of which it is a multiple.
    private static func whole(_ amount: Int, of units: [(unit: String, factor: Int)]) -> String? {
        units.first { amount >= $0.factor && amount % $0.factor == 0 }.map { "\(amount / $0.factor)\($0.unit)" }
    }
}
