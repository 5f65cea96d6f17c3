/// Writes compact JSON into bytes and sets the commas itself.
///
/// Everything that could act on a terminal or split a log line is escaped: C0, DEL, C1, line and paragraph separators,
/// bidirectional controls and the byte-order mark. A reader of JSON gets the same text back.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.name("job")
///     writer.value("7")
///     writer.endObject()
///     writer.bytes  // {"job":"7"}
package struct JSONWriter: Sendable {
    package var bytes: [UInt8] = []
    /// Whether the open bracket has an element already, so that the next one needs a comma before it.
    private var needsComma = false

    package init() {}

    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    package mutating func endObject() { close(UInt8(ascii: "}")) }

    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the name of a member, whose value must follow. A name that stands in the source needs no escapes.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes the name of a member that only comes up at run time, with escapes.
    package mutating func member(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ value: String) {
        separate()
        quote(value)
    }

    package mutating func value(_ value: Int) {
        separate()
        write(value)
    }

    /// Writes the shortest form that reads back as the same number; `null` for NaN and infinity, which JSON lacks.
    package mutating func value(_ value: Double) {
        separate()
        raw(value.isFinite ? value.description : "null")
    }

    /// Writes the shortest form that reads back as the same number of 32 bits; `null` for NaN and infinity.
    package mutating func value(_ value: Float) {
        separate()
        raw(value.isFinite ? value.description : "null")
    }

    package mutating func value(_ value: Bool) {
        separate()
        raw(value ? "true" : "false")
    }

    package mutating func value(_ id: RequestID) { raw(id.raw) }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(value)
        case .double(let value): self.value(value)
        case .string(let value): self.value(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                self.member(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    package mutating func null() {
        separate()
        raw("null")
    }

    /// Writes a string that is given as valid UTF-8.
    package mutating func value(utf8 text: [UInt8]) {
        separate()
        quote(text)
    }

    /// Writes a value that `write` appends as JSON.
    package mutating func value(writing write: (inout [UInt8]) -> Void) {
        separate()
        write(&bytes)
    }

    /// Writes a string that `write` appends and that needs no escapes.
    package mutating func value(quoting write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a value that is JSON already.
    package mutating func raw(_ encoded: [UInt8]) {
        separate()
        bytes.append(contentsOf: encoded)
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func write(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        var unit: UInt = 1
        while magnitude / unit >= 10 { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / unit % 10))
            unit /= 10
        }
    }
}
