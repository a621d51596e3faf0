#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What stands beside people in a ledger (ledger.h, L15): counted by kind, listed when asked for, and never taken for people.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/target.bash"

if ! command -v sqlite3 >/dev/null; then
	echo "1..0 # SKIP sqlite3 is not there"
	exit 0
fi
# shellcheck disable=SC2154 # set by tap.bash
"$tool" sample --count 5 --seed 5 --out people.json >out 2>err
start_server --limits off
"$tool" apply --from clerk -f people.json --to workos --rate 100000 -w ws --yes --quiet >out 2>err
"$tool" status -w ws >before 2>err
# kinds 2 and 8 are organizations and memberships, states 4 and 6 done and rejected, origins 1 and 3 created and linked
sqlite3 ws/ledger.db "INSERT INTO ledger_rows (id, kind, verb, state, origin, source_id, target_id, parent, code) VALUES
	(1001, 2, 5, 4, 1, 'org_1', 'there_1', 0, NULL), (1002, 2, 5, 4, 3, 'org_2', 'there_2', 0, NULL),
	(1003, 8, 5, 4, 1, 'om_1', 'there_3', 1001, NULL), (1004, 8, 5, 6, 0, 'om_2', NULL, 1002, 'reference')" 2>err
verdict "a ledger with two organizations and two memberships"

run ids -w ws --kind organization
[ "$(tr -d '\r' <out)" = $'kind,source_id,target_id,state\norganization,org_1,there_1,done\norganization,org_2,there_2,done' ]
verdict "ids --kind organization: with a column that says so"
run ids -w ws --kind membership
[ "$(wc -l <out)" -eq 2 ] && run ids -w ws --kind membership --all && [ "$(wc -l <out)" -eq 3 ]
verdict "ids --kind membership: --all has those that are not at the target"
run ids -w ws --kind membership --all --json
jq -e '.ids == [{kind: "membership", sourceId: "om_1", targetId: "there_3", state: "done"},
	{kind: "membership", sourceId: "om_2", targetId: null, state: "rejected", code: "reference"}]' out >err
verdict "ids --kind membership --json: with the code of a refusal"
run ids -w ws --kind role --format json && jq -e '. == []' out >err
verdict "ids --kind role: none"
refuses "makes no SQL" ids -w ws --kind role --format sql
refuses "kind" ids -w ws --kind group
run ids -w ws && [ "$(wc -l <out)" -eq 6 ] && ! grep -q org_1 out
verdict "ids: people alone, without such a column"
run accounts -w ws && ! grep -q -e org_1 -e om_2 out
verdict "accounts: people alone"

"$tool" status -w ws >out 2>err
grep -A 2 '^beside them' out >kinds
grep -q '^ *2  organizations: 1 created, 1 linked$' kinds && grep -q '^ *2  memberships: 1 created, 1 refused by the target$' kinds
verdict "status: a line for each kind"
sed '/^beside them/,/memberships/d' out | cmp - before >>err 2>&1
verdict "status: and nothing else changed"
run status -w ws --json
jq -e '.run.kinds.membership | .created == 1 and .rejected == 1' out >err && jq -e '.run.created == 5' out >err
verdict "status --json: .run.kinds"
"$tool" status -w ws >out 2>err
[ $? -eq 1 ]
verdict "status: a refused membership is an exit code of 1"
stop_server
finish
