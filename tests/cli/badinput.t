#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Inputs with something wrong: a bad record is named and costs one, a bad file stops the plan and says why (C-23, C-24).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

# person ID EMAIL [MORE]: a record as the source's API gives it.
person() {
	printf '{"id":"%s","primary_email_address_id":"i","email_addresses":[{"id":"i","email_address":"%s",' "$1" "$2"
	printf '"verification":{"status":"verified"}}]%s}' "${3:-}"
}
ada=$(person user_1 ada@example.com)
ben=$(person user_2 ben@example.com)
header=id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses
row() {
	printf '%s,Ada,Example,,%s,,%s\n' "$1" "$2" "$2"
}

# plans CODE FILE...: a plan of these files, in a workspace of its own.
plans() {
	local wanted=$1 files=() file
	shift
	for file in "$@"; do
		files+=(-f "$file")
	done
	rm -rf ws
	run plan --offline --from clerk "${files[@]}" --to workos -w ws --json
	[ "$code" -eq "$wanted" ]
}

# one_bad NAME FILE FINDING PLACE: two people move, and one record is left out for that reason, named with its place.
one_bad() {
	local name=$1 file=$2 finding=$3 place=$4
	plans 1 "$file" && holds_of ".plan.create == 2 and .plan.refuse == 1 and
		any(.findings[]; .code == \"$finding\" and .count == 1)" <out
	verdict "$name: one record is left out, the others move"
	run accounts -w ws --state refused --json
	holds "$name: it is named" ".accounts | length == 1 and .[0].code == \"$finding\" and
		.[0].input == \"$file\" and (\"\(.[0].path // \"\") row \(.[0].row)\" == \"$place\")"
}

# stops NAME MESSAGE FILE...: exit 2, the message names the file, and no plan is left.
stops() {
	local name=$1 message=$2
	shift 2
	plans 2 "$@" && grep -qF -- "$message" err && [ ! -e ws/plans/1.json ] &&
		holds_of '.exit == 2 and (.error.code == "input" or .error.code == "limit")' <out
	verdict "$name"
}

# ---- JSON ----
printf '[%s,\n%s' "$ada" "${ben%????????}" >cut.json
stops "cut within a record" 'reading "cut.json": the input is cut: line 2, column 1' cut.json
printf '[%s,\n%s' "$ada" "$ben" >open.json
stops "cut behind a record" 'reading "open.json": the input is cut: line 2' open.json
printf '%s\n%s' "$ada" "${ben%????????}" >cut.ndjson
stops "a last line that is cut" 'reading "cut.ndjson": the input is cut: line 2, column 1' cut.ndjson
printf '[%s,\n{"id":"user_3},\n%s]' "$ada" "$ben" >quote.json
one_bad "an open quote" quote.json RH0101 "line 2, column 16 row 2"
printf '[%s,\n{"id":"\xff"},\n%s]' "$ada" "$ben" >utf8.json
one_bad "invalid UTF-8" utf8.json RH0101 "line 2, column 8 row 2"
printf '[%s,\n{"id":"\xed\xa0\x80"},\n%s]' "$ada" "$ben" >raw-surrogate.json
one_bad "a surrogate as bytes" raw-surrogate.json RH0101 "line 2, column 8 row 2"
printf '[%s,\n{"id":"\\ud800"},\n%s]' "$ada" "$ben" >surrogate.json
one_bad "half of a surrogate pair" surrogate.json RH0101 "line 2, column 8 row 2"
printf '[%s,\n{"id":"a\0b"},\n%s]' "$ada" "$ben" >nul.json
one_bad "a NUL byte" nul.json RH0101 "line 2, column 9 row 2"
printf '[%s,\n{"id":"a\\u0000b"},\n%s]' "$ada" "$ben" >escaped-nul.json
one_bad "an escaped NUL" escaped-nul.json RH0101 "line 2, column 9 row 2"
{
	printf '[%s,\n{"id":"user_3","x":' "$ada"
	head -c 10000 /dev/zero | tr '\0' '['
	head -c 10000 /dev/zero | tr '\0' ']'
	printf '},\n%s]' "$ben"
} >deep.json
plans 1 deep.json && holds_of '.plan.create == 2 and .plan.refuse == 1 and .findings[0].code == "RH0101"' <out
verdict "10,000 lists, each within another: one record is left out"
{
	printf '[%s,\n{"id":"user_3","x":"' "$ada"
	head -c 17000000 /dev/zero | tr '\0' x
	printf '"},\n%s]' "$ben"
} >large.json
one_bad "a record beyond the limit" large.json RH0101 "line 2, column 1 row 2"
{
	printf '[%s,\n{"id":"user_3","last_name":"' "$ada"
	head -c 10485760 /dev/zero | tr '\0' x
	printf '",%s]' "${ben#?}" | sed 's/"id":"user_2",//'
} >field.json
plans 0 field.json && holds_of '.plan.create == 2' <out
verdict "a field of 10 MB is read"
big=123456789012345678901
printf '[{"id":%s,"primary_email_address_id":null,"email_addresses":[]},\n{"id":"%s9007199254740993"},%s]' \
	$big $big "$ada" >digits.json
plans 1 digits.json
run accounts -w ws --state refused --json
holds "ids keep every digit, and no number is taken for one" \
	"[.accounts[] | .code, .sourceId] == [\"RH0102\", \"\", \"RH0103\", \"${big}9007199254740993\"]"
printf '[%s,\n%s,\n%s]' "$ada" "$(person user_1 other@example.com)" "$ben" >twice.json
one_bad "two records with one id" twice.json RH0106 " row 2"
printf '[%s,\n%s,\n%s]' "$ada" '{"id":"user_3","email_addresses":[]}' "$ben" >nobody.json
one_bad "no identifier" nobody.json RH0103 "email_addresses row 2"
printf '[%s,\n%s,\n%s]' "$ada" "$(person '' cleo@example.com)" "$ben" >no-id.json
one_bad "no id" no-id.json RH0102 "id row 2"
printf '{"data":[%s],"total_count":1200}' "$ada" >page.json
stops "one page of more" 'reading "page.json": one page of more: it names a total of 1200 records, and 1 are there' page.json
grep -q '^hint: Fetch the other pages' err
verdict "one page of more: what to do"
printf '{"data":[%s],"has_more":true}' "$ada" >first.json
printf '{"data":[%s],"has_more":false}' "$ben" >second.json
stops "the first page alone" 'reading "first.json": one page of more: it says that another follows' first.json
plans 0 first.json second.json && holds_of '.plan.create == 2' <out
verdict "all pages together"

# ---- CSV ----
{
	echo "$header"
	row user_1 ada@example.com
	printf 'user_2,"Ben\n'
} >open.csv
stops "an open quote in a cell" 'reading "open.csv": the input is cut: line 3, column 1: a quote' open.csv
# bad_row NAME FINDING PLACE TEXT: between two rows that are well.
bad_row() {
	{
		echo "$header"
		row user_1 ada@example.com
		printf '%b\n' "$4"
		row user_2 ben@example.com
	} >bad.csv
	one_bad "$1" bad.csv "$2" "$3 row 2"
}
bad_row "invalid UTF-8 in a cell" RH0101 "line 3, column 8" 'user_3,\xff,,,,,'
bad_row "a surrogate in a cell" RH0101 "line 3, column 8" 'user_3,\xed\xa0\x80,,,,,'
bad_row "a NUL in a cell" RH0101 "line 3, column 9" 'user_3,a\0b,,,,,'
bad_row "text behind a quote" RH0101 "line 3, column 13" 'user_3,"Ben"x,,,,,'
bad_row "a short row" RH0104 "line 3, column 1" 'user_3,Ben'
bad_row "a long row" RH0104 "line 3, column 1" 'user_3,Ben,,,,,,more'
bad_row "the header once more" RH0101 "line 3, column 1" "$header"
{
	echo "$header"
	row user_1 ada@example.com
	printf 'user_2,Ben'
} >cut.csv
stops "a last row that is cut" 'reading "cut.csv": the input is cut: line 3, column 1' cut.csv
printf 'id,email_addresses,id\nuser_1,ada@example.com,x\n' >column.csv
printf 'id,first_name,primary_email_address\ruser_1,Ada,a@example.com\ruser_2,Ada,b@example.com\r' >returns.csv
stops "line ends of an old Macintosh" 'reading "returns.csv": the header on line 1: lines end with a lone carriage return' returns.csv
stops "a column named twice" 'reading "column.csv": the header on line 1: columns 1 and 3 have the same name' column.csv

# ---- what is no export ----
: >empty
stops "an empty file" 'reading "empty": the input is empty' empty
printf ' \n\n' >blank
stops "a file of blanks" 'reading "blank": the input is empty' blank
printf '[]' >none.json
stops "an empty list" 'reading "none.json": there is no well-formed record' none.json
printf '[{"user_id":"auth0|1","email":"ada@example.com"}]' >other.json
stops "another provider's" 'reading "other.json": not an export that provider "clerk" is known to make' other.json
printf '<!doctype html><title>Sign in</title>' >page.html
stops "a web page" 'reading "page.html": the input is neither JSON nor CSV: it looks like a web page' page.html
printf 'PK\3\4aaaa' >users.zip
stops "a ZIP" 'it looks like a zip archive' users.zip
printf '%%PDF-1.7\n' >users.pdf
stops "a PDF" 'it looks like a PDF' users.pdf
printf 'just words' >words
stops "a text" 'reading "words": the input is neither JSON nor CSV' words
{
	printf '['
	head -c 100000000 /dev/zero | tr '\0' ' '
	printf ']'
} | gzip -9 >bomb.gz
stops "a decompression bomb" 'reading "bomb.gz": the input unpacks to more than 1000 times its size' bomb.gz
gzip -c twice.json | head -c 100 >cut.gz
stops "a packed file that is cut" 'reading "cut.gz": the packed input is cut before its end' cut.gz

# ---- the world ----
stops "a file that is not there" 'reading "absent.json"' absent.json
mkdir folder
stops "a folder" 'it is a folder' folder
printf '[%s]' "$ada" >locked.json
chmod 000 locked.json
# Who may read everything gives that right away.
tool=$REHOME
if [ -r locked.json ]; then
	cat >unprivileged <<-END
		#!/bin/sh
		exec setpriv --bounding-set=-dac_override,-dac_read_search '$tool' "\$@"
	END
	chmod +x unprivileged
	REHOME=$work/unprivileged
fi
stops "a file that may not be read" 'reading "locked.json": could not open "locked.json": Permission denied' locked.json
REHOME=$tool
# The first read of it fails: nothing is mapped at address 0.
plans 3 /proc/self/mem && grep -q 'reading "/proc/self/mem": .*Input/output error' err && grep -q '^hint: ' err &&
	[ ! -e ws/plans/1.json ]
verdict "a file whose reading fails"

# The second input is opened when the first one is open, and gives nothing before somebody wrote to the first.
mkfifo fifo
printf '[%s]' "$ada" >steady.json
rm -rf ws
"$REHOME" plan --offline --from clerk -f steady.json -f fifo --to workos -w ws >out 2>err </dev/null &
planner=$!
{
	printf '[%s]' "$(person user_3 cleo@example.com)" >steady.json
	printf '[%s]' "$ben"
} >fifo
wait $planner
code=$?
[ "$code" -eq 3 ] && grep -q 'reading "steady.json": the file changed while it was read' err &&
	grep -q '^hint: .*plan again' err && [ ! -e ws/plans/1.json ]
verdict "a file that changes while it is read"

# Nobody ever writes to standard input, and one signal is enough.
exec 9<>fifo
rm -rf ws
"$REHOME" plan --offline --from clerk -f - --to workos -w ws >out 2>err <&9 &
planner=$!
until [ -e ws/snapshot ] || ! kill -0 $planner 2>/dev/null; do sleep 0.02; done
kill -TERM $planner
SECONDS=0
wait $planner
code=$?
exec 9>&-
[ "$code" -eq 130 ] && [ "$SECONDS" -le 5 ] && ! find ws -name '*.part' | grep -q .
verdict "a signal ends the waiting for standard input"

finish
