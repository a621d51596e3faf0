#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Made-up files of anybody: the same people in each form, and troubles that show what is said of them.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/troubles.bash"

# shellcheck disable=SC2034 # what is sourced reads it
provider=csv
for format in json ndjson csv; do
	run sample --provider csv --format "$format" --count 40 --seed 7 --out "a.$format"
	[ "$code" -eq 0 ] && run sample --provider csv --format "$format" --count 40 --seed 7 --out "b.$format" && cmp "a.$format" "b.$format"
	verdict "$format: the same seed, the same bytes"
	run plan --from csv -f "a.$format" --to workos --workos-api-key sk_test_x --offline -w "w.$format" --yes --json
	jq -c '.plan | {total, create, refuse, withPassword}' out >"counts.$format"
	holds "$format: it is read" '.plan.total == 40 and .plan.create > 30'
	cmp counts.json "counts.$format"
	verdict "$format: the same people"
done
check_troubles json
[ ! -s out ] && [ "$(wc -l <effects)" -gt 40 ]
verdict "each kind of trouble shows the findings that are said of it"
check_together csv
verdict "in rows, all of them together do"

finish
