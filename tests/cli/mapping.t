#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files of anybody: known names, a user's mapping document, a draft of one; what is refused, and how that is said.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

hash="\$2a\$04\$r5S7YFqh5ZFvUvuMAlDbDOzyLkyxfzBPYE8UjBLo4MWB2o9wgbMBG"
to=(--to workos --offline --workos-client-id client_x)

# ---- known names ----
cat >users.csv <<END
User ID;E-Mail;Email Verified;First-Name;Password_Hash;is_active;created_at;Shoe Size
1;ann@acme.example;t;Ann;$hash;1;2024-05-01 10:00:00+00;42
2;bob@acme.example;0;Bob;$hash;1;1714557600;43
3;eve@acme.example;yes;Eve;$hash;0;1714557600123;44
1.5E+10;max@acme.example;1;Max;;1;;45
END
run plan --from csv -f users.csv "${to[@]}" --json -w w0
holds "csv: known names, whatever their case and separators" \
	'.plan.total == 4 and ([.findings[] | select(.code == "RH0109" or .code == "RH0701")] | length == 2)'
run plan --from csv -f users.csv "${to[@]}" -w w1
[ "$code" -eq 1 ] && grep -q RH0109 out && ! grep -q 'acme.example' out err
verdict "csv: who was damaged by a spreadsheet, or is blocked, is told; nobody is named"
tr ';' '|' <users.csv >bars.csv
run plan --from csv -f bars.csv "${to[@]}" --json -w w2
holds "csv: bars separate, too" '.plan.total == 4'
printf '{"users":[{"id":1,"email":"a@b.example"},{"id":12345678901234567890,"email":"c@d.example"}]}' >users.json
exits 0 "csv: the same names in JSON" plan --from csv -f users.json "${to[@]}" -w w3
printf 'who,mail\n1,a@b.example\n' >strange.csv
refuses 'none of the columns or members is known as an id' plan --from csv -f strange.csv "${to[@]}" -w w8
grep -q 'rehome mapping draft' err
verdict "csv: a file without known names says what helps"
printf 'id,primary_email_address\nuser_1,a@b.example\n' >clerk.csv
refuses 'this looks like an export of Clerk' plan --from csv -f clerk.csv "${to[@]}" -w w9
grep -q -- '--from clerk' err
verdict "csv: an export that a provider knows is told"

# ---- passwords that can be read ----
printf 'id,email,password\n1,a@b.example,hunter2hunter2\n2,c@d.example,%s\n' "$hash" >clear.csv
run plan --from csv -f clear.csv "${to[@]}" -w w4
[ "$code" -eq 1 ] && grep -q RH0314 out && ! grep -rq hunter2 out err w4
verdict "csv: a password that can be read refuses its record, and stands nowhere"
run plan --from csv -f clear.csv --csv-clear-passwords pass-over "${to[@]}" -w w5
[ "$code" -eq 0 ] && grep -q RH0305 out && ! grep -rq hunter2 out err w5
verdict "csv: or the person moves without it, when that is asked for"

# ---- a mapping document ----
cat >mapping.json <<'END'
{
  "mapping": 1, "name": "acme",
  "fields": {
    "source_id": "who.id",
    "emails": { "from": "mail", "verified": "ok" },
    "full_name": { "from": "name", "split": "last-blank" },
    "banned": { "from": "state", "is": ["off"] }
  },
  "leave_out": { "when": "guest", "reason": "anonymous" }
}
END
cat >people.ndjson <<'END'
{"who":{"id":"p1"},"mail":"ann@acme.example","ok":"2024-05-01T10:00:00Z","name":"Ann Poe"}
{"who":{"id":"p2"},"mail":"bob@acme.example","ok":null,"name":"Prince"}
{"who":{"id":"p3"},"mail":"eve@acme.example","state":"off"}
{"who":{"id":"p4"},"mail":"x@acme.example","guest":true}
END
run plan --from ./mapping.json -f people.ndjson "${to[@]}" -w w6 --json
holds "a mapping document in place of a provider" \
	'.plan.total == 4 and ([.findings[] | select(.code == "RH0705" or .code == "RH0701")] | length == 2)'
