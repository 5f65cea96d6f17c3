#!/usr/bin/env python3
"""Writes many different rows as CSV: 150 intents of 40 templates each, with slots, politeness and typing errors.

    scripts/many-rows.py 1000000 > rows.csv

The same count gives the same rows. Words are made of syllables, so that it needs no word list and no licence; how often
each is used falls as in a language (Zipf), which makes as many rare features as people's texts do.
"""
import random
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
chance = random.Random(150)
SYLLABLES = [a + b + c for a in ("", *"bcdfghklmnprstvw") for b in "aeiou" for c in ("", *"lmnrst")]


def vocabulary(size):
    words = set()
    while len(words) < size:
        words.add("".join(chance.choice(SYLLABLES) for _ in range(chance.choice((1, 2, 2, 2, 3)))))
    words = sorted(words)
    chance.shuffle(words)
    return words


common = vocabulary(150)
topics = vocabulary(1500)
values = vocabulary(20000)
weights = [1 / (place + 3) for place in range(len(values))]
total = 0.0
heaped = [total := total + weight for weight in weights]
openings = [" ".join(chance.choices(common, k=chance.randint(1, 3))) for _ in range(30)]


def template():
    """Words of the intent among common ones, and one or two slots (None)."""
    parts = chance.choices(own, k=chance.randint(2, 4)) + chance.choices(common, k=chance.randint(2, 5))
    chance.shuffle(parts)
    for _ in range(chance.randint(1, 2)):
        parts.insert(chance.randrange(len(parts) + 1), None)
    return parts


def mistyped(text):
    place = chance.randrange(len(text) - 1)
    kind = chance.random()
    if kind < 0.4:
        return text[:place] + text[place + 1 :]
    if kind < 0.7:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + chance.choice("abcdefghijklmnopqrstuvwxyz") + text[place:]


intents = []
for number in range(150):
    # Neighbours share topics, as "block my card" and "unblock my card" do.
    own = [topics[(number * 8 + place) % len(topics)] for place in range(16)]
    intents.append([template() for _ in range(40)])

print("text,intent")
seen = set()
while len(seen) < count:
    number = chance.randrange(150)
    parts = chance.choice(intents[number])
    filled = [part or chance.choices(values, cum_weights=heaped)[0] for part in parts]
    if chance.random() < 0.3:
        filled.insert(0, chance.choice(openings))
    if chance.random() < 0.3:
        filled.append(str(chance.randrange(100000)))
    text = " ".join(filled)
    if chance.random() < 0.15:
        text = mistyped(text)
    if text not in seen:
        seen.add(text)
        print(f"{text},intent_{number:03}")
