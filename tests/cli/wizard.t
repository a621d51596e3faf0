#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A whole migration by questions on a terminal, and what people have in their environment and in their fingers from
# the script that many come from.  Rules are those of src/cli/wizard.h.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

unset RATE_LIMIT CONCURRENCY_LIMIT
run sample --count 20 --seed 9 --out "people of mine.json"
start_server workos --limits off
key=$WORKOS_API_KEY
unset WORKOS_API_KEY

# types SCRIPT-LINE... -- COMMAND...: somebody at a terminal; "WAITED FOR|TYPED".
types() {
	: >script
	while [ "$1" != -- ]; do
		printf '%s\t%s\n' "${1%%|*}" "${1#*|}" >>script
		shift
	done
	shift
	"$TERMINAL" script "$REHOME" "$@" >out 2>err
	code=$?
	tr -d '\r' <out >plain && mv plain out
}

# ---- nobody is asked (rule 1) ----
refuses 'missing options: "--from", "--to", "--file"' apply
types -- apply -y
[ "$code" -eq 2 ] && grep -q 'missing options' out && ! grep -q 'number or name' out
verdict "rule 1: never with -y"
types -- apply --json
[ "$code" -eq 2 ] && ! grep -q 'number or name' out
verdict "rule 1: never with --json"
types "Source|^C" -- apply
[ "$code" -eq 130 ] && [ ! -e .rehome ]
verdict "rule 2: an interrupt ends it, and nothing is there"

# ---- the whole way ----
types "Source|nobody" "that is none of them|" "Source|clerk" \
	"File of|nowhere.json" "no such file|'people of mine.json'" "Target|workos" "workos-api-key|$key" "mode 0600|no" \
	'The word "yes" does it|no' -- apply
[ "$code" -eq 2 ] && grep -q 'nothing is written without --yes' out && [ ! -e .env ]
verdict "rules 2, 4: wrong answers are asked for again; without the word nothing is written"
[ "$(counters '[.. | .writes? // empty] | add // 0')" -eq 0 ]
verdict "no writing request went out"
! grep -qF "$key" out
verdict "rule 3: the key is not shown"
number=$("$REHOME" providers --json | jq '[.providers[] | select(.name == "workos")] | length')
[ "$number" -eq 1 ]
verdict "the target is one that is there"
echo "OTHER='kept'" >.env
types "Source|clerk" "File of|people of mine.json" "Target|workos" "workos-api-key|$key" "mode 0600|yes" 'does it|yes' -- apply --rate 900
[ "$code" -eq 0 ] && grep -q '20  created' out
verdict "with it everybody moves"
[ "$(stat -c %a .env)" = 600 ] && grep -qx "WORKOS_API_KEY='$key'" .env && grep -qx "OTHER='kept'" .env && [ "$(wc -l <.env)" -eq 2 ]
verdict "rule 3: the key stands in .env, which is private, beside what was there"
has "rule 5: the command that does it" \
	"the same without questions: rehome apply --rate 900 --from clerk --file 'people of mine.json' --to workos --yes"
same=$(sed -n 's/^the same without questions: rehome //p' out)
eval "run $same --json"
holds "rule 5: and it does: nothing is left to write" '.exit == 0 and .run.created == 20 and .run.writes == 0'
rm -r .rehome .env
types "Source|clerk" "File of|people of mine.json" "Target|workos" "workos-api-key|$key" "mode 0600|no" -- plan
[ "$code" -le 1 ] && grep -qF "the same without questions: rehome plan --from clerk --file 'people of mine.json' --to workos --workos-api-key \"\$WORKOS_API_KEY\" --yes" out
verdict "plan: a key that is not saved is a variable of the command, never itself"
! grep -rqF "$key" .rehome
verdict "and stands in no file"
types "workos-api-key|sk_live_rehearsal" "mode 0600|no" "tenant's name|yes" -- apply --from clerk --to workos -f "people of mine.json" -w live
[ "$code" -eq 2 ] && grep -q 'nothing is written without --yes' out
verdict "rule 4: where real people are, yes is not enough"
stop_server

# ---- names of the script that people come from ----
export WORKOS_API_KEY=$key
sides=(--to workos -f "people of mine.json" --offline)
RATE_LIMIT=often refuses 'option "--rate" takes a whole number' plan --from clerk "${sides[@]}"
RATE_LIMIT=often run plan --from clerk "${sides[@]}" --rate 5
[ "$code" -le 1 ]
verdict "RATE_LIMIT: --rate goes before it"
echo 'CONCURRENCY_LIMIT=many' >.env
refuses 'It was read from CONCURRENCY_LIMIT in the environment or in .env' plan --from clerk "${sides[@]}"
CONCURRENCY_LIMIT=3 run plan --from clerk "${sides[@]}"
[ "$code" -le 1 ]
verdict "CONCURRENCY_LIMIT: the environment goes before .env"
rm .env
id=$(jq -r '.[9].id' "people of mine.json")
for way in "--resume-after $id" "--resume-after=$id" "-r $id" "-r$id"; do
	# shellcheck disable=SC2086 # two words, or one
	run plan -t clerk "${sides[@]}" $way --json
	holds "C-30: $way" '.plan.create == 10 and .plan.leftOut == 10'
done

finish