exits 1 "the same by option" plan --from csv --csv-mapping mapping.json -f people.ndjson "${to[@]}" -w w6
sed 's/"off"/"on"/' mapping.json >other.json
run plan --from ./other.json -f people.ndjson "${to[@]}" -w w6
grep -q 'revision 2\|plan 2' out
verdict "another document is another plan"
sed 's/"emails"/"email"/' mapping.json >wrong.json
refuses 'perhaps "emails" is meant' plan --from ./wrong.json -f people.ndjson "${to[@]}"
grep -q 'line 5, column 5' err
verdict "a wrong document is told with line and column"
refuses 'No such file' plan --from ./nowhere.json -f people.ndjson "${to[@]}"

# ---- rehome mapping test ----
run mapping test mapping.json -f people.ndjson
[ "$code" -eq 0 ] && grep -q '"verified":true' out && ! grep -qiE 'ann|acme' out err
verdict "test: one record before and after, with the shape of its values alone"
run mapping test mapping.json -f people.ndjson --record 2 --show-values --json
holds "test: with values, when they are asked for" \
	'.after.first_name == "Prince" and .before.mail == "bob@acme.example" and (.findings | length == 0)'
run mapping test mapping.json -f people.ndjson --record 4
[ "$code" -eq 1 ] && grep -q 'RH0705.*(guest): anonymous' out
verdict "test: findings, and exit status 1 for a record that does not move"
refuses 'the input has 4 records' mapping test mapping.json -f people.ndjson --record 9
refuses 'there is no "email" here' mapping test wrong.json -f people.ndjson
refuses 'missing option: "--file"' mapping test mapping.json
refuses 'missing word' mapping
refuses 'mapping has no such word' mapping dance

# ---- rehome mapping draft ----
cat >shop.csv <<END
customer no,uid,contact,mobile,is_active,pw,joined,google_id,metadata
7,u1,ann@acme.example,+4930123456,true,$hash,2024-05-01,117,"{""a"":1}"
8,u2,bob@acme.example,+4930123457,true,$hash,2024-05-02,118,
END
run mapping draft shop.csv
[ "$code" -eq 0 ] && jq -e '.fields.source_id == "uid" and .fields.emails[0].from == "contact" and
	.fields.password.hash == "pw" and .fields.banned.inverted and .fields.identities[0].provider.value == "google"' out >/dev/null
verdict "draft: by names and by values"
grep -q 'customer no .*not understood' err && grep -q 'contact .*low: e-mail addresses' err && ! grep -q 'acme' out err
verdict "draft: says how sure it is, and names nobody"
cp out drafted.json
run mapping test drafted.json -f shop.csv --record 2 --show-values --json
holds "draft: what it wrote can be tried" '.after.identifiers[0].value == "bob@acme.example" and (.findings | length == 0)'
exits 0 "draft: and planned with" plan --from ./drafted.json -f shop.csv "${to[@]}" -w w7
drafts=$REHOME_SOURCE/tests/data/draft
for file in "$drafts"/*.csv "$drafts"/*.json; do
	name=${file##*/}
	run mapping draft "$file"
	diff "$file.expected" out >diff.out && ! grep -q 'example.com' err && ! grep -q decide out &&
		cp out drafted.json && run mapping test drafted.json -f "$file" && [ "$code" -eq 0 ]
	verdict "draft: of $name, and a record by it"
done
grep -q 'Nº' "$drafts/hr-spanish.csv.expected" && run mapping draft "$drafts/hr-german.csv" && grep -q 'Telefon .*low: phone numbers without country, in 2, all different' err
verdict "draft: what contradicts a name is told"
file=$drafts/no-id/contacts.csv
run mapping draft "$file"
[ "$code" -eq 0 ] && diff "$file.expected" out >diff.out && grep -q '^none of the columns or members is known as an id: in "source_id"' err &&
	grep -q 'Shoe size .*not understood: numbers, in 3, 2 different' err
verdict "draft: without an id a person has to choose one"
cp out undecided.json
refuses 'source_id: this is yet to be decided' mapping test undecided.json -f "$file"
refuses 'as "Contact e-mail"' plan --from ./undecided.json -f "$file" "${to[@]}" -w w9
grep -q 'line 5, column' err
verdict "draft: an undecided one plans nothing, and says where"
sed 's/{ "decide".*}/"Contact e-mail"/' undecided.json >decided.json
exits 1 "draft: a decided one does" plan --from ./decided.json -f "$file" "${to[@]}" -w w9
run mapping draft "$file" --json
holds "draft: the same as one document" '.decided == false and (.document.fields.source_id.decide | length == 1) and
	(.paths[] | select(.path == "Notes") | .count == 1 and .becomes == null)'
