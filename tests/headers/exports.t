#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shared library exports rh_ names and nothing else, and each is declared in a public header.
set -u

nm -D --defined-only "$1" | awk '{ print $3 }' | sort -u >"${TMPDIR:-/tmp}/rehome-exports.$$"
trap 'rm -f "${TMPDIR:-/tmp}/rehome-exports.$$"' EXIT
exports=${TMPDIR:-/tmp}/rehome-exports.$$

echo 1..3
if [ -s "$exports" ]; then
	echo "ok 1 - something is exported"
else
	echo "not ok 1 - something is exported"
fi
if grep -v '^rh_' "$exports" | sed 's/^/# /' | grep .; then
	echo "not ok 2 - every exported name begins with rh_"
else
	echo "ok 2 - every exported name begins with rh_"
fi
undeclared=0
while read -r symbol; do
	if ! grep -qw "$symbol" "$REHOME_SOURCE"/include/rehome/*.h; then
		echo "# $symbol is in no public header"
		undeclared=1
	fi
done <"$exports"
if [ $undeclared -eq 0 ]; then
	echo "ok 3 - every exported name is declared in a public header"
else
	echo "not ok 3 - every exported name is declared in a public header"
fi
