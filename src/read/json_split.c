/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends of JSON values.
 *
 * The fast way takes 64 bytes at a time and makes four masks of them, one bit a byte: quotes, backslashes,
 * opening and closing brackets.  Quotes behind a backslash are struck out; the exclusive or of all bits
 * below each bit then tells which bytes lie in strings; brackets outside of them move the depth.  A piece
 * shorter than 64 bytes is padded with blanks, so that every cut of the text gives the same answer.
 */
#include "read/json_split.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

struct masks {
	uint64_t quotes;
	uint64_t backslashes;
	uint64_t opening;
	uint64_t closing;
};

#if defined(__SSE2__)
static inline struct masks find_masks(const char *block)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i case_bit =
		_mm_set1_epi8(0x20); /* '[' and '{', ']' and '}' differ in it alone */
	const __m128i open = _mm_set1_epi8('{');
	const __m128i close = _mm_set1_epi8('}');
	struct masks masks = {0};

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
		__m128i folded = _mm_or_si128(bytes, case_bit);

#define BITS(hits) ((uint64_t)(unsigned)_mm_movemask_epi8(hits) << i)
		masks.quotes |= BITS(_mm_cmpeq_epi8(bytes, quote));
		masks.backslashes |= BITS(_mm_cmpeq_epi8(bytes, backslash));
		masks.opening |= BITS(_mm_cmpeq_epi8(folded, open));
		masks.closing |= BITS(_mm_cmpeq_epi8(folded, close));
#undef BITS
	}
	return masks;
}
#else
static inline struct masks find_masks(const char *block)
{
	struct masks masks = {0};

	for (unsigned i = 0; i < BLOCK; i++) {
		char byte = block[i];

		masks.quotes |= (uint64_t)(byte == '"') << i;
		masks.backslashes |= (uint64_t)(byte == '\\') << i;
		masks.opening |= (uint64_t)(byte == '{' || byte == '[') << i;
		masks.closing |= (uint64_t)(byte == '}' || byte == ']') << i;
	}
	return masks;
}
#endif

/* Bytes of the block that stand behind a backslash; `count` of its bytes are real. */
static uint64_t find_escaped(struct rh_json_extent *extent, uint64_t backslashes, unsigned count)
{
	uint64_t escaped = extent->is_escaped ? 1 : 0;

	extent->is_escaped = false;
	backslashes &= ~escaped;
	while (backslashes != 0) {
		unsigned at = (unsigned)__builtin_ctzll(backslashes);

		backslashes &= backslashes - 1;
		if (at + 1 == count) {
			extent->is_escaped = true;
			break;
		}
		escaped |= (uint64_t)1 << (at + 1);
		backslashes &= ~escaped;
	}
	return escaped;
}

/* Each bit becomes the exclusive or of itself and all below. */
static inline uint64_t prefix_xor(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	bits ^= bits << 32;
	return bits;
}

/* One block: bytes up to and with the last bracket, or 0. */
static inline unsigned scan_block(struct rh_json_extent *extent, const char *block, unsigned count)
{
	struct masks masks = find_masks(block);
	uint64_t brackets = masks.opening | masks.closing;
	uint64_t in_string = extent->in_string ? ~(uint64_t)0 : 0;

	if (masks.backslashes != 0 || extent->is_escaped) {
		masks.quotes &= ~find_escaped(extent, masks.backslashes, count);
	}
	in_string ^= prefix_xor(masks.quotes);
	extent->in_string = in_string >> (BLOCK - 1) != 0;
	brackets &= ~in_string;
	while (brackets != 0) {
		uint64_t lowest = brackets & (~brackets + 1);

		if ((masks.opening & lowest) != 0) {
			extent->depth++;
		} else {
			extent->depth--;
			if (extent->depth == 0) {
				return (unsigned)__builtin_ctzll(lowest) + 1;
			}
		}
		brackets ^= lowest;
	}
	return 0;
}

