#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No file over 900 lines, no function over 100, in our C: check-sizes.sh [TREE]
# A function is what stands between braces in the first column.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

find include src tests examples -name '*.[ch]' 2>/dev/null | sort | xargs awk '
function complain(file, line, what, why)
{
	printf "%s:%d: %s: %s\n", file, line, what, why
	failed = 1
}
function close_file()
{
	if (last_file != "" && last_line > 900) {
		complain(last_file, last_line, "has " last_line " lines", "900 is the most; split it by subject")
	}
}
FNR == 1 {
	close_file()
	opened = 0
}
/^\{/ {
	opened = FNR
}
/^\}/ {
	if (opened > 0 && FNR - opened + 1 > 100) {
		complain(FILENAME, opened, "a function of " (FNR - opened + 1) " lines", "100 is the most; name its parts")
	}
	opened = 0
}
{
	last_file = FILENAME
	last_line = FNR
}
END {
	close_file()
	exit failed
}'
