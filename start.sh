#!/bin/sh
# Starts Baton's demo: a server on this machine, and a browser that plays its film.
cd "$(dirname "$0")" || exit 1
if [ -x ./baton ]; then exec ./baton demo "$@"; fi
if command -v go >/dev/null 2>&1; then exec go run ./cmd/baton demo "$@"; fi
echo "Neither the program baton is here nor Go, which makes it: https://go.dev/dl" >&2
exit 1
