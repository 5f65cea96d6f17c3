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
        ValueKind(
            accepts: "true or false",
            parse: { $0.plain.flatMap(Bool.init) },
            show: { "\($0)" }
        )
    }
}

extension ValueKind where Value == Int {
    static func whole(_ range: ClosedRange<Int>) -> ValueKind {
        ValueKind(
            accepts: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { value in value.plain.flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil } },
            show: { "\($0)" }
        )
    }

    /// A number of bytes: `512`, `64KiB`, `8MiB`, `2GiB`.
    static func size(_ range: ClosedRange<Int>) -> ValueKind {
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        return ValueKind(
            accepts:
                "a size such as 8MiB, from \(Quantity.size(range.lowerBound)) to \(Quantity.size(range.upperBound))",
            parse: { value in
                guard let text = value.plain else { return nil }
                let unit = units.first { text.hasSuffix($0.0) }
                guard let number = Int(text.dropLast(unit?.0.count ?? 0)) else { return nil }
                let (bytes, overflows) = number.multipliedReportingOverflow(by: unit?.1 ?? 1)
                return !overflows && range.contains(bytes) ? bytes : nil
            },
            show: Quantity.size
        )
    }
}

extension ValueKind where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> ValueKind {
        ValueKind(
            accepts: "a number from \(range.lowerBound) to \(range.upperBound)",
            parse: { value in value.plain.flatMap { Double($0) }.flatMap { range.contains($0) ? $0 : nil } },
            show: { "\($0)" }
        )
    }

    /// A number of seconds, written `250ms`, `30s`, `5m`, `1h` or `7d`.
    static func duration(_ range: ClosedRange<Double>) -> ValueKind {
        let units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        return ValueKind(
            accepts: "a duration such as 250ms, 30s or 7d, from "
                + "\(Quantity.duration(range.lowerBound)) to \(Quantity.duration(range.upperBound))",
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
            parse: { value in
                // YAML 1.1 readers take `off` for false; here it is a word.
                if case .scalar(let text, _) = value { Value(rawValue: text) } else { nil }
            },
            show: \.rawValue
        )
    }
}

extension ValueKind where Value == Double? {
    static func autoOr(_ kind: ValueKind<Double>) -> ValueKind {
        ValueKind(
            accepts: "auto or \(kind.accepts)",
            parse: { value in
                if value.plain == "auto" { return .some(nil) }
                return kind.parse(value).map { .some($0) }
            },
            show: { $0.map(kind.show) ?? "auto" }
        )
    }
}

/// Writes sizes and durations as a person does.
enum Quantity {
    static func size(_ bytes: Int) -> String {
        for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)"
    }

    /// A duration, exact to the millisecond.
    static func duration(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1_000).rounded())
        for (unit, factor) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        where milliseconds >= factor && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
