/// Lines with what must be redacted marked up: `{email|bob@example.org}` is that address, to become `<email>`.
enum RedactionCorpus {
    struct Line: Sendable {
        let markup: String
        /// The line as somebody would write it.
        let raw: String
        /// The line with its placeholders.
        let redacted: String

        init(_ markup: String) {
            self.markup = markup
            var (raw, redacted) = ("", "")
            var rest = markup[...]
            while let open = rest.firstIndex(of: "{"), let bar = rest[open...].firstIndex(of: "|"),
                let close = rest[bar...].firstIndex(of: "}")
            {
                let kind = String(rest[rest.index(after: open)..<bar])
                let value = String(rest[rest.index(after: bar)..<close])
                raw += rest[..<open] + value
                redacted += rest[..<open] + "<\(kind)>"
                rest = rest[rest.index(after: close)...]
            }
            self.raw = raw + rest
            self.redacted = redacted + rest
        }
    }

    /// What people do write, and what is easily got wrong.
    static let handWritten: [Line] = """
        mail me at {email|bob@example.org}
        {email|Bob.O'Neil+news@mail.example.co.uk}, please
        my e-mail is {email|jürgen.groß@müller.de}.
        <{email|a@b.io}>
        contact:{email|first_last@sub.domain.example}!
        "{email|x@y.org}" and '{email|z@y.org}'
        mailto:{email|bob@example.org}?subject=hi
        {email|12345678@qq.com}
        {email|a@b.cc},{email|d@e.ff};{email|g@h.ii}
        write to {email|anna-maria@foo-bar.museum}/{email|otto@foo.bar}
        邮箱是{email|bob@example.com}谢谢
        postgres://admin:{email|pw@db.example.com}/x
        see {url|https://example.org/path?q=1&r=2#top}.
        ({url|http://example.org/a_(b)})
        go to {url|www.example.com/help}, then call
        {url|HTTPS://EXAMPLE.ORG}
        link: <{url|https://example.org/x}>
        {url|http://[2001:db8::1]:8080/}
        {url|https://user:pass@example.org/}
        请看{url|https://example.com/路径}，谢谢
        "{url|https://example.org/?a=b}"
        pay with {card|4111 1111 1111 1111} now
        {card|4111111111111111}
        card:{card|5500-0000-0000-0004}.
        amex {card|3782 822463 10005}
        {card|30569309025904} is a diners card
        order 4417 was paid with {card|4111 1111 1111 1111}
        {card|6011 0009 9013 9424} expires 12/27
        卡号{card|4012888888881881}
        my card 4111 1111 1111 1112 has a typo
        iban {iban|DE89 3704 0044 0532 0130 00} please
        {iban|GB82WEST12345698765432}
        IBAN:{iban|nl91 abna 0417 1643 00}, thanks
        {iban|FR14 2004 1010 0505 0001 3M02 606}
        {iban|NO93-8601-1117-947}
        {iban|MT84MALT011000012345MTLCAST001S}
        GB82 TEST 1234 5698 7654 31 has a wrong check digit
        {phone|+49151234567}){phone|+12025550143}
        ({phone|+4915112345678}) or [{email|a@b.io}]
        my ip is {ip|192.168.0.1}
        ping {ip|8.8.8.8}:53 and {ip|10.0.0.0}/8
        [{ip|2001:db8:85a3::8a2e:370:7334}]:443
        {ip|::1} and {ip|fe80::1}%eth0
        {ip|::ffff:192.0.2.128}
        at {ip|fe80::1ff:fe23:4567:890a}: no answer
        {ip|2001:0db8:0000:0000:0000:ff00:0042:8329}
        call {phone|+1 555 123 4567}
        call {phone|+1 (555) 123-4567} now
        {phone|+44 20 7946 0958}
        {phone|+49 (0)30 123456}
        {phone|+4915112345678}
        tel:{phone|+33 6 12 34 56 78}
        {phone|0049 30 1234567}
        {phone|001-555-123-4567} or {phone|+1.555.123.4567}
        {phone|+49-(0)30-123456} und {phone|+49/30/123456}
        Phone: {phone|2025550123}
        call {phone|+1 555 123 4567} or {phone|12 34 56 78}
        {phone|(555) 123-4567}
        ({phone|555-123-4567})
        {phone|555.123.4567}, or {phone|1-800-555-0199}
        my number is {phone|555-1234}
        {phone|030/123456} Berlin
        {phone|0171-1234567}
        {phone|01 23 45 67 89}
        {phone|020 7946 0958}
        {phone|07700900123}
        {phone|612 345 678} es mi numero
        电话{phone|13812345678}
        {phone|138 1234 5678}
        {phone|98765 43210}
        my phone is {phone|5551234567}
        reach me at {phone|5551234567}.
        mobile {phone|12 34 56 78}
        call {phone|2345 6789}
        {phone|8 (495) 123-45-67}
        {phone|+86 138 1234 5678}
        {phone|(02) 9876 5432}
        call me on {phone|+1-202-555-0143}, order 4417
        {phone|+1 555 123 4567} 2024 was the year
        my password is {secret|hunter2}
        my password is: {secret|hunter2}
        client_secret: '{secret|abc def}'
        API-Key: {secret|abcd1234}
        my api key is {secret|sk-12345}
        password: {secret|swordfish}
        Passwort: {secret|Geheim!123}
        the PASSWORD={secret|x7#kLm}
        "password": "{secret|correct horse}"
        "api_key":"{secret|abc}",
        export DB_PASSWORD={secret|s3cr3t}
        aws_secret_access_key = {secret|wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}
        my pin is {secret|4417}
        PIN: {secret|1234}
        otp="{secret|123456}", pin:pin:pin
        cvv {card|4111 1111 1111 1111} cvv: {secret|123}
        token={secret|abc123}&user=7
        access token : {secret|abcdef}
        api key is {secret|A1b2C3d4}
        use {secret|sk-proj-abcDEF1234567890abcd}
        {secret|sk_live_4eC39HqLyjWDarjtT1zdp7dc}
        {secret|ghp_16C7e42F292c6912E7710c838347Ae178B4a}
        key {secret|AKIAIOSFODNN7EXAMPLE} leaked
        {secret|AKIAIOSFODNNQEXAMPLE}
        {secret|xoxb-123456789012-abcdefGHIJKL}
        {secret|eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P}
        Authorization: Bearer {secret|abcdef0123456789abcd}
        hash {secret|d41d8cd98f00b204e9800998ecf8427e} found
        {secret|9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
        blob {secret|q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJ==}
        passwort ist {secret|abc123!x}
        我的卡号是{card|４１１１１１１１１１１１１１１１}谢谢
        カードは {card|４１１１　１１１１　１１１１　１１１１} です
        注文ＩＤ{card|4111111111111111}
        ｍａｉｌ {email|ｂｏｂ＠ｅｘａｍｐｌｅ．ｏｒｇ}。
        電話は{phone|０９０－１２３４－５６７８}です
        {phone|＋４９　１７０　１２３４５６７}
        اتصل بي على {phone|+٩٧١٥٠١٢٣٤٥٦٧} شكرا
        بطاقتي {card|٤١١١ ١١١١ ١١١١ ١١١١}
        شماره من {phone|۰۹۱۲۳۴۵۶۷۸۹} است
        {card|۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱}، {email|a@b.io}
        """.split(separator: "\n").map { Line(String($0)) }

