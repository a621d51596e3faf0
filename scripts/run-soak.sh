#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What takes too long for every change: run-soak.sh BUILD RELEASE [KILLS] [SECONDS]
# Kills at KILLS (1,000) random moments, for SECONDS (3,600) at most; then a disk that is full or broken at every
# single write and sync, and memory that runs out at every 13th allocation.  The last line is as of run-tests.sh.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$PWD/$1
REHOME_RELEASE=$PWD/$2
export REHOME_RELEASE
export REHOME_KILLS="${3:-1000}" REHOME_SOAK_SECONDS="${4:-3600}" REHOME_SOAK=1

ninja -C "$REHOME_RELEASE" --quiet && ninja -C "$build" --quiet || exit 1
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes 1 --timeout-multiplier 30 random badday
failed=$?
jq -r '"@ \(.result) \(.name)", .stdout' "$build/meson-logs/testlog.json" | tee "$build/soak.tap" | grep '^#'
awk -f scripts/count-tap.awk "$build/soak.tap" && exit $failed
