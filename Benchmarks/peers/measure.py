#!/usr/bin/env python3
"""Measures a trained peer on split test, as one JSON line: measure.py plain|words+chars|fasttext DATA MODEL"""

import json
import os
import sys
import time

from rows import rows


def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def classifier(kind, path):
    """A function from one text to its intent."""
    if kind == "fasttext":
        import fasttext as library

        library.FastText.eprint = lambda *_: None
        # The Python wrapper around this call does not know NumPy 2.
        predict = library.load_model(path).f.predict
        return lambda text: predict(" ".join(text.lower().split()) + "\n", 1, 0.0, "strict")[0][1][9:]
    import joblib

    model = joblib.load(path)
    names = model.classes_
    return lambda text: names[model.predict_proba([text])[0].argmax()]


def main():
    kind, data, path = sys.argv[1:]
    texts, intents = rows(data, "test")
    intents = [intent.replace(" ", "_") for intent in intents] if kind == "fasttext" else intents
    classify = classifier(kind, path)
    right, times = 0, []
    for text in texts[:200]:
        classify(text)
    for text, intent in zip(texts, intents):
        began = time.perf_counter_ns()
        answer = classify(text)
        times.append(time.perf_counter_ns() - began)
        right += answer == intent
    times.sort()
    figures = {
        "accuracy": 100 * right / len(texts),
        "p50_us": times[len(times) // 2] / 1e3,
        "p99_us": times[len(times) * 99 // 100] / 1e3,
        "rss_kb": resident(),
        "model_bytes": os.path.getsize(path),
    }
    print(json.dumps(figures, separators=(",", ":")))


main()
