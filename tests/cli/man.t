#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual's EXAMPLES do what they say, in their order, against a rehearsal.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

page=$REHOME_SOURCE/man/rehome.1
mkdir bin
ln -s "$REHOME" bin/rehome
# What a database would be given.
printf '#!/bin/sh\ncat >sql\n' >bin/psql
chmod +x bin/psql
PATH=$PWD/bin:$PATH

# example N: the N-th literal block below EXAMPLES, as a shell would be given it.
example() {
	awk -v wanted="$1" '
		/^\.Sh / { inside = $2 == "EXAMPLES" }
		inside && /^\.Ed/ { is_block = 0 }
		is_block && block == wanted { gsub(/\\e/, "\\"); print }
		inside && /^\.Bd/ { is_block = 1; block++ }' "$page"
}

# does N NAME: the N-th example ends well, every command of it.
does() {
	example "$1" >commands
	bash -e -o pipefail commands >out 2>err
	code=$?
	[ "$code" -eq 0 ] && [ -s commands ]
	verdict "$2"
}

[ "$(example 1)" = "rehome rehearse" ]
verdict "the first example is the rehearsal"
start_server --limits off
does 2 "sample, plan, apply, verify"
has "the plan asks for everybody" "100  to be created"
has "apply creates everybody" "100  created"
has "verify finds everybody" "100  verified"
does 3 "new ids for a table"
grep -q '^UPDATE "users" SET "workos_id" = ' sql && [ "$(grep -c '^WHEN ' sql)" -eq 100 ]
verdict "a statement over all of them"
does 4 "counting"
[ "$(cat out)" = 100 ]
verdict "everybody is counted once"
does 5 "undo"
has "everybody is removed again" "100  removed again"
does 4 "counting after undo"
[ "$(cat out)" = 100 ]
verdict "what was undone is not counted as created once more"
[ -z "$(example 6)" ]
verdict "these are all the examples"

# Every finding has its place.
for code in $("$REHOME" help --man | sed -n 's/^\.It Li \(RH[0-9]*\) .*/\1/p'); do
	grep -q "^\.It Li $code " "$page" || echo "$code"
done >missing
[ ! -s missing ] && [ "$(grep -c '^\.It Li RH' "$page")" -gt 50 ]
verdict "FINDINGS has every code"
[ "$(grep -c '^	X([0-9]*, ' "$REHOME_SOURCE/include/rehome/findings.h")" -eq "$(grep -c '^\.It Li RH' "$page")" ]
verdict "as many as the library has"

finish
