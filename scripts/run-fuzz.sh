#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every libFuzzer target of a build for some seconds each: run-fuzz.sh BUILD SECONDS
# New inputs stay below BUILD; a crash stops the run and its input is named, to be put into the corpus.
set -eu
cd "$(dirname "$0")/.."
build=$1
seconds=$2

ran=0
for target in "$build"/tests/fuzz/fuzz_*; do
	if [ ! -x "$target" ] || [ -d "$target" ]; then
		continue
	fi
	name=${target##*/fuzz_}
	found=$build/corpus/$name
	mkdir -p "$found"
	dictionary=tests/fuzz/$name.dict
	echo "== $name, $seconds s"
	"$target" -max_total_time="$seconds" -max_len=65536 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$build/crash-$name-" \
		${dictionary:+$([ -e "$dictionary" ] && echo "-dict=$dictionary")} \
		"$found" "tests/fuzz/corpus/$name"
	ran=$((ran + 1))
done
if [ $ran -eq 0 ]; then
	echo "run-fuzz: $build has no fuzz target" >&2
	exit 1
fi
