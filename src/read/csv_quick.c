/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by lists of stops. */
#include "read/csv_quick.h"

#include <string.h>

#if defined(__SSE2__) && defined(__x86_64__)
#define HAS_WIDE 1
#include <immintrin.h>
#else
#define HAS_WIDE 0
#endif

#include "base/str.h"

#define HOT static inline __attribute__((always_inline))
#define WIDE __attribute__((target("avx2,bmi,popcnt")))

enum { BLOCK = 64 };

/* Behind the last stop of a list. */
#define END UINT32_MAX
#define NO_STOPS SIZE_MAX

_Static_assert(RH_CSV_SPAN % BLOCK == 0, "a list is made of whole blocks");

struct masks {
	uint64_t stops;
	uint64_t high;
};

/* The last bytes of a text as a block, padded with what is no stop: a separator may be any blank but this. */
HOT const char *pad(char padded[BLOCK], const char *text, size_t len)
{
	memset(padded, '.', BLOCK);
	memcpy(padded, text, len);
	return padded;
}

/* ---- lists, on every processor ------------------------------------------------------------------------------ */

#if HAS_WIDE
HOT struct masks find_masks(const char *block, char separator)
{
	const __m128i zero = _mm_setzero_si128();
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i newline = _mm_set1_epi8('\n');
	const __m128i wanted = _mm_set1_epi8(separator);
	struct masks masks = {0};

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
		__m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
							 _mm_cmpeq_epi8(bytes, wanted)),
					    _mm_or_si128(_mm_cmpeq_epi8(bytes, newline),
							 _mm_cmpeq_epi8(bytes, zero)));

		masks.stops |= (uint64_t)(unsigned)_mm_movemask_epi8(hits) << i;
		masks.high |= (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << i;
	}
	return masks;
}
#else
HOT struct masks find_masks(const char *block, char separator)
{
	struct masks masks = {0};

	for (unsigned i = 0; i < BLOCK; i++) {
		char byte = block[i];
		bool is_stop = byte == '"' || byte == separator || byte == '\n' || byte == '\0';

		masks.stops |= (uint64_t)is_stop << i;
		masks.high |= (uint64_t)((unsigned char)byte >= 0x80) << i;
	}
	return masks;
}
#endif

static void list_stops(struct rh_csv_quick *quick, const char *text, size_t len)
{
	const char separator = quick->separator;
	uint32_t *to = quick->stops;
	char padded[BLOCK];

	for (size_t done = 0; done < len; done += BLOCK) {
		const char *block =
			len - done >= BLOCK ? text + done : pad(padded, text + done, len - done);
		struct masks masks = find_masks(block, separator);

		quick->high[done / BLOCK] = masks.high;
		for (; masks.stops != 0; masks.stops &= masks.stops - 1) {
			*to = (uint32_t)done + (uint32_t)__builtin_ctzll(masks.stops);
			to++;
		}
	}
	*to = END;
	quick->end = to;
}

/* ---- lists, 32 bytes an instruction -------------------------------------------------------------------------- */

#if HAS_WIDE
WIDE HOT struct masks find_masks_wide(const char *block, char separator)
{
	const __m256i zero = _mm256_setzero_si256();
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i newline = _mm256_set1_epi8('\n');
	const __m256i wanted = _mm256_set1_epi8(separator);
	struct masks masks = {0};

	for (unsigned i = 0; i < BLOCK; i += 32) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(block + i));
		__m256i hits = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote),
							       _mm256_cmpeq_epi8(bytes, wanted)),
					       _mm256_or_si256(_mm256_cmpeq_epi8(bytes, newline),
							       _mm256_cmpeq_epi8(bytes, zero)));

		masks.stops |= (uint64_t)(unsigned)_mm256_movemask_epi8(hits) << i;
		masks.high |= (uint64_t)(unsigned)_mm256_movemask_epi8(bytes) << i;
	}
	return masks;
}

