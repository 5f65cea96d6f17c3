"""What a part found: a Markdown table for the documentation, and sentences where something was lost or missed."""
import math


class Report:
    def __init__(self, part, title):
        self.part, self.title = part, title
        self.columns, self.rows, self.notes, self.failures = [], [], [], []

    def table(self, *columns):
        self.columns = list(columns)

    def row(self, *cells):
        self.rows.append([cell if isinstance(cell, str) else number(cell) for cell in cells])

    def note(self, text):
        self.notes.append(text)

    def fail(self, text):
        """Something was lost, or a goal was missed."""
        self.failures.append(text)
        print("%s: %s" % (self.part, text), flush=True)

    def expect(self, holds, text):
        if not holds:
            self.fail(text)
        return holds

    def markdown(self):
        lines = ["", "### " + self.title, ""]
        if self.columns:
            lines += ["| %s |" % " | ".join(self.columns), "|" + "---|" * len(self.columns)]
            lines += ["| %s |" % " | ".join(row) for row in self.rows]
        return "\n".join(lines + [""] + self.notes)

    def value(self):
        return {"part": self.part, "title": self.title, "columns": self.columns, "rows": self.rows,
                "notes": self.notes, "failures": self.failures}


def number(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return format(value, ",")
    return "%.2f" % value if value < 10 else "%.1f" % value if value < 100 else format(round(value), ",")


def percentile(values, share):
    """The least value that at least `share` of the values do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
