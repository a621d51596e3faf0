/* SPDX-License-Identifier: Apache-2.0 */
/* Marks: the same text passes however it comes, another one is told before its first changed byte is out. */
#include "read/marks.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "chunks.h"
#include "read/reader.h"

static const uint8_t key[RH_KEY_LEN] = {1, 2, 3};

/* Lines of records that name their offset, a little over two chunks and a half. */
static void make_text(struct rh_buf *text)
{
	rh_buf_init(text, 4U << 20);
	while (text->len < 5 * RH_READ_CHUNK / 2) {
		size_t at = text->len;

		rh_buf_printf(text, "{\"at\":%zu,\"fill\":\"%0200zu\"}\n", at, at);
	}
}

/* Marks of a text, as a file keeps them. */
static void mark(struct rh_str text, struct rh_buf *out)
{
	struct rh_marks marks;

	rh_marks_init(&marks, key);
	for (size_t at = 0; at < text.len; at += 1000) {
		struct rh_str part = rh_str_sub(text, at, 1000);

		assert_int_equal(rh_marks_add(&marks, part.ptr, part.len, NULL), RH_OK);
	}
	assert_int_equal(rh_marks_end(&marks, NULL), RH_OK);
	rh_buf_init(out, 1U << 20);
	rh_marks_put(&marks, out);
	rh_marks_done(&marks);
}

/* Reads the text against the marks; the answer, and in *good the bytes of the records that came out. */
static int check(struct rh_str text, struct rh_str kept, size_t each, uint64_t *good)
{
	struct rh_reader *reader = NULL;
	struct rh_marks marks;
	struct rh_item item;
	struct rh_err err = {0};
	int got;

	*good = 0;
	assert_int_equal(rh_marks_get(&marks, key, &kept, NULL), RH_OK);
	assert_int_equal(kept.len, 0);
	got = rh_reader_open_marked(&reader, chunks_open(text, &(struct chunks){each, each, 0}),
				    &marks, &err);
	if (got == RH_OK) {
		while ((got = rh_reader_next(reader, &item, &err)) == 1) {
			*good = item.offset + item.raw.len;
		}
	}
	if (got < 0) {
		assert_string_equal(err.message, "the input changed since the plan was made");
		assert_non_null(strstr(err.hint, "Plan again"));
	}
	rh_reader_close(reader);
	rh_marks_done(&marks);
	return got;
}

static void the_same_text_passes_however_it_comes(void **)
{
	static const size_t sizes[] = {0, 4093, RH_READ_CHUNK - 1, RH_READ_CHUNK};
	rh_autobuf text = {0};
	rh_autobuf kept = {0};
	uint64_t good;

	make_text(&text);
	mark(rh_buf_str(&text), &kept);
	assert_int_equal(kept.len, sizeof(uint64_t) + 3 * RH_MARK_LEN);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(check(rh_buf_str(&text), rh_buf_str(&kept), sizes[i], &good), 0);
		assert_int_equal(good, text.len - 1);
	}
}

static void nothing_of_a_changed_chunk_comes_out(void **)
{
	rh_autobuf text = {0};
	rh_autobuf kept = {0};
	uint64_t good;

	make_text(&text);
	mark(rh_buf_str(&text), &kept);
	for (size_t at = 0; at < text.len; at += 9973) {
		char byte = text.ptr[at];

		text.ptr[at] ^= 1;
		assert_int_equal(check(rh_buf_str(&text), rh_buf_str(&kept), 4093, &good),
				 RH_EMISMATCH);
		assert_true(good <= at / RH_READ_CHUNK * RH_READ_CHUNK);
		text.ptr[at] = byte;
	}
	text.ptr[text.len - 5] ^= 1; /* of the last chunk, which is not a whole one */
	assert_int_equal(check(rh_buf_str(&text), rh_buf_str(&kept), 0, &good), RH_EMISMATCH);
	assert_in_range(good, RH_READ_CHUNK, 2 * RH_READ_CHUNK);
}

static void shorter_and_longer_texts_are_others(void **)
{
	static const size_t lengths[] = {1000, RH_READ_CHUNK, 2 * RH_READ_CHUNK};
	rh_autobuf text = {0};
	rh_autobuf kept = {0};
	struct rh_str whole;
	uint64_t good;

	make_text(&text);
	whole = rh_buf_str(&text);
	mark(whole, &kept);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(check(rh_str_sub(whole, 0, lengths[i]), rh_buf_str(&kept), 0,
				       &good),
				 RH_EMISMATCH);
		rh_buf_done(&kept);
		mark(rh_str_sub(whole, 0, lengths[i]), &kept);
		assert_int_equal(check(whole, rh_buf_str(&kept), 0, &good), RH_EMISMATCH);
		assert_true(good <= lengths[i]);
		rh_buf_done(&kept);
		mark(whole, &kept);
	}
}

static void damaged_marks_are_refused(void **)
{
	rh_autobuf text = {0};
	rh_autobuf kept = {0};
	struct rh_marks marks;

	make_text(&text);
	mark(rh_buf_str(&text), &kept);
	for (size_t len = 0; len < kept.len; len++) {
		struct rh_str cut = {kept.ptr, len};

		assert_int_equal(rh_marks_get(&marks, key, &cut, NULL), RH_EMISMATCH);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_text_passes_however_it_comes),
		cmocka_unit_test(nothing_of_a_changed_chunk_comes_out),
		cmocka_unit_test(shorter_and_longer_texts_are_others),
		cmocka_unit_test(damaged_marks_are_refused),
	};

	return cmocka_run_group_tests_name("read/marks", tests, NULL, NULL);
}
