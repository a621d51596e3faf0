#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures, prints, and writes docs/benchmarks.md: [QUICK=1] [LONG=1] run-bench.sh BUILD
# QUICK: small files, one round, a minute or two, nothing is written.  LONG: also 20,000 people at WorkOS's limit (7 minutes),
# and 3,500 at that of a development instance of Clerk (6 minutes).
# BUILD is a release build with -Dbench=true; everything happens below it, and on 127.0.0.1.
set -u
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=$(cd "${1:?usage: run-bench.sh BUILD}" && pwd) || exit 1
tool=$build/rehome
bench=$build/tests/bench/bench_
work=$build/bench-work
quick=${QUICK:-}
long=${LONG:-}
server=
connections=64

rounds=5 many=1000000 most=10000000 rows=200000 creates=50000 paced=2000 accounts=100000 clerk_users=3500 hash_rounds=200000
if [ -n "$quick" ]; then
	rounds=1 many=100000 most=1000000 rows=200000 creates=10000 paced=1000 accounts=20000 clerk_users=500 hash_rounds=20000
fi

source_rounds=$((rounds < 3 ? rounds : 3))

for name in $(compgen -e | grep -E '^(WORKOS|CLERK|FIREBASE|RATE|CONCURRENCY|FROM|TO)_'); do
	unset "$name"
done
rm -rf "$work"
mkdir -p "$work" && cd "$work" || exit 1
export XDG_STATE_HOME=$work/state
: >rows
started=$(date +%s)
load=$(cut -d' ' -f1 /proc/loadavg)

give_up() {
	echo "bench: $1" >&2
	exit 1
}

end_server() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
		server=
	fi
}
trap 'end_server; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() {
	printf '%4d s  %s\n' "$(($(date +%s) - started))" "$1"
}

# start_server LIMITS [PROVIDER]: a rehearsal that knows nobody.
start_server() {
	target=${2:-workos}
	end_server
	"$tool" rehearse "$target" --port 0 --json --limits "$1" >server 2>server.err &
	server=$!
	for _ in $(seq 200); do
		jq -e .token server >/dev/null 2>&1 && break
		kill -0 "$server" 2>/dev/null || break
		sleep 0.05
	done
	token=$(jq -r .token server 2>/dev/null) || give_up "the rehearsal did not start"
	url=$(jq -r '.tenants[0].environment[]' server | sed -n 's/^[A-Z]*_API_URL=//p')
	key=$(jq -r '.tenants[0].environment[]' server | sed -nE 's/^[A-Z]*_(API|SECRET)_KEY=//p')
}

# counter FILTER: of the server.
counter() {
	curl -sS -H "X-Rehearsal-Token: $token" "$url/_rehearsal/counters" | jq -r "$1"
}

# sample FORMAT COUNT FILE [PROVIDER], read once so that it stands in the page cache; leaves what it took in `one`.
sample() {
	"${bench}measure" one "$tool" sample --provider "${4:-clerk}" --format "$1" --count "$2" --out "$3" --quiet || give_up "no sample"
	[ "$(jq .exit one)" -eq 0 ] || give_up "no room for $3"
	cat "$3" >/dev/null
}

# sample_row COUNT FORM FILE: what the last sample took.
sample_row() {
	row "sample, $(thousands "$1") people as $2, $(calc "$(stat -c %s "$3") / 1e9") GB" \
		"$(jq .seconds one) s, $(calc "$(jq .mb one)" %.1f) MB of memory" "-" "-" "-" -
}

# took FILE COMMAND...: appends what the command took to FILE; exit codes 0 and 1 are an end.
took() {
	local file=$1
	shift
	"${bench}measure" one "$@" >out 2>err || give_up "could not run $1"
	[ "$(jq .exit one)" -le 1 ] || give_up "\"$*\": $(head -n 3 err)"
	cat one >>"$file"
}

