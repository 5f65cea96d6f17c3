import Glibc

/// What this machine can do at all.
enum Yardstick {
    /// Seconds for one pass of multiply-add over 64 MiB of floats, the best of ten.
    static func sweep() -> Double {
        var values = [Float](repeating: 1, count: 16 << 20)
        var best = Double.infinity
        for _ in 0..<10 {
            let began = now()
            values.withUnsafeMutableBufferPointer { buffer in
                for index in buffer.indices { buffer[index] = buffer[index] * 0.999 + 0.001 }
            }
            best = min(best, now() - began)
        }
        // Keeps the passes from being optimised away.
        return values[Int(best) % values.count] > 2 ? .infinity : best
    }
}

/// Monotonic seconds.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

struct ReadError: Error, CustomStringConvertible {
    var description: String
}

func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw ReadError(description: String(cString: strerror(errno))) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
    return bytes
}

func fixed(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    guard places > 0 else { return "\(scaled)" }
    let digits = String(scaled % Int(scale))
    return "\(scaled / Int(scale))." + String(repeating: "0", count: places - digits.count) + digits
}

func milliseconds(_ seconds: Double) -> String { "\(fixed(seconds * 1e3, 2)) ms" }