size_t rh_json_extent_end(struct rh_json_extent *extent, const char *text, size_t len)
{
	char padded[BLOCK];
	unsigned end;

	while (len - extent->done >= BLOCK) {
		end = scan_block(extent, text + extent->done, BLOCK);
		if (end != 0) {
			return extent->done + end;
		}
		extent->done += BLOCK;
	}
	if (len > extent->done) {
		unsigned count = (unsigned)(len - extent->done);

		memset(padded, ' ', sizeof(padded));
		memcpy(padded, text + extent->done, count);
		end = scan_block(extent, padded, count);
		if (end != 0) {
			return extent->done + end;
		}
		extent->done = len;
	}
	return 0;
}

void rh_json_repair_init(struct rh_json_repair *repair, enum rh_json_around around, uint64_t column)
{
	*repair = (struct rh_json_repair){
		.around = around,
		.home_column = column,
		.column = column,
	};
}

static bool is_object_at(const struct rh_json_repair *repair, size_t level)
{
	return (repair->is_object[level / 64] >> (level % 64) & 1) != 0;
}

static void open_bracket(struct rh_json_repair *repair, bool is_object)
{
	if (repair->depth < RH_JSON_REPAIR_DEPTH) {
		uint64_t bit = (uint64_t)1 << (repair->depth % 64);
		uint64_t *word = &repair->is_object[repair->depth / 64];

		*word = is_object ? *word | bit : *word & ~bit;
	}
	repair->depth++;
}

/* Rule 1; true: the bracket has no partner and closes what is around. */
static bool close_bracket(struct rh_json_repair *repair, bool is_object)
{
	if (repair->depth > RH_JSON_REPAIR_DEPTH) {
		repair->depth--;
		return false;
	}
	for (size_t level = repair->depth; level > 0; level--) {
		if (is_object_at(repair, level - 1) == is_object) {
			repair->depth = level - 1;
			return false;
		}
	}
	return repair->around == (is_object ? RH_JSON_AROUND_OBJECT : RH_JSON_AROUND_ARRAY);
}

/* The first byte of a line that is no blank; true: it begins the next value (rule 3). */
static bool begins_next(struct rh_json_repair *repair, char byte)
{
	repair->is_indent = false;
	if (repair->column > repair->home_column) {
		return false;
	}
	if (byte == '{' && repair->column == repair->home_column && !repair->is_flat &&
	    repair->around != RH_JSON_AROUND_OBJECT) {
		repair->is_at_home = true;
		return true;
	}
	if (byte != '}' && byte != ']' && byte != ',') {
		repair->is_flat = true;
	}
	return false;
}

/* One byte outside of strings; true: the value ends before it. */
static bool ends_before(struct rh_json_repair *repair, char byte)
{
	switch (byte) {
	case '"':
		repair->in_string = true;
		return false;
	case '{':
	case '[':
		open_bracket(repair, byte == '{');
		return false;
	case '}':
	case ']':
		return close_bracket(repair, byte == '}');
	case ',':
		return repair->depth == 0 && repair->around != RH_JSON_AROUND_NOTHING;
	case '\n':
		return repair->depth == 0 && repair->around == RH_JSON_AROUND_NOTHING;
	default:
		return false;
	}
}

bool rh_json_repair_end(struct rh_json_repair *repair, const char *text, size_t len, size_t *end)
{
	for (; repair->done < len; repair->done++, repair->column++) {
		char byte = text[repair->done];

		if (repair->is_indent && byte != ' ' && byte != '\t' && byte != '\r' &&
		    byte != '\n' && begins_next(repair, byte)) {
			*end = repair->done;
			return true;
		}
		if (repair->in_string && byte != '\n') {
			if (repair->is_escaped || byte == '\\') {
				repair->is_escaped = !repair->is_escaped;
			} else if (byte == '"') {
				repair->in_string = false;
			}
			continue;
		}
		repair->in_string = false;
		repair->is_escaped = false;
		if (ends_before(repair, byte)) {
			*end = repair->done;
			return true;
		}
		if (byte == '\n') {
			repair->column = 0;
			repair->is_indent = true;
		}
	}
	return false;
}
