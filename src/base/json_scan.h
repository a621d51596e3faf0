/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning that the JSON reader, the JSON writer and the number functions share; reads nothing behind `end`. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* First quote, backslash or control byte of [at, end), or end.  *has_high becomes true if a byte before
 * it has its high bit set, and is left alone otherwise. */
static inline const char *rh_json_scan_plain(const char *at, const char *end, bool *has_high)
{
#if defined(__SSE2__)
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i last_control = _mm_set1_epi8(0x1f);

	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i hits =
			_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
						  _mm_cmpeq_epi8(bytes, backslash)),
				     _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
		unsigned stop = (unsigned)_mm_movemask_epi8(hits);
		unsigned high = (unsigned)_mm_movemask_epi8(bytes);

		if (stop != 0) {
			/* Only the bytes below the lowest stop bit count. */
			*has_high |= (high & (stop - 1) & ~stop) != 0;
			return at + __builtin_ctz(stop);
		}
		*has_high |= high != 0;
		at += 16;
	}
#endif
	while (end - at >= 8) { /* keys and the ends of texts are short */
		const uint64_t ones = UINT64_C(0x0101010101010101);
		const uint64_t highs = 0x80 * ones;
		uint64_t bytes;
		uint64_t quotes;
		uint64_t backslashes;

		memcpy(&bytes, at, sizeof(bytes));
		quotes = bytes ^ '"' * ones;
		backslashes = bytes ^ '\\' * ones;
		/* The highest bit of a byte that is less than 0x20, or equal; of one behind it, too, perhaps. */
		if ((((bytes - 0x20 * ones) & ~bytes) | ((quotes - ones) & ~quotes) |
		     ((backslashes - ones) & ~backslashes)) &
		    highs) {
			break;
		}
		*has_high |= (bytes & highs) != 0;
		at += 8;
	}
	while (at < end) {
		unsigned char byte = (unsigned char)*at;

		if (byte == '"' || byte == '\\' || byte < 0x20) {
			break;
		}
		*has_high |= byte >= 0x80;
		at++;
	}
	return at;
}

static inline bool rh_json_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline const char *rh_json_scan_digits(const char *at, const char *end)
{
	while (at < end && rh_json_is_digit(*at)) {
		at++;
	}
	return at;
}

/* Moves *at over one number of RFC 8259 §6.  false: *at is where a digit is missing. */
static inline bool rh_json_scan_number(const char **at, const char *end)
{
	const char *start = *at < end && **at == '-' ? *at + 1 : *at;
	const char *p = start < end && *start == '0' ? start + 1 : rh_json_scan_digits(start, end);

	if (p == start) {
		*at = p;
		return false;
	}
	if (p < end && *p == '.') {
		start = p + 1;
		p = rh_json_scan_digits(start, end);
		if (p == start) {
			*at = p;
			return false;
		}
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		start = p + 1;
		if (start < end && (*start == '+' || *start == '-')) {
			start++;
		}
		p = rh_json_scan_digits(start, end);
		if (p == start) {
			*at = p;
			return false;
		}
	}
	*at = p;
	return true;
}

#endif
