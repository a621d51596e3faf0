#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Made-up exports of the sources that are tables: the same people in each format, and troubles that show what is said of
# them.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/troubles.bash"

for provider in authjs betterauth supabase; do
	for format in json ndjson csv; do
		run sample --provider "$provider" --format "$format" --count 40 --seed 7 --out "a.$format"
		[ "$code" -eq 0 ] && run sample --provider "$provider" --format "$format" --count 40 --seed 7 --out "b.$format" &&
			cmp "a.$format" "b.$format"
		verdict "$provider: $format: the same seed, the same bytes"
		run plan --from "$provider" -f "a.$format" --to workos --workos-api-key sk_test_x --offline -w "w.$provider.$format" --yes --json
		jq -c '.plan | {total, create, refuse}' out >"counts.$format"
		holds "$provider: $format: it is read" '.plan.total == 40 and .plan.create > 30'
	done
	cmp counts.json counts.ndjson && cmp counts.json counts.csv
	verdict "$provider: the same people in each format"
	check_troubles json
	[ ! -s out ] && [ "$(wc -l <effects)" -gt 20 ]
	verdict "$provider: each kind of trouble shows the findings that are said of it"
	plan csv all "" >found
	[ "$code" -eq 1 ]
	verdict "$provider: all of them together leave a file that plans"
done
run sample --provider nobody
[ "$code" -eq 2 ] && grep -q authjs err && grep -q supabase err
verdict "whose samples there are"

finish
