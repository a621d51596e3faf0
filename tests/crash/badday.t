#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad days of one machine: disks that are full, broken or read-only, memory that runs out, clocks that jump; at
# every stage of plan, apply and undo.  Each stops with exit code 3, says what happened and how to go on, and the
# same command on a better day ends as if nothing had been.
#
# REHOME_SOAK=1: at every single write, sync and (nearly) every allocation.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR/../cli
. "$(dirname "$0")/../cli/tap.bash"
# shellcheck source-path=SCRIPTDIR/../cli
. "$(dirname "$0")/../cli/target.bash"
soak=${REHOME_SOAK:-}
settle 12

# complain TEXT: what a case of many tries prints about one of them.
complain() {
	complaints=$((complaints + 1))
	if [ "$complaints" -le 5 ]; then
		echo "# $1: exit $code"
		sed 's/^/#   /' err | tail -n 4
	fi
}

# stopped_well: exit 3, told on standard error and with the command to go on.  Other exit codes are none of a bad day's.
stopped_well() {
	[ "$code" -eq 3 ] && grep -q '^rehome: ' err && grep -q '^to go on: ' out
}

# go_on: the same command on a better day comes to its end: nobody is lost, and nobody is there twice.
go_on() {
	"$tool" "${way[@]}" >out 2>err </dev/null
	code=$?
	[ "$code" -le 1 ] && if [ "${way[0]}" = apply ]; then everybody; else nobody; fi
}

# begin WAY: where the way starts.
begin() {
	if [ "$1" = apply ]; then
		rm -rf ws
		control reset '{}' >reset
		strangers
		way=(apply "${sides[@]}" -w ws --yes --quiet)
	else
		"$tool" apply "${sides[@]}" -w ws --yes --quiet >out 2>err </dev/null
		way=(undo -w ws --rate 100000 --yes --quiet)
	fi
}

# with_each NAME WAY LIBRARY VARIABLE FIRST LAST STEP [SUFFIX]: the way with VARIABLE=n for every n; a case of its own.
with_each() {
	local name=$1 way_name=$2 library=$3 variable=$4 n stops=0 tries=0
	complaints=0
	for ((n = $5; n <= $6; n += $7)); do
		begin "$way_name"
		env "$variable=$n${8:-}" LD_PRELOAD="$library" "$tool" "${way[@]}" >out 2>err </dev/null
		code=$?
		tries=$((tries + 1))
		if stopped_well; then
			stops=$((stops + 1))
		elif [ "$code" -gt 1 ]; then
			complain "$variable=$n${8:-}"
		fi
		go_on || complain "going on after $variable=$n${8:-}"
	done
	echo "# $way_name with $variable from $5 to $6 by $7: $tries tries, $stops stopped"
	[ "$complaints" -eq 0 ] && [ "$((stops * 2))" -ge "$tries" ]
	verdict "$name"
}

# ---- disks, by their calls ----
# A sanitizer's library wants to be the first; here it may be the second.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0
begin apply
BADDAY_COUNT=count LD_PRELOAD=$PRELOAD_BADDAY "$tool" "${way[@]}" >out 2>err </dev/null
read -r _ apply_writes _ apply_syncs _ apply_clocks <count
begin undo
BADDAY_COUNT=count LD_PRELOAD=$PRELOAD_BADDAY "$tool" "${way[@]}" >out 2>err </dev/null
read -r _ undo_writes _ undo_syncs _ <count
echo "# apply: $apply_writes writes, $apply_syncs syncs; undo: $undo_writes writes, $undo_syncs syncs"
few=${soak:+1}
stride=397
[ -z "$soak" ] || stride=13
with_each "apply: the disk is full at the n-th write" apply "$PRELOAD_BADDAY" BADDAY_WRITE 1 "$apply_writes" "${few:-7}"
with_each "apply: the n-th write fails, and no other" apply "$PRELOAD_BADDAY" BADDAY_WRITE 3 "$apply_writes" "${few:-9}" :5:once
with_each "apply: the n-th sync fails, and all after it" apply "$PRELOAD_BADDAY" BADDAY_SYNC 1 "$apply_syncs" "${few:-3}"
with_each "apply: the n-th sync fails, and no other" apply "$PRELOAD_BADDAY" BADDAY_SYNC 2 "$apply_syncs" "${few:-4}" :5:once
with_each "undo: the disk is full at the n-th write" undo "$PRELOAD_BADDAY" BADDAY_WRITE 1 "$undo_writes" "${few:-8}"
with_each "undo: the n-th sync fails, and all after it" undo "$PRELOAD_BADDAY" BADDAY_SYNC 1 "$undo_syncs" "${few:-2}"