/* Eight at a time, perhaps more than there are: nobody guesses how many there will be. */
WIDE HOT uint32_t *put_stops_wide(uint32_t *to, uint64_t bits, uint32_t offset)
{
	uint32_t *end = to + __builtin_popcountll(bits);

	for (; to < end; to += 8) {
		for (unsigned i = 0; i < 8; i++) {
			to[i] = offset + (uint32_t)_tzcnt_u64(bits); /* 64 where none is left */
			bits = _blsr_u64(bits);
		}
	}
	return end;
}

WIDE static void list_stops_wide(struct rh_csv_quick *quick, const char *text, size_t len)
{
	const char separator = quick->separator;
	uint32_t *to = quick->stops;
	char padded[BLOCK];

	for (size_t done = 0; done < len; done += BLOCK) {
		const char *block =
			len - done >= BLOCK ? text + done : pad(padded, text + done, len - done);
		struct masks masks = find_masks_wide(block, separator);

		quick->high[done / BLOCK] = masks.high;
		to = put_stops_wide(to, masks.stops, (uint32_t)done);
	}
	*to = END;
	quick->end = to;
}
#endif

/* ---- which of them ------------------------------------------------------------------------------------------- */

#ifdef RH_TEST_HOOKS
static bool is_wide_allowed = true;

void rh_csv_quick_allow_wide(bool is_allowed)
{
	is_wide_allowed = is_allowed;
}
#endif

static bool is_wide(void)
{
#ifdef RH_TEST_HOOKS
	if (!is_wide_allowed) {
		return false;
	}
#endif
#if HAS_WIDE
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
#else
	return false;
#endif
}

/* Of the text in [from, to), whose front is UTF-8: bytes up to the first that is none, or to its end.  Only those of other
 * alphabets are looked at. */
static uint32_t find_invalid(const struct rh_csv_quick *quick, uint32_t from, uint32_t to)
{
	while (from < to) {
		uint64_t high = quick->high[from / BLOCK] >> from % BLOCK;
		size_t len;

		if (high == 0) {
			from = (from / BLOCK + 1) * BLOCK;
			continue;
		}
		from += (uint32_t)__builtin_ctzll(high);
		if (from >= to) {
			break; /* the next row's */
		}
		len = rh_str_point((struct rh_str){quick->text + from, to - from});
		if (len == 0) {
			return from;
		}
		from += (uint32_t)len;
	}
	return to;
}

/* Lists the stops from the front of the text on, which stands at `offset`. */
static __attribute__((noinline)) void look_ahead(struct rh_csv_quick *quick, struct rh_str text,
						 uint64_t offset)
{
	size_t len = text.len < RH_CSV_SPAN ? text.len : RH_CSV_SPAN;

	quick->text = text.ptr;
	quick->from = offset;
	quick->next = quick->stops;
#if HAS_WIDE
	if (is_wide()) {
		list_stops_wide(quick, text.ptr, len);
	} else {
		list_stops(quick, text.ptr, len);
	}
#else
	list_stops(quick, text.ptr, len);
#endif
	quick->valid = find_invalid(quick, 0, (uint32_t)len);
}

