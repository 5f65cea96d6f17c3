import Learning
import TestSupport
import Testing

@Suite struct `A move in YAML` {
    private static let intents = """
        # refund is the first one
        slots:
          refund: [one]     # refund
        intents:

          refund:  # money
            policy: local
            templates: |
              refund {refund}
              # refund: a comment
              my money
            responses: |
              The refund comes.

          # about hours
          hours:
            summary: "hours: when"
            templates:
              - when do you open   # hours
              # or
              - 'hours: which'
          'price':
            templates: |
                  what is the price
                  how much

            otherwise: Ask us.
        out_of_scope: |
          refund

        """

    private func moved(_ name: String, _ text: String, _ move: IntentMove) throws -> String? {
        let box = MoveBox([name: text])
        try box.carryOut(move)
        return box[name]
    }

    @Test(arguments: [
        ("refund", "  refund:  # money", "  money_back:  # money"), ("hours", "  hours:", "  money_back:"),
        ("price", "  'price':", "  'money_back':"),
    ])
    func `renames the key and nothing else`(name: String, before: String, after: String) throws {
        let expected = Self.intents.replacing(before + "\n", with: after + "\n")
        #expect(expected != Self.intents)
        #expect(try moved("intents.yaml", Self.intents, MoveBox.rename(name, "money_back")) == expected)
        let crlf = Self.intents.replacing("\n", with: "\r\n")
        let moved = try moved("intents.yaml", crlf, MoveBox.rename(name, "money_back"))
        #expect(moved == expected.replacing("\n", with: "\r\n"))
    }

    @Test func `appends the templates of a merged intent, and takes over what the target lacks`() throws {
        let box = MoveBox(["intents.yaml": Self.intents])
        let plan = try box.carryOut(MoveBox.merge(["price"], "refund"))
        let expected = Self.intents.replacing(
            """
                  my money
                responses: |
                  The refund comes.

            """,
            with: """
                      my money
                      what is the price
                      how much
                    responses: |
                      The refund comes.
                    otherwise: Ask us.

                """
        ).replacing(
            """
              'price':
                templates: |
                      what is the price
                      how much

                otherwise: Ask us.

            """,
            with: ""
        )
        #expect(box["intents.yaml"] == expected)
        #expect((plan.rows, plan.responses) == (2, 0))
        #expect(throws: IntentMoveError.self) { try box.files.plan(MoveBox.merge(["hours"], "refund")) }
    }

    @Test func `gives the first block the new name where the target has none`() throws {
        let merged = try moved("intents.yaml", Self.intents, MoveBox.merge(["price", "refund"], "money"))
        let expected = Self.intents.replacing(
            """
              refund:  # money
                policy: local
                templates: |
                  refund {refund}
                  # refund: a comment
                  my money
                responses: |
                  The refund comes.


            """,
            with: ""
        ).replacing(
            """
              'price':
                templates: |
                      what is the price
                      how much

                otherwise: Ask us.

            """,
            with: """
                  'money':
                    templates: |
                          what is the price
                          how much
                          refund {refund}
                          # refund: a comment
                          my money

                    otherwise: Ask us.
                    policy: local
                    responses: |
                      The refund comes.

                """
        )
        #expect(merged == expected)
    }

    @Test func `removes a block, and the comments before it stay`() throws {
        let expected = Self.intents.replacing(
            """
              hours:
                summary: "hours: when"
                templates:
                  - when do you open   # hours
                  # or
                  - 'hours: which'

            """,
            with: ""
        )
        #expect(try moved("intents.yaml", Self.intents, MoveBox.remove("hours")) == expected)
    }

