"""A trainer for Leeway: gradient-boosted trees by LightGBM, continued from the champion's (`init_model`).

    trainer: {command: [python3, config/trainers/lightgbm.py], family: lightgbm}

The artifact is a JSON object: "model", LightGBM's own text format, and "levels", the names behind the numbers that the
model sees in columns of categories, with "columns", their order. To serve it:

    saved = json.loads(artifact)
    booster = lightgbm.Booster(model_str=saved["model"])
"""

import json
import pathlib
import sys

# This file has the name of the library that it needs.
sys.path.pop(0)

import lightgbm as lgb
import numpy as np
import pandas as pd

ROUNDS_ANEW, ROUNDS_MORE = 100, 30

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
schema = json.loads((folder / "schema.json").read_text())
champion = json.loads((folder / request["champion"]).read_text()) if request["champion"] else None

columns = {column["cell"]: column["kind"] for column in schema["columns"]}
names = [cell for cell, kind in columns.items() if kind == "categorical"]
# A column that the champion does not know would change the meaning of its trees: it waits for a model begun anew.
order = champion["columns"] if champion else list(columns)
levels = champion["levels"] if champion else {cell: {} for cell in names}


def read(part):
    cells = {"label": str} | {cell: str for cell in names}
    return pd.read_csv(folder / part / "rows.csv", dtype=cells, keep_default_na=False, na_values={c: [""] for c in columns})


def matrix(rows):
    """Numbers as they are, names by the number of their level; what is missing or was never learned is missing."""
    values = [
        rows[cell].map(levels[cell]) if cell in levels and cell in rows
        else pd.to_numeric(rows[cell], errors="coerce") if cell in rows
        else pd.Series(np.nan, rows.index)
        for cell in order
    ]
    return np.column_stack([np.asarray(value, dtype=float) for value in values])


def target(rows):
    if schema["task"] != "multiclass":
        return rows["label"].astype(float).to_numpy()
    return rows["label"].map({name: index for index, name in enumerate(schema["classes"])}).to_numpy()


training = read("training")
for cell in levels.keys() & set(training.columns):
    for level in training[cell].dropna().unique():
        levels[cell].setdefault(level, len(levels[cell]))

objective = {"binary": "binary", "regression": "regression_l1", "multiclass": "multiclass"}[schema["task"]]
parameters = {
    "objective": objective, "learning_rate": 0.05, "num_leaves": 31, "verbosity": -1,
    # The same run gives the same model: one thread, and the run's seed.
    "seed": request["seed"] % 2**31, "deterministic": True, "force_row_wise": True, "num_threads": 1,
}
if schema["task"] == "multiclass":
    parameters["num_class"] = len(schema["classes"])
data = lgb.Dataset(
    matrix(training), target(training), weight=training["weight"], free_raw_data=False,
    categorical_feature=[index for index, cell in enumerate(order) if cell in levels])
booster = lgb.train(
    parameters, data, num_boost_round=ROUNDS_MORE if champion else ROUNDS_ANEW,
    init_model=lgb.Booster(model_str=champion["model"]) if champion else None)

heads = [f"score.{name}" for name in schema["classes"]] if schema["task"] == "multiclass" else ["score"]
for part in ["validation", "golden"] if request["golden_rows"] else ["validation"]:
    rows = read(part)
    scores = booster.predict(matrix(rows), num_threads=1)
    table = pd.DataFrame(np.reshape(scores, (len(rows), len(heads))), columns=heads)
    table.insert(0, "row", rows["row"])
    table.to_csv(folder / part / "scores.csv", index=False)

saved = {"model": booster.model_to_string(), "columns": order, "levels": levels}
(folder / "artifact").write_text(json.dumps(saved))
(folder / "metrics.json").write_text(json.dumps({"trees": booster.num_trees()}))
print(f"{len(training)} rows learned, {booster.num_trees()} trees")
