/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that Clerk refuses, as its own command line tool learnt them (clerk.com, `clerk migrate`, July 2026). */
#include "connectors/clerk/clerk_target.h"

#include "base/str.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Ten to fifteen digits, or seven behind '+' or "00", whatever separates them. */
static bool is_phone(struct rh_str name)
{
	struct rh_str text = rh_str_trim(name);
	bool is_international = rh_str_starts(text, "+") || rh_str_starts(text, "00");
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_digit(c)) {
			digits++;
		} else if (c != ' ' && c != '.' && c != '-' && c != '(' && c != ')' && c != '/' &&
			   !(c == '+' && i == 0)) {
			return false;
		}
	}
	return digits <= 15 && digits >= (is_international ? 7U : 10U);
}

/* '<' before a letter, '/' or '!', and '>' somewhere behind it. */
static bool has_tag(struct rh_str name)
{
	for (size_t i = 0; i + 1 < name.len; i++) {
		char next = name.ptr[i + 1];

		if (name.ptr[i] == '<' && (is_letter(next) || next == '/' || next == '!') &&
		    rh_str_index(rh_str_sub(name, i, name.len), '>') >= 0) {
			return true;
		}
	}
	return false;
}

/* A dot with a letter on either side: what may be a host. */
static bool is_host(struct rh_str text)
{
	for (size_t i = 1; i + 2 < text.len + 1; i++) {
		if (text.ptr[i] == '.' && i + 1 < text.len && text.ptr[i - 1] != '.' &&
		    is_letter(text.ptr[i + 1])) {
			return true;
		}
	}
	return false;
}

/* A scheme, a host with a path, or a fragment: "name#0" is read as one. */
static bool is_address(struct rh_str word)
{
	ptrdiff_t colon = rh_str_index(word, ':');
	ptrdiff_t slash = rh_str_index(word, '/');
	ptrdiff_t hash = rh_str_index(word, '#');

	if (rh_str_index(word, '@') > 0) {
		return false; /* an e-mail address is taken */
	}
	if (colon > 0 && rh_str_starts(rh_str_sub(word, (size_t)colon, word.len), "://")) {
		return true;
	}
	if (hash > 0 && (size_t)hash + 1 < word.len && is_digit(word.ptr[hash + 1])) {
		return true;
	}
	return slash > 0 && is_host(rh_str_sub(word, 0, (size_t)slash));
}

bool clerk_name_is_refused(struct rh_str name)
{
	struct rh_str rest = name;

	if (name.len > CLERK_NAME_MAX || is_phone(name) || has_tag(name)) {
		return true;
	}
	while (rest.ptr != NULL) {
		if (is_address(rh_str_cut(&rest, ' '))) {
			return true;
		}
	}
	return false;
}

bool clerk_username_is_possible(struct rh_str username)
{
	for (size_t i = 0; i < username.len; i++) {
		char c = username.ptr[i];

		if (!is_letter(c) && !is_digit(c) &&
		    (c == '\0' || strchr("!#$'+.^_`~-", c) == NULL)) {
			return false;
		}
	}
	return username.len > 0;
}

bool clerk_email_is_refused(struct rh_str email)
{
	static const char *const refused[] = {
		"arpa",     "corp", "example", "home",    "internal",    "invalid",
		"intranet", "lan",  "local",   "private", "localdomain", "test",
	};
	struct rh_str last = email;

	if (rh_str_ends(email, ".clerk.test")) { /* Clerk's own, for trying things */
		return false;
	}
	for (size_t i = email.len; i > 0; i--) {
		if (email.ptr[i - 1] == '.' || email.ptr[i - 1] == '@') {
			last = rh_str_sub(email, i, email.len);
			break;
		}
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (rh_str_is(last, refused[i])) {
			return true;
		}
	}
	return false;
}