# plan RESULTS FILE [PROVIDER [OPTION...]]
plan() {
	local results=$1 file=$2 provider=${3:-clerk}
	shift "$(($# > 3 ? 3 : $#))"
	rm -rf w
	took "$results" "$tool" plan --from "$provider" --file "$file" --to workos --workos-api-key sk_test_x --offline --workspace w \
		--yes --quiet "$@"
}

# median FILE FIELD: of the lines of FILE.
median() {
	jq -s "map(.$2) | sort | .[(length - 1) / 2 | floor]" "$1"
}
highest() {
	jq -s "map(.$2) | max" "$1"
}
# calc EXPRESSION [FORMAT]
calc() {
	awk "BEGIN { printf \"${2:-%.2f}\", $1 }"
}
# thousands NUMBER
thousands() {
	printf '%.0f' "$1" | sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta'
}
is() {
	awk "BEGIN { exit !($1) }"
}

# row WHAT MEASURED BASELINE RATIO GOAL CONDITION: one line of the table; CONDITION "-": no goal of its own.
row() {
	local reached=-
	if [ "$6" != - ]; then
		reached=no
		is "$6" && reached=yes
	fi
	printf '| %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4" "$5" "$reached" >>rows
	printf '        %s: %s (%s), ratio %s, goal %s: %s\n' "$1" "$2" "$3" "$4" "$5" "$reached"
}

# ---- reading and planning ------------------------------------------------------------------------------

# read_bare FILE TO: the bare reader over it, with the digest of the text (TO), as a plan needs it, and without (TO.bare);
# and a search for newlines alone (TO.scan).
read_bare() {
	"${bench}reader" "$1" >>"$2" || give_up "the reader failed"
	"${bench}reader" "$1" undigested >>"$2.bare" || give_up "the reader failed"
	"${bench}reader" "$1" scan >>"$2.scan" || give_up "the scan failed"
}

# reader_row FILE FORM GOAL GB SHARE: the bare reader; its goal in GB, as records are of another size than the goal's; SHARE of the
# scan: as on the machine of the goal.
reader_row() {
	local rate with speed ceiling
	rate=$(median "$1.bare" per_cpu_second)
	with=$(median "$1" per_cpu_second)
	speed=$(calc "$(median "$1.bare" bytes) / $(median "$1.bare" cpu) / 1e9")
	ceiling=$(calc "$(median "$1.scan" bytes) / $(median "$1.scan" cpu) / 1e9")
	row "bare reader, $2, without digest" \
		"$(thousands "$rate") records of $(thousands "$(calc "$(median "$1.bare" bytes) / $(median "$1.bare" records)" %.0f)") bytes per CPU second, $speed GB" \
		"-" "-" "$3" "$speed >= $4"
	row "the same, of the newline scan" "$speed GB per CPU second" "$ceiling: newline scan" "$(calc "$speed / $ceiling" %.3f)" "at least $5" \
		"$speed >= $5 * $ceiling"
	row "the same, with the digest" "$(thousands "$with") records per CPU second" "-" "-" "-" -
}

bench_plan() {
	local tool_rate reader_rate tool_cpu reader_cpu memory
	say "plan of $(thousands $many) users in one array, and the bare reader over the same file"
	sample json $many users.json
	sample_row $many "one array" users.json
	for _ in $(seq $rounds); do
		read_bare users.json reader.array
		plan plan.array users.json
	done
	tool_rate=$(calc "$many / $(median plan.array seconds)" %.0f)
	reader_rate=$(calc "$many / $(median reader.array seconds)" %.0f)
	tool_cpu=$(calc "$many / $(median plan.array cpu)" %.0f)
	reader_cpu=$(median reader.array per_cpu_second)
	memory=$(highest plan.array together_mb)
	row "plan --offline, $(thousands $many) users, one array of $(calc "$(stat -c %s users.json) / 1e9") GB" \
		"$(thousands "$tool_rate") users per second ($(calc "$(median plan.array seconds)") s)" \
		"$(thousands "$reader_rate"): bare reader" "$(calc "$tool_rate / $reader_rate")" "at least 0.50" \
		"$tool_rate >= 0.5 * $reader_rate"
	row "the same, by CPU time" "$(thousands "$tool_cpu") users per CPU second" "$(thousands "$reader_cpu"): bare reader" \
		"$(calc "$tool_cpu / $reader_cpu")" "-" -
	row "the same: peak memory of all processes together" "$(calc "$memory * 1e6 / 1048576" %.1f) MiB" \
		"$(calc "$(highest plan.array mb) * 1e6 / 1048576" %.1f) MiB: the largest of them" "-" "at most 96 MiB" \
		"$memory * 1e6 / 1048576 <= 96"
	reader_row reader.array "one array" "0.88 M of 1,310 bytes, 1.15 GB" 1.15 0.062
	rm -f users.json
	say "the bare reader over NDJSON"
	sample ndjson $many users.ndjson
	for _ in $(seq $rounds); do
		read_bare users.ndjson reader.lines
	done
	reader_row reader.lines "NDJSON" "1.17 M of 1,310 bytes, 1.53 GB" 1.53 0.082
	rm -f users.ndjson
}

