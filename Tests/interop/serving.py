"""Models that Leeway wrote as ONNX, scored by onnxruntime: python serving.py FOLDER write|check

The Swift suite leaves MODEL.onnx and, beside it, MODEL.json: the raw columns of some rows as texts, and Leeway's own
scores of them. `check` scores the rows with the runtime and compares. `write` has nothing to leave.

python serving.py compare MODEL.onnx ROWS.csv[.gz] PREDICTIONS.csv   does the same for a file and what
`leeway learn --predictions` made of it; `onnx.sh` calls it so, and prints the largest difference.
"""

import csv
import gzip
import json
import pathlib
import re
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-5
BATCH = 4_096
MISSING = {"", "?", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None"}
DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def session(path):
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain for entry in model.opset_import} <= {"", "ai.onnx.ml"}, path
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def scores(runtime, columns):
    """`columns` has the texts of each input."""
    tensors = {}
    for port in runtime.get_inputs():
        texts = columns[port.name]
        if port.type == "tensor(string)":
            tensors[port.name] = numpy.array(texts, dtype=object).reshape(-1, 1)
        else:
            tensors[port.name] = numpy.array([float(text) for text in texts]).reshape(-1, 1)
    rows = len(next(iter(tensors.values())))
    [output] = runtime.get_outputs()
    parts = []
    for start in range(0, rows, BATCH):
        batch = {name: tensor[start : start + BATCH] for name, tensor in tensors.items()}
        parts.append(runtime.run([output.name], batch)[0])
    return numpy.concatenate(parts)


def difference(found, expected, name):
    assert found.shape == expected.shape, (name, found.shape, expected.shape)
    assert numpy.isfinite(found).all() and numpy.isfinite(expected).all(), name
    return float(numpy.abs(found - expected).max())


def write(folder):
    pass


def check(folder):
    worst, rows, models = 0.0, 0, 0
    for path in sorted(folder.glob("*.onnx")):
        left = json.loads(path.with_suffix(".json").read_text())
        runtime = session(path)
        expected = numpy.array([[float(text) for text in row] for row in left["scores"]])
        worst = max(worst, difference(scores(runtime, left["columns"]), expected, path))
        alone = {name: texts[:1] for name, texts in left["columns"].items()}
        worst = max(worst, difference(scores(runtime, alone), expected[:1], path))
        rows += len(expected)
        models += 1
    assert models > 0 and worst <= TOLERANCE, (models, worst)
    print(f"{models} models as ONNX, {rows} rows: onnxruntime differs by {worst:.1e} at most")


def number(cell):
    text = cell.strip()
    return float(text) if DECIMAL.fullmatch(text) else None


def name(cell):
    """A cell of a column of names as Leeway takes it: a number in its shortest decimal text."""
    value = number(cell)
    if value is None:
        return "" if cell.strip() in MISSING else cell.strip()
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)


def compare(model, rows, predictions):
    runtime = session(model)
    unpack = gzip.open if rows.endswith(".gz") else open
    with unpack(rows, "rt", newline="") as file:
        table = list(csv.DictReader(file))
    with open(predictions, newline="") as file:
        said = list(csv.reader(file))[1:]
    columns = {}
    for port in runtime.get_inputs():
        cells = [row[port.name] for row in table]
        if port.type == "tensor(string)":
            columns[port.name] = [name(cell) for cell in cells]
        else:
            columns[port.name] = ["nan" if number(cell) is None else cell for cell in cells]
    expected = numpy.array([[float(text) for text in row[2:]] for row in said])
    worst = difference(scores(runtime, columns), expected, model)
    print(f"{len(expected)} rows, largest difference {worst:.1e}")
    assert worst <= TOLERANCE, worst


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        compare(*sys.argv[2:5])
    else:
        {"write": write, "check": check}[sys.argv[2]](pathlib.Path(sys.argv[1]))
