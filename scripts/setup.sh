#!/usr/bin/env bash
# Make the Python environment: setup.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2
command -v "$python" >/dev/null || { echo "error: $python is missing; install it first" >&2; exit 1; }
# Debian keeps what venv needs in a package of its own
"$python" -c 'import ensurepip' 2>/dev/null || "$(dirname "$0")/install_package.sh" "$python-venv"
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
echo "setting up $folder from requirements.txt; the first time this takes a few minutes"
# pip names each package that it looks at: enough to show that it is getting on
"$folder/bin/python" -m pip install --disable-pip-version-check --progress-bar off -r requirements.txt |
    awk '/^Collecting|^Requirement already/ { printf "\r%4d packages found", ++n; fflush() }
         /^Installing collected/ { printf ", installing them"; fflush() }
         END { print "" }'
