"""A trainer for Leeway: a linear model by scikit-learn's stochastic gradient descent, continued by `partial_fit`.

    trainer: {command: [python3, config/trainers/sklearn.py], family: sklearn-sgd}

The artifact is a pickle, as scikit-learn's own documentation has it: load what you trust, with the versions that wrote it.
It holds "model", "scaler" and "columns"; rows become numbers as in `matrix` below.
"""

import json
import pathlib
import pickle
import sys

# This file has the name of the library that it needs.
sys.path.pop(0)

import numpy as np
import pandas as pd
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.preprocessing import StandardScaler

EPOCHS, BUCKETS = 20, 64

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
schema = json.loads((folder / "schema.json").read_text())
saved = pickle.loads((folder / request["champion"]).read_bytes()) if request["champion"] else None
columns = saved["columns"] if saved else schema["columns"]
numbers = [column["cell"] for column in columns if column["kind"] == "numeric"]
names = [column["cell"] for column in columns if column["kind"] != "numeric"]
isClassifier = schema["task"] != "regression"


def read(part):
    cells = {"label": str} | {cell: str for cell in names}
    rows = pd.read_csv(folder / part / "rows.csv", dtype=cells, keep_default_na=False, na_values={c: [""] for c in numbers})
    return rows.reindex(columns=rows.columns.union(numbers + names, sort=False))


def matrix(rows):
    """Numbers, whether they are missing, and names hashed into buckets: new levels need no new columns."""
    values = rows[numbers].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    hasher = FeatureHasher(BUCKETS, input_type="string")
    levels = [[f"{cell}={value}" for cell, value in zip(names, row)] for row in rows[names].to_numpy()]
    return np.hstack([np.nan_to_num(values), np.isnan(values), hasher.transform(levels).toarray()])


training = read("training")
if saved is None:
    # The default schedule of the rate is for one fit over all rows; a constant one goes on learning.
    options = {"learning_rate": "constant", "eta0": 0.01, "random_state": request["seed"] % 2**32}
    model = SGDClassifier(loss="log_loss", **options) if isClassifier else SGDRegressor(**options)
    saved = {"model": model, "scaler": StandardScaler(), "columns": columns}
model, scaler = saved["model"], saved["scaler"]

x = matrix(training)
y = training["label"] if isClassifier else training["label"].astype(float)
classes = (schema.get("classes") or ["0", "1"]) if isClassifier else None
scaler.partial_fit(x)
order = np.random.default_rng(request["seed"])
for _ in range(EPOCHS):
    chosen = order.permutation(len(x))
    more = {"classes": classes} if isClassifier else {}
    model.partial_fit(scaler.transform(x[chosen]), y.to_numpy()[chosen], **more)

for part in ["validation", "golden"] if request["golden_rows"] else ["validation"]:
    rows = read(part)
    inputs = scaler.transform(matrix(rows))
    if isClassifier:
        chances = pd.DataFrame(model.predict_proba(inputs), columns=model.classes_)
        table = chances[classes].add_prefix("score.") if schema["task"] == "multiclass" else pd.DataFrame({"score": chances["1"]})
    else:
        table = pd.DataFrame({"score": model.predict(inputs)})
    table.insert(0, "row", rows["row"])
    table.to_csv(folder / part / "scores.csv", index=False)

(folder / "artifact").write_bytes(pickle.dumps(saved))
(folder / "metrics.json").write_text(json.dumps({"steps": float(model.t_)}))
print(f"{len(training)} rows learned in {EPOCHS} epochs")
