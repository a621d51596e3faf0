/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and TOTP secrets in their one form: ASCII by hand, the rest by libidn2 and libunistring. */
#include "account/normalise.h"

#include <idn2.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define EMAIL_MAX 254  /* RFC 5321 §4.5.3.1.3, less the angle brackets */
#define LOCAL_MAX 64   /* RFC 5321 §4.5.3.1.1 */
#define DOMAIN_MAX 253 /* RFC 1035 §2.3.4, as text */
#define LABEL_MAX 63   /* RFC 1035 §2.3.4 */
#define PHONE_MIN 7
#define PHONE_MAX 15 /* E.164 */
#define KEY_MAX 8192 /* bytes; no identifier is longer, and folding can multiply the length */

static const char why_memory[] = "out of memory";

static bool refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* libunistring's results are the C library's memory, as libidn2's are, which has a function to free it. */
static void free_text(uint8_t **text)
{
	idn2_free(*text);
}

static void free_domain(char **domain)
{
	idn2_free(*domain);
}

static bool is_blank_or_control(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f) {
			return true;
		}
	}
	return false;
}

/* As above for Unicode, with what is not seen at all: joiners, marks of direction, byte order marks. */
static bool has_invisible(struct rh_str text)
{
	const uint8_t *at = (const uint8_t *)text.ptr;
	size_t left = text.len;

	while (left > 0) {
		ucs4_t point;
		int len = u8_mbtouc(&point, at, left);

		if (uc_is_property_white_space(point) ||
		    uc_is_general_category_withtable(point, UC_CATEGORY_MASK_Cc |
								    UC_CATEGORY_MASK_Cf |
								    UC_CATEGORY_MASK_Z)) {
			return true;
		}
		at += len;
		left -= (size_t)len;
	}
	return false;
}