    @Test(arguments: [
        ("a: b #c", "  \"a: b #c\": {summary: x}"), ("Größe 2", "  Größe 2: {summary: x}"),
        ("yes", "  \"yes\": {summary: x}"),
        ("24/7", "  \"24/7\": {summary: x}"), ("say \"q\" \\", "  \"say \\\"q\\\" \\\\\": {summary: x}"),
        ("दिन", "  दिन: {summary: x}"), ("'", "  \"'\": {summary: x}"), ("- x", "  \"- x\": {summary: x}"),
        ("👍", "  \"👍\": {summary: x}"), ("a\u{2028}b", "  \"a\\u2028b\": {summary: x}"),
        ("{a}", "  \"{a}\": {summary: x}"),
        ("c#", "  \"c#\": {summary: x}"), ("~", "  \"~\": {summary: x}"), ("x-1.2", "  x-1.2: {summary: x}"),
    ])
    func `quotes a name that YAML would not read`(name: String, line: String) throws {
        let text = "intents:\n  old: {summary: x}\n  other: {summary: old}\n"
        let expected = "intents:\n\(line)\n  other: {summary: old}\n"
        #expect(try moved("responses.yaml", text, MoveBox.rename("old", name)) == expected)
        // A name in quotes stays in quotes.
        #expect(
            try moved("responses.yaml", expected, MoveBox.rename(name, "old"))
                == (line.contains("\"") ? text.replacing("  old:", with: "  \"old\":") : text)
        )
    }

    @Test(arguments: [
        // The target has it in the other file.
        (
            "intents:\n  a:\n    policy: local\n    templates: |\n      x\n  b:\n    templates: |\n      y\n  c:\n    templates: |\n      z\n",
            "intents:\n  b:\n    policy: always\n    summary: s\n", ["b"], "a",
            "intents:\n  a:\n    policy: local\n    templates: |\n      x\n      y\n  c:\n    templates: |\n      z\n",
            "intents:\n  a:\n    summary: s\n"
        ),
        // Nothing is left to say.
        (
            "intents:\n  a:\n    policy: local\n    templates: |\n      x\n  b:\n    templates: |\n      y\n  c:\n    templates: |\n      z\n",
            "intents:\n  b:\n    policy: always\n", ["b"], "a",
            "intents:\n  a:\n    policy: local\n    templates: |\n      x\n      y\n  c:\n    templates: |\n      z\n",
            "intents:\n"
        ),
        // The first source that has it counts, wherever it has it.
        (
            "intents:\n  a:\n    templates: |\n      x\n  b:\n    policy: local\n    templates: |\n      y\n  c:\n    templates: |\n      z\n",
            "intents:\n  c:\n    policy: always\n  q:\n    summary: s\n", ["b", "c"], "d",
            "intents:\n  a:\n    templates: |\n      x\n  d:\n    policy: local\n    templates: |\n      y\n      z\n",
            "intents:\n  q:\n    summary: s\n"
        ),
    ])
    func `lets one word count of two files`(
        _ intents: String,
        _ responses: String,
        _ sources: [String],
        _ target: String,
        _ movedIntents: String,
        _ movedResponses: String
    ) throws {
        let box = MoveBox(["intents.yaml": intents, "responses.yaml": responses])
        try box.carryOut(MoveBox.merge(sources, target))
        #expect(box["intents.yaml"] == movedIntents)
        #expect(box["responses.yaml"] == movedResponses)
    }

    private static let behaviour = """
        # refund
        must:
          refund: |
            refund
            # refund
            my money
          hours: [when]
          price: |
            how much

        must_not:
          price: |
            refund
        perturbations: [typo]
        direction:
          # the first
          - text: refund
            add: refund
            raises: refund   # refund
          - {text: x, add: y, lowers: "price"}

        """

    @Test func `follows in behaviour cases`() throws {
        #expect(
            try moved("behaviour.yaml", Self.behaviour, MoveBox.rename("refund", "a b"))
                == Self.behaviour.replacing("  refund: |", with: "  a b: |").replacing(
                    "raises: refund",
                    with: "raises: a b"
                )
        )
        #expect(
            try moved("behaviour.yaml", Self.behaviour, MoveBox.rename("price", "a: b"))
                == Self.behaviour.replacing("  price: |", with: "  \"a: b\": |").replacing(
                    "\"price\"",
                    with: "\"a: b\""
                )
        )
        #expect(
            try moved("behaviour.yaml", Self.behaviour, MoveBox.rename("hours", "opening"))
                == Self.behaviour.replacing("  hours:", with: "  opening:")
        )
        let box = MoveBox(["behaviour.yaml": Self.behaviour])
        let plan = try box.carryOut(MoveBox.remove("price"))
        let removed = Self.behaviour.replacing("  price: |\n    how much\n", with: "")
            .replacing("must_not:\n  price: |\n    refund\n", with: "")
            .replacing("  - {text: x, add: y, lowers: \"price\"}\n", with: "")
        #expect(box["behaviour.yaml"] == removed)
        #expect(plan.cases == 3)
        let twice = MoveBox(["behaviour.yaml": removed])
        try twice.carryOut(MoveBox.remove("refund"))
        #expect(twice["behaviour.yaml"] == "# refund\nmust:\n  hours: [when]\n\nperturbations: [typo]\n  # the first\n")
    }

    @Test func `joins the cases of merged intents`() throws {
        let text = Self.behaviour.replacing("    refund\nperturbations", with: "    other\nperturbations")
        let box = MoveBox(["behaviour.yaml": text])
        try box.carryOut(MoveBox.merge(["price", "refund"], "price"))
        let expected = """
            # refund
            must:
              hours: [when]
              price: |
                how much
                refund
                # refund
                my money

            must_not:
              price: |
                other
            perturbations: [typo]
            direction:
              # the first
              - text: refund
                add: refund
                raises: price   # refund
              - {text: x, add: y, lowers: "price"}

            """
        #expect(box["behaviour.yaml"] == expected)
    }

    @Test(arguments: [
        ("responses.yaml", "intents: {a: {summary: x}, b: {summary: y}}\n", MoveBox.remove("a"), 1),
        ("responses.yaml", "intents:\n  a: &x {summary: x}\n  b: *x\n", MoveBox.rename("a", "c"), 2),
        ("responses.yaml", "intents:\n  !!str a: {summary: x}\n", MoveBox.rename("a", "c"), 2),
        ("responses.yaml", "intents:\n  ? a\n  : {summary: x}\n", MoveBox.remove("a"), 2),
        ("responses.yaml", "intents:\n  a:\n  summary\n", MoveBox.rename("a", "c"), 3),
        ("responses.yaml", "intents:\n  a:\n    polisy: auto\n", MoveBox.rename("a", "c"), 3),
        ("behaviour.yaml", "must:\n  a: [x]\n  b: [y]\n", MoveBox.merge(["a"], "b"), 3),
        ("behaviour.yaml", "must:\n  a: |\n    x\n  b:\n  - y\n", MoveBox.merge(["a"], "b"), 2),
        ("behaviour.yaml", "must:\n  a: [x]\nmust_not:\n  b: [x]\n", MoveBox.merge(["a"], "b"), 4),
        ("behaviour.yaml", "direction: [{text: x, add: y, raises: a}]\n", MoveBox.remove("a"), 1),
        ("behaviour.yaml", "must:\n  a: x\n", MoveBox.remove("a"), 2),
        ("intents.yaml", "intents:\n  a: {templates: [x]}\n  b: {templates: [y]}\n", MoveBox.rename("a", "my a"), 2),
        ("intents.yaml", "intents:\n  a: {templates: [x]}\n  b: {templates: [y]}\n", MoveBox.remove("a"), 1),
    ])
    func `is refused, with the line, before anything changes`(
        _ name: String,
        _ text: String,
        _ move: IntentMove,
        _ line: Int
    ) throws {
        let box = MoveBox([name: text, "intents.csv": "text,intent\nx,a\ny,b\nz,z\n"])
        let before = box.contents
        let error = #expect(throws: IntentMoveError.self) { try box.files.plan(move) }
        #expect(error?.file == name)
        #expect(error?.line == line, "\(error?.description ?? "")")
        #expect(box.contents == before)
    }
}