void rh_csv_quick_init(struct rh_csv_quick *quick, char separator)
{
	quick->separator = separator;
	look_ahead(quick, RH_STR(""), 0);
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

/* First letters of NULL texts. */
static const bool begins_word[256] = {['\\'] = true, ['N'] = true, ['n'] = true, ['u'] = true};

/* A row; places are counted from the front of the list. */
struct row {
	const char *list; /* what places are counted from */
	uint32_t start;
	char separator;
};

enum found {
	FOUND,
	ODD,
	BEYOND, /* the list ends first */
};

/* Returns whether the cell begins like a NULL text. */
HOT bool put_cell(struct row row, struct rh_str *out, uint32_t from, uint32_t to)
{
	const char *text = row.list + from;
	size_t len = to - from;

	out->ptr = len != 0 ? text : NULL;
	out->len = len;
	return begins_word[(unsigned char)*text] & (len - 2 <= sizeof("undefined\r") - 3);
}

/*
 * The cell at `cell` does not end at the next stop: stops up to and with the one behind its closing quote, which must be
 * the byte that is wanted, or 0: it is odd, or NO_STOPS: the list ends first.
 */
static __attribute__((noinline)) size_t pass_quotes(struct row row, uint32_t cell,
						    const uint32_t *stop, char wanted)
{
	size_t i = 1;
	uint32_t behind;

	if (*stop != cell || row.list[cell] != '"') {
		return 0;
	}
	while (stop[i] != END && row.list[stop[i]] == row.separator) {
		i++;
	}
	if (stop[i] == END || stop[i + 1] == END) {
		return NO_STOPS;
	}
	behind = stop[i] + 1;
	if (row.list[stop[i]] != '"' || row.list[stop[i + 1]] != wanted) {
		return 0;
	}
	if (wanted == '\n' && stop[i + 1] == behind + 1 && row.list[behind] == '\r') {
		behind++;
	}
	return stop[i + 1] == behind ? i + 2 : 0;
}

/* The last cell was taken up to the newline: a carriage return before that is none of its bytes. */
HOT void cut_return(struct rh_str *cell)
{
	if (cell->len > 0 && cell->ptr[cell->len - 1] == '\r') {
		cell->len--;
		cell->ptr = cell->len > 0 ? cell->ptr : NULL;
	}
}

/* Takes the cells of the row: stops that they passed, or 0: it is odd, or NO_STOPS: the list ends first. */
static size_t take_cells(const struct rh_csv_quick *quick, struct row row, const uint32_t *first,
			 struct rh_str *cells, size_t count, bool *has_word_out)
{
	const uint32_t *stop = first;
	uint32_t cell = row.start;
	bool has_word = false;
	size_t i = 0;

	while (i < count) {
		size_t passed = 1;

		if ((size_t)(quick->end - stop) < count - i) {
			return NO_STOPS;
		}
		for (; i + 1 < count && row.list[*stop] == row.separator; i++, stop++) {
			has_word |= put_cell(row, &cells[i], cell, *stop);
			cell = *stop + 1;
		}
		if (i + 1 == count && row.list[*stop] == '\n') {
			has_word |= put_cell(row, &cells[i], cell, *stop);
			cut_return(&cells[i]);
		} else {
			passed = pass_quotes(row, cell, stop, i + 1 < count ? row.separator : '\n');
			if (passed == 0 || passed == NO_STOPS) {
				return passed;
			}
			has_word |= put_cell(row, &cells[i], cell + 1, stop[passed - 2]);
		}
		stop += passed;
		cell = stop[-1] + 1;
		i++;
	}
	*has_word_out = has_word;
	return (size_t)(stop - first);
}

static enum found take_row(struct rh_csv_quick *quick, const char *text, struct rh_str *cells,
			   size_t count, struct rh_csv_row *out)
{
	struct row row = {quick->text, (uint32_t)(text - quick->text), quick->separator};
	const uint32_t *stop = quick->next;
	uint32_t end;
	size_t passed;

	while (*stop < row.start) {
		stop++;
	}
	passed = take_cells(quick, row, stop, cells, count, &out->has_word);
	if (passed == 0 || passed == NO_STOPS) {
		return passed == 0 ? ODD : BEYOND;
	}
	quick->next = stop + passed;
	end = quick->next[-1];
	out->consume = end + 1 - row.start;
	out->len = end - row.start - (end > row.start && row.list[end - 1] == '\r');
	return end <= quick->valid || find_invalid(quick, row.start, end) == end ? FOUND : ODD;
}

bool rh_csv_quick_row(struct rh_csv_quick *quick, struct rh_str text, uint64_t offset,
		      struct rh_str *cells, size_t count, struct rh_csv_row *out)
{
	bool is_listed = offset - quick->from < RH_CSV_SPAN &&
			 (uintptr_t)text.ptr - (uintptr_t)quick->text == offset - quick->from;
	enum found found = BEYOND;

	if (is_listed) {
		found = take_row(quick, text.ptr, cells, count, out);
	}
	if (found == BEYOND) {
		look_ahead(quick, text, offset);
		found = take_row(quick, text.ptr, cells, count, out);
	}
	return found == FOUND;
}
