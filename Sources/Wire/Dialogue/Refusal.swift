/// The daemon's error object, as a client sees it; the daemon's own side of it is ``RPCError``.
///
/// It keeps the JSON whole: a newer daemon may say more than this version knows, and a client that passes the error on
/// should pass that on too.
package struct Refusal: Error, Sendable, Equatable {
    package let json: JSON
    package let code: Int
    package let message: String

    /// Takes JSON that has a code and a message; nil for any other.
    package init?(_ json: JSON) {
        guard let code = json["code"]?.int, let message = json["message"]?.string else { return nil }
        self.init(code: code, message: message, json: json)
    }

    private init(code: Int, message: String, json: JSON) {
        (self.code, self.message, self.json) = (code, message, json)
    }

    package var data: JSON { json["data"] ?? .null }
    /// A stable name that programs can rely on; empty if the daemon gave none.
    package var reason: String { data["reason"]?.string ?? "" }
    package var field: String? { data["field"]?.string }
    package var hint: String? { data["hint"]?.string }

    /// The same error with another hint.
    package func suggesting(_ hint: String) -> Refusal {
        let data = (data.object ?? []).filter { $0.name != "hint" } + [Member("hint", .string(hint))]
        let others = (json.object ?? []).filter { $0.name != "data" }
        return Refusal(code: code, message: message, json: .object(others + [Member("data", .object(data))]))
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String { "\(code) \(reason): \(message)" }
}
