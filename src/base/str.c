/* SPDX-License-Identifier: Apache-2.0 */
/* struct rh_str: comparing, cutting, UTF-8, numbers.  Encodings are in encode.c. */
#include "base/str.h"

#include <endian.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/json_scan.h"

enum { SAFE_DIGITS = 19 }; /* no number of so many is too large for 64 bits */

static char lower_of(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool rh_str_is_nocase(struct rh_str a, const char *text)
{
	if (a.ptr == NULL || text == NULL) {
		return a.ptr == text;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (text[i] == '\0' || lower_of(a.ptr[i]) != lower_of(text[i])) {
			return false;
		}
	}
	return text[a.len] == '\0';
}

int rh_str_cmp(struct rh_str a, struct rh_str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;

	if (order != 0) {
		return order;
	}
	if (a.len != b.len) {
		return a.len < b.len ? -1 : 1;
	}
	/* Absent comes before empty. */
	return (a.ptr != NULL) - (b.ptr != NULL);
}

bool rh_str_ends(struct rh_str text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.ptr != NULL && text.len >= len &&
	       memcmp(text.ptr + (text.len - len), suffix, len) == 0;
}

struct rh_str rh_str_sub(struct rh_str text, size_t from, size_t len)
{
	if (text.ptr == NULL) {
		return text;
	}
	from = from < text.len ? from : text.len;
	return (struct rh_str){
		.ptr = text.ptr + from,
		.len = len < text.len - from ? len : text.len - from,
	};
}

ptrdiff_t rh_str_index(struct rh_str text, char byte)
{
	const char *at = text.len > 0 ? memchr(text.ptr, byte, text.len) : NULL;

	return at != NULL ? at - text.ptr : -1;
}

struct rh_str rh_str_cut(struct rh_str *rest, char byte)
{
	struct rh_str first = *rest;
	ptrdiff_t at = rh_str_index(first, byte);

	if (at < 0) {
		*rest = RH_STR_ABSENT;
		return first;
	}
	*rest = rh_str_sub(first, (size_t)at + 1, SIZE_MAX);
	return rh_str_sub(first, 0, (size_t)at);
}

bool rh_str_is_ascii(struct rh_str text)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < text.len; i++) {
		seen |= (unsigned char)text.ptr[i];
	}
	return seen < 0x80;
}

static bool is_between(unsigned char byte, unsigned low, unsigned high)
{
	return byte >= low && byte <= high;
}

/* Bytes of the code point at `at` (Unicode 15, table 3-7); 0: not well-formed. */
static size_t point_len(const unsigned char *at, size_t left)
{
	unsigned char lead = at[0];
	unsigned low = 0x80;
	unsigned high = 0xbf;
	size_t len;

	if (lead < 0x80) {
		return 1;
	}
	if (is_between(lead, 0xc2, 0xdf)) {
		len = 2;
	} else if (is_between(lead, 0xe0, 0xef)) {
		len = 3;
		low = lead == 0xe0 ? 0xa0 : low;   /* overlong */
		high = lead == 0xed ? 0x9f : high; /* surrogates */
	} else if (is_between(lead, 0xf0, 0xf4)) {
		len = 4;
		low = lead == 0xf0 ? 0x90 : low;   /* overlong */
		high = lead == 0xf4 ? 0x8f : high; /* above U+10FFFF */
	} else {
		return 0;
	}
	if (left < len || !is_between(at[1], low, high)) {
		return 0;
	}
	for (size_t i = 2; i < len; i++) {
		if (!is_between(at[i], 0x80, 0xbf)) {
			return 0;
		}
	}
	return len;
}

size_t rh_str_point(struct rh_str text)
{
	return text.len > 0 ? point_len((const unsigned char *)text.ptr, text.len) : 0;
}

size_t rh_str_utf8_prefix(struct rh_str text)
{
	const unsigned char *bytes = (const unsigned char *)text.ptr;
	size_t at = 0;

	while (at < text.len) {
		uint64_t eight;
		size_t len;

		/* Most of a text is ASCII. */
#if defined(__SSE2__)
		for (; text.len - at >= 16; at += 16) {
			const void *from = bytes + at;
			unsigned high = (unsigned)_mm_movemask_epi8(_mm_loadu_si128(from));

			if (high != 0) {
				at += (unsigned)__builtin_ctz(high);
				break;
			}
		}
#endif
		for (; text.len - at >= sizeof(eight); at += sizeof(eight)) {
			memcpy(&eight, bytes + at, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) != 0) {
				break;
			}
		}
		len = at < text.len ? point_len(bytes + at, text.len - at) : 0;
		if (len == 0) {
			break;
		}
		at += len;
	}
	return at;
}

