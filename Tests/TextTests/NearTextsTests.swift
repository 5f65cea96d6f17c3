import Statistics
import Testing

@testable import Text

@Suite struct `Texts that are nearly the same` {
    private func areNear(_ one: String, _ other: String) -> Bool {
        let groups = NearTexts.groups([one, other])
        return groups[0] == groups[1]
    }

    @Test(arguments: [
        ("where is my parcel", "Where is my parcel?!"), ("where is my parcel", "please, where is my parcel"),
        ("I want to return this jacket", "i want to retrun this jacket"),
        ("order 4711 has not arrived yet", "order 99 has not arrived yet"), ("???", "???"),
        ("मेरा पार्सल कहाँ है", "मेरा पार्सल कहाँ है?"), ("ऑर्डर ४७११ नहीं आया", "ऑर्डर ९९ नहीं आया"),
        ("พัสดุของฉันอยู่ที่ไหนครับ", "พัสดุของฉันอยู่ที่ไหน ครับ"),
        ("wo ist mein großes Paket geblieben", "wo ist mein großes Paket gebliebn"),
    ])
    func `are grouped`(one: String, other: String) { #expect(areNear(one, other)) }

    @Test(arguments: [
        ("where is my parcel", "where is my package"), ("cancel my order", "change my order"), ("hello", "hallo"),
        ("เสื้อสีแดงราคาเท่าไร", "พัสดุของฉันถึงไหนแล้ว"), ("यह दिन है", "यह दान है"), ("取消我的订单", "查询我的包裹"),
        ("где моя посылка", "верните мои деньги"), ("👍", "👎"), ("c++", "c#"),
        ("where is my parcel", "when do you open"), ("", "x"), ("yes", "no"),
    ])
    func `are not those that another word tells apart`(one: String, other: String) { #expect(!areNear(one, other)) }

    /// Against every pair, where that can be done.
    @Test func `are found by bands as by comparing all`() {
        var random = SplitMix64(seed: 11)
        let words = (0..<40).map { _ in
            String((0..<5).map { _ in Character(Unicode.Scalar(UInt8(97 + random.next(below: 26)))) })
        }
        var texts: [String] = []
        for _ in 0..<150 {
            let text = (0..<6).map { _ in words[random.next(below: 40)] }
            texts.append(text.joined(separator: " "))
            var other = text
            other[random.next(below: 6)] = words[random.next(below: 40)]
            texts.append(other.joined(separator: " "))
        }
        var found = 0
        var near = 0
        var index = NearTexts()
        let profiles = texts.map { index.profile(of: $0) }
        for profile in profiles { index.add(profile) }
        for number in texts.indices {
            let answer = Set(index.near(profiles[number]))
            for other in texts.indices {
                var pair = NearTexts()
                let profile = pair.profile(of: texts[number])
                pair.add(pair.profile(of: texts[other]))
                guard !pair.near(profile).isEmpty else {
                    #expect(!answer.contains(other))
                    continue
                }
                near += 1
                if answer.contains(other) { found += 1 }
            }
        }
        for profile in profiles { #expect(index.first(near: profile) == index.near(profile).first) }
        #expect(near > 400)
        #expect(Double(found) / Double(near) > 0.98)
    }

    @Test func `form groups that do not depend on how many are alike`() {
        let many = (0..<3_000).map { "order \($0) has not arrived yet" } + ["when do you open"]
        let groups = NearTexts.groups(many)
        #expect(Set(groups.dropLast()) == [0])
        #expect(groups.last == 3_000)
    }
}
