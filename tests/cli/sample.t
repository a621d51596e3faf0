#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Samples: the same people for the same seed, in every format, quickly enough to have many.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

exits 0 "the default: a thousand people as JSON" sample
holds_of 'length == 1000' <out
verdict "a thousand"
grep -q 'sign in with "made-up people sign in with this"' err
verdict "the common password is told"
exits 0 "to a file" sample --provider clerk --count 50 --seed 7 --out a.json
[ ! -s out ]
verdict "nothing on standard output then"
exits 0 "once more" sample --provider clerk --count 50 --seed 7 --out b.json
cmp a.json b.json 2>err
verdict "the same seed, the same bytes"
exits 0 "another seed" sample --provider clerk --count 50 --seed 8 --out c.json
! cmp -s a.json c.json
verdict "another seed, other people"
exits 0 "on standard output" sample --count 50 --seed 7 --out -
cmp a.json out 2>err
verdict "the same on standard output"

exits 0 "NDJSON" sample --count 50 --seed 7 --format ndjson --out a.ndjson
jq -s 'map(.id)' a.ndjson >ids.ndjson && jq 'map(.id)' a.json >ids.json && cmp ids.json ids.ndjson 2>err
verdict "the same people as NDJSON"
[ "$(wc -l <a.ndjson)" -eq 50 ]
verdict "one a line"
exits 0 "CSV" sample --count 50 --seed 7 --format csv --out a.csv
cut -d, -f1 a.csv | tail -n +2 | jq -R . | jq -s . >ids.csv && cmp ids.json ids.csv 2>err
verdict "the same people as CSV"
exits 0 "CSV once more" sample --count 50 --seed 7 --format csv --out b.csv
cmp a.csv b.csv 2>err
verdict "hashes follow from the seed, too"
[ "$(cut -d, -f12 a.csv | grep -cF '$2')" -gt 10 ]
verdict "many have a bcrypt hash"

exits 0 "troubles" sample --count 50 --seed 7 --format ndjson --trouble bad-email,no-id --out t.ndjson
[ "$(wc -l <t.ndjson)" -eq 52 ]
verdict "one record more for each kind"
exits 0 "nobody" sample --count 0
[ "$(jq length out)" = 0 ]
verdict "an empty list"
exits 0 "--json" sample --count 5 --out five.json --json
holds "the document of a sample" \
	'.count == 5 and .out == "five.json" and .seed == 1 and (.password | length) > 0 and .exit == 0'
exits 0 "--quiet" sample --count 5 --quiet --out five.json
[ ! -s err ]
verdict "--quiet says nothing"

# Faults of writing are told, and no half sample stays.
run sample --count 5 --out /nonexistent/x
[ "$code" -ne 0 ] && grep -q 'could not open "/nonexistent/x"' err
verdict "a file that cannot be made"
"$REHOME" sample --count 20000 2>err | head -c 100 >out
code=${PIPESTATUS[0]}
[ "$code" -eq 0 ] && ! grep -q 'could not' err
verdict "a reader that has seen enough is no failure"
if [ -w /dev/full ]; then
	"$REHOME" sample --count 5 >/dev/full 2>err
	code=$?
	: >out
	[ "$code" -ne 0 ] && grep -q 'could not write standard output' err
	verdict "a full disk is one"
	"$REHOME" help >/dev/full 2>err
	code=$?
	[ "$code" -eq 3 ] && grep -q 'could not write standard output: No space left' err
	verdict "also where little is written"
	"$REHOME" sample --count 2 >/dev/full 2>err
	code=$?
	[ "$code" -eq 3 ]
	verdict "also where little of a sample is written"
	if [ "$(id -u)" -eq 0 ] && mknod full c 1 7 2>/dev/null; then
		run sample --count 5 --out full
		[ "$code" -eq 3 ] && [ -c full ]
		verdict "a device stays"
	fi
fi
. "$(dirname "$0")/troubles.bash"
# shellcheck disable=SC2034 # what is sourced reads it
provider=clerk
check_troubles
[ ! -s out ] && [ "$(wc -l <effects)" -gt 60 ]
verdict "each kind of trouble shows the findings that are said of it"
for format in json ndjson csv; do
	plan "$format" all "" >found
	[ "$code" -eq 1 ] && jq -e '.plan.total > 60' "plan.$format" >/dev/null
	verdict "all of them together leave a file that plans: $format"
done
# What an export can show of the table is shown.
grep -c '^- \*\*To see it:\*\*$' "$REHOME_SOURCE/docs/findings.md" >out
[ "$(cat out)" -ge 55 ]
verdict "nearly every finding has an export that shows it"

mode=$(stat -c %a a.csv)
[ "$mode" = 600 ]
verdict "a sample is private"

finish