refuses 'missing word: the file' mapping draft

# ---- as a tired person has it: a few wrong cells, a row that is none ----
cat >tired.csv <<END
Customer ID,Contact e-mail,Suspended?,Signed up,Pwd hash
C-1,ada@example.com,No,2024-01-01,$hash
C-2,ben@example,Yes,2024-01-02,hunter2
,cid@example.com,No,2024-01-03,
C-4,"dot@example.com,Dot",broken
C-5,eve@example.com,No,2024-01-05,
END
run mapping draft tired.csv
[ "$code" -eq 0 ] && grep -q 'Contact e-mail .*low: mostly e-mail addresses, in 4, all different' err && jq -e '.fields.created_at == "Signed up"' out >/dev/null &&
	! grep -qE 'hunter2|example.com' out err
verdict "draft: what most values are is told"
cp out tired.json
run plan --from ./tired.json -f tired.csv "${to[@]}" -w w10
[ "$code" -eq 1 ] && tr -s ' \n' ' ' <out | grep -q 'Such as: row 3 (Customer ID) ' && tr -s ' \n' ' ' <out | grep -q 'Such as: row 4 (line 5, column 1)'
verdict "plan: who has no id is told by the row"

# What cannot be read is told, and is no draft where there is nothing else.
iconv -f UTF-8 -t LATIN1 "$drafts/hr-german.csv" >latin.csv
run mapping draft latin.csv
[ "$code" -ge 2 ] && [ ! -s out ] && grep -q 'none of the 2 records can be read; the first, line 2: .*UTF-8' err
verdict "draft: a file in another encoding is told"
run mapping draft -f latin.csv
[ "$code" -eq 2 ] && grep -q 'none of the 2 records' err
verdict "draft: the file may be given as everywhere"
printf 'id,email\n1,a@b.example,x\n' >wide.csv
refuses 'none of the 1 records can be read; the first, line 2: the row has 3 cells' mapping draft wide.csv
refuses 'there is one file' mapping draft latin.csv -f latin.csv
{ echo 'sep=;' && cat "$drafts/hr-german.csv"; } >told.csv
run mapping draft told.csv
diff "$drafts/hr-german.csv.expected" out >diff.out && run mapping test "$drafts/hr-german.csv.expected" -f told.csv && [ "$code" -eq 0 ]
verdict "draft: a first line that tells a spreadsheet the separator is no header"
echo id,email >header.csv
refuses 'the file has no record' mapping draft header.csv
run mapping draft tired.csv
grep -q 'passed over, as they cannot be read: 1 record, the first in line 5: ' err
verdict "draft: a row that is none is told"
echo '[{"id":"00u1","status":"ACTIVE","profile":{"login":"ada","email":"a@example.com","firstName":"Ada","id":"7"}}]' >nested.json
run mapping draft nested.json
jq -e '.fields | .source_id == "id" and .first_name == "profile.firstName" and .username == "profile.login" and .emails[0].from == "profile.email"' out >/dev/null
verdict "draft: members of the person's object mean what they mean beside it"

# ---- to the end: the plan keeps the document ----
start_server --limits off
run plan --from ./mapping.json -f people.ndjson --to workos -w end
mv mapping.json moved.json
run apply --plan 1 -w end --yes --json
holds "apply: the plan has the document, though its file is gone" '.run.created == 2 and .exit == 1'
run apply --from ./other.json -f people.ndjson --to workos --plan 1 -w end --yes
grep -q 'the options changed since the plan was made' err
verdict "apply: with another document the plan is not applied"
run verify -w end --json
holds "verify: what was mapped stands there" '.run.verified == 2 and .run.differs == 0'
run accounts -w end --finding RH0705
[ "$code" -eq 0 ] && grep -q p4 out
verdict "accounts: the source is read again, by the same document"

run rejects -w end --out mended.ndjson
grep -q '^to plan them again.* --csv-mapping=DOCUMENT ' out
verdict "rejects: the command has a place for the document"

# ---- the table of fields ----
run help --fields
grep -q '^| `source_id` | text | yes |' out && grep -q '^| `username` .* |' out
verdict "help --fields: the table"

finish
