#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rehome ids --format sql: what it writes is executed by SQLite and by PostgreSQL, twice, with ids that would be more
# than ids if they could.  Rules are those of src/cli/ids_sql.h (C-33).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/target.bash"

# 600 people, so that there is more than one batch; a few of them have ids that nobody wishes for.
"$tool" sample --count 600 --seed 5 --out plain.json >out 2>err
jq -c --arg line $'line\nDROP TABLE people;' '. as $all
	| ["o'"'"'brien", "x'"'"'); DROP TABLE people;--", "back\\slash", "end\\", "two  \"quotes\" `tick`", "Grüße",
		"$tag$", ":variable", "%s%n", "CASE-User", "case-user", $line, "\\'"'"'; DROP TABLE people; --"] as $odd
	| [range(0; length) | . as $i | $all[$i] | if $i < ($odd | length) then .id = $odd[$i] else . end]' plain.json >people.json
start_server --limits off
"$tool" apply --from clerk -f people.json --to workos --rate 100000 -w ws --yes --quiet >out 2>err
"$tool" ids -w ws --format json >ids.json
total=$(jq length ids.json)
stop_server
jq -e '[.[].source_id] | index("case-user") != null and index("CASE-User") != null and any(.[]; contains("DROP"))' ids.json >out
[ "$total" -gt 500 ]
verdict "people moved, those with the odd ids among them"
# What must stand in the column of each, as JSON lines sorted by bytes.
jq -r '.[] | [.source_id, .target_id] | tojson' ids.json | LC_ALL=C sort >wanted

# ---- what it refuses ----
refuses "are the same" ids -w ws --format sql --table people --match-column id --set-column id
refuses "are the same" ids -w ws --format sql --dialect sqlite --table people --match-column id --set-column ID
refuses '"--table" takes a name' ids -w ws --format sql --table "a..b" --match-column id --set-column x
refuses '"--set-column" takes a name' ids -w ws --format sql --table a --match-column id --set-column $'x\ty'
refuses "belong together" ids -w ws --format sql --add-column
refuses "Add --format sql" ids -w ws --dialect mysql

# ---- SQLite ----
odd_table='peo"ple; --'
odd_column='old `id`'
statements() {
	run ids -w ws --format sql --dialect "$1" --table "$2" --match-column "$odd_column" --set-column 'new "id"' --add-column
	cp out "$1.sql"
}
if command -v sqlite3 >/dev/null; then
	statements sqlite "$odd_table"
	[ "$(grep -c '^UPDATE' sqlite.sql)" -eq $(((total + 499) / 500)) ] && tail -n 1 sqlite.sql | grep -qx -e "-- The end: $total ids."
	verdict "SQLite: batches of 500, and an end"
	sqlite3 app.db 'CREATE TABLE "peo""ple; --" ("old `id`" text COLLATE NOCASE, other integer); CREATE TABLE people (id)'
	jq -c '.[].source_id' ids.json | while read -r id; do
		printf "INSERT INTO \"peo\"\"ple; --\" VALUES (json_extract('%s', '\$'), 7);\n" "$(sed "s/'/''/g" <<<"$id")"
	done | { echo 'BEGIN;'; cat; echo 'INSERT INTO "peo""ple; --" VALUES ('"'stranger'"', 7); COMMIT;'; } | sqlite3 app.db
	sqlite_holds() {
		sqlite3 app.db "SELECT json_array(\"old \`id\`\", \"new \"\"id\"\"\") FROM \"peo\"\"ple; --\" WHERE \"old \`id\`\" <> 'stranger'" |
			jq -c . | LC_ALL=C sort >there
		jq -c . wanted | LC_ALL=C sort | cmp - there >>err 2>&1 &&
			[ "$(sqlite3 app.db "SELECT count(*) FROM \"peo\"\"ple; --\" WHERE \"new \"\"id\"\"\" IS NULL AND \"old \`id\`\" = 'stranger'")" = 1 ] &&
			[ "$(sqlite3 app.db "SELECT count(*) FROM people")" = 0 ]
	}
	# The first batch alone, as a run that was killed leaves it; then everything.
	awk '{ print } /^ELSE/ { exit }' sqlite.sql >half.sql
	sqlite3 app.db <half.sql >out 2>err && sqlite3 app.db 'UPDATE "peo""ple; --" SET other = 8'
	sqlite3 app.db <sqlite.sql >>out 2>>err
	sqlite_holds
	verdict "SQLite: everybody has the id at the target, byte by byte (rule 3), after half a run"
	cp app.db before.db
	sqlite3 app.db <sqlite.sql >out 2>err
	sqlite_holds && grep -q 'duplicate column' err
	verdict "SQLite: and again after a whole one (rule 2)"
	sqlite3 numbers.db 'CREATE TABLE t (old integer, new text); INSERT INTO t VALUES (5, NULL)'
	sed -n '1p' sqlite.sql >out
	sqlite3 numbers.db "UPDATE t SET new = CASE old COLLATE BINARY WHEN '5' THEN 'five' ELSE new END WHERE old IN ('5')"
	[ "$(sqlite3 numbers.db 'SELECT new FROM t')" = five ]
	verdict "SQLite: the form of the statement finds a number by its digits"
	run ids -w ws --format sql --dialect sqlite
	sqlite3 own.db <out 2>err && sqlite3 own.db <out 2>>err &&
		[ "$(sqlite3 own.db 'SELECT count(*) FROM rehome_ids')" = "$total" ]
	verdict "SQLite: a table of its own, twice"
else
	count=$((count + 1))
	echo "ok $count - SQLite executes the statements # SKIP sqlite3 is not installed"
fi

# ---- MySQL: no server here, so what is written is looked at ----
statements mysql 'app.people'
grep -qF 'UPDATE `app`.`people` SET `new "id"` = CASE CAST(`old ``id``` AS BINARY)' out &&
	grep -qF "table_schema = 'app' AND table_name = 'people' AND column_name = 'new \"id\"'" out &&
	! grep -q '\\' out && grep -qF "WHEN CONVERT(X'6261636b5c736c617368' USING utf8mb4) THEN 'user_" out
verdict "MySQL: backticks, no backslash anywhere (rule 1), bytes compared (rule 3)"

# ---- PostgreSQL: a cluster of its own, over a socket in this folder ----
binaries=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
cluster=
stop_cluster() {
	if [ -n "$cluster" ]; then
		as_other "$binaries/pg_ctl" -D "$cluster" -m immediate stop >/dev/null 2>&1
		rm -rf "$place"
	fi
	stop_server
	rm -rf "$work"
}
# A server of PostgreSQL refuses to be root.
as_other() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$place" "$@"
	else
		"$@"
	fi
}
sql() {
	as_other "$binaries/psql" -X -q -v ON_ERROR_STOP=1 -h "$place" -d postgres "$@"
}
if [ -n "$binaries" ] && [ -x "$binaries/psql" ]; then
	place=$(mktemp -d /tmp/rehome-pg.XXXXXX)
	cluster=$place/data
	trap stop_cluster EXIT
	[ "$(id -u)" -ne 0 ] || chown nobody "$place"
	(
		cd "$place" || exit 1
		as_other "$binaries/initdb" -D "$cluster" -A trust -E UTF8 --locale=C --no-sync &&
			as_other "$binaries/pg_ctl" -D "$cluster" -w -t 60 -l "$place/log" -o "-k '$place' -c listen_addresses='' -c fsync=off" start
	) >out 2>err || {
		cat "$place/log" >>err 2>/dev/null
		false
	}
	verdict "PostgreSQL: a cluster starts"
	statements postgresql 'app.people'
	cd "$place" || exit 1
	sql -c 'CREATE SCHEMA app; CREATE TABLE app.people ("old `id`" text, other integer); CREATE TABLE people (id text)' >"$work/out" 2>"$work/err"
	{
		jq -r '.[] | .source_id | @base64' "$work/ids.json" | while read -r id; do
			echo "INSERT INTO app.people VALUES (convert_from(decode('$id', 'base64'), 'UTF8'), 7);"
		done
		echo "INSERT INTO app.people VALUES ('stranger', 7);"
	} | sql -1 >>"$work/out" 2>>"$work/err"
	postgresql_holds() {
		sql -At -c "SELECT json_build_array(\"old \`id\`\", \"new \"\"id\"\"\") FROM app.people WHERE \"old \`id\`\" <> 'stranger'" |
			jq -c . | LC_ALL=C sort >"$work/there"
		jq -c . "$work/wanted" | LC_ALL=C sort | cmp - "$work/there" >>"$work/err" 2>&1 &&
			[ "$(sql -At -c "SELECT count(*) FROM app.people WHERE \"new \"\"id\"\"\" IS NULL")" = 1 ] &&
			[ "$(sql -At -c 'SELECT count(*) FROM people')" = 0 ]
	}
	awk '{ print } /^ELSE/ { exit }' "$work/postgresql.sql" | sql >>"$work/out" 2>>"$work/err" &&
		sql <"$work/postgresql.sql" >>"$work/out" 2>>"$work/err" && postgresql_holds
	verdict "PostgreSQL: everybody has the id at the target, after half a run"
	PGOPTIONS='-c standard_conforming_strings=off -c client_encoding=LATIN1' sql <"$work/postgresql.sql" >"$work/out" 2>"$work/err" &&
		postgresql_holds
	verdict "PostgreSQL: again, where backslashes escape and the client is no UTF-8 (rules 1, 2)"
	# Ids of some sources are UUIDs or numbers, and so is the column.
	sql -At -c "CREATE TABLE numbers (old bigint, new text); INSERT INTO numbers VALUES (5); UPDATE numbers SET new = CASE old
		WHEN '5' THEN 'five' ELSE new END WHERE old IN ('5'); SELECT new FROM numbers" >"$work/out" 2>"$work/err"
	grep -qx five "$work/out"
	verdict "PostgreSQL: the form of the statement finds a number by its digits"
	cd "$work" || exit 1
	run ids -w ws --format sql
	(
		cd "$place" || exit 1
		sql <"$work/out" && sql <"$work/out" && [ "$(sql -At -c 'SELECT count(*) FROM rehome_ids')" = "$total" ]
	) 2>err
	verdict "PostgreSQL: a table of its own, twice"
else
	count=$((count + 1))
	echo "ok $count - PostgreSQL executes the statements # SKIP postgresql is not installed"
fi

finish