bool rh_str_is_utf8(struct rh_str text)
{
	return rh_str_utf8_prefix(text) == text.len;
}

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t rh_str_points(struct rh_str text)
{
	size_t points = 0;

	for (size_t i = 0; i < text.len; i++) {
		points += is_continuation(text.ptr[i]) ? 0 : 1;
	}
	return points;
}

struct rh_str rh_str_clip(struct rh_str text, size_t max)
{
	size_t len = max;

	if (text.len <= max) {
		return text;
	}
	while (len > 0 && is_continuation(text.ptr[len])) {
		len--;
	}
	return rh_str_sub(text, 0, len);
}

enum { EIGHT = sizeof(uint64_t) };

/* The number that eight digits are, all looked at together; false: one is none. */
static inline bool take_eight_digits(const char *at, uint64_t *out)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t quarters = UINT64_C(0x000000ff000000ff);
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	bytes = le64toh(bytes) ^ ones * '0';
	if (((bytes | (bytes + ones * (0x80 - 10))) & ones * 0x80) != 0) {
		return false;
	}
	/* Each byte with the next makes a pair, the pairs make four digits, and these eight: in the upper half. */
	bytes = bytes * 10 + (bytes >> 8);
	*out = ((bytes & quarters) * (100 + (UINT64_C(1000000) << 32)) +
		(bytes >> 16 & quarters) * (1 + (UINT64_C(10000) << 32))) >>
	       32;
	return true;
}

bool rh_str_to_u64(struct rh_str text, uint64_t *out)
{
	uint64_t number = 0;
	size_t i = 0;

	if (text.len == 0) {
		return false;
	}
	if (text.len >= EIGHT) { /* as a time in milliseconds */
		if (!take_eight_digits(text.ptr, &number)) {
			return false;
		}
		i = EIGHT;
	}
	for (; i < text.len && i < SAFE_DIGITS; i++) {
		if (!rh_json_is_digit(text.ptr[i])) {
			return false;
		}
		number = number * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	for (; i < text.len; i++) {
		if (!rh_json_is_digit(text.ptr[i]) || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text.ptr[i] - '0'), &number)) {
			return false;
		}
	}
	*out = number;
	return true;
}

bool rh_str_to_i64(struct rh_str text, int64_t *out)
{
	bool is_negative = rh_str_starts(text, "-");
	uint64_t number;

	if (!rh_str_to_u64(rh_str_sub(text, is_negative ? 1 : 0, SIZE_MAX), &number) ||
	    number > (uint64_t)INT64_MAX + (is_negative ? 1 : 0)) {
		return false;
	}
	if (is_negative) {
		*out = number == 0 ? 0 : -(int64_t)(number - 1) - 1;
	} else {
		*out = (int64_t)number;
	}
	return true;
}

bool rh_str_to_double(struct rh_str text, double *out)
{
	const char *at = text.ptr;
	rh_autofree char *copy = NULL;
	char small[64];
	char *terminated = small;
	double number;

	if (text.len == 0 || !rh_json_scan_number(&at, text.ptr + text.len) ||
	    at != text.ptr + text.len) {
		return false;
	}
	if (text.len >= sizeof(small)) {
		copy = rh_malloc(text.len + 1);
		if (copy == NULL) {
			return false;
		}
		terminated = copy;
	}
	memcpy(terminated, text.ptr, text.len);
	terminated[text.len] = '\0';
	/* glibc keeps the "C" locale ready: nothing is allocated here, and nothing is to be freed. */
	number = strtod_l(terminated, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0));
	if (!isfinite(number)) {
		return false;
	}
	*out = number;
	return true;
}

struct rh_str rh_str_lower(struct rh_arena *arena, struct rh_str text)
{
	char *copy;

	if (text.ptr == NULL) {
		return RH_STR_ABSENT;
	}
	copy = rh_arena_alloc(arena, text.len + 1);
	if (copy == NULL) {
		return RH_STR_ABSENT;
	}
	for (size_t i = 0; i < text.len; i++) {
		copy[i] = lower_of(text.ptr[i]);
	}
	copy[text.len] = '\0';
	return (struct rh_str){
		.ptr = copy,
		.len = text.len,
	};
}
