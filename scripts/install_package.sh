#!/usr/bin/env bash
# Install a Debian package if we may, or say what to do: install_package.sh NAME
set -euo pipefail
if [ "$(id -u)" != 0 ]; then
    echo "error: the Debian package $1 is missing; install it: sudo apt-get install $1" >&2
    exit 1
fi
command -v apt-get >/dev/null || { echo "error: $1 is missing and there is no apt-get; install it by hand" >&2; exit 1; }
echo "installing the Debian package $1"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update && apt-get install --yes --no-install-recommends "$1"; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
rm "$log"