bench_growth() {
	local few_rate most_rate few most_memory
	say "plan of $(thousands $many) and $(thousands $most) users as CSV: speed and memory"
	sample csv $many few.csv
	sample csv $most most.csv
	sample_row $most "CSV" most.csv
	for _ in $(seq $rounds); do
		read_bare few.csv reader.csv
		plan plan.few few.csv
	done
	plan plan.most most.csv
	few_rate=$(calc "$many / $(median plan.few seconds)" %.0f)
	most_rate=$(calc "$most / $(median plan.most seconds)" %.0f)
	few=$(calc "$(highest plan.few together_mb) * 1e6 / 1048576" %.1f)
	most_memory=$(calc "$(highest plan.most together_mb) * 1e6 / 1048576" %.1f)
	row "plan --offline, $(thousands $most) CSV rows" "$(thousands "$most_rate") rows per second ($(calc "$(median plan.most seconds)") s)" \
		"$(thousands "$few_rate"): $(thousands $many) rows" "$(calc "$most_rate / $few_rate")" "at least 0.80" \
		"$most_rate >= 0.8 * $few_rate"
	row "the same: peak memory of all processes together" "$most_memory MiB" "$few MiB: $(thousands $many) rows" "$(calc "$most_memory / $few")" \
		"at most 96 MiB" "$most_memory <= 96"
	reader_row reader.csv "CSV" "9.3 M of 190 bytes, 1.75 GB" 1.75 0.094
	rm -f few.csv most.csv
}

bench_rows() {
	local seconds memory
	say "plan of $(thousands $rows) CSV rows"
	sample csv $rows rows.csv
	for _ in $(seq $rounds); do
		plan plan.rows rows.csv
	done
	seconds=$(median plan.rows seconds)
	memory=$(highest plan.rows together_mb)
	row "plan --offline, $(thousands $rows) CSV rows" "$(calc "$seconds") s" "6.4 s: TypeScript peer" "$(calc "6.4 / $seconds" %.1f)×" \
		"under 1 s" "$seconds < 1"
	row "the same: peak memory of all processes together" "$(calc "$memory" %.1f) MB" "313 MB: TypeScript peer" "$(calc "$memory / 313")" "under 40 MB" \
		"$memory < 40"
	rm -f rows.csv
}

