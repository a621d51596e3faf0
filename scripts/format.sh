#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-format over every C file of ours: `format.sh -i` rewrites, `format.sh` says what differs.
set -eu
cd "$(dirname "$0")/.."
ours() {
	find include src tests examples -name '*.[ch]' -print0 2>/dev/null | sort -z
}
if [ "${1:-}" = -i ]; then
	ours | xargs -0 clang-format -i
else
	# One line for each place is too much to read: the first of each file will do.
	ours | xargs -0 -n 16 -P "$(nproc)" clang-format --dry-run 2>&1 |
		awk -F: '/ warning: | error: / && !seen[$1]++ { print $1 ":" $2 ": is not as `make format` writes it" }
			END { exit length(seen) > 0 }'
fi
