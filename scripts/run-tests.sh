#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All tests of a sanitizer build, then lint; counts single TAP cases: run-tests.sh BUILD RELEASE
# RELEASE is a release build whose warnings are errors; tests that install, or need the speed, use it.
# The last line is `N passed, N failed, N skipped`; exit 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
REHOME_RELEASE=$PWD/$2
export REHOME_RELEASE

stop() {
	echo "$1" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

ninja -C "$REHOME_RELEASE" --quiet || stop "the release build failed"
ninja -C "$build" --quiet || stop "the sanitizer build failed"
log=$build/meson-logs/testlog.json
rm -f "$log"
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$(nproc)"
[ -s "$log" ] || stop "the tests did not run"

scripts/lint.sh "$build" >"$build/lint.tap"
lint=$?
cat "$build/lint.tap"

# One line for each test program: what became of it, its name; behind it its TAP lines.
{
	jq -r '"@ \(.result) \(.name)", .stdout' "$log"
	if [ $lint -eq 0 ]; then
		echo "@ OK lint"
	else
		echo "@ FAIL lint"
	fi
	cat "$build/lint.tap"
} | awk -f scripts/count-tap.awk
