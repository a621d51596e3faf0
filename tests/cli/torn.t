#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rows whose cells have shifted, because a value stands in them without quotes: put right where that is certain, and told.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/troubles.bash"

# shellcheck disable=SC2034 # what is sourced reads it
provider=supabase
plan csv "" "" >without
plan csv torn-row "" >with
jq -S -c -n --slurpfile with with --slurpfile without without '$with[0] | with_entries(.value -= ($without[0][.key] // 0) | select(.value != 0))' >out
[ "$(cat out)" = '{"RH0113":1,"RH0405":1}' ] && [ "$code" -eq 0 ]
verdict "supabase: JSON without quotes is put right, and told"
run accounts -w w --finding RH0113
grep -q 'line 6$' out
verdict "supabase: with its line"
run rejects -w w --out none.csv
[ ! -e none.csv ] || [ "$(wc -l <none.csv)" -le 1 ]
verdict "supabase: it is no reject"
# Of many, read by one process and by three.
"$REHOME" sample --provider supabase --format csv --count 1500 --quiet | sed -E 's/"\{""(theme)"":""(dark)""\}"/{"\1":"\2","tags":["a","b"]}/' >torn.csv
for workers in 1 3; do
	REHOME_TEST_WORKERS=$workers REHOME_TEST_STRETCH_BYTES=60000 run plan --from supabase -f torn.csv --to workos --offline -w "torn.$workers" --json
	jq -S -c '[(.plan | {total, create, refuse}), .findings]' out >"torn.$workers.json"
done
jq -e --argjson rows "$(grep '{"theme":"dark","tags"' torn.csv | grep -vc 2999-12-31)" '.[0].total == 1500 and ([.[1][] | select(.code == "RH0113").count] | add == $rows)' \
	torn.1.json >out && cmp torn.1.json torn.3.json >&2
verdict "supabase: all of them, also where several processes read"

finish
