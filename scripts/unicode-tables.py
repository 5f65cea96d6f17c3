#!/usr/bin/env python3
"""Makes the Unicode tables of Text from Python's `unicodedata`, and the goldens that its tests hold them to.

    scripts/unicode-tables.py            writes both files (only with Python's Unicode version at least that of the tables)
    scripts/unicode-tables.py --check    compares, for every scalar, the tables in the repository with this Python

Text promises Python's rules: NFKC(casefold(NFKD(s))) to its fixed point, `str.isalnum`, `str.isspace`,
`str.lower`, `unicodedata.category`. The goldens are computed from those functions on whole strings, never from the tables, so that a wrong table
cannot agree with itself. Where this Python knows another Unicode version, only scalars assigned in both are compared.
"""

import sys
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "Sources/Text/Unicode/UnicodeTables.swift"
GOLDEN = ROOT / "Tests/TextTests/UnicodeGolden.swift"

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xAC00 + 11172)
# COMBINING GREEK YPOGEGRAMMENI folds to a letter but sorts as a mark first, so the tables keep it for the code to turn.
YPOGEGRAMMENI = 0x345

WORD, SPACE, CASED, IGNORABLE, SECOND, FOLDS, LOWERS, MARK = (1 << bit for bit in range(8, 16))
MASK = (1 << 64) - 1


# MARK: What Python says

def fold(text):
    """NFKC(casefold(NFKD(text))), again until nothing changes.

    Decomposed first, as Unicode (D146) has it: it matters only where U+0345 meets another mark. On every single scalar
    the same as with NFKC first.
    """
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold())
        if folded == text:
            return text
        text = folded


def decomposed_fold(text):
    """The scalars that `text` folds to before composition, with U+0345 kept."""
    while True:
        parts = [d if ord(d) == YPOGEGRAMMENI else d.casefold() for d in unicodedata.normalize("NFKD", text)]
        folded = unicodedata.normalize("NFKD", "".join(parts))
        if folded == text:
            return text
        text = folded


def properties(c, seconds, folds, lowers):
    """One scalar's combining class (8 bits) and its flags. Case classes are those of `str.lower`'s final sigma rule."""
    char = chr(c)
    cased = (char + "Σ").lower().endswith("ς")
    ignorable = not cased and ("A" + char + "Σ").lower().endswith("ς")
    flags = [
        (char.isalnum() or char == "_", WORD), (char.isspace(), SPACE), (cased, CASED), (ignorable, IGNORABLE),
        (c in seconds, SECOND), (c in folds or c in HANGUL, FOLDS), (c in lowers, LOWERS), (is_mark(c), MARK),
    ]
    return unicodedata.combining(char) | sum(flag for holds, flag in flags if holds)


def is_mark(c):
    """Whether a scalar is a combining mark: Unicode's \\p{M}."""
    return unicodedata.category(chr(c)).startswith("M")


def compute():
    """(folds, lowers, pairs, props): decomposed foldings, lower cases, compositions, and each scalar's properties."""
    folds = {c: decomposed_fold(chr(c)) for c in SCALARS if c not in HANGUL}
    folds = {c: tuple(map(ord, text)) for c, text in folds.items() if text != chr(c)}
    lowers = {c: tuple(map(ord, chr(c).lower())) for c in SCALARS}
    lowers = {c: text for c, text in lowers.items() if text != (c,)}
    pairs = {}
    for c in SCALARS:
        parts = unicodedata.decomposition(chr(c)).split()
        if len(parts) == 2 and unicodedata.normalize("NFC", chr(c)) == chr(c) and fold(chr(c)) == chr(c):
            pairs[tuple(int(part, 16) for part in parts)] = c
    seconds = {second for _, second in pairs} | set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    props = [0 if 0xD800 <= c < 0xE000 else properties(c, seconds, folds, lowers) for c in range(0x110000)]
    return folds, lowers, pairs, props


# MARK: Numbers as text

ALPHABET = [chr(c) for c in range(0x20, 0x7F) if chr(c) not in "\"\\"][1:]
VALUE = {char: value for value, char in enumerate(ALPHABET)}
FINAL = 60


def encode(numbers):
    """Non-negative integers as text: base 60 in the last digit, base 32 in the marked digits before it."""
    text = []
    for number in numbers:
        digits = [ALPHABET[number % FINAL]]
        number //= FINAL
        while number:
            digits.append(ALPHABET[FINAL + number % 32])
            number //= 32
        text += reversed(digits)
    return "".join(text)


def decode(text):
    numbers, high = [], 0
    for char in text:
        value = VALUE[char]
        if value < FINAL:
            numbers.append(high * FINAL + value)
            high = 0
        else:
            high = high * 32 + value - FINAL
    return numbers


def zigzag(number):
    return number * 2 if number >= 0 else -number * 2 - 1


def unzigzag(number):
    return number // 2 if number % 2 == 0 else -(number + 1) // 2


def runs(values):
    """(length, value) of each run of equal values."""
    found = []
    for value in values:
        if found and found[-1][1] == value:
            found[-1][0] += 1
        else:
            found.append([1, value])
    return found


