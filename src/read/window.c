/* SPDX-License-Identifier: Apache-2.0 */
/* The text in memory: reading more, consuming, counting lines, the marks of what passed. */
#include "read/window.h"

#include <string.h>

#if defined(__SSE2__) && defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"

/* One record that is just too large, what lies behind it, and a chunk. */
#define WINDOW_MAX (RH_RECORD_MAX + 4 * RH_READ_CHUNK)

/* The kernel copies to a whole line several times faster than to an odd place (measured: 4.6 against 1.4 GB/s). */
enum { CACHE_LINE = 64 };

void rh_window_init(struct rh_window *window, struct rh_bytes *bytes, struct rh_marks *marks)
{
	*window = (struct rh_window){
		.bytes = bytes,
		.place.line = 1,
		.place.column = 1,
		.marks = marks,
	};
}

void rh_window_jump(struct rh_window *window, struct rh_bytes *bytes, const struct rh_place *place)
{
	window->bytes->close(window->bytes);
	window->bytes = bytes;
	window->from = 0;
	window->len = 0;
	window->place = *place;
	window->total = place->offset;
	window->is_end = false;
}

static void release(char *text, size_t size)
{
	if (text != NULL) {
		explicit_bzero(text, size); /* exports hold digests of passwords */
		rh_free(text);
	}
}

void rh_window_done(struct rh_window *window)
{
	if (window->bytes != NULL) {
		window->bytes->close(window->bytes);
		window->bytes = NULL;
	}
	release(window->text, window->cap);
	window->text = NULL;
}

/* Bytes before the text so that what is read behind `left` bytes of it begins at a whole cache line. */
static size_t indent(const char *text, size_t left)
{
	return (size_t)(-(uintptr_t)(text + left) % CACHE_LINE);
}

/* Room for one chunk behind len: by moving what is left to the front, else by growing. */
static int make_room(struct rh_window *window, struct rh_err *err)
{
	size_t left = rh_window_left(window);
	size_t cap = window->cap;
	char *text;

	if (window->cap - window->len >= RH_READ_CHUNK) {
		return RH_OK;
	}
	while (cap < CACHE_LINE + left + RH_READ_CHUNK) {
		cap = cap != 0 ? cap * 2 : 2 * RH_READ_CHUNK;
	}
	if (cap == window->cap) {
		size_t from = indent(window->text, left);

		memmove(window->text + from, window->text + window->from, left);
		window->from = from;
		/* What the next chunk does not overwrite: nobody waits for its end. */
		if (window->len > from + left + RH_READ_CHUNK) {
			explicit_bzero(window->text + from + left + RH_READ_CHUNK,
				       window->len - (from + left + RH_READ_CHUNK));
		}
	} else {
		if (left > WINDOW_MAX) {
			return rh_err_set(err, RH_ELIMIT, "more than %u bytes would be kept",
					  WINDOW_MAX);
		}
		text = rh_malloc(cap);
		if (text == NULL) {
			return rh_err_set(err, RH_ENOMEM, "no memory to read the input");
		}
		size_t from = indent(text, left);

		if (left > 0) {
			memcpy(text + from, window->text + window->from, left);
		}
		release(window->text, window->cap);
		window->text = text;
		window->cap = cap;
		window->from = from;
	}
	window->len = window->from + left;
	return RH_OK;
}

/* Reads until the chunk is whole or the text ends: a part of one cannot be proved. */
static ptrdiff_t read_chunk(struct rh_window *window, struct rh_err *err)
{
	size_t len = 0;

	while (len < RH_READ_CHUNK) {
		ptrdiff_t got = window->bytes->read(window->bytes, window->text + window->len + len,
						    RH_READ_CHUNK - len, err);

		if (got < 0) {
			return got;
		}
		if (got == 0) {
			window->is_end = true;
			break;
		}
		len += (size_t)got;
	}
	return (ptrdiff_t)len;
}

/* Bytes behind the window's end; 0 with is_end. */
static ptrdiff_t read_more(struct rh_window *window, struct rh_err *err)
{
	ptrdiff_t got;

	if (window->marks != NULL && window->marks->is_check) {
		return read_chunk(window, err);
	}
	got = window->bytes->read(window->bytes, window->text + window->len, RH_READ_CHUNK, err);
	window->is_end = got == 0;
	return got;
}

static int pass_marks(struct rh_window *window, size_t len, struct rh_err *err)
{
	int status;

	if (window->marks == NULL) {
		return RH_OK;
	}
	status = rh_marks_add(window->marks, window->text + window->len, len, err);
	return status == RH_OK && window->is_end ? rh_marks_end(window->marks, err) : status;
}

int rh_window_fill(struct rh_window *window, struct rh_err *err)
{
	ptrdiff_t got;
	int status;

	if (window->is_end) {
		return 0;
	}
	status = make_room(window, err);
	if (status != RH_OK) {
		return status;
	}
	got = read_more(window, err);
	if (got < 0) {
		return (int)got;
	}
	status = pass_marks(window, (size_t)got, err);
	if (status != RH_OK) {
		return status;
	}
	window->len += (size_t)got;
	window->total += (uint64_t)got;
	return got > 0;
}

int rh_window_need(struct rh_window *window, size_t len, struct rh_err *err)
{
	while (rh_window_left(window) < len) {
		int got = rh_window_fill(window, err);

		if (got <= 0) {
			return got;
		}
	}
	return 1;
}

static uint64_t count_newlines(const char *at, const char *end)
{
	uint64_t count = 0;

#if defined(__SSE2__) && defined(__x86_64__)
	const __m128i newline = _mm_set1_epi8('\n');
	const __m128i zero = _mm_setzero_si128();
	__m128i sums = zero;

	while (end - at >= 16) {
		/* Each lane counts to 255 at most before it is added up. */
		size_t blocks = (size_t)(end - at) / 16;
		__m128i lanes = zero;

		blocks = blocks < 255 ? blocks : 255;
		for (size_t i = 0; i < blocks; i++, at += 16) {
			__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);

			lanes = _mm_sub_epi8(lanes, _mm_cmpeq_epi8(bytes, newline));
		}
		sums = _mm_add_epi64(sums, _mm_sad_epu8(lanes, zero));
	}
	count = (uint64_t)_mm_cvtsi128_si64(sums) +
		(uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
#endif
	for (; at < end; at++) {
		count += *at == '\n';
	}
	return count;
}

void rh_place_advance(struct rh_place *place, struct rh_str text)
{
	uint64_t newlines;

	if (text.len == 0) {
		return;
	}
	newlines = count_newlines(text.ptr, text.ptr + text.len);
	place->offset += text.len;
	if (newlines == 0) {
		place->column += text.len;
	} else {
		const char *last = memrchr(text.ptr, '\n', text.len);

		place->line += newlines;
		place->column = (uint64_t)(text.ptr + text.len - last);
	}
}

struct rh_place rh_window_place(const struct rh_window *window, size_t len)
{
	struct rh_place place = window->place;

	rh_place_advance(&place, (struct rh_str){rh_window_text(window), len});
	return place;
}

void rh_window_advance(struct rh_window *window, size_t len)
{
	rh_place_advance(&window->place, (struct rh_str){rh_window_text(window), len});
	window->from += len;
}

int rh_place_say_cut(const struct rh_place *place, const char *what, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EINPUT, "the input is cut: line %llu, column %llu: %s",
			 (unsigned long long)place->line, (unsigned long long)place->column, what);
	rh_err_hint(err,
		    "Export or copy the file again: what belongs behind this place is missing.");
	if (err != NULL) {
		err->line = place->line;
		err->column = place->column;
	}
	return RH_EINPUT;
}
