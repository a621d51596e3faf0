#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The checks of the tree, one TAP case each: lint.sh BUILD [deep] (a configured, built sanitizer build, whose
# compile commands clang-tidy reads; deep: see tidy.sh).
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
depth=${2:-quick}
said=$build/lint.said
count=0
failed=0

# try NAME COMMAND...
try() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$said" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$said"
		failed=1
	fi
}

# try_with TOOL NAME COMMAND...: a case that is skipped, visibly, where the tool is missing
try_with() {
	tool=$1
	shift
	if command -v "$tool" >/dev/null 2>&1; then
		try "$@"
	else
		count=$((count + 1))
		echo "ok $count - $1 # SKIP $tool is not installed"
	fi
}

shell_scripts() {
	find tests -name '*.t' -print0 | xargs -0 shellcheck --severity=warning .ci/run scripts/check \
		scripts/demo scripts/install-packages scripts/*.sh
}

manual_pages() {
	find man -name '*.[1-8]' | sort | while read -r page; do
		mandoc -T lint -W warning "$page"
	done | awk '{ print } END { exit NR > 0 }'
}

# gcc's own analyser, on the folders that outside bytes and stored state go through.
analyser() {
	find src/base src/read src/ledger -name '*.c' -print0 | xargs -0 -n 1 -P "$(nproc)" \
		gcc -std=gnu2x -D_GNU_SOURCE -Iinclude -Isrc -O1 -fanalyzer -Werror -c -o /dev/null
}

try "floors: who includes whom" scripts/check-floors.sh
try "names: providers below connectors/ only" scripts/check-names.sh
try "banned: calls and libraries" scripts/check-banned.sh
try "sizes: files and functions" scripts/check-sizes.sh
try "licence lines" scripts/check-spdx.sh
try_with clang-format "format" scripts/format.sh
try_with shellcheck "shell scripts" shell_scripts
try_with mandoc "manual pages" manual_pages
try_with clang-tidy "clang-tidy" scripts/tidy.sh "$build" "$depth"
try_with gcc "gcc -fanalyzer" analyser
echo "1..$count"
exit $failed