# source_rows PROVIDER FORMAT: plan of that source against the bare reader of the same file.
source_rows() {
	local provider=$1 format=$2 file=source.$2 what options=() tool_rate reader_rate tool_cpu reader_cpu memory
	# Of the project that the made-up scrypt hashes are of; other sources have no such options.
	[ "$provider" != firebase ] || options=(--firebase-signer-key "$(printf %064d 0 | base64 -w 0)" --firebase-salt-separator Bw==
		--firebase-rounds 8 --firebase-mem-cost 14)
	rm -f source.plan source.reader source.reader.bare source.reader.scan
	sample "$format" "$many" "$file" "$provider"
	for _ in $(seq $source_rounds); do
		"${bench}reader" "$file" >>source.reader || give_up "the reader failed"
		plan source.plan "$file" "$provider" "${options[@]}"
	done
	tool_rate=$(calc "$many / $(median source.plan seconds)" %.0f)
	reader_rate=$(calc "$many / $(median source.reader seconds)" %.0f)
	tool_cpu=$(calc "$many / $(median source.plan cpu)" %.0f)
	reader_cpu=$(median source.reader per_cpu_second)
	memory=$(highest source.plan together_mb)
	what="plan --offline, $provider, $(thousands $many) users, $format"
	row "$what of $(calc "$(stat -c %s "$file") / $many" %.0f) bytes each" "$(thousands "$tool_rate") users per second" \
		"$(thousands "$reader_rate"): bare reader" "$(calc "$tool_rate / $reader_rate")" "at least 0.50" \
		"$tool_rate >= 0.5 * $reader_rate"
	row "the same, by CPU time" "$(thousands "$tool_cpu") users per CPU second" "$(thousands "$reader_cpu"): bare reader" \
		"$(calc "$tool_cpu / $reader_cpu")" "-" -
	row "the same: peak memory" "$(calc "$memory * 1e6 / 1048576" %.1f) MiB" "-" "-" "at most 96 MiB" "$memory * 1e6 / 1048576 <= 96"
	rm -f "$file"
}

bench_sources() {
	local provider format
	# Clerk has lines of its own.
	for provider in $("$tool" providers --json | jq -r '.providers[] | select(.sourceFiles and .name != "clerk") | .name'); do
		for format in ndjson csv; do
			if ! "$tool" sample --provider "$provider" --format "$format" --count 1 --out one.sample --quiet 2>err; then
				say "no sample of $provider as $format: $(head -n 1 err)"
				continue
			fi
			say "plan of $(thousands $many) users of $provider as $format"
			source_rows "$provider" "$format"
		done
	done
}

# ---- password hashes ------------------------------------------------------------------------------------

# slowest FIELD GOAL WHAT: of the kinds of hashes.
slowest() {
	local worst
	worst=$(jq -s -c "map(select(.$1 != null)) | max_by(.$1)" hashes)
	row "$3, slowest of $(jq -s "map(select(.$1 != null)) | length" hashes) kinds ($(jq -r .kind <<<"$worst"))" \
		"$(calc "$(jq ".$1" <<<"$worst") / 1000" %.2f) µs of CPU time" "median of the kinds: $(calc "$(median hashes "$1") / 1000" %.2f) µs" \
		"-" "under $2 µs" "$(jq ".$1" <<<"$worst") < $2 * 1000"
}

bench_hashes() {
	say "recognition and conversion of password hashes"
	"${bench}hashes" $hash_rounds >hashes || give_up "no hashes"
	slowest recognise 1 "a password hash is recognised by its text"
	jq -c 'select(.convert != null)' hashes >hashes.taken && mv hashes.taken hashes
	slowest convert 2 "a recognised hash is written for a target"
}

# ---- writing --------------------------------------------------------------------------------------------

# migrate FILE RESULTS OPTION...: plans, applies, and appends what apply took to RESULTS.
migrate() {
	local file=$1 results=$2 access
	shift 2
	access=(--workos-api-url "$url" --workos-api-key "$key")
	[ "$target" != clerk ] || access=(--clerk-api-url "$url" --clerk-secret-key "$key")
	rm -rf w
	"$tool" plan --from clerk --file "$file" --to "$target" "${access[@]}" --workspace w --yes --quiet >out 2>err
	[ $? -le 1 ] || give_up "plan: $(head -n 3 err)"
	took "$results" "$tool" apply --plan 1 --workspace w "${access[@]}" --yes --quiet "$@"
}

