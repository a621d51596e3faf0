#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/automation.md: its commands, run in their order as one migration.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

mkdir bin
ln -s "$REHOME" bin/rehome
PATH=$PWD/bin:$PATH
awk '/^```sh$/ { inside = 1; print "# block " ++n; next } /^```$/ { inside = 0 } inside' "$REHOME_SOURCE/docs/automation.md" |
	sed 's/rehearse workos --port 0/& --limits off/' >commands
[ "$(grep -c '^# block' commands)" -eq 8 ]
verdict "there are eight pieces"
timeout 120 bash -e -o pipefail commands >out 2>err
code=$?
[ ! -e rehearsal.pid ] || kill "$(cat rehearsal.pid)" 2>/dev/null
[ "$code" -eq 0 ]
verdict "they run, one after the other"
cp out said
for name in plan consent apply verify undo; do
	holds_of '.schema == 1 and (.exit | type == "number")' <$name.json || echo "$name"
done >out
[ ! -s out ]
verdict "each of them is one document"
holds_of '.plan.create > 40 and (.findings | length) > 5 and all(.findings[]; .code and .severity and .count and .what and .todo)' <plan.json
verdict "the plan: counts and findings"
holds_of '.exit == 2 and .error.code == "consent" and (.next | startswith("rehome apply --plan 1 ") and endswith("--yes"))' <consent.json
verdict "without consent: exit 2, and the command"
total=$(jq .plan.create plan.json)
holds_of ".run.created == $total" <apply.json && holds_of ".run.verified == $total and .run.differs == 0 and .run.missing == 0" <verify.json
verdict "apply and verify: everybody"
jq -e -s 'length > 0 and all(.event)' progress.ndjson >out
verdict "progress: lines of JSON"
grep -qx "$total" said && [ "$(grep -c '^WHEN' ids.sql)" -eq "$total" ] && [ "$(tail -n 1 said)" = "$total" ]
verdict "ids of everybody; and all undone in the end"
# Rule 2's table is the manual's.
sed -n 's/^ *| \([0-9]*\) |.*/\1/p' "$REHOME_SOURCE/docs/automation.md" >named
sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' "$REHOME_SOURCE/man/rehome.1" >there
diff named there >out && [ -s named ]
verdict "the exit codes are the manual's"

finish
