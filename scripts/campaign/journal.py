"""What was sent to a daemon and what it acknowledged: the truth that its folder is compared with."""
import itertools
import threading

PHRASES = [
    ("my parcel %s has not come", "order_status"), ("take my order for %s back", "cancel_order"),
    ("I send the %s back to you", "return_item"), ("how long is %s under warranty", "warranty"),
    ("I need the invoice for %s", "invoice"),
]
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


def word(number):
    """A word of letters alone that no other number gives, and that no redactor takes for something personal."""
    parts = []
    for _ in range(4):
        number, digit = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[digit])
    return "z" + "".join(parts)


class Item:
    def __init__(self, number, uid):
        phrase, self.intent = PHRASES[number % len(PHRASES)]
        self.word = word(number)
        self.text, self.key, self.uid = phrase % self.word, "campaign-%d" % number, uid
        self.receipt = None   # the feedback_id, once acknowledged
        self.refused = None   # the reason of an error that says that nothing was taken
        self.forgotten = False

    def parameters(self):
        return {"text": self.text, "intent": self.intent, "key": self.key}


class Journal:
    def __init__(self):
        self.lock, self.numbers = threading.Lock(), itertools.count(1)
        self.items = {}      # by text
        self.reviews = {}    # feedback_id: (state asked for, acknowledged)
        self.moves = []      # [reason, acknowledged]
        self.imports = []    # [marker, acknowledged]
        self.forgets = []    # [items that were acknowledged before, acknowledged]

    def next(self, uid):
        with self.lock:
            item = Item(next(self.numbers), uid)
            self.items[item.text] = item
            return item

    def open(self):
        """Items of which nobody knows yet whether they were taken."""
        return [item for item in self.items.values() if not (item.receipt or item.refused or item.forgotten)]
