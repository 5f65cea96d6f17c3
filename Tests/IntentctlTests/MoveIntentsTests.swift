import Testing
import Wire

@Suite struct `Commands that move intents` {
    @Test(arguments: [
        (["rename", "a", "b"], "a is called b now."), (["merge", "a", "b", "into", "c"], "a and b are c now."),
        (["merge", "a", "b", "c", "Into", "c"], "a and b are c now."), (["merge", "a", "--into", "c"], "a is c now."),
        (["merge", "a", "b", "c", "into", "d"], "a, b and c are d now."), (["remove", "a"], "a is removed."),
    ])
    func `say what changed, what follows, and how to take it back`(arguments: [String], fact: String) throws {
        let outcome = try FakeDaemon.usual().run(["intents"] + arguments)
        #expect(outcome.code == 0)
        #expect(
            outcome.output.hasPrefix(
                fact + " Changed: 140 rows, 1 block of responses, 3 cases, 0 feedback items.\n"
            )
        )
        #expect(outcome.output.contains("`intentctl retrain`"))
        let move = Answers.of("intents.rename")["move"]?.string ?? ""
        #expect(outcome.output.hasSuffix("To take it back: intentctl intents undo \(move)\n"))
    }

    @Test func `take a move back`() throws {
        let outcome = try FakeDaemon.usual().run("intents", "undo", "m")
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("The files before the move are back. Changed: 140 rows, "))
        #expect(!outcome.output.contains("intents undo"))
    }

    @Test(arguments: [
        ["merge", "a", "b"], ["merge", "into", "c"], ["merge", "a", "into"], ["merge", "--into", "c"], ["rename", "a"],
        ["remove"], ["undo"], ["remove", "a", "--reason", ""],
    ])
    func `say what is missing before they ask`(arguments: [String]) throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.run(["intents"] + arguments).code == 2)
        #expect(daemon.requests.isEmpty)
    }

    @Test(arguments: [
        (RPCError.Reason.conflict, Int32(1)), (.notFound, 5), (.invalidParams, 1), (.forbidden, 4),
    ])
    func `end with the exit status of the refusal`(reason: RPCError.Reason, code: Int32) throws {
        let error = RPCError(
            reason,
            "There is no intent refnd. Did you mean refund?",
            hint: "`intentctl intents` lists them"
        )
        let outcome = try FakeDaemon { _, _, _ in [.failure(error)] }.run("intents", "rename", "refnd", "b")
        #expect(outcome.code == code)
        #expect(
            outcome.errors
                == "intentctl: There is no intent refnd. Did you mean refund?\nHint: `intentctl intents` lists them\n"
        )
    }
}