bench_apply() {
	local loop_rate tool_rate inner_rate writes span
	say "apply of $(thousands $creates) users without limits, and a bare libcurl loop with the same bodies"
	sample csv $creates users.csv
	"${bench}bodies" clerk users.csv workos >bodies || give_up "no bodies"
	for _ in $(seq $rounds); do
		start_server off
		"${bench}curl_loop" post "$url/user_management/users" "$key" $connections bodies >one.loop || give_up "the loop failed"
		[ "$(jq .refused one.loop)" -eq 0 ] || give_up "the server refused bodies of the loop"
		cat one.loop >>loop
		start_server off
		migrate users.csv apply --rate 1000000 --concurrency $connections
		writes=$(counter .writes)
		[ "$writes" -eq "$(wc -l <bodies)" ] || give_up "$writes writes are not one for each of $(wc -l <bodies) bodies"
		span=$(counter '.last_write - .first_write')
		jq -n -c "{rate: ($writes / $span * 1000), whole: ($writes / $(jq .seconds one))}" >>apply.rate
	done
	loop_rate=$(jq -s 'map(.requests / .seconds) | sort | .[(length - 1) / 2 | floor]' loop)
	tool_rate=$(median apply.rate whole)
	inner_rate=$(median apply.rate rate)
	row "apply without limits, $(thousands $creates) users, whole command, ledger with synchronous=FULL" \
		"$(thousands "$tool_rate") users per second" "$(thousands "$loop_rate"): bare libcurl loop" \
		"$(calc "$tool_rate / $loop_rate")" "at least 0.65" "$tool_rate >= 0.65 * $loop_rate"
	row "the same, first to last write" "$(thousands "$inner_rate") users per second" "$(thousands "$loop_rate")" \
		"$(calc "$inner_rate / $loop_rate")" "-" -
	row "the same: CPU time a user" "$(calc "$(median apply cpu) / $writes * 1e6" %.1f) µs" \
		"$(calc "$(median loop cpu) / $writes * 1e6" %.1f) µs" "$(calc "$(median apply cpu) / $(median loop cpu)")" "-" -
	end_server
}

# paced_rows WHAT ALLOWED COUNT: what the server saw of a run at a provider's pace; ALLOWED a second.
paced_rows() {
	local writes=$3 span share refused
	span=$(counter '.last_write - .first_write')
	refused=$(counter .too_many_requests)
	share=$(calc "($writes - 1) / ($span / 1000) / $2" %.4f)
	row "$1" "$(calc "($writes - 1) / $span * 1000") per second between first and last write" "$2 allowed" "$share" "at least 0.98" \
		"$share >= 0.98 && $share <= 1"
	row "the same: answers 429" "$refused" "-" "-" "0" "$refused == 0"
}

# paced COUNT: under the documented limit of 500 writes in 10 s.
bench_pace() {
	local count=$1 writes seconds
	say "apply of $(thousands "$count") users under 500 writes in 10 s"
	sample csv "$count" users.csv
	start_server documented
	: >paced
	migrate users.csv paced
	writes=$(counter .writes)
	seconds=$(jq .seconds one)
	paced_rows "apply under 500 writes per 10 s, $(thousands "$writes") writes" 50 "$writes"
	if [ "$count" -eq 20000 ]; then
		row "the same: whole command" "$(calc "$seconds" %.0f) s" "1,043 s, and half of them lost: TypeScript peer" \
			"$(calc "1043 / $seconds" %.1f)×" "at most 410 s" "$seconds <= 410"
	fi
	end_server
}

# clerk_file COUNT: all of whom Clerk takes, as made-up exports have some whom it does not.
clerk_file() {
	awk -v count="$1" 'BEGIN {
		print "id,first_name,last_name,primary_email_address,verified_email_addresses,password_digest,password_hasher"
		for (i = 1; i <= count; i++) {
			mail = "person" i "@example.com"
			printf "user_%027d,Person,Number %d,%s,%s,", i, i, mail, mail
			print "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234,bcrypt"
		}
	}'
}

