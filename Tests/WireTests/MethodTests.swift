import Testing
import Wire

@Suite struct MethodTests {
    @Test(arguments: Method.allCases)
    func nobodyUnknownMayDoAnything(method: Method) {
        #expect(!method.isAllowed(for: .none))
        #expect(method.isAllowed(for: .admin))
        #expect(method.isAllowed(for: .user) == (method.role == .user))
    }

    @Test func adminsAloneChangeWhatServes() {
        let admin = Set(Method.allCases.filter { $0.role == .admin }.map(\.rawValue))
        #expect(
            admin == [
                "feedback.review", "retrain", "jobs.cancel", "models.promote", "models.rollback", "models.reject",
                "reload", "intents.rename", "intents.merge", "intents.remove", "intents.undo", "data.check",
                "data.show", "data.diff", "data.import", "export",
            ]
        )
    }

    @Test func theDocumentIsOpenRPC() throws {
        let document = OpenRPC.document(version: "1.2.3")
        #expect(document["openrpc"] == "1.2.6")
        #expect(document["info"]?["title"] == "intentd")
        #expect(document["info"]?["version"] == "1.2.3")
        let methods = try #require(document["methods"]?.array)
        #expect(methods.compactMap { $0["name"]?.string } == Method.allCases.map(\.rawValue))
        let errors = try #require(document["components"]?["errors"])
        for method in methods {
            #expect(method["result"]?["name"]?.string != nil)
            #expect(method["result"]?["schema"]?.object != nil)
            #expect(method["summary"]?.string?.isEmpty == false)
            for parameter in try #require(method["params"]?.array) {
                #expect(parameter["name"]?.string != nil)
                #expect(parameter["required"]?.bool != nil)
                #expect(parameter["schema"]?.object != nil)
            }
            for reference in try #require(method["errors"]?.array) {
                let path = try #require(reference["$ref"]?.string)
                let name = try #require(path.split(separator: "/").last)
                #expect(errors[String(name)]?["code"]?.int != nil)
            }
        }
        #expect(try JSONParser.parse(document.description) == document)
    }

    @Test(arguments: Method.allCases)
    func everyDefaultFitsItsSchema(method: Method) {
        for parameter in method.parameters {
            #expect(!(parameter.required && parameter.defaultValue != nil))
            if let value = parameter.defaultValue { #expect(parameter.schema.violation(in: value) == nil) }
        }
        #expect(Set(method.parameters.map(\.name)).count == method.parameters.count)
    }

    @Test func aResultCanBeCheckedAgainstTheTable() throws {
        let schema = try #require(Method.predict.result)
        let good: JSON = [
            "model": 1,
            "predictions": [
                [
                    "intent": "a", "confidence": 0.5, "in_scope": true,
                    "alternatives": [["intent": "a", "confidence": 1]],
                ]
            ],
        ]
        #expect(schema.violation(in: good) == nil)
        #expect(schema.violation(in: ["model": 1])?.path == "predictions")
        #expect(schema.violation(in: ["model": "1", "predictions": []])?.path == "model")
        #expect(schema.violation(in: ["model": 1, "predictions": [], "x": 1])?.path == "x")
        #expect(schema.violation(in: ["model": 1, "predictions": [[:]]])?.path == "predictions.0.intent")
    }
}
