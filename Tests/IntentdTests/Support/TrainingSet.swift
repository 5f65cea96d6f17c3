/// Training data that takes a moment to train on, and data that takes long enough to be interrupted.
enum TrainingSet {
    static let intents = ["account", "delivery", "hours", "invoice", "refund"]

    static let small: String = {
        var csv = "text,intent,split\n"
        for (intent, texts) in rows.sorted(by: { $0.key < $1.key }) {
            for (index, text) in texts.enumerated() {
                csv += "\(text),\(intent),\(index < 12 ? "train" : index == 12 ? "val" : "test")\n"
            }
        }
        for (index, text) in outOfScope.enumerated() { csv += "\(text),oos,\(index < 6 ? "train" : "test")\n" }
        return csv
    }()

    /// Responses and policies for some of them; `account` and `invoice` have none.
    static let intentsFile = """
        intents:
          delivery:
            templates: [where is my parcel, where is my package, is it on its way, did you send it, track it]
            responses: [Your parcel is on its way.]
          hours:
            policy: local
            templates: [when do you open, when do you close, are you open, opening hours, is the shop open]
            responses: [We open at nine.]
          refund:
            policy: never-local
            templates: [give me my money back, refund me, i want a refund, pay me back, send the money back]
            responses: [A person will look at it.]
        """ + "\n"

    /// Words without meaning: many intents, many features, a few seconds of training.
    static let slow: String = {
        var random = Seeded(7)
        func word() -> String {
            String((0..<7).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &random))) })
        }
        let common = (0..<400).map { _ in word() }
        var csv = "text,intent,split\n"
        for intent in 0..<60 {
            let own = (0..<12).map { _ in word() }
            for row in 0..<150 {
                var words: [String] = []
                for _ in 0..<3 { words.append(own[Int.random(in: 0..<own.count, using: &random)]) }
                for _ in 0..<9 { words.append(common[Int.random(in: 0..<common.count, using: &random)]) }
                csv += "\(words.joined(separator: " ")),topic\(intent),\(row % 10 == 9 ? "test" : "train")\n"
            }
        }
        return csv
    }()

    private static let outOfScope = [
        "what is the capital of france", "tell me a joke", "how tall is the tower", "who won the game last night",
        "write a poem about the sea", "what is the weather tomorrow", "sing me a song", "how old is the moon",
    ]

    private static let rows: [String: [String]] = [
        "account": [
            "i forgot my password", "reset my password please", "i cannot log in", "my login does not work",
            "change my email address", "delete my account", "my account is locked", "unlock my account",
            "how do i change my password", "the login page rejects me", "create an account for me",
            "update my account details", "i need a new password", "why is my account locked", "log me in again",
        ],
        "delivery": [
            "where is my parcel", "track my parcel please", "my parcel has not arrived", "when does my parcel come",
            "the parcel is still not here", "is my parcel on its way", "where is my delivery", "the delivery is late",
            "track the delivery", "when will my delivery arrive", "my package is missing", "has my package been sent",
            "where did my package go", "is the delivery coming today", "my parcel is late",
        ],
        "hours": [
            "when do you open", "what are your opening hours", "are you open on sunday", "when does the shop close",
            "how late are you open", "do you open on holidays", "opening times please", "is the shop open now",
            "what time do you close", "are you closed on monday", "when can i visit the shop", "shop hours today",
            "are you open today", "at what time does the shop open", "do you close at noon",
        ],
        "invoice": [
            "send me the invoice", "i need an invoice", "where is my invoice", "the invoice is wrong",
            "copy of my invoice please", "invoice for my order", "my invoice shows the wrong tax",
            "download the invoice", "i did not get an invoice", "can i have a bill", "the bill is wrong",
            "send the bill again", "please send my invoice", "there is a mistake on the invoice", "print the invoice",
        ],
        "refund": [
            "i want my money back", "please refund me", "how do i get a refund", "refund my purchase",
            "give me my money back", "when is the refund paid", "i need a refund now", "refund for a broken item",
            "can you refund this", "where is my refund", "my refund is missing", "send the money back",
            "i would like a refund", "is my refund on its way", "pay me back",
        ],
    ]
}
