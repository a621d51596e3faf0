#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file that people write here names its licence within its first three lines, and a C file says in
# its next line what it is for: check-spdx.sh [TREE]
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

find . \( -path ./build -o -path ./.git -o -path ./.rehome -o -name node_modules -o -path ./tests/data \
	-o -path ./tests/fuzz/corpus -o -path ./changes -o -path ./samples \) -prune -o -type f \
	! -name '*.md' ! -name '*.json' ! -name '*.dict' ! -name LICENSE ! -name .env -print |
	sort | while read -r file; do
	awk '
	FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { spdx = FNR }
	spdx > 0 && FNR == spdx + 1 { said = $0 }
	FNR > 4 { exit }
	END {
		if (!spdx) {
			printf "%s:1: no SPDX line: the first lines say \"SPDX-License-Identifier: Apache-2.0\"\n", FILENAME
			exit 1
		}
		if (FILENAME ~ /\.[ch]$/ && said !~ /^\/\*/) {
			printf "%s:%d: no sentence behind the SPDX line: say what the file is for\n", FILENAME, spdx + 1
			exit 1
		}
	}' "$file" || echo x
done | awk '
$0 == "x" { failed = 1; next }
{ print }
END { exit failed }'
