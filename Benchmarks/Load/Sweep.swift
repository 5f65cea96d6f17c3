/// The yardstick of training, the same as in the in-process figures: seconds for one pass of multiply-add over 64 MiB
/// of floats, the best of ten.
private func sweep() -> Double {
    var values = [Float](repeating: 1, count: 16 << 20)
    var best = Int.max
    for _ in 0..<10 {
        let began = clock()
        values.withUnsafeMutableBufferPointer { buffer in
            for index in buffer.indices { buffer[index] = buffer[index] * 0.999 + 0.001 }
        }
        best = min(best, clock() - began)
    }
    // Keeps the passes from being optimised away.
    return values[best % values.count] > 2 ? .infinity : Double(best) / 1e9
}

extension Commands {
    static func sweep(_ arguments: ArraySlice<String>) throws -> Bool {
        let options = try Options(arguments, values: [], flags: ["json"])
        var report = Report()
        report.add("sweep_us", intentd_load.sweep() * 1e6)
        report.show(json: options.has("json"))
        return true
    }
}