def encode_props(props):
    """The distinct values, most frequent first and counted, then runs as (length - 1, index of value)."""
    found = runs(props)
    order = sorted({value for _, value in found}, key=lambda v: (-sum(1 for _, w in found if w == v), v))
    index = {value: i for i, value in enumerate(order)}
    return encode([len(order), *order, *(n for length, value in found for n in (length - 1, index[value]))])


def decode_props(text):
    numbers = decode(text)
    order, rest = numbers[1:1 + numbers[0]], numbers[1 + numbers[0]:]
    return [value for i in range(0, len(rest), 2) for value in [order[rest[i + 1]]] * (rest[i] + 1)]


def encode_mappings(mappings):
    """Ascending keys as (gap, length of value, differences). A first scalar is told from key plus the last offset."""
    numbers, last, offset = [], -1, 0
    for key, value in sorted(mappings.items()):
        numbers += [key - last - 1, len(value), zigzag(value[0] - key - offset)]
        numbers += [zigzag(b - a) for a, b in zip(value, value[1:])]
        last, offset = key, value[0] - key
    return encode(numbers)


def decode_mappings(text):
    numbers, mappings, last, offset = iter(decode(text)), {}, -1, 0
    for gap in numbers:
        last += gap + 1
        length = next(numbers)
        value = [last + offset + unzigzag(next(numbers))]
        offset = value[0] - last
        while len(value) < length:
            value.append(value[-1] + unzigzag(next(numbers)))
        mappings[last] = tuple(value)
    return mappings


def encode_pairs(pairs):
    """Ascending pairs as (difference of first, second, composite), the latter two from the pair before."""
    numbers, before = [], (0, 0, 0)
    for (first, second), composite in sorted(pairs.items()):
        now = (first, second, composite)
        numbers += [zigzag(a - b) for a, b in zip(now, before)]
        before = now
    return encode(numbers)


def decode_pairs(text):
    numbers, pairs, now = decode(text), {}, (0, 0, 0)
    for i in range(0, len(numbers), 3):
        now = tuple(a + unzigzag(b) for a, b in zip(now, numbers[i:i + 3]))
        pairs[now[:2]] = now[2]
    return pairs


# MARK: Goldens, from whole strings

def fnv(hash, units):
    for unit in units:
        hash = ((hash ^ unit) * 0x100000001B3) & MASK
    return hash


OFFSET, END = 0xCBF29CE484222325, 0xFFFFFFFF
BLOCK = 0x1000
RANGES = [
    (0x20, 0x7F), (0x20, 0x250), (0x2B0, 0x400), (0x300, 0x370), (0x300, 0x370), (0x370, 0x400), (0x400, 0x530),
    (0x590, 0x700), (0x900, 0xE00), (0xE00, 0x1100), (0x1100, 0x1200), (0x10A0, 0x1100), (0x13A0, 0x1400),
    (0x1C80, 0x1CC0), (0x1DC0, 0x1E00), (0x1E00, 0x2000), (0x1F00, 0x2000), (0x2000, 0x2200), (0x2460, 0x2500),
    (0x20D0, 0x20F1), (0x3000, 0x3400), (0xA640, 0xA800), (0xAB30, 0xAC00), (0xAC00, 0xD7A4), (0xF900, 0xFB50),
    (0xFB50, 0xFE00), (0xFE00, 0xFFF0), (0x10400, 0x10480), (0x11080, 0x11100), (0x1D100, 0x1D800), (0x1E900, 0x1E960),
    (0x1F100, 0x1F200), (0x345, 0x346), (0x3A3, 0x3A4), (0x391, 0x3CA),
]
STRING_GROUPS, STRINGS = 128, 200


def scalar_digests():
    for start in range(0, 0x110000, BLOCK):
        hash = OFFSET
        for c in range(start, start + BLOCK):
            if not 0xD800 <= c < 0xE000:
                char = chr(c)
                flags = (1 if char.isalnum() or char == "_" else 0) + (2 if char.isspace() else 0)
                hash = fnv(hash, [*map(ord, fold(char)), END, *map(ord, char.lower()), END, flags])
        yield hash


def mark_digests():
    for start in range(0, 0x110000, BLOCK):
        yield fnv(OFFSET, filter(is_mark, range(start, start + BLOCK)))


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def string_digests():
    random = splitmix(42)
    for _ in range(STRING_GROUPS):
        hash = OFFSET
        for _ in range(STRINGS):
            text = ""
            for _ in range(1 + next(random) % 12):
                low, high = RANGES[next(random) % len(RANGES)]
                text += chr(low + next(random) % (high - low))
            hash = fnv(hash, [*map(ord, fold(text)), END, *map(ord, text.lower()), END])
        yield hash


# MARK: Files

def literal(name, text, comment):
    lines = "\\\n".join("        " + text[i:i + 110] for i in range(0, len(text), 110))
    return f'    // {comment}\n    static let {name}: StaticString = """\n{lines}\n        """\n'


