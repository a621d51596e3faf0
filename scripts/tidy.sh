#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over src/ and examples/: tidy.sh BUILD [deep].  A file that passed is not looked at again until it,
# a header of ours, .clang-tidy or the compile commands change; the stamps lie in BUILD/tidy.
# The analyser follows as many states of a function as its own default allows only where that is asked for (deep, as
# `make lint` does): they take two thirds of the whole time.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
depth=${2:-quick}
stamps=$build/tidy-$depth
mkdir -p "$stamps"

# gcc's own warning options mean nothing to clang.
TIDY_ARGS="-p $build --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Qunused-arguments"
if [ "$depth" = quick ]; then
	TIDY_ARGS="$TIDY_ARGS --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=50000"
fi
export TIDY_ARGS
common=$(find src include tests -name '*.h' -print0 | sort -z | xargs -0 cat .clang-tidy "$build/meson-info/intro-buildoptions.json" | sha256sum)
export common stamps

# Files that the build compiles, but for generated ones; what a build leaves out cannot be looked at.
jq -r '.[].file' "$build/compile_commands.json" | sed 's|^\.\./\.\./||; s|^'"$PWD"'/||' |
	grep -E '^(src|examples)/.*\.c$' | sort -u | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
	xargs -n 1 -P "$(nproc)" sh -c '
		stamp=$stamps/$(echo "$1" | tr / _).ok
		now=$(echo "$common" | cat - "$1" | sha256sum)
		if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
			exit 0
		fi
		# shellcheck disable=SC2086 # the words of TIDY_ARGS are the arguments
		said=$(clang-tidy $TIDY_ARGS "$1" 2>&1)
		if [ $? -eq 0 ]; then
			echo "$now" >"$stamp"
		else
			echo "$said" | grep -v "warnings generated\|Suppressed\|Use -header-filter\|note: "
			exit 1
		fi
	' tidy
