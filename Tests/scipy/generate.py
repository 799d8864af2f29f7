"""Writes Tests/DriftTests/SciPyCases.swift: what NumPy and SciPy say of samples that the Swift tests make again.

Run with the packages of requirements.txt, from the repository's root:

    python Tests/scipy/generate.py > Tests/DriftTests/SciPyCases.swift

A line of `numbers` is a recipe for two samples and the expected figures; samples come from SplitMix64 by arithmetic
that IEEE 754 defines to the last bit, so both languages make the same. A line of `counts` holds two rows of counts.
"""

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

MASK = (1 << 64) - 1


def uniforms(seed, count):
    state, values = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        values.append(((z ^ (z >> 31)) >> 11) * 2.0**-53)
    return np.array(values)


SHAPES = {
    "uniform": lambda u: u,
    "square": lambda u: u * u,
    "tail": lambda u: 1 / (1 - u),
    "coarse": lambda u: np.floor(u * 8) / 4,
    "zeros": lambda u: np.where(u < 0.9, 0.0, u),
    "constant": lambda u: u * 0 + 5,
}


def sample(shape, seed, count, scale, shift):
    return SHAPES[shape](uniforms(seed, count)) * scale + shift


def words(*figures):
    return " ".join(repr(float(figure)) for figure in figures)


def numbers():
    cases = [
        (shape, n, other, m, scale, shift)
        for shape, other, scale, shift in [
            ("uniform", "uniform", 1.0, 0.0),
            ("uniform", "uniform", 1.0, 0.25),
            ("uniform", "square", 2.0, -0.5),
            ("square", "tail", 1.0, 0.0),
            ("tail", "tail", 1.0, 0.0),
            ("coarse", "coarse", 1.0, 0.25),
            ("coarse", "uniform", 2.0, 0.0),
            ("zeros", "zeros", 1.0, 0.0),
            ("zeros", "uniform", -1.0, 1e6),
            ("uniform", "constant", 1.0, 0.0),
        ]
        for n, m in [(1, 1), (2, 5), (7, 3), (40, 40), (150, 90), (1000, 300), (700, 5000)]
    ]
    for seed, (shape, n, other, m, scale, shift) in enumerate(cases):
        a, b = sample(shape, 2 * seed, n, 1.0, 0.0), sample(other, 2 * seed + 1, m, scale, shift)
        spread = np.std(a)
        gap = stats.ks_2samp(a, b, method="asymp").statistic
        exact = stats.ks_2samp(a, b, method="exact").pvalue if n * m <= 40_000 else float("nan")
        limit = stats.kstwobign.sf(np.sqrt(n * m / (n + m)) * gap)
        distance = stats.wasserstein_distance(a, b)
        if spread > 0:
            normalised, energy = distance / spread, stats.energy_distance(a / spread, b / spread)
        else:
            normalised = energy = 0.0 if distance == 0 else float("inf")
        outside = np.mean((b < a.min()) | (b > a.max()))
        print(
            f"    {shape} {2 * seed} {n} {other} {2 * seed + 1} {m} {scale!r} {shift!r}",
            words(gap, exact, limit, distance, normalised, energy, outside),
        )


def divergences(r, c):
    occupied = (r + c) > 0
    epsilon, bins = 1 / (r.sum() + c.sum()), occupied.sum()
    p, q = r / r.sum(), c / c.sum()
    ps, qs = [(x + epsilon)[occupied] / (1 + bins * epsilon) for x in (p, q)]
    table = np.array([r, c])[:, occupied]
    hellinger = np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2)
    # Both rows weighed alike: the table of shares, whose chi-square divided by its sum is the square of Cramér's V.
    shares = np.array([p, q])[:, occupied]
    v = np.sqrt(stats.chi2_contingency(shares, correction=False).statistic / 2) if bins > 1 else 0.0
    pearson = stats.chi2_contingency(table, correction=False)
    ratio = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    return words(
        stats.entropy(ps, qs) + stats.entropy(qs, ps), jensenshannon(r, c) ** 2 if bins > 1 else 0.0,
        stats.entropy(qs, ps), hellinger, np.abs(p - q).sum() / 2, v, pearson.statistic, ratio.statistic,
        pearson.dof, pearson.pvalue,
    )


def counts():
    cases = [
        ([10, 20, 30, 40], [40, 30, 20, 10]),
        ([100, 0, 0], [0, 0, 50]),
        ([5, 5, 0, 90], [500, 480, 0, 20]),
        ([1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]),
        ([1000, 1], [990, 11]),
        ([7], [3]),
        ([3, 1, 2], [300, 100, 200]),
        ([0, 10], [10, 0]),
    ]
    for seed, (bins, rows, other) in enumerate([(3, 50, 50), (12, 500, 2000), (33, 10_000, 700), (70, 400, 100_000)]):
        cells = [np.floor(bins * uniforms(100 + 2 * seed + side, n) ** (1 + side)) for side, n in enumerate((rows, other))]
        cases.append([np.bincount(x.astype(int), minlength=bins).tolist() for x in cells])
    for r, c in cases:
        print(f"    {','.join(map(str, r))} {','.join(map(str, c))}", divergences(np.array(r), np.array(c)))


print(f"/// Written by Tests/scipy/generate.py with NumPy {np.__version__} and SciPy {scipy.__version__}.")
print("enum SciPyCases {")
print("  /// Shape, seed and size of the reference and of the current sample, the latter's scale and shift; gap, its exact")
print("  /// and its asymptotic probability, Wasserstein distance, the same and the energy distance normalised, share out")
print("  /// of range.")
print('  static let numbers = """')
numbers()
print('    """')
print()
print("  /// Counts of both sides; PSI, Jensen-Shannon, Kullback-Leibler, Hellinger, total variation, Cramér's V, chi-square,")
print("  /// likelihood ratio, degrees of freedom, probability.")
print('  static let counts = """')
counts()
print('    """')
print("}")
