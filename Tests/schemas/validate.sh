#!/usr/bin/env bash
# Runs validate.py, which must have PyYAML and jsonschema. Takes, in this order: the interpreter that LEEWAY_PYTHON
# names; the packages of requirements.txt, installed once under .build; the system's own packages.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
script=$here/validate.py
modules='import yaml; from jsonschema import Draft202012Validator'

die() {
  printf '%s\n' "validate.sh: $1" \
    "Install Python 3.9 or newer with venv (Debian, Ubuntu: apt-get install python3-venv; macOS: brew install python)" \
    "and let it reach a package index, or install the packages yourself (apt-get install python3-jsonschema" \
    "python3-yaml), or set LEEWAY_PYTHON to an interpreter that has them." >&2
  exit 3
}

if [ -n "${LEEWAY_PYTHON:-}" ]; then
  "$LEEWAY_PYTHON" -c "$modules" || die "LEEWAY_PYTHON=$LEEWAY_PYTHON lacks PyYAML or jsonschema."
  exec "$LEEWAY_PYTHON" "$script" "$@"
fi
command -v python3 >/dev/null 2>&1 || die "there is no python3 on the PATH."

# One folder per interpreter and list of packages. It appears by a rename, so that it is whole or not there.
version=$(python3 -c 'import sys, sysconfig; print("%d.%d-%s" % (*sys.version_info[:2], sysconfig.get_platform()))')
install=(-m pip install --quiet --retries 1 --timeout 15 -r "$here/requirements.txt" --target)
packages=$here/../../.build/schemas/$version-$(cksum <"$here/requirements.txt" | cut -d' ' -f1)

install_packages() {
  local new=$packages.$$
  mkdir -p "$(dirname "$packages")"
  if ! python3 "${install[@]}" "$new" >"$log" 2>&1; then
    rm -rf "$new"
    if ! { python3 -m venv "$new.venv" && "$new.venv/bin/python3" "${install[@]}" "$new"; } >>"$log" 2>&1; then
      rm -rf "$new" "$new.venv"
      return 1
    fi
  fi
  rm -rf "$new.venv"
  # Another process may have been first. GNU and BSD mv would move into its folder, so rename(2) itself is asked.
  python3 -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$new" "$packages" 2>/dev/null || rm -rf "$new"
}

if [ ! -d "$packages" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! install_packages && ! python3 -c "$modules" >/dev/null 2>&1; then
    tail -n 5 "$log" >&2
    die "PyYAML and jsonschema are not there and cannot be installed."
  fi
  rm -f "$log"
fi
[ ! -d "$packages" ] || export PYTHONPATH=$packages
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$script" "$@"
