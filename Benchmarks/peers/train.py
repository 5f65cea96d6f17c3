#!/usr/bin/env python3
"""Trains a peer on split train: train.py plain|words+chars|fasttext DATA MODEL"""

import sys

from rows import rows


def plain():
    """What an introduction would write."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))


def words_and_characters():
    """The features and the penalty with which scikit-learn does best on short texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    return make_pipeline(features, LogisticRegression(C=30, max_iter=1000))


def fasttext(texts, intents, target):
    import fasttext as library

    with open(target + ".txt", "w", encoding="utf-8") as file:
        for text, intent in zip(texts, intents):
            file.write(f"__label__{intent.replace(' ', '_')} {' '.join(text.lower().split())}\n")
    model = library.train_supervised(
        target + ".txt", dim=100, lr=0.5, epoch=50, wordNgrams=1, minn=3, maxn=5, bucket=200_000, thread=2, verbose=0
    )
    model.save_model(target)


def main():
    kind, data, target = sys.argv[1:]
    texts, intents = rows(data, "train")
    if kind == "fasttext":
        return fasttext(texts, intents, target)
    import joblib

    model = {"plain": plain, "words+chars": words_and_characters}[kind]()
    joblib.dump(model.fit(texts, intents), target)


main()
