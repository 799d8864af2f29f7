#!/usr/bin/env bash
# Exchanges sketches with Apache DataSketches' Python package, in both directions, and has onnxruntime score what was
# exported: each script of this folder leaves sketches of the library, the Swift suites named Interop read them and leave
# their own, each script checks those. And runs the examples under config/trainers with LightGBM and scikit-learn, and the
# mirror with an MLflow server (mlflow-skinny with what its server imports).
# Takes the interpreter that LEEWAY_PYTHON names, or installs the packages of requirements.txt under .build, once.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
python=${LEEWAY_PYTHON:-}

if [ -z "$python" ]; then
  environment=$root/.build/interop/$(cksum <"$here/requirements.txt" | cut -d' ' -f1)
  python=$environment/bin/python3
  if ! "$python" -c 'import datasketches, lightgbm, mlflow, numpy, onnx, onnxruntime, pandas, sklearn' 2>/dev/null; then
    rm -rf "$environment"
    mkdir -p "$(dirname "$environment")"
    python3 -m venv "$environment"
    "$python" -m pip install --quiet --retries 1 --timeout 15 -r "$here/requirements.txt"
  fi
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PYTHONDONTWRITEBYTECODE=1

for script in "$here"/*.py; do "$python" "$script" "$folder" write; done
LEEWAY_INTEROP=$folder LEEWAY_INTEROP_PYTHON=$python swift test --package-path "$root" --filter Interop "$@"
for script in "$here"/*.py; do "$python" "$script" "$folder" check; done
