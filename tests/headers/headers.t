#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles each header given as the only include of a file, as C11 and as C++11.
set -u

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0

# case NAME COMMAND...: one TAP line; what the command said goes into comments.
try() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/said" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$work/said"
	fi
}

include=$REHOME_SOURCE/include
for header in "$@"; do
	name=rehome/$(basename "$header")
	printf '#include <%s>\nint main(void);\nint main(void) { return 0; }\n' "$name" >"$work/alone.c"
	printf '#include <%s>\n#include <%s>\nint main() { return 0; }\n' "$name" "$name" >"$work/alone.cc"
	try "$name alone in C11" ${CC:-cc} -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
		-pedantic -Werror -I"$include" -fsyntax-only "$work/alone.c"
	if command -v "${CXX:-c++}" >/dev/null; then
		try "$name alone in C++11" "${CXX:-c++}" -std=c++11 -Wall -Wextra -pedantic -Werror \
			-I"$include" -fsyntax-only "$work/alone.cc"
	else
		count=$((count + 1))
		echo "ok $count - $name alone in C++11 # SKIP no C++ compiler"
	fi
done
echo "1..$count"
