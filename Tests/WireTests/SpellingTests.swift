import Testing
import Wire

@Suite struct SpellingTests {
    private static let intents = ["order_status", "order_cancel", "refund", "oos", "delivery", "day_pass"]

    @Test(arguments: [
        ("oder_status", "order_status"), ("order-status", "order_status"), ("Order Status", "order_status"),
        ("order_statsu", "order_status"), ("refnud", "refund"), ("refunds", "refund"), ("deliv", "delivery"),
        ("oss", "oos"), ("order_canel", "order_cancel"),
    ])
    func `a name that is near is found`(_ typed: String, _ meant: String) {
        #expect(Spelling.nearest(to: typed, in: Self.intents) == meant)
    }

    @Test(arguments: ["", "x", "de", "order", "weather", "a", String(repeating: "delivery", count: 100)])
    func `nothing is guessed where nothing is near, or two are`(_ typed: String) {
        #expect(Spelling.nearest(to: typed, in: Self.intents) == nil)
    }

    @Test func `the question stands in a sentence of its own`() {
        #expect(Spelling.question(about: "refnd", in: Self.intents) == " Did you mean refund?")
        #expect(Spelling.question(about: "weather", in: Self.intents).isEmpty)
        #expect(Spelling.nearest(to: "ab", in: []) == nil)
    }
}