# bench_clerk KIND COUNT: into an empty instance whose key (production, development) lets so many through; a whole apply of 3,500
# users has its own goal.
bench_clerk() {
	local kind=$1 count=$2 per_second=100 seconds=37 writes took
	say "apply of $(thousands "$count") users to Clerk, $kind"
	clerk_file "$count" >users.csv
	start_server documented clerk
	key=sk_live_rehearsal
	if [ "$kind" = development ]; then
		key=sk_test_rehearsal per_second=10 seconds=357
		curl -sS -f -o out -H "X-Rehearsal-Token: $token" -H 'Content-Type: application/json' -d '{"user_quota":"off"}' \
			"$url/_rehearsal/switches" || give_up "the quota of users is not off"
	fi
	migrate users.csv clerk.paced
	writes=$(counter .writes_done) # one that was answered by 429 is told as such
	[ "$writes" -eq "$count" ] || give_up "$writes writes for $count users: $(head -n 3 out err)"
	took=$(jq .seconds one)
	paced_rows "apply to Clerk, $kind key, $(thousands "$writes") users" "$per_second" "$writes"
	if [ "$count" -eq 3500 ]; then
		row "the same: whole command" "$(calc "$took" %.1f) s" "-" "-" "at most $seconds s" "$took <= $seconds"
	fi
	end_server
}

bench_verify() {
	local walk_rate tool_rate count memory
	say "verify of $(thousands $accounts) accounts, and a bare walk over their pages"
	sample csv $accounts users.csv
	start_server off
	migrate users.csv verify.apply --rate 1000000 --concurrency $connections
	count=$(counter .writes)
	for _ in $(seq $rounds); do
		"${bench}curl_loop" walk "$url/user_management/users" "$key" >one.walk || give_up "the walk failed"
		cat one.walk >>walk
		took verify "$tool" verify --workspace w --workos-api-url "$url" --workos-api-key "$key" --yes --quiet --rate 1000000
	done
	[ "$(median walk requests)" -ge $((count / 100)) ] || give_up "the walk ended early"
	walk_rate=$(calc "$count / $(median walk seconds)" %.0f)
	tool_rate=$(calc "$count / $(median verify seconds)" %.0f)
	memory=$(highest verify mb)
	row "verify, $(thousands "$count") accounts" "$(thousands "$tool_rate") accounts per second" \
		"$(thousands "$walk_rate"): bare paged walk" "$(calc "$tool_rate / $walk_rate")" "at least 0.50" \
		"$tool_rate >= 0.5 * $walk_rate"
	row "the same: peak memory" "$(calc "$memory" %.1f) MB" "-" "-" "-" -
	end_server
}

# ---- the page -------------------------------------------------------------------------------------------

machine() {
	local model cores memory
	model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	cores=$(nproc)
	memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
	printf '%s, %s cores, %s GiB of memory, %s, %s; ' "${model:-unknown processor}" "$cores" "$memory" \
		"$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" "$(cc --version | head -n 1 | sed 's/ (.*)//')"
	printf 'libcurl %s, SQLite %s. Load when it began: %s.\n' "$(pkg-config --modversion libcurl)" \
		"$(pkg-config --modversion sqlite3)" "$load"
}

page() {
	awk -v machine="$(machine)" -v today="$(date -u +%Y-%m-%d)" -v rounds="$rounds" -v minutes="$((($(date +%s) - started + 59) / 60))" '
		/^@ROWS@$/ { while ((getline line < "rows") > 0) { print line } next }
		{ gsub(/@MACHINE@/, machine); gsub(/@TODAY@/, today); gsub(/@ROUNDS@/, rounds); gsub(/@MINUTES@/, minutes); print }' \
		"$root/scripts/benchmarks.md.in"
}

bench_plan
bench_growth
bench_rows
bench_sources
bench_hashes
bench_apply
bench_pace $paced
[ -z "$long" ] || bench_pace 20000
bench_clerk production $clerk_users
[ -z "$long" ] || bench_clerk development 3500
bench_verify
say "done"
printf '\n| what | measured | baseline | ratio | goal | reached |\n| --- | --- | --- | --- | --- | --- |\n'
cat rows
if [ -z "$quick" ]; then
	page >"$work/page" && cat "$work/page" >"$root/docs/benchmarks.md"
	echo
	echo "written to docs/benchmarks.md"
fi