/* NFC and lower case. */
static bool lower_unicode(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	size_t len = 0;
	__attribute__((cleanup(free_text))) uint8_t *lower =
		u8_tolower((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFC, NULL, &len);

	return lower != NULL &&
	       rh_arena_copy(arena, (struct rh_str){.ptr = (const char *)lower, .len = len}, out);
}

/* The domain's A-labels; non-ASCII dots are dots here. */
static bool domain_to_ascii(struct rh_arena *arena, struct rh_str domain, struct rh_str *out,
			    const char **why)
{
	__attribute__((cleanup(free_domain))) char *ascii = NULL;
	struct rh_str terminated;
	int rc;

	if (!rh_arena_copy(arena, domain, &terminated)) {
		return refuse(why, why_memory);
	}
	rc = idn2_to_ascii_8z(terminated.ptr, &ascii,
			      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
	if (rc == IDN2_MALLOC) {
		return refuse(why, why_memory);
	}
	if (rc != IDN2_OK) {
		return refuse(why, "the domain is not one that IDNA allows");
	}
	return rh_arena_copy(arena, rh_str_from(ascii), out) || refuse(why, why_memory);
}

/* Lower-case ASCII labels, two at least, in one pass: every account has an address or two. */
static bool check_domain(struct rh_str domain, const char **why)
{
	size_t labels = 1;
	size_t len = 0; /* of the label so far */
	char before = '.';

	if (domain.len > DOMAIN_MAX) {
		return refuse(why, "the domain is too long");
	}
	for (size_t i = 0; i < domain.len; i++) {
		char byte = domain.ptr[i];

		if ((unsigned char)(byte - 'a') < 26 || (unsigned char)(byte - '0') < 10 ||
		    (byte == '-' && len > 0)) {
			len++;
		} else if (byte == '.' && len > 0 && len <= LABEL_MAX && before != '-') {
			labels++;
			len = 0;
		} else {
			return refuse(why, "the domain is not a host name");
		}
		before = byte;
	}
	if (len == 0 || len > LABEL_MAX || before == '-') {
		return refuse(why, "the domain is not a host name");
	}
	return labels >= 2 || refuse(why, "the domain has no dot");
}

static bool take_local(struct rh_arena *arena, struct rh_str local, struct rh_str *out,
		       const char **why)
{
	if (local.len == 0) {
		return refuse(why, "there is nothing before the at sign");
	}
	if (is_blank_or_control(local) || (!rh_str_is_ascii(local) && has_invisible(local))) {
		return refuse(why, "there is a blank or an invisible character");
	}
	if (rh_str_is_ascii(local)) {
		*out = rh_str_lower(arena, local);
	} else if (!lower_unicode(arena, local, out)) {
		return refuse(why, why_memory);
	}
	if (out->ptr == NULL) {
		return refuse(why, why_memory);
	}
	return out->len <= LOCAL_MAX || refuse(why, "the part before the at sign is too long");
}

static bool take_domain(struct rh_arena *arena, struct rh_str domain, struct rh_str *out,
			const char **why)
{
	if (is_blank_or_control(domain)) {
		return refuse(why, "there is a blank or an invisible character");
	}
	if (!rh_str_is_ascii(domain)) {
		if (!domain_to_ascii(arena, domain, out, why)) {
			return false;
		}
		domain = *out;
	}
	*out = rh_str_lower(arena, domain);
	return out->ptr != NULL ? check_domain(*out, why) : refuse(why, why_memory);
}

/* The way of almost every address: ASCII and nothing wrong.  False: the long way tells what it is. */
static bool take_plain(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	struct rh_str domain;
	struct rh_str local;
	const char *why;
	unsigned others = 0; /* bytes that are blank, control or no ASCII */
	char *lower = text.len <= EMAIL_MAX ? rh_arena_alloc(arena, text.len + 1) : NULL;

	if (lower == NULL) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) { /* without a branch: many at once */
		unsigned char byte = (unsigned char)text.ptr[i];
		bool is_upper = (unsigned char)(byte - 'A') < 26;

		others |= (unsigned char)(byte - '!') > '~' - '!';
		lower[i] = (char)(byte | (is_upper ? 0x20 : 0));
	}
	lower[text.len] = '\0';
	domain = (struct rh_str){lower, text.len};
	local = rh_str_cut(&domain, '@'); /* a second one is no byte of a domain */
	if (others != 0 || local.len == 0 || local.len > LOCAL_MAX || domain.ptr == NULL ||
	    !check_domain(domain, &why)) {
		return false;
	}
	*out = (struct rh_str){lower, text.len};
	return true;
}

bool rh_normalise_email(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
			const char **why)
{
	struct rh_str domain = rh_str_trim(text);
	struct rh_str local;
	struct rh_str email;

	if (take_plain(arena, domain, out)) {
		return true;
	}
	/* Before anything is folded: no form below is ever longer than eight times what it was. */
	if (domain.len > 8 * EMAIL_MAX) {
		return refuse(why, "the address is too long");
	}
	if (!rh_str_is_utf8(domain)) {
		return refuse(why, "the address is not valid UTF-8");
	}
	local = rh_str_cut(&domain, '@');
	if (domain.ptr == NULL) {
		return refuse(why, "there is no at sign");
	}
	if (rh_str_index(domain, '@') >= 0) {
		return refuse(why, "there is more than one at sign");
	}
	if (!take_local(arena, local, &local, why) || !take_domain(arena, domain, &domain, why)) {
		return false;
	}
	if (local.len + 1 + domain.len > EMAIL_MAX) {
		return refuse(why, "the address is too long");
	}
	email = rh_arena_printf(arena, "%.*s@%.*s", RH_STR_ARG(local), RH_STR_ARG(domain));
	if (email.ptr == NULL) {
		return refuse(why, why_memory);
	}
	*out = email;
	return true;
}

bool rh_normalise_phone(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
			const char **why)
{
	struct rh_str trimmed = rh_str_trim(text);
	char number[1 + PHONE_MAX];
	size_t len = 0;

	if (trimmed.len == 0 || trimmed.ptr[0] != '+') {
		return refuse(why, "there is no plus sign and country code");
	}
	number[len++] = '+';
	for (size_t i = 1; i < trimmed.len; i++) {
		char byte = trimmed.ptr[i];

		/* "+44 (0)20 …": the zero is dialled only without the country code */
		if (byte == '(' && rh_str_starts(rh_str_sub(trimmed, i, 3), "(0)")) {
			return refuse(why, "there is a zero in brackets, which may belong or not");
		}
		if (byte != '\0' && strchr(" \t.-()[]", byte) != NULL) {
			continue;
		}
		if (byte < '0' || byte > '9') {
			return refuse(why, "there is something that is no digit");
		}
		if (len == sizeof(number)) {
			return refuse(why, "there are more than 15 digits");
		}
		number[len++] = byte;
	}
	if (len < 1 + PHONE_MIN) {
		return refuse(why, "there are fewer than 7 digits");
	}
	if (number[1] == '0') {
		return refuse(why, "no country code begins with 0");
	}
	return rh_arena_copy(arena, (struct rh_str){.ptr = number, .len = len}, out) ||
	       refuse(why, why_memory);
}

/* The high bit of each of eight bytes that is a capital or no ASCII; in front of one that is no ASCII any may be set. */
static inline uint64_t unfolded(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	/* Of ASCII the one sum reaches the high bit from 'A' on, the other behind 'Z'. */
	return (bytes | ((bytes + ones * (0x80 - 'A')) ^ (bytes + ones * (0x7f - 'Z')))) &
	       (ones * 0x80);
}

/* ASCII without capitals: what an address is that was normalised.  The last eight bytes may be looked at twice. */
static bool is_folded(struct rh_str text)
{
	enum { STEP = sizeof(uint64_t) };
	char last[STEP] = {0};
	uint64_t others = 0;

	if (text.ptr == NULL) {
		return false;
	}
	if (text.len < STEP) {
		memcpy(last, text.ptr, text.len);
		return unfolded(last) == 0;
	}
	for (size_t i = 0; i + STEP < text.len; i += STEP) {
		others |= unfolded(text.ptr + i);
	}
	return (others | unfolded(text.ptr + text.len - STEP)) == 0;
}

bool rh_normalise_key(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	size_t len = 0;
	struct rh_str lower;

	if (is_folded(text)) {
		*out = text;
		return true;
	}
	if (rh_str_is_ascii(text)) {
		lower = rh_str_lower(arena, text);
		if (lower.ptr != NULL) {
			*out = lower;
		}
		return lower.ptr != NULL;
	}
	if (text.len > KEY_MAX || !rh_str_is_utf8(text)) {
		return false;
	}
	__attribute__((cleanup(free_text))) uint8_t *folded =
		u8_casefold((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFKC, NULL, &len);

	return folded != NULL &&
	       rh_arena_copy(arena, (struct rh_str){.ptr = (const char *)folded, .len = len}, out);
}

bool rh_normalise_password(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	size_t len = 0;
	uint8_t *normal;
	bool is_copied;

	if (rh_str_is_ascii(text) || !rh_str_is_utf8(text)) {
		return rh_arena_copy(arena, text, out);
	}
	normal = u8_normalize(UNINORM_NFKC, (const uint8_t *)text.ptr, text.len, NULL, &len);
	if (normal == NULL) {
		return false;
	}
	is_copied =
		rh_arena_copy(arena, (struct rh_str){.ptr = (const char *)normal, .len = len}, out);
	explicit_bzero(normal, len);
	free_text(&normal);
	return is_copied;
}

/* The secret of "otpauth://totp/LABEL?secret=…&…"; other digits, periods and digests cannot move. */
static bool take_otpauth(struct rh_arena *arena, struct rh_str url, struct rh_str *secret,
			 const char **why)
{
	struct rh_str query = url;

	*secret = RH_STR_ABSENT;
	(void)rh_str_cut(&query, '?');
	while (query.ptr != NULL) {
		struct rh_str value = rh_str_cut(&query, '&');
		struct rh_str name = rh_str_cut(&value, '=');

		if (rh_str_is_nocase(name, "secret")) {
			if (!rh_url_decode(arena, value, secret)) {
				return refuse(why, "the secret cannot be decoded");
			}
		} else if (rh_str_is_nocase(name, "algorithm") &&
			   !rh_str_is_nocase(value, "SHA1")) {
			return refuse(why, "the digest is not SHA-1");
		} else if (rh_str_is_nocase(name, "digits") && !rh_str_is(value, "6")) {
			return refuse(why, "the codes have not six digits");
		} else if (rh_str_is_nocase(name, "period") && !rh_str_is(value, "30")) {
			return refuse(why, "the period is not 30 seconds");
		}
	}
	return true;
}

bool rh_normalise_totp(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
		       const char **why)
{
	struct rh_str secret = rh_str_trim(text);
	struct rh_str bytes;
	rh_autobuf base32 = {0};

	/* blanks and padding are left out: never longer than what came */
	rh_buf_init_secret(&base32, text.len);
	if (rh_str_is_nocase(rh_str_sub(secret, 0, 10), "otpauth://")) {
		if (!rh_str_is_nocase(rh_str_sub(secret, 10, 5), "totp/")) {
			return refuse(why, "the codes do not follow the time");
		}
		if (!take_otpauth(arena, secret, &secret, why)) {
			return false;
		}
	}
	if (!rh_base32_decode(arena, secret, &bytes) || bytes.len == 0) {
		return refuse(why, "the secret is not Base32");
	}
	rh_base32_encode(&base32, bytes);
	return (base32.failed == 0 && rh_arena_copy(arena, rh_buf_str(&base32), out)) ||
	       refuse(why, why_memory);
}