# Stage by stage, each in its own files; standard input is kept in the spool.
sides=(--from clerk -f - --to workos --rate 100000)
for stage in plans/ ledger.db events/ snapshot/ seal.key; do
	begin apply
	rm -rf "$XDG_STATE_HOME"
	BADDAY_PATH=$stage BADDAY_WRITE=1 LD_PRELOAD=$PRELOAD_BADDAY "$tool" "${way[@]}" >out 2>err <people.json
	code=$?
	stopped_well && grep -q 'disk is full\|No space left' err && grep -q '^hint: Free some space' err
	verdict "full when writing $stage: told, with what to do"
	"$tool" "${way[@]}" >out 2>err <people.json
	code=$?
	[ "$code" -le 1 ] && everybody
	verdict "full when writing $stage: going on"
done
begin apply
BADDAY_SHORT=4 LD_PRELOAD=$PRELOAD_BADDAY "$tool" "${way[@]}" >out 2>err <people.json
code=$?
[ "$code" -le 1 ] && everybody
verdict "a write that takes half of its bytes is gone on with"
sides=(--from clerk -f people.json --to workos --rate 100000)

# ---- disks, for real ----
mounts() {
	unshare -m true 2>/dev/null && mkdir -p probe && unshare -m mount -t tmpfs none probe 2>/dev/null
}
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
if mounts; then
	complaints=0
	stops=0
	for room in 4 30 60 90 110 130 400; do
		begin apply
		mkdir -p disk
		# shellcheck disable=SC2016 # expanded by the shell inside
		room=$room unshare -m bash -c '
			mount -t tmpfs -o size=1m,mode=700 none disk &&
			head -c $((1048576 - room * 1024)) /dev/zero >disk/ballast
			"$@" >out 2>err </dev/null
			echo $? >first
			cp out out.first && cp err err.first
			rm disk/ballast
			mount -o remount,size=64m disk
			"$@" >out 2>err </dev/null
			echo $? >second' - "$tool" apply "${sides[@]}" -w disk/ws --yes --quiet
		code=$(cat second)
		[ "$code" -le 1 ] && everybody || complain "$room KiB: going on"
		code=$(cat first)
		cp out.first out && cp err.first err
		if stopped_well && grep -q 'disk is full\|No space left\|disk or the file system' err; then
			stops=$((stops + 1))
		elif [ "$code" -gt 1 ]; then
			complain "$room KiB"
		fi
	done
	echo "# $stops of 7 stopped"
	[ "$complaints" -eq 0 ] && [ "$stops" -ge 4 ]
	verdict "a file system that is full"

	begin apply
	go_on
	verdict "before the disk is read-only"
	# shellcheck disable=SC2016 # expanded by the shell inside
	reads_only() {
		unshare -m bash -c 'mount --bind ws ws && mount -o remount,ro,bind ws && exec "$@" </dev/null' - "$tool" "$@" \
			>out 2>err
		code=$?
	}
	reads_only apply "${sides[@]}" -w ws --yes
	stopped_well && grep -q 'Read-only file system\|may not be written' err && grep -q '^hint: ' err
	verdict "apply on a read-only disk"
	reads_only undo -w ws --yes
	[ "$code" -eq 3 ] && grep -q '^rehome: .*\(Read-only file system\|may not be written\)' err
	verdict "undo on a read-only disk"
	everybody
	verdict "neither did anything"
	reads_only status -w ws
	[ "$code" -le 1 ] && grep -q "created" out
	verdict "status reads a read-only disk"
	reads_only accounts -w ws
	[ "$code" -le 1 ]
	verdict "accounts reads a read-only disk"
	reads_only ids -w ws
	[ "$code" -le 1 ] && [ "$(wc -l <out)" -eq $((total + 1)) ]
	verdict "ids reads a read-only disk"
else
	skip "a file system that is full" "no mount namespace is to be had"
	skip "apply on a read-only disk" "no mount namespace is to be had"
