/* SPDX-License-Identifier: Apache-2.0 */
/* struct rh_str by value: comparing, cutting, numbers, UTF-8, and the text encodings base64, base32, hex. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <string.h>

#include <rehome/types.h>

struct rh_arena;
struct rh_buf;

#define RH_STR(literal) ((struct rh_str){.ptr = (literal), .len = sizeof(literal) - 1})
#define RH_STR_ABSENT ((struct rh_str){.ptr = NULL, .len = 0})
/* For "%.*s": printf("%.*s", RH_STR_ARG(text)) */
#define RH_STR_ARG(text) (int)(text).len, (text).ptr

static inline struct rh_str rh_str_from(const char *text) /* NULL gives absent */
{
	return (struct rh_str){.ptr = text, .len = text != NULL ? strlen(text) : 0};
}

static inline bool rh_str_is_set(struct rh_str text) /* present and not empty */
{
	return text.ptr != NULL && text.len > 0;
}

/* Inline, because the length of a literal is then known when it is compiled. */
static inline bool rh_str_eq(struct rh_str a, struct rh_str b) /* absent equals absent only */
{
	if (a.ptr == NULL || b.ptr == NULL) {
		return a.ptr == b.ptr;
	}
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static inline bool rh_str_is(struct rh_str a, const char *text) /* equals a C string */
{
	return rh_str_eq(a, rh_str_from(text));
}

static inline bool rh_str_starts(struct rh_str text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.ptr != NULL && text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

static inline bool rh_str_is_blank(char byte) /* ASCII */
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static inline struct rh_str rh_str_trim(struct rh_str text) /* blanks at both ends */
{
	while (text.len > 0 && rh_str_is_blank(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && rh_str_is_blank(text.ptr[text.len - 1])) {
		text.len--;
	}
	return text;
}

bool rh_str_is_nocase(struct rh_str a, const char *text); /* ASCII case ignored */
int rh_str_cmp(struct rh_str a, struct rh_str b);         /* bytes, then length */
bool rh_str_ends(struct rh_str text, const char *suffix);
struct rh_str rh_str_sub(struct rh_str text, size_t from, size_t len); /* clamped */
ptrdiff_t rh_str_index(struct rh_str text, char byte);                 /* -1: not there */
/* Cuts the text before the first `byte` off *rest and returns it; *rest becomes absent after the last. */
struct rh_str rh_str_cut(struct rh_str *rest, char byte);
bool rh_str_is_ascii(struct rh_str text);
bool rh_str_is_utf8(struct rh_str text); /* strict: no surrogates, no overlong forms */
/* Bytes of the code point at the front; 0: there is none, or it is no valid UTF-8. */
size_t rh_str_point(struct rh_str text);
/* Bytes before the first that does not belong to valid UTF-8; text.len if all do. */
size_t rh_str_utf8_prefix(struct rh_str text);
/* Length in Unicode code points of valid UTF-8. */
size_t rh_str_points(struct rh_str text);
/* Longest prefix of at most `max` bytes that does not cut a code point. */
struct rh_str rh_str_clip(struct rh_str text, size_t max);

/* Whole text as a decimal number; false: empty, other bytes, out of range. */
bool rh_str_to_u64(struct rh_str text, uint64_t *out);
bool rh_str_to_i64(struct rh_str text, int64_t *out);
bool rh_str_to_double(struct rh_str text,
		      double *out); /* JSON number syntax, independent of the locale */

/* Lower case of A-Z into the arena (other bytes unchanged); absent on failure or absence. */
struct rh_str rh_str_lower(struct rh_arena *arena, struct rh_str text);

enum rh_base64_form {
	RH_BASE64_STD, /* + / with padding */
	RH_BASE64_STD_NOPAD,
	RH_BASE64_URL_NOPAD, /* - _ without padding */
	RH_BASE64_AB64,      /* . / without padding, as passlib writes it */
};
void rh_base64_encode(struct rh_buf *out, struct rh_str bytes, enum rh_base64_form form);
/* Accepts standard, URL-safe and ab64 alphabets, padded or not; refuses blanks and other bytes. */
bool rh_base64_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out);
void rh_hex_encode(struct rh_buf *out, struct rh_str bytes); /* lower case */
bool rh_hex_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out);
void rh_base32_encode(struct rh_buf *out, struct rh_str bytes); /* RFC 4648, no padding */
/* Ignores blanks, '-' and '='; either case. */
bool rh_base32_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out);
/* Percent-encodes everything but RFC 3986 unreserved bytes. */
void rh_url_encode(struct rh_buf *out, struct rh_str text);
/* Decodes %XX (and nothing else); false: broken escape. */
bool rh_url_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out);

#endif
