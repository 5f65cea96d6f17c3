#!/usr/bin/env python3
"""Makes Tests/ClassifierTests/Fixtures/*.json: what scikit-learn makes of a few sentences.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn
    /tmp/venv/bin/python scripts/sklearn-fixtures.py Tests/ClassifierTests/Fixtures

The tests compare features (TfidfVectorizer) to 1e-6 and objectives (LogisticRegression) to a relative 1e-4.
"""

import json
import pathlib
import sys

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SENTENCES = [
    ("Where is my parcel?", "delivery"),
    ("When will my parcel be delivered to the new address", "delivery"),
    ("The courier left the box at the wrong door, door 14!", "delivery"),
    ("Has my order been shipped yet", "delivery"),
    ("track the parcel of order A-77120 please", "delivery"),
    ("My parcel, my parcel, where is my parcel now", "delivery"),
    ("I want my money back", "refund"),
    ("Please refund the order that I sent back last week", "refund"),
    ("How long does a refund take", "refund"),
    ("The refund is 3 euros short of what I paid", "refund"),
    ("give me back the money for the broken café crème cup", "refund"),
    ("What time do you open on Sunday", "hours"),
    ("are you open today", "hours"),
    ("Opening hours of the shop in Zürich", "hours"),
    ("Do you close at 6 or at 7", "hours"),
    ("How late is the shop open on a public holiday", "hours"),
    ("I", "hours"),
    ("ÀÉÎ under_score 2nd x", "refund"),
]
UNSEEN = ["where is the refund for my parcel", "open open open", "nothing known qqq", "", "Is MY order at the shop?"]


def rows(vectorizer, matrix):
    names = vectorizer.get_feature_names_out()
    dense = matrix.toarray()
    return [{names[j]: float(row[j]) for j in np.nonzero(row)[0]} for row in dense]


def features(**options):
    vectorizer = TfidfVectorizer(**options)
    train = vectorizer.fit_transform([text for text, _ in SENTENCES])
    idf = dict(zip(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_.tolist()))
    return {
        "texts": [text for text, _ in SENTENCES],
        "unseen": UNSEEN,
        "idf": idf,
        "train": rows(vectorizer, train),
        "test": rows(vectorizer, vectorizer.transform(UNSEEN)),
    }


def regression(cost, balanced, bias):
    """The bias is a constant column, penalised like every other weight: scikit-learn's own intercept is not."""
    texts = [text for text, _ in SENTENCES]
    labels = [label for _, label in SENTENCES]
    vectorizer = TfidfVectorizer()
    x = vectorizer.fit_transform(texts).toarray()
    x = np.hstack([x, np.full((len(texts), 1), bias)])
    model = LogisticRegression(
        C=cost, class_weight="balanced" if balanced else None, fit_intercept=False, tol=1e-12, max_iter=100_000
    ).fit(x, labels)
    classes = model.classes_.tolist()
    index = np.array([classes.index(label) for label in labels])
    scores = x @ model.coef_.T
    losses = np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(texts)), index]
    counts = np.bincount(index)
    weights = len(texts) / (len(classes) * counts[index]) if balanced else np.ones(len(texts))
    unseen = np.hstack([vectorizer.transform(UNSEEN).toarray(), np.full((len(UNSEEN), 1), bias)])
    return {
        "cost": cost,
        "balanced": balanced,
        "bias": bias,
        "objective": float(0.5 * np.sum(model.coef_**2) + cost * np.sum(weights * losses)),
        "probabilities": model.predict_proba(unseen).tolist(),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    made = {"scikit_learn": sklearn.__version__}
    fixtures = {
        "tfidf_words.json": features(),
        "tfidf_characters.json": features(analyzer="char_wb", ngram_range=(2, 4)),
        "logistic.json": {
            "texts": [text for text, _ in SENTENCES],
            "intents": [label for _, label in SENTENCES],
            "unseen": UNSEEN,
            "fits": [
                regression(1.0, False, 0.0),
                regression(50.0, False, 0.0),
                regression(50.0, True, 1.0),
                regression(2000.0, True, 1.0),
            ],
        },
    }
    for name, content in fixtures.items():
        text = json.dumps(made | content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")


main()
