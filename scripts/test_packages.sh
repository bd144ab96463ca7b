#!/bin/sh
# What tests use beyond Python: PostgreSQL, and Chromium with its driver. `make test` runs this. Installed from Debian where
# they are missing and this is root; otherwise the tests that need them are skipped, and say so.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

missing=""
has chromium || missing="$missing chromium"
has chromedriver || missing="$missing chromium-driver"
has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! has apt-get || [ -n "${COUNTERSIGN_NO_INSTALL:-}" ]; then
    echo "Not installed:$missing. Tests that need them are skipped."
    exit 0
fi

# The tests start a PostgreSQL of their own: the package need not make one and run it.
conf=/etc/postgresql-common/createcluster.conf
if [ ! -e "$conf" ]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >"$conf"
fi

echo "Installing$missing."
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of packages
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1; then
    echo "They could not be installed. Tests that need them are skipped."
fi
