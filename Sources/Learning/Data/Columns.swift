/// Which column of a file is what: by the names that its header has, those that people use for the same thing, and those
/// that the caller says.
package struct Columns: Sendable, Equatable {
    /// The name of the column with the texts; nil leaves it to the header. Case makes no difference.
    package var text: String?
    package var intent: String?
    package var split: String?

    package init(text: String? = nil, intent: String? = nil, split: String? = nil) {
        (self.text, self.intent, self.split) = (text, intent, split)
    }

    enum Role: String, CaseIterable { case text, intent, split, weight, source, group }

    /// The columns that a header names.
    struct Found {
        /// The place of each column that is known.
        var places: [Role: Int] = [:]
        /// The columns that have another name than their role's.
        var mapped: [(role: Role, place: Int)] = []
        /// The places of the columns that are not known.
        var unknown: [Int] = []
    }

    enum Trouble: Error, Equatable {
        /// A column that the caller names is not there.
        case absent(Role, name: String)
        /// Two columns have one name.
        case twice(String)
        /// Several columns may be meant.
        case ambiguous(Role, names: [String])
        case missing(Role)
    }

    /// - Parameter names: as the header writes them.
    func find(in names: [String]) throws(Trouble) -> Found {
        let folded = names.map(Self.fold)
        var found = Found()
        var taken: Set<Int> = []
        for (role, said) in [(Role.text, text), (.intent, intent), (.split, split)] {
            guard let said else { continue }
            let matching = folded.indices.filter { folded[$0] == Self.fold(said) }
            guard let place = matching.first else { throw .absent(role, name: said) }
            guard matching.count == 1 else { throw .twice(names[place]) }
            found.places[role] = place
            taken.insert(place)
            if folded[place] != role.rawValue { found.mapped.append((role, place)) }
        }
        for role in Role.allCases where found.places[role] == nil {
            let named = folded.indices.filter { !taken.contains($0) && folded[$0] == role.rawValue }
            if named.count > 1 { throw .twice(role.rawValue) }
            let meant =
                named.isEmpty
                ? folded.indices.filter { !taken.contains($0) && Self.synonyms[role]?.contains(folded[$0]) == true }
                : named
            if meant.count > 1 { throw .ambiguous(role, names: meant.map { names[$0] }) }
            guard let place = meant.first else { continue }
            found.places[role] = place
            taken.insert(place)
            if named.isEmpty { found.mapped.append((role, place)) }
        }
        for role in [Role.text, .intent] where found.places[role] == nil { throw .missing(role) }
        found.unknown = folded.indices.filter { !taken.contains($0) && !folded[$0].isEmpty }
        return found
    }

    /// Whether a field is short enough to be a column's name after folding. Folding is slow, and nearly every text is longer
    /// than the name of its column.
    static func mayName(_ name: String, _ field: String) -> Bool { field.utf8.count <= name.utf8.count + 16 }

    static func fold(_ name: String) -> String {
        let visible = name.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        return String(String.UnicodeScalarView(visible)).trimmingWhitespace().lowercased()
    }

    /// Lower-case names, in the languages whose spreadsheets are met most.
    private static let synonyms: [Role: Set<String>] = [
        .text: [
            "texts", "utterance", "utterances", "message", "sentence", "query", "question", "phrase", "example",
            "input",
            "user_input", "user message", "nachricht", "satz", "frage", "anfrage", "äußerung", "beispiel", "texto",
            "mensaje",
            "frase", "pregunta", "consulta", "ejemplo", "texte", "énoncé", "requête", "exemple", "testo", "messaggio",
            "domanda", "esempio", "mensagem", "pergunta", "exemplo", "tekst", "bericht", "zin", "vraag", "wiadomość",
            "pytanie", "текст", "сообщение", "вопрос", "фраза", "metin", "mesaj", "soru", "文本", "句子", "问题", "テキスト",
            "文", "質問", "텍스트", "문장", "질문", "पाठ", "संदेश", "نص", "رسالة", "سؤال",
        ],
        .intent: [
            "intents", "label", "labels", "category", "class", "tag", "topic", "intent_name", "absicht", "kategorie",
            "klasse",
            "thema", "intención", "intencion", "categoría", "categoria", "etiqueta", "clase", "tema", "intention",
            "catégorie", "categorie", "classe", "étiquette", "sujet", "intento", "intenzione", "etichetta", "argomento",
            "intenção", "intencao", "intentie", "onderwerp", "intencja", "kategoria", "etykieta", "интент", "намерение",
            "категория", "метка", "класс", "niyet", "kategori", "etiket", "意图", "类别", "标签", "インテント", "カテゴリ",
            "ラベル", "의도", "카테고리", "레이블", "इरादा", "श्रेणी", "النية", "الفئة", "التصنيف",
        ],
        .split: ["subset", "partition", "set"],
        .weight: ["gewicht", "peso", "poids"],
    ]
}