def hexes(name, digests, comment):
    words = [f"0x{digest:016x}," for digest in digests]
    lines = ["        " + " ".join(words[i:i + 5]) for i in range(0, len(words), 5)]
    return f"    // {comment}\n    static let {name}: [UInt64] = [\n" + "\n".join(lines) + "\n    ]\n"


def header(what):
    version = unicodedata.unidata_version
    return (f"// swift-format-ignore-file\n// Made by scripts/unicode-tables.py from Unicode {version}. Do not edit.\n"
            f"// {what}\n\n")


def tables_file(folds, lowers, pairs, props):
    return (
        header("Text that UnicodeData decodes once: numbers in base 60, as the script's `encode` writes them.")
        + f'enum UnicodeTables {{\n    static let version = "{unicodedata.unidata_version}"\n\n'
        + literal("properties", encode_props(props), "Combining class and flags of every scalar, in runs.") + "\n"
        + literal("folds", encode_mappings(folds),
                  "The decomposed folding of each scalar that has one; Hangul syllables are computed.") + "\n"
        + literal("lowers", encode_mappings(lowers), "The lower case of each scalar that has one.") + "\n"
        + literal("pairs", encode_pairs(pairs), "The pairs of scalars that compose; Hangul is computed.") + "}\n"
    )


def golden_file():
    assigned = [unicodedata.category(chr(c)) != "Cn" for c in range(0x110000)]
    ranges = ", ".join(f"({low:#x}, {high:#x})" for low, high in RANGES)
    ranges = "".join("        " + line + "\n" for line in wrap(ranges))
    return (
        header("FNV-1a digests of what Python makes of every scalar and of seeded random strings.")
        + f'enum UnicodeGolden {{\n    static let version = "{unicodedata.unidata_version}"\n'
        + f"    static let blockSize = {BLOCK:#x}\n    static let stringsPerGroup = {STRINGS}\n\n"
        + f"    static let ranges: [(UInt32, UInt32)] = [\n{ranges}    ]\n\n"
        + hexes("scalars", scalar_digests(), "fold, lower, flags of the scalars of each block.") + "\n"
        + hexes("marks", mark_digests(), "The combining marks of each block.") + "\n"
        + hexes("strings", string_digests(), "fold, lower of each group of strings.") + "\n"
        + literal("assigned", encode(n for n, _ in runs(assigned)), "Lengths of runs of assigned, unassigned, … scalars.")
        + "}\n"
    )


def wrap(text):
    lines = [""]
    for word in text.replace("), ", "),\n").split("\n"):
        if len(lines[-1]) + len(word) > 105:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def read_literal(source, name):
    body = source.split(f'static let {name}: StaticString = """\n', 1)[1].split('"""', 1)[0]
    return "".join(line.strip(" ").removesuffix("\\") for line in body.splitlines())


def read_version(source):
    return source.split('static let version = "', 1)[1].split('"', 1)[0]


def number(version):
    return tuple(map(int, version.split(".")))


def check():
    tables, golden = TABLES.read_text(), GOLDEN.read_text()
    assigned = [i % 2 == 0 for i, length in enumerate(decode(read_literal(golden, "assigned"))) for _ in range(length)]
    folds, lowers, pairs, props = compute()
    ours = (
        decode_mappings(read_literal(tables, "folds")), decode_mappings(read_literal(tables, "lowers")),
        decode_pairs(read_literal(tables, "pairs")), decode_props(read_literal(tables, "properties")),
    )
    same_version = read_version(tables) == unicodedata.unidata_version
    wrong = []
    compared = 0
    for c in SCALARS:
        if not same_version and (not assigned[c] or unicodedata.category(chr(c)) == "Cn"):
            continue
        compared += 1
        # Whether a mark composes may change with a composite that only one of the versions has.
        mask = 0xFFFF if same_version else 0xFFFF & ~SECOND
        if (ours[0].get(c), ours[1].get(c), ours[3][c] & mask) != (folds.get(c), lowers.get(c), props[c] & mask):
            wrong.append(f"U+{c:04X}")
    for pair, composite in pairs.items():
        if assigned[composite] and ours[2].get(pair) != composite:
            wrong.append(f"U+{composite:04X} (composition)")
    if same_version:
        if tables != tables_file(folds, lowers, pairs, props):
            wrong.append(f"{TABLES.name} is not what this script writes")
        if golden != golden_file():
            wrong.append(f"{GOLDEN.name} is not what this script writes")
    print(f"tables: Unicode {read_version(tables)}; this Python: {unicodedata.unidata_version}; "
          f"compared: {compared} scalars; wrong: {len(wrong)}")
    for line in wrong[:20]:
        print("  " + line)
    return 1 if wrong else 0


def write():
    if TABLES.exists() and number(read_version(TABLES.read_text())) > number(unicodedata.unidata_version):
        print(f"The tables are of a newer Unicode than this Python ({unicodedata.unidata_version}). Use a newer Python.")
        return 1
    TABLES.write_text(tables_file(*compute()))
    GOLDEN.write_text(golden_file())
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__)
        sys.exit(2)
    sys.exit(check() if sys.argv[1:] else write())
