#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-format over every C file of ours: `format.sh -i` rewrites, `format.sh` says what differs.
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = -i ]; then
	set -- -i
else
	set -- --dry-run -Werror
fi
find include src tests examples -name '*.[ch]' -print0 | sort -z | xargs -0 -n 16 -P "$(nproc)" clang-format "$@"
