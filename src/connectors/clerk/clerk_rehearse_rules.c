/* SPDX-License-Identifier: Apache-2.0 */
/* What the rehearsed Clerk takes for an e-mail address, a phone number, a name, a username, a time. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"
#include "rehearsal/form.h"

enum {
	PHONE_DIGITS_MIN = 8,
	PHONE_DIGITS_MAX = 15,
	NORTH_AMERICA_DIGITS = 11, /* with the 1 */
	NAME_POINTS_MAX = 256,
	NAME_PHONE_MIN = 7,
	NAME_DIGITS_MIN = 10,
	WALLET_LEN = 42,
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Names at the top that are nobody's.  The list of public suffixes is not looked at. */
static bool is_refused_top(struct rh_str label)
{
	static const char *const tops[] = {
		"arpa", "local", "invalid", "example",     "test",     "internal",
		"lan",  "corp",  "home",    "localdomain", "intranet", "private",
	};

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		if (rh_str_is_nocase(label, tops[i])) {
			return true;
		}
	}
	return false;
}

bool clerk_is_email(struct rh_str text)
{
	static const char testing[] = ".clerk.test";
	size_t len = sizeof(testing) - 1;
	struct rh_str top;

	if (!rh_form_is_email(text, &top) || is_digit(top.ptr[0])) {
		return false;
	}
	return !is_refused_top(top) ||
	       (text.len > len && rh_str_is_nocase(rh_str_sub(text, text.len - len, len), testing));
}

/* E.164; of the North American plan also that area and exchange begin with 2 to 9. */
bool clerk_is_phone(struct rh_str text)
{
	size_t digits = text.len - 1;

	if (text.len < 1 || text.ptr[0] != '+' || digits < PHONE_DIGITS_MIN ||
	    digits > PHONE_DIGITS_MAX || text.ptr[1] == '0') {
		return false;
	}
	for (size_t i = 1; i < text.len; i++) {
		if (!is_digit(text.ptr[i])) {
			return false;
		}
	}
	return text.ptr[1] != '1' ||
	       (digits == NORTH_AMERICA_DIGITS && text.ptr[2] >= '2' && text.ptr[5] >= '2');
}

bool clerk_is_wallet(struct rh_str text)
{
	if (text.len != WALLET_LEN || text.ptr[0] != '0' || text.ptr[1] != 'x') {
		return false;
	}
	for (size_t i = 2; i < text.len; i++) {
		char low = (char)(text.ptr[i] | 0x20);

		if (!is_digit(text.ptr[i]) && (low < 'a' || low > 'f')) {
			return false;
		}
	}
	return true;
}

/* 10 to 15 digits, or 7 and more behind "+" or "00", with the usual marks between them. */
static bool looks_like_phone(struct rh_str text)
{
	size_t digits = 0;
	bool is_marked = rh_str_starts(text, "+") || rh_str_starts(text, "00");

	for (size_t i = 0; i < text.len; i++) {
		if (is_digit(text.ptr[i])) {
			digits++;
		} else if (text.ptr[i] == '\0' || strchr("+-. ()/", text.ptr[i]) == NULL) {
			return false;
		}
	}
	return (digits >= NAME_DIGITS_MIN && digits <= PHONE_DIGITS_MAX) ||
	       (is_marked && digits >= NAME_PHONE_MIN);
}

/* A scheme, a host with a path, or what a reader of URLs takes for a fragment ("name#0"). */
static bool is_url(struct rh_str word)
{
	ptrdiff_t slash = rh_str_index(word, '/');
	ptrdiff_t fragment = rh_str_index(word, '#');

	if (rh_str_index(word, '@') >= 0) {
		return false;
	}
	for (size_t i = 0; i + 2 < word.len; i++) {
		if (memcmp(word.ptr + i, "://", 3) == 0) {
			return true;
		}
	}
	if (fragment > 0 && (size_t)fragment + 1 < word.len && is_digit(word.ptr[fragment + 1])) {
		return true;
	}
	return slash > 0 && rh_str_index(rh_str_sub(word, 0, (size_t)slash), '.') > 0;
}