    /// Nothing here is personal.
    static let hardNegatives: [String] = """
        where is order 4417
        注文番号 １００２３４ です
        ２０２４－０１－１５ に届く
        الطلب ١٠٠٢٣٤ متأخر
        سفارش ۴۴۱۷ کجاست
        ＡＢＣ　ｄｅｆ．
        order #100234 has not arrived
        order number 100234567
        invoice 2024-001234
        ticket INC0012345 is open
        tracking 1Z999AA10123456784
        tracking id 123456789012
        ref: 0012-3344
        sku 12-3456-78
        my order 20240115-4417 is late
        item 4006381333931 in the cart
        isbn 978-3-16-148410-0
        flight LH 4417 on 2024-01-15
        on 2024-01-15 at 10:30
        2024-01-15T10:30:00Z
        15.01.2024 and 16.01.2024
        01/02/2024 or 1/2/24
        12-31-2024
        05.06.2024 10:30
        20 11 2024
        from 2019-2023
        in 1999, 2008 and 2024
        years 2019 2020 2021 2022
        2020 - 2024
        at 12:30:45 or 7:05
        12:30-14:00
        open 0900-1730
        0800 - 1200 daily
        300-3000 hz
        batch order 0012-20240115
        between 9 and 10
        1,234,567.89 dollars
        $1234567
        € 1.234.567,00
        1 000 000 people
        10 000 000 km
        650 000 000 users
        100.000.000
        costs 1500000 eur
        transfer 2500 usd
        $ 4,417.00
        £2000000
        version 1.2.3
        version 1.2.3.4
        firmware 10.0.1.2
        chrome 120.0.6099.109
        python 3.11.7
        v2.0.0-rc.1+build.5
        build 20240115.3
        1920x1080 at 60 hz
        1920 1080
        37.5 degrees
        3.14159265358979
        12.5 x 30.25 cm
        5 ft 11 in
        180 cm 75 kg
        100 ml 250 ml 500 ml
        50% of 200%
        +5 points
        +10 000 000 more
        -12.5
        2+2=4
        48.858370, 2.294481
        room 1204
        zip 90210-1234
        12345 berlin
        page 12-14
        section 4.2.1.3
        4 8 15 16 23 42
        lottery 12 34 56 78
        my account 12345678
        account number 00012345678
        my score is 9999999
        1234567890
        1700000000
        1700000000000
        model 3310-4417
        part 555-1234
        c++ std::vector
        dead::beef
        00:1B:44:11:3A:B7
        a:b:c
        ratio 16:9
        http is a protocol
        the www is big
        www. is a prefix
        follow @bob and @anna
        meet @ 5
        a@b
        user@localhost
        e.g. this, i.e. that
        my password is not working
        my password is wrong
        i forgot my password
        password: how do i reset it
        what is a token
        token price is high
        the secret is out
        my pin is blocked
        is my api key valid
        pass the salt
        my keyword is hello
        key: value
        sk-learn is a library
        550e8400-e29b-41d4-a716-446655440000
        supercalifragilisticexpialidocious
        donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft
        /usr/local/share/applications/org.example.application.desktop
        how-to-reset-your-online-banking-password-in-2024-step-by-step
        getApplicationConfigurationManagerInstance2
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        ========================================
        ++++++++++
        ((((((((((
        :::::::::
        <email> and <phone> and <secret>
        password: <secret>
        call <phone> now
        h2o and co2
        b2b 4u 2day
        covid-19
        area 51
        7-eleven
        24/7
        iphone 15 pro 256 gb
        rtx 4090 24gb
        ab12 3456
        DE12 3456
        """.split(separator: "\n").map(String.init)
}
