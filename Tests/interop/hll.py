"""Distinct counts between Leeway and Apache DataSketches: python hll.py FOLDER write|check

`write` leaves images of the library in the folder, for the Swift suite to read; `check` reads what that suite left.
A file's name says what it holds: hll-WRITER-LGK-BITS-KIND-COUNT.bin, the first COUNT values of a kind.
"""

import pathlib
import sys

from datasketches import hll_sketch, hll_union, tgt_hll_type

TYPES = {"4": tgt_hll_type.HLL_4, "6": tgt_hll_type.HLL_6, "8": tgt_hll_type.HLL_8}
SIZES = [4, 8, 12]
COUNTS = [0, 1, 5, 100, 20_000]
VALUES = {
    "integers": lambda index: index * 7 - 3,
    "numbers": lambda index: index / 8 - 1,
    "texts": lambda index: f"value {index}" if index % 2 else f"a value of more than sixteen bytes, {index}",
}


def sketch(lg_k, bits, kind, indices):
    made = hll_sketch(lg_k, TYPES[bits])
    for index in indices:
        made.update(VALUES[kind](index))
    return made


def cases():
    return [(k, b, kind, n) for k in SIZES for b in TYPES for kind in VALUES for n in COUNTS]


def write(folder):
    for lg_k, bits, kind, count in cases():
        made = sketch(lg_k, bits, kind, range(count))
        name = f"{lg_k}-{bits}-{kind}-{count}.bin"
        (folder / f"hll-library-{name}").write_bytes(made.serialize_compact())
        (folder / f"hll-updatable-{name}").write_bytes(made.serialize_updatable())


def check(folder):
    for lg_k, bits, kind, count in cases():
        name = f"{lg_k}-{bits}-{kind}-{count}.bin"
        image = (folder / f"hll-leeway-{name}").read_bytes()
        theirs = hll_sketch.deserialize(image)
        own = sketch(lg_k, bits, kind, range(count))
        assert theirs.get_estimate() == own.get_estimate(), name
        for deviations in (1, 2, 3):
            assert theirs.get_lower_bound(deviations) == own.get_lower_bound(deviations), name
            assert theirs.get_upper_bound(deviations) == own.get_upper_bound(deviations), name
        assert canonical(image, lg_k, bits) == canonical(bytes(own.serialize_compact()), lg_k, bits), name
        # Each value counts once, whoever counted it, and updates go on where the other stopped.
        shifted = range(count // 2, count // 2 + count)
        union = hll_union(lg_k)
        union.update(own)
        union.update(theirs)
        union.update(sketch(lg_k, bits, kind, shifted))
        for index in shifted:
            theirs.update(VALUES[kind](index))
        registers = union.get_result(tgt_hll_type.HLL_8)
        again = hll_union(lg_k)
        again.update(registers)
        again.update(theirs)
        assert again.get_estimate() == estimate_of(registers), name
        merged = hll_sketch.deserialize((folder / f"hll-merged-{name}").read_bytes())
        error = 1.04 / 2 ** (lg_k / 2)
        assert abs(merged.get_estimate() - registers.get_estimate()) <= 0.5 * error * registers.get_estimate() + 0.01, name
        library = hll_union(lg_k)
        library.update(merged)
        library.update(registers)
        assert registers_of(library) == registers_of(again), name
    print(f"{len(cases())} distinct counts agree with the library")


def estimate_of(registers):
    union = hll_union(registers.lg_config_k)
    union.update(registers)
    union.update(registers)
    return union.get_estimate()


def registers_of(union):
    image = bytes(union.get_result(tgt_hll_type.HLL_8).serialize_compact())
    return canonical(image, union.lg_config_k, "8")[1:]


def canonical(image, lg_k, bits):
    """Preamble, registers, and in ascending order what the library lists in the order of a hash table."""
    start = 4 * image[0]
    end = start + {"4": 1 << lg_k - 1, "6": (3 << lg_k - 2) + 1, "8": 1 << lg_k}[bits] if image[0] == 10 else start
    return image[:start], image[start:end], sorted(image[at : at + 4] for at in range(end, len(image), 4))


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