static bool has_tag(struct rh_str text)
{
	ptrdiff_t open = rh_str_index(text, '<');
	struct rh_str rest;

	if (open < 0) {
		return false;
	}
	rest = rh_str_sub(text, (size_t)open + 1, text.len);
	return rest.len > 0 && (is_letter(rest.ptr[0]) || rest.ptr[0] == '/') &&
	       rh_str_index(rest, '>') > 0;
}

bool clerk_is_name(struct rh_str text)
{
	return !looks_like_phone(text) && clerk_is_title(text);
}

bool clerk_is_title(struct rh_str text)
{
	struct rh_str rest = text;

	if (rh_str_points(text) > NAME_POINTS_MAX || has_tag(text)) {
		return false;
	}
	while (rest.ptr != NULL) {
		if (is_url(rh_str_cut(&rest, ' '))) {
			return false;
		}
	}
	return true;
}

/* "en", "en-US", "zh-Hant-TW" */
bool clerk_is_locale(struct rh_str text)
{
	struct rh_str rest = text;
	bool is_first = true;

	while (rest.ptr != NULL) {
		struct rh_str part = rh_str_cut(&rest, '-');

		for (size_t i = 0; i < part.len; i++) {
			if (!is_letter(part.ptr[i]) && (is_first || !is_digit(part.ptr[i]))) {
				return false;
			}
		}
		if (part.len < 2 || part.len > (is_first ? 3 : 8)) {
			return false;
		}
		is_first = false;
	}
	return true;
}

const char *clerk_username_fault(const struct rh_call *call, struct rh_str text)
{
	bool is_extended = rh_call_switch(call, CLERK_SWITCH_EXTENDED_USERNAMES) == CLERK_SET_ON;
	bool is_numeric = rh_call_switch(call, CLERK_SWITCH_NUMERIC_USERNAMES) == CLERK_SET_ON;
	const char *more = is_extended ? "_-!#$'+.^`~" : "_-";
	size_t letters = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];

		letters += is_letter(byte) ? 1 : 0;
		if (!is_letter(byte) && !is_digit(byte) &&
		    (byte == '\0' || strchr(more, byte) == NULL)) {
			return "form_username_invalid_character";
		}
	}
	if (clerk_is_phone(text)) {
		return "form_username_invalid_character";
	}
	if (text.len < CLERK_USERNAME_MIN || text.len > CLERK_USERNAME_MAX) {
		return "form_username_invalid_length";
	}
	return letters == 0 && !is_numeric ? "form_username_needs_non_number_char" : NULL;
}

/* The pattern's 0 stands for a digit. */
static bool has_pattern(struct rh_str text, const char *pattern)
{
	size_t len = strlen(pattern);

	if (text.len != len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '0' ? !is_digit(text.ptr[i]) : text.ptr[i] != pattern[i]) {
			return false;
		}
	}
	return true;
}

bool clerk_read_time(struct rh_str text, rh_time *out)
{
	struct rh_str rest = rh_str_sub(text, 19, text.len);
	size_t digits = 0;

	if (!has_pattern(rh_str_sub(text, 0, 19), "0000-00-00T00:00:00")) {
		return false;
	}
	if (rh_str_starts(rest, ".")) {
		while (1 + digits < rest.len && is_digit(rest.ptr[1 + digits])) {
			digits++;
		}
		if (digits == 0) {
			return false;
		}
		rest = rh_str_sub(rest, 1 + digits, rest.len);
	}
	return (rh_str_is(rest, "Z") || has_pattern(rest, "+00:00") ||
		has_pattern(rest, "-00:00")) &&
	       rh_time_parse(text, out);
}

static char fold(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool clerk_contains(struct rh_str text, struct rh_str part)
{
	for (size_t i = 0; text.ptr != NULL && i + part.len <= text.len; i++) {
		size_t same = 0;

		while (same < part.len && fold(text.ptr[i + same]) == fold(part.ptr[same])) {
			same++;
		}
		if (same == part.len) {
			return true;
		}
	}
	return false;
}
