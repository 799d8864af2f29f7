"""Quantiles between Leeway and Apache DataSketches: python kll.py FOLDER write|check

`write` leaves sketches of the library in the folder, for the Swift suite to read; `check` reads what that suite left.
A file's name says what it holds: kll-WRITER-TYPE-K-COUNT.bin, the first COUNT values of one stream; beside each sketch
of the library lies what it answers: .txt, one number a line, in the order of `answers`.
"""

import pathlib
import sys

import numpy
from datasketches import kll_doubles_sketch, kll_floats_sketch

SKETCHES = {"doubles": kll_doubles_sketch, "floats": kll_floats_sketch}
SIZES = [8, 200, 1000]
COUNTS = [0, 1, 2, 150, 1_000, 100_000]
RANKS = [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0]


def stream(count):
    """Each value once, in an order without order, in steps that a float holds exactly."""
    return ((numpy.arange(count, dtype=numpy.int64) * 7_919_317) % 1_048_573 - 500_000) / 8.0


def sketch(kind, k, values):
    made = SKETCHES[kind](k)
    made.update(values.astype(numpy.float64 if kind == "doubles" else numpy.float32))
    return made


def cases():
    return [(kind, k, count) for kind in SKETCHES for k in SIZES for count in COUNTS]


def answers(made):
    """Count, minimum, maximum, error, then for each rank both quantiles, and both ranks of the inclusive one."""
    if made.is_empty():
        return [0]
    found = [made.n, made.get_min_value(), made.get_max_value(), made.normalized_rank_error(False)]
    for rank in RANKS:
        quantile = made.get_quantile(rank, True)
        found += [quantile, made.get_quantile(rank, False)]
        found += [made.get_rank(quantile, True), made.get_rank(quantile, False)]
    return found


def leave(folder, name, made):
    (folder / f"{name}.bin").write_bytes(made.serialize())
    (folder / f"{name}.txt").write_text("".join(f"{float(number)!r}\n" for number in answers(made)))


def write(folder):
    for kind, k, count in cases():
        values = stream(count)
        leave(folder, f"kll-library-{kind}-{k}-{count}", sketch(kind, k, values))
        merged = sketch(kind, k, values[: count // 3])
        merged.merge(sketch(kind, 2 * k, values[count // 3 : count // 2]))
        merged.merge(sketch(kind, max(8, k // 2), values[count // 2 :]))
        leave(folder, f"kll-libmerged-{kind}-{k}-{count}", merged)


def expect_close(made, values, name):
    """Within twice the error that the sketch states, for every rank asked."""
    assert made.n == len(values), name
    if len(values) == 0:
        return
    ordered = numpy.sort(values)
    assert made.get_min_value() == ordered[0] and made.get_max_value() == ordered[-1], name
    bound = 2 * made.normalized_rank_error(False) + 1 / len(values)
    for rank in RANKS:
        quantile = made.get_quantile(rank, True)
        low = numpy.searchsorted(ordered, quantile, side="left") / len(values)
        high = numpy.searchsorted(ordered, quantile, side="right") / len(values)
        assert low - bound <= rank <= high + bound, (name, rank, low, high)


def check(folder):
    for kind, k, count in cases():
        values = stream(count)
        for writer in ["leeway", "reencoded", "merged"]:
            name = f"kll-{writer}-{kind}-{k}-{count}"
            theirs = SKETCHES[kind].deserialize((folder / f"{name}.bin").read_bytes())
            expected = [float(line) for line in (folder / f"{name}.txt").read_text().split()]
            found = answers(theirs)
            assert numpy.allclose(found, expected, rtol=1e-12, atol=0), (name, found, expected)
            seen = numpy.concatenate([values, values]) if writer == "merged" else values
            expect_close(theirs, seen, name)
            theirs.update(values.astype(numpy.float64 if kind == "doubles" else numpy.float32))
            expect_close(theirs, numpy.concatenate([seen, values]), name)
            theirs.merge(sketch(kind, k, values))
            expect_close(theirs, numpy.concatenate([seen, values, values]), name)
    print(f"{len(cases())} quantile sketches agree with the library")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
