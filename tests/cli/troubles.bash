# SPDX-License-Identifier: Apache-2.0
# For scripts that look at the troubles of made-up exports.  Sourced after tap.bash; $provider says whose.

plan() { # FORMAT TROUBLE OPTIONS
	rm -rf w
	# shellcheck disable=SC2086 # no trouble and no options are no words
	"$REHOME" sample --count 5 --provider "$provider" --format "$1" --out "s.$1" --quiet ${2:+--trouble "$2"} &&
		"$REHOME" plan --from "$provider" --file "s.$1" --to workos --workos-api-key sk_test_x --offline --workspace w \
			--json --yes $3 >"plan.$1" 2>err
	code=$?
	jq -c 'reduce (.findings // [])[] as $f ({}; .[$f.code] += $f.count)' "plan.$1"
}

# check_troubles [FORMATS]: each kind of trouble says what its table says, and nothing more: the findings of a plan with
# it less those of one without.  Leaves the faults in the file `out`, one a line, and `effects`.
check_troubles() {
	local wanted_formats=${1:-}
	run providers "$provider" --json
	jq -r '.providers[].sampleTroubles[] | .name as $name | .effects[] |
		[$name, (.options // "-"), .stopsPlan, (.findings | join(" ")), (.formats - (if .formats[0] == "json" then ["ndjson"] else [] end) | join(" "))] | join(";")' out >effects
	while IFS=';' read -r name options ends findings formats; do
		for format in ${wanted_formats:-$formats}; do
			[[ " $formats " = *" $format "* ]] || continue
			[ "$options" != - ] || options=
			[ -e "base.$provider.$format.$options" ] || plan "$format" "" "$options" >"base.$provider.$format.$options"
			plan "$format" "$name" "$options" >found
			if [ "$ends" = true ]; then
				[ "$code" -eq 2 ] && [ "$(cat found)" = '{}' ] || echo "$name $format: exit $code"
				continue
			fi
			jq -c -n --slurpfile with found --slurpfile without "base.$provider.$format.$options" '
				($with[0] | to_entries) + ($without[0] | to_entries | map(.value = -.value)) |
				group_by(.key) | map({key: .[0].key, value: (map(.value) | add)} | select(.value != 0)) |
				from_entries' >surplus
			jq -c -n --arg findings "$findings" '
				$findings | split(" ") | group_by(.) | map({key: .[0], value: length}) | from_entries' >wanted
			cmp -s surplus wanted || echo "$name $format $options: $(cat surplus), not $(cat wanted)"
		done
	done <effects >out
}

# check_together FORM: a file with all kinds of trouble at once shows what is said of each of them in rows.
check_together() {
	run providers "$provider" --json
	jq -S -c '[.providers[].sampleTroubles[].effects[] | select(.options == null and (.stopsPlan | not) and (.formats | index("csv"))) |
		.findings[]] | group_by(.) | map({key: .[0], value: length}) | from_entries' out >wanted
	plan "$1" "" "" >without
	plan "$1" all "" >with
	jq -S -c -n --slurpfile with with --slurpfile without without \
		'$with[0] | with_entries(.value -= ($without[0][.key] // 0) | select(.value != 0))' >out
	[ "$code" -eq 1 ] && cmp wanted out >&2
}
