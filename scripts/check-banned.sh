#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls and outside libraries that src/ may not use, or only in the folder made for them:
# check-banned.sh [TREE].  Each rule: the files where it does not hold, what is looked for, why.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}" || exit 2

find src include -name '*.[ch]' ! -path src/base/banned.h | sort | xargs awk -f "$here/c-code.awk" -f "$here/check-banned.awk"
