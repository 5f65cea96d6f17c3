/// One result: names and figures in order, as JSON on one line or as a table.
struct Report {
    private var entries: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: Int) { entries.append((name, "\(value)")) }

    mutating func add(_ name: String, _ value: Double, places: Int = 3) { entries.append((name, fixed(value, places))) }

    mutating func add(_ name: String, counts: [String: Int]) {
        let inside = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        entries.append((name, "{\(inside.joined(separator: ","))}"))
    }

    mutating func add(_ name: String, json: String) { entries.append((name, json)) }

    /// Microseconds.
    mutating func add(_ histogram: Histogram, prefix: String = "") {
        for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
            add("\(prefix)\(name)_us", Double(histogram.quantile(share)) / 1e3)
        }
        add("\(prefix)max_us", Double(histogram.maximum) / 1e3)
    }

    func show(json: Bool) {
        if json {
            print("{" + entries.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}")
        } else {
            let width = (entries.map { $0.name.count }.max() ?? 0) + 2
            for entry in entries {
                print(entry.name + String(repeating: " ", count: width - entry.name.count) + entry.value)
            }
        }
    }
}

func fixed(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "0" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    guard places > 0 else { return "\(scaled)" }
    let digits = String(scaled.magnitude % scale.magnitude)
    let sign = scaled < 0 ? "-" : ""
    return "\(sign)\(scaled.magnitude / scale.magnitude)." + String(repeating: "0", count: places - digits.count)
        + digits
}
