"""The rows of a data file that peers may learn from or are measured on; out-of-scope rows are neither."""

import csv


def rows(path, split):
    with open(path, newline="", encoding="utf-8") as file:
        chosen = [row for row in csv.DictReader(file) if row["split"] == split and row["intent"] != "oos"]
    return [row["text"] for row in chosen], [row["intent"] for row in chosen]