fi

# ---- clocks ----
# The wall clock jumps; how long something takes is not measured by it.
quarter=$((apply_clocks / 4 + 1))
for jump in -3600 86400 -31536000 315360000; do
	begin apply
	BADDAY_CLOCK=$quarter:$jump,$((quarter * 2)):$((-jump)),$((quarter * 3)):$jump LD_PRELOAD=$PRELOAD_BADDAY \
		"$tool" "${way[@]}" >out 2>err </dev/null
	code=$?
	[ "$code" -le 1 ] && everybody
	verdict "apply: the clock jumps by $jump s, back, and again"
	"$tool" verify -w ws --json >out 2>err </dev/null
	code=$?
	holds "and everybody is verified" ".run.verified == $total and .run.differs == 0"
	begin undo
	BADDAY_CLOCK=5:$jump,30:0 LD_PRELOAD=$PRELOAD_BADDAY "$tool" "${way[@]}" >out 2>err </dev/null
	code=$?
	[ "$code" -le 1 ] && nobody
	verdict "undo: the same"
done
begin apply
SECONDS=0
BADDAY_CLOCK=10:-86400,60:86400 LD_PRELOAD=$PRELOAD_BADDAY \
	"$tool" apply --from clerk -f people.json --to workos --rate 20 -w ws --yes --quiet >out 2>err </dev/null
code=$?
[ "$code" -le 1 ] && everybody && [ "$SECONDS" -le 20 ]
verdict "a pace does not wait for a clock that jumped"
# A workspace from the future, as after a wrong clock that was set right.
begin apply
BADDAY_CLOCK=1:31536000 LD_PRELOAD=$PRELOAD_BADDAY "$tool" plan "${sides[@]}" -w ws --yes --quiet >out 2>err </dev/null
go_on
verdict "a plan from next year"

# ---- memory ----
# Our own allocations, under the sanitizers: nothing is lost, or used again, on the way out.
# until_enough WAY: with memory that lasts longer each time, until it lasts.
until_enough() {
	local n=20 tries=0 stops=0
	complaints=0
	code=3
	while [ "$code" -gt 1 ] && [ "$tries" -lt 60 ]; do
		begin "$1"
		REHOME_TEST_ALLOC_FAILS_FROM=$n "$REHOME" "${way[@]}" >out 2>err </dev/null
		code=$?
		tries=$((tries + 1))
		if [ "$code" -gt 1 ]; then
			stops=$((stops + 1))
			{ [ "$code" -eq 3 ] && grep -q '^rehome: ' err && ! grep -q Sanitizer err; } || complain "memory out at $n"
			go_on || complain "going on after memory out at $n"
			code=3
		fi
		n=$((n + n / 4 + 1))
	done
	echo "# $1 with memory out up to $n: $tries tries, $stops stopped"
	[ "$complaints" -eq 0 ] && [ "$tries" -lt 60 ] && { [ "$stops" -gt 0 ] || ! has_hooks; }
	verdict "$1: no allocation that fails goes unnoticed"
}
has_hooks() {
	REHOME_TEST_ALLOC_FAILS_FROM=1 "$REHOME" help >/dev/null 2>&1
	[ $? -ne 0 ]
}
until_enough apply
until_enough undo
if has_release; then
	begin apply
	SCARCE_COUNT=count LD_PRELOAD=$PRELOAD_SCARCE "$tool" "${way[@]}" >out 2>err </dev/null
	read -r apply_calls <count
	begin undo
	SCARCE_COUNT=count LD_PRELOAD=$PRELOAD_SCARCE "$tool" "${way[@]}" >out 2>err </dev/null
	read -r undo_calls <count
	echo "# apply: $apply_calls allocations; undo: $undo_calls"
	# What comes before the options are read has no command to print.
	with_each "apply: memory runs out at the n-th allocation" apply "$PRELOAD_SCARCE" SCARCE_FAIL 90 "$apply_calls" \
		"$stride"
	with_each "undo: memory runs out at the n-th allocation" undo "$PRELOAD_SCARCE" SCARCE_FAIL 90 "$undo_calls" \
		"$stride"
else
	skip "memory runs out" "there is no release build (\$REHOME_RELEASE)"
fi

finish
