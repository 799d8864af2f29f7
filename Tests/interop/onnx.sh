#!/usr/bin/env bash
# Trains each family that fits it on a file, exports it as ONNX, scores every row with both, and prints the largest difference:
# onnx.sh FILE.csv[.gz] LABEL [options of `leeway learn`]. Needs Python with the packages of requirements.txt
# (LEEWAY_PYTHON, or python3); takes the program that LEEWAY names, or builds one.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
python=${LEEWAY_PYTHON:-python3}
leeway=${LEEWAY:-$root/leeway}
file=$1
label=$2
shift 2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PYTHONDONTWRITEBYTECODE=1

for family in mixture linear-mixture linear logistic softmax poisson network mlp; do
  if ! "$leeway" learn --csv "$file" --label "$label" --family "$family" --out "$folder/model" "$@" >"$folder/log" 2>&1; then
    # Of another task, or of counts where labels are none.
    grep -Eq 'is for the task|a count must be' "$folder/log" && continue
    cat "$folder/log" >&2
    exit 1
  fi
  "$leeway" models export --artifact "$folder/model" --format onnx --out "$folder/model.onnx" >>"$folder/log"
  # A version that is renewed only after the last row: the file's model scores every row as it is.
  "$leeway" learn --csv "$file" --label "$label" --warm-start "$folder/model" --publish-every 10000000 \
    --predictions "$folder/predictions.csv" "$@" >>"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
  printf '%s, %s: ' "$(basename "$file")" "$family"
  "$python" "$here/serving.py" compare "$folder/model.onnx" "$file" "$folder/predictions.csv"
done
