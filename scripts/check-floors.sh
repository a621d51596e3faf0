#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file includes its own folder, <rehome/...> and lower floors, nothing else: check-floors.sh [TREE]
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

find src include -name '*.[ch]' | sort | while read -r file; do
	awk -v file="$file" '
	BEGIN {
		split("base account config crypto events jq db mapping net connectors ledger read snapshot archive plan engine lib rehearsal cli", names)
		split("0 1 1 1 1 1 2 2 2 3 3 3 3 4 4 5 6 7 8", numbers)
		for (i in names) {
			floor[names[i]] = numbers[i]
		}
		split(file, part, "/")
		is_public = part[1] == "include"
		own = part[2]
		is_known = is_public || own in floor
		provider = own == "connectors" && part[4] != "" ? part[3] : ""
		is_rehearsal = provider != "" && file ~ /_rehearse[a-z_]*\.[ch]$/
		if (is_rehearsal) {
			own = "rehearsal"
		}
		own_floor = floor[own]
		if (!is_known) {
			complain(0, "folder \"" own "\" is on no floor", "add it to scripts/check-floors.sh and to the list in src/meson.build")
		}
	}
	function complain(line, what, why)
	{
		printf "%s:%d: %s: %s\n", file, line, what, why
		failed = 1
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, cut, "\"")
		path = cut[2]
		split(path, to, "/")
		what = "includes \"" path "\""
		if (is_public) {
			complain(FNR, what, "public headers include <rehome/...> and the system only")
		} else if (path ~ /\.c$/) {
			complain(FNR, what, "a .c file is compiled, never included")
		} else if (!(to[1] in floor) || path !~ /\//) {
			complain(FNR, what, "own headers are written from src/ on, as \"base/buf.h\"")
		} else if (is_rehearsal && path ~ /_map\.h$/) {
			complain(FNR, what, "a rehearsal shares no mapping with its connector, or both would be wrong alike")
		} else if (to[1] == "connectors" && to[3] != "" && provider != "" && to[2] != provider) {
			complain(FNR, what, "one provider knows nothing of another")
		} else if (to[1] == "rehearsal" && own == "connectors") {
			complain(FNR, what, "only *_rehearse.c stands on the floor of the rehearsal")
		} else if (to[1] != own && floor[to[1]] >= own_floor) {
			complain(FNR, what, "floor " own_floor " (" own ") may include lower floors only, and " to[1] " is on floor " floor[to[1]])
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*<rehome\// {
		if (own == "base" && !is_public && $0 !~ /<rehome\/types\.h>/) {
			complain(FNR, $0, "base/ knows nothing of accounts: of the public headers it may use types.h alone")
		}
	}
	END { exit failed }' "$file" || echo x >&3
done 3>"${TMPDIR:-/tmp}/check-floors.$$"
failed=$(wc -l <"${TMPDIR:-/tmp}/check-floors.$$")
rm -f "${TMPDIR:-/tmp}/check-floors.$$"
[ "$failed" -eq 0 ]
