#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Outside providers are named below src/connectors/ and nowhere else in src/ and include/:
# check-names.sh [TREE].  Exceptions, with reasons, stand in check-names.allow.
set -u
allow=$(cd "$(dirname "$0")" && pwd)/check-names.allow
cd "${1:-$(dirname "$0")/..}" || exit 2

find src include -name '*.[ch]' -o -name '*.sql' | grep -v '^src/connectors/' | sort | xargs awk -v allow="$allow" '
BEGIN {
	names = "clerk|workos|auth0|firebase|supabase|auth\\.?js|next-?auth|better-?auth|keycloak|" \
		"okta|cognito|stytch|descope|fusionauth|onelogin|entra|passwordless\\.id|logto|zitadel|" \
		"kinde|frontegg|propelauth|superboard|supertokens|ping-?one|authentik|hanko|magic\\.link"
	while ((getline line < allow) > 0) {
		if (line !~ /^#/ && split(line, field, / \| /) == 3) {
			allowed++
			files[allowed] = field[1]
			texts[allowed] = tolower(field[2])
		}
	}
}
FNR == 1 {
	if (tolower(FILENAME) ~ ("(^|[^a-z0-9])(" names ")([^a-z0-9]|$)")) {
		printf "%s:0: a provider in the name of the file: it belongs below src/connectors/\n", FILENAME
		failed = 1
	}
}
{
	text = tolower($0)
	for (i = 1; i <= allowed; i++) {
		if (FILENAME ~ ("^(" files[i] ")$")) {
			gsub(texts[i], "", text)
		}
	}
	if (match(text, "(^|[^a-z0-9])(" names ")([^a-z0-9]|$)")) {
		name = substr(text, RSTART, RLENGTH)
		gsub(/^[^a-z0-9]+|[^a-z0-9]+$/, "", name)
		printf "%s:%d: names the provider \"%s\": only src/connectors/ may, all else asks the registry\n", FILENAME, FNR, name
		failed = 1
	}
}
END { exit failed }'
