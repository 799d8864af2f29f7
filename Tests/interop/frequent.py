"""Frequent items between Leeway and Apache DataSketches: python frequent.py FOLDER write|check

`write` leaves images of the library in the folder, for the Swift suite to read; `check` reads what that suite left.
A file's name says what it holds: frequent-WRITER-LGSIZE-COUNT.bin, the first COUNT items of one stream.
"""

import collections
import pathlib
import sys

from datasketches import frequent_items_error_type, frequent_strings_sketch

SIZES = [3, 6, 10]
COUNTS = [0, 1, 5, 100, 20_000]


def item(index):
    """One of 400 items, those with small numbers far more often."""
    level = (index * 7_919 % 400) * (index * 104_729 % 400) // 400
    return "" if level == 3 else f"level {level}" if level % 2 else f"ein Name, der länger ist als sechzehn Bytes: {level}"


def sketch(lg_size, indices):
    made = frequent_strings_sketch(lg_size)
    for index in indices:
        made.update(item(index))
    return made


def cases():
    return [(size, count) for size in SIZES for count in COUNTS]


def write(folder):
    for lg_size, count in cases():
        name = f"{lg_size}-{count}.bin"
        (folder / f"frequent-library-{name}").write_bytes(sketch(lg_size, range(count)).serialize())


def expect_bounds(made, truth, name):
    total = sum(truth.values())
    assert made.total_weight == total, name
    for key, count in truth.items():
        assert made.get_lower_bound(key) <= count <= made.get_upper_bound(key), (name, key)
    listed = {row[0] for row in made.get_frequent_items(frequent_items_error_type.NO_FALSE_NEGATIVES)}
    error = made.get_upper_bound("never seen")
    assert all(count <= error or key in listed for key, count in truth.items()), name


def check(folder):
    for lg_size, count in cases():
        name = f"{lg_size}-{count}.bin"
        truth = collections.Counter(item(index) for index in range(count))
        theirs = frequent_strings_sketch.deserialize((folder / f"frequent-leeway-{name}").read_bytes())
        expect_bounds(theirs, truth, name)
        theirs.merge(sketch(lg_size, range(count)))
        expect_bounds(theirs, truth + truth, name)
        merged = frequent_strings_sketch.deserialize((folder / f"frequent-merged-{name}").read_bytes())
        expect_bounds(merged, truth + truth, name)
    print(f"{len(cases())} sketches of frequent items agree with the library")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
