import Testing
import Wire

/// A shape, a value, and the path of what is wrong with it; nil where it fits.
private let values: [(schema: Schema, value: JSON, path: String?)] = [
    (.any, nil, nil), (.any, [1], nil), (.boolean, true, nil), (.boolean, 1, ""), (.integer, 1, nil),
    (.integer, 1.0, ""),
    (.integer(-2...2), -2, nil), (.integer(-2...2), 3, ""), (.number, 1, nil), (.number, 1.5, nil), (.number, "1", ""),
    (.number(0...1), 1.0001, ""), (.string, "", nil), (.string, nil, ""), (.string(0...3), "äöü", nil),
    (.string(0...3), "äöüa", ""), (.string(2...3), "ä", ""), (.string(2...2), "😀😀", nil), (.string(2...2), "😀", ""),
    (.trimmedString(1...1), "   x   ", nil), (.trimmedString(1...1), "   ", ""), (.choice(["a"]), "b", ""),
    (.optional(.string), nil, nil), (.optional(.string), 1, ""), (.array(.integer), [1, 2], nil),
    (.array(.integer), [1, "2"], "1"), (.array(.integer, 1...2), [], ""), (.array(.integer, 1...2), [1, 2, 3], ""),
    (.map(.integer), ["a": 1], nil), (.map(.integer), ["a": "1"], "a"), (.map(.integer), [], ""),
    (["a": .map(.array(.boolean))], ["a": ["b": [true, 0]]], "a.b.1"),
    (["a?": .integer], [:], nil), (["a": .integer], [:], "a"),
    (.either(.integer, .string), "x", nil), (.either(.integer, .string), 1, nil),
    (.either(.integer, .string), true, ""),
    (.pattern(.time), "2026-01-31T12:00:00Z", nil), (.pattern(.time), "2026-01-31T12:00:00.1234567891Z", ""),
    (.pattern(.time), "", ""), (.pattern(.time), "２026-01-31T12:00:00Z", ""),
    (.pattern(.intentName), "order_status", nil), (.pattern(.intentName), "a\u{2028}b", ""),
    (.pattern(.intentName), .string(String(repeating: "é", count: 100)), nil),
    (.pattern(.intentName), .string(String(repeating: "é", count: 101)), ""),
]

@Suite struct SchemaTests {
    @Test(arguments: values)
    func saysWhatDoesNotFitAndWhere(schema: Schema, value: JSON, path: String?) {
        #expect(schema.violation(in: value)?.path == path)
    }

    @Test func describesItselfAsJSONSchema() {
        let schema: Schema = [
            "a": .integer(1...2), "b?": .array(.string(1...3), 1...4), "c": .optional(.choice(["x", "y"])),
            "d": .map(.number(0...1)), "e": .boolean,
        ]
        #expect(
            schema.jsonSchema == [
                "type": "object",
                "properties": [
                    "a": ["type": "integer", "minimum": 1, "maximum": 2],
                    "b": [
                        "type": "array", "items": ["type": "string", "minLength": 1, "maxLength": 3], "minItems": 1,
                        "maxItems": 4,
                    ],
                    "c": ["anyOf": [["type": "string", "enum": ["x", "y"]], ["type": "null"]]],
                    "d": [
                        "type": "object",
                        "additionalProperties": ["type": "number", "minimum": 0.0, "maximum": 1.0],
                    ],
                    "e": ["type": "boolean"],
                ],
                "required": ["a", "c", "d", "e"],
                "additionalProperties": false,
            ]
        )
    }

    @Test(arguments: [
        ("", ""), (" ", ""), ("a", "a"), (" a b\t\n", "a b"), ("\u{2003}é\u{A0}", "é"), ("\u{200B}a", "\u{200B}a"),
    ])
    func trimsWhatUnicodeCallsWhiteSpace(text: String, trimmed: String) { #expect(text.trimmed == trimmed) }
}
