#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Help, version, providers, manual and completion: one set of tables, told in several forms.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

exits 0 "--version" --version
[ "$(cat out)" = "rehome 0.1.0" ] && [ ! -s err ]
verdict "the version is one line"
exits 0 "-V" -V
grep -qx 'rehome [0-9.]*' out
verdict "a letter for the version"
exits 0 "--version --json" --version --json
holds "the version as a document" '.version == "0.1.0" and .exit == 0'

exits 0 "help" help
cp out overview
exits 0 "--help" --help
cmp -s out overview
verdict "help and --help say the same"
exits 0 "help --json" help --json
holds "the document of help has commands and options" \
	'(.commands | length) > 10 and
	([.commands[] | select(.name == "plan").options[].name] | index("workos-api-key") != null)'
jq -r '.commands[].name' out >names
while read -r name; do
	grep -q "^  $name " overview
	verdict "help lists $name"
	exits 0 "help $name" help "$name"
	cp out page
	exits 0 "$name --help" "$name" --help
	cmp -s out page && head -n 1 out | grep -q "^usage: rehome $name" && [ ! -s err ]
	verdict "help $name and $name --help say the same"
	exits 0 "$name -h" "$name" -h
	cmp -s out page
	verdict "$name -h says the same"
	! awk 'length($0) > 80' page | grep -q .
	verdict "help $name fits 80 columns"
done <names
COLUMNS=50 run help plan
awk 'length($0) > 62' out | grep -q . || [ "$(wc -l <out)" -gt "$(wc -l <page)" ]
verdict "COLUMNS is heeded"

exits 0 "providers" providers
grep -q '^clerk .*yes *yes *yes' out && grep -q '^workos .*yes *yes *yes' out
verdict "which side each can be"
! grep -q ' $' out overview
verdict "no blanks at the end of a line"
exits 0 "providers workos" providers workos
has "options with their variables" "--workos-api-key KEY, WORKOS_API_KEY"
has "limits" "500 requests in 10 s"
exits 0 "providers clerk" providers clerk
has "kinds of files" "dashboard-csv"
has "troubles" "duplicate-email"
exits 0 "providers --json" providers --json
holds "providers as a document" \
	'[.providers[].name] == ([.providers[].name] | sort | unique) and ([.providers[].name] | contains(["auth0", "clerk", "csv", "firebase", "workos"])) and
	(.providers[] | select(.name == "workos") | (.limits | length) > 0 and
		(.options[] | select(.name == "workos-api-key") | .isSecret and .environment == "WORKOS_API_KEY"))'
sources=$(jq -r '.providers[] | select(.sourceFiles) | .name' out | tr '\n' ' ')
everybody=$(jq -r '.providers[].name' out | tr '\n' ' ')
exits 0 "providers NAME --json" providers clerk --json
holds "one provider" '(.providers | length) == 1 and .providers[0].sourceFiles'

# The manual's parts come from the same tables.
code=0
"$REHOME_SOURCE/scripts/gen-man" --check "$REHOME" >out 2>err
verdict "man/rehome.1 is current: scripts/gen-man"
if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning "$REHOME_SOURCE/man/rehome.1" >out 2>&1
	verdict "mandoc finds nothing in the manual"
else
	count=$((count + 1))
	echo "ok $count - mandoc finds nothing in the manual # SKIP mandoc is not installed"
fi

# completes EXPECTED WORD...
completes() {
	local expected=$1
	shift
	run --complete "$@"
	[ "$code" -eq 0 ] && [ "$(tr '\n' ' ' <out)" = "$expected" ]
	verdict "completes: $*"
}
completes "apply accounts " a
completes "$sources" plan --from ""
completes "workos " plan --from clerk --to w
completes "skip " plan --on-existing s
completes "--on-existing --on-changed --on-duplicate " plan --on-
completes "--workos-api-key --workos-api-url " plan --workos-api
completes "csv json sql " ids --format ""
completes "undo " help u
completes "$everybody" providers ""
completes "" plan -f ""

finish
