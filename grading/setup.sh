#!/usr/bin/env bash
# Make the Python environment: setup.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2
command -v "$python" >/dev/null || { echo "error: $python is missing; install it first" >&2; exit 1; }
# Debian keeps what venv needs in a package of its own
"$python" -c 'import ensurepip' 2>/dev/null || "$(dirname "$0")/install_package.sh" "$python-venv"
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
echo "installing requirements.txt into $folder (a few minutes the first time)"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
