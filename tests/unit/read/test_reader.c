/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's face: forms, numbers, raw bytes, digest, errors that stay, memory that runs out. */
#include "read/reader.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "chunks.h"
#include "crypto/digest.h"
#include "read/marks.h"

static struct rh_reader *open_text(struct rh_str text, const struct chunks *chunks)
{
	struct rh_reader *reader = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_reader_open(&reader, chunks_open(text, chunks), &err), RH_OK);
	return reader;
}

static void forms_are_told(void **)
{
	static const struct {
		const char *text;
		enum rh_form form;
		const char *wrapper;
	} cases[] = {
		{"[{}]", RH_FORM_JSON_ARRAY, NULL},
		{"{\"n\":0,\"users\":[{}]}", RH_FORM_JSON_WRAPPED, "users"},
		{"{\"data\":[{}]}", RH_FORM_JSON_WRAPPED, "data"},
		{"{\"id\":1}", RH_FORM_NDJSON, NULL},
		{"id,n\n", RH_FORM_CSV, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_reader *reader =
			open_text(rh_str_from(cases[i].text), &(struct chunks){0});

		assert_int_equal(rh_reader_form(reader), cases[i].form);
		if (cases[i].wrapper != NULL) {
			assert_string_equal(rh_reader_wrapper(reader), cases[i].wrapper);
		} else {
			assert_null(rh_reader_wrapper(reader));
		}
		assert_int_equal(rh_reader_columns(reader) != NULL, cases[i].form == RH_FORM_CSV);
		rh_reader_close(reader);
	}
	rh_reader_close(NULL);
}

/* Members before the array of records come with each of them, wherever the chunks end. */
static void what_stands_around_is_handed_out(void **)
{
	static const struct {
		const char *text;
		const char *said; /* member "a" of it; NULL: nothing is handed out */
	} cases[] = {
		{"{ \"n\":{\"b\":[1]} , \"a\":\"x\" ,\n \"users\":[{\"id\":1},{\"id\":2}],\"c\":2}",
		 "x"},
		{"{\"users\":[{\"id\":1},{\"id\":2}],\"a\":\"x\"}", NULL},
		{"{\"a\":\"x\",\"b\":tru,\"users\":[{\"id\":1},{\"id\":2}]}", NULL},
		{"[{\"a\":\"x\"},{\"id\":2}]", NULL},
		{"{\"a\":\"x\"}\n{\"id\":2}\n", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rh_str text = rh_str_from(cases[i].text);
		for (size_t cut = 1; cut < text.len; cut++) {
			struct rh_reader *reader = open_text(text, &(struct chunks){.first = cut});
			struct rh_item item;
			struct rh_err err = {0};

			for (unsigned n = 0; n < 2; n++) {
				assert_int_equal(rh_reader_next(reader, &item, &err), 1);
				assert_int_equal(item.record.around != NULL, cases[i].said != NULL);
				if (cases[i].said != NULL) {
					assert_true(rh_str_is(rh_json_get_string(item.record.around,
										 "a"),
							      cases[i].said));
				}
			}
			assert_int_equal(rh_reader_next(reader, &item, &err), 0);
			rh_reader_close(reader);
		}
	}
}

/* What was said before one array is not said of another that follows it. */
static void what_stands_around_is_of_one_array(void **)
{
	static const char *const seconds[] = {"{\"a\":\"y\",\"users\":[{}]}", "{\"users\":[{}]}"};

	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		struct rh_reader *reader;
		rh_autobuf text = {0};
		struct rh_item item;

		rh_buf_init(&text, 1024);
		rh_buf_add_cstr(&text, "{\"a\":\"x\",\"users\":[{}]}\n");
		rh_buf_add_cstr(&text, seconds[i]);
		reader = open_text(rh_buf_str(&text), &(struct chunks){0});
		assert_int_equal(rh_reader_next(reader, &item, NULL), 1);
		assert_non_null(item.record.around);
		assert_int_equal(rh_reader_next(reader, &item, NULL), 1);
		assert_null(item.record.around);
		rh_reader_close(reader);
	}
}

/* What is larger than settings are is not kept. */
static void a_large_front_is_not_kept(void **)
{
	struct rh_reader *reader;
	rh_autobuf text = {0};
	struct rh_item item;
	struct rh_err err = {0};

	rh_buf_init(&text, 1U << 20);
	rh_buf_add_cstr(&text, "{\"a\":\"");
	for (size_t i = 0; i < 70000; i++) {
		rh_buf_add_char(&text, 'x');
	}
	rh_buf_add_cstr(&text, "\",\"users\":[{\"id\":1}]}");
	reader = open_text(rh_buf_str(&text), &(struct chunks){0});
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_null(item.record.around);
	rh_reader_close(reader);
}

static void raw_bytes_survive_the_parser(void **)
{
	struct rh_reader *reader =
		open_text(RH_STR("[ {\"id\" : \"\\u00e4\\n\"} ,{}]"), &(struct chunks){0});
	struct rh_item item;

	assert_int_equal(rh_reader_next(reader, &item, NULL), 1);
	assert_false(item.is_bad);
	assert_true(rh_str_is(item.raw, "{\"id\" : \"\\u00e4\\n\"}"));
	assert_int_equal(item.offset, 2);
	assert_true(rh_str_is(rh_json_get_string(item.record.json, "id"), "\xc3\xa4\n"));
	rh_reader_close(reader);

	reader = open_text(RH_STR("a,b\r\n\"x\"\"\",y\r\n"), &(struct chunks){0});
	assert_int_equal(rh_reader_next(reader, &item, NULL), 1);
	assert_true(rh_str_is(item.raw, "\"x\"\"\",y"));
	assert_true(rh_str_is(item.record.cells[0], "x\""));
	assert_null(item.record.json);
	assert_ptr_equal(item.record.columns, rh_reader_columns(reader));
	rh_reader_close(reader);
}

static void records_are_numbered_bad_ones_too(void **)
{
	struct rh_reader *reader = open_text(RH_STR("[{},5,{}"), &(struct chunks){0});
	struct rh_item item;
	struct rh_err err = {0};

	for (uint64_t number = 1; number <= 3; number++) {
		assert_int_equal(rh_reader_next(reader, &item, &err), 1);
		assert_int_equal(item.is_bad, number == 2);
		assert_int_equal(item.record.number, number);
		assert_int_equal(item.why.code, number == 2 ? RH_EINPUT : RH_OK);
		assert_true(!item.is_bad || item.why.record == number);
	}
	/* An error is said again and again, with its place. */
	for (int i = 0; i < 2; i++) {
		err = (struct rh_err){0};
		assert_int_equal(rh_reader_next(reader, &item, &err), RH_EINPUT);
		assert_int_equal(err.record, 4);
		assert_int_equal(err.line, 1);
		assert_int_equal(err.column, 9);
	}
	assert_int_equal(rh_reader_next(reader, &item, NULL), RH_EINPUT);
	rh_reader_close(reader);
}

static void the_digest_is_that_of_the_text(void **)
{
	struct rh_str text = RH_STR("\xef\xbb\xbf{\"x\":1,\"users\":[{\"id\":1}],\"y\":2} \n");
	const uint8_t key[RH_KEY_LEN] = {7};
	const uint64_t length = text.len;
	uint8_t mark[RH_MARK_LEN];
	const struct rh_str parts[] = {
		{(const char *)&length, sizeof(length)},
		{(const char *)mark, sizeof(mark)},
	};
	uint8_t expected[RH_DIGEST_LEN];
	struct rh_mac *mac = NULL;

	assert_int_equal(rh_mac_new(&mac, key, NULL), RH_OK);
	assert_int_equal(rh_mac_add(mac, text.ptr, text.len, NULL), RH_OK);
	assert_int_equal(rh_mac_finish(mac, 0, mark, NULL), RH_OK);
	rh_mac_free(mac);
	rh_digest_keyed(key, parts, 2, expected, sizeof(expected));
	for (size_t each = 0; each < 3; each++) {
		struct rh_reader *reader = NULL;
		struct rh_marks marks;
		uint8_t digest[RH_DIGEST_LEN];
		struct rh_item item;

		rh_marks_init(&marks, key);
		assert_int_equal(rh_reader_open_marked(&reader,
						       chunks_open(text,
								   &(struct chunks){each, each, 0}),
						       &marks, NULL),
				 RH_OK);
		assert_int_equal(rh_reader_next(reader, &item, NULL), 1);
		assert_int_equal(rh_reader_next(reader, &item, NULL), 0);
		rh_marks_digest(&marks, digest);
		assert_int_equal(marks.length, text.len);
		assert_int_equal(rh_reader_length(reader), text.len);
		assert_memory_equal(digest, expected, sizeof(expected));
		assert_int_equal(rh_reader_next(reader, &item, NULL), 0);
		rh_reader_close(reader);
		rh_marks_done(&marks);
	}
}

static void errors_of_the_stream_climb(void **)
{
	static const struct rh_str texts[] = {RH_STR("[{},"), RH_STR("{}\n"), RH_STR("a,b\n1,2\n"),
					      RH_STR("[{\"a\":")};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		/* Long enough for the form to be known before the stream breaks. */
		rh_autobuf text = {0};
		struct rh_reader *reader;
		struct rh_item item;
		struct rh_err err = {0};
		int got;

		rh_buf_init(&text, 10000);
		rh_buf_add_str(&text, texts[i]);
		for (size_t k = 0; k < 1000; k++) {
			rh_buf_add_char(&text, '\n');
		}
		reader = open_text(rh_buf_str(&text), &(struct chunks){.fails_with = RH_EIO});
		do {
			got = rh_reader_next(reader, &item, &err);
		} while (got > 0);
		assert_int_equal(got, RH_EIO);
		assert_string_equal(err.message, "the line is dead");
		rh_reader_close(reader);
	}
}

/* Many records over many chunks: each comes once, in order, whatever the cut. */
static void chunks_meet_records_at_every_place(void **)
{
	rh_autobuf text = {0};
	size_t count = 0;

	rh_buf_init(&text, 16 * 1024 * 1024);
	rh_buf_add_char(&text, '[');
	for (count = 0; text.len < 3 * RH_READ_CHUNK; count++) {
		rh_buf_printf(&text, "%s{\"id\":%zu,\"s\":\"%.*s\\\\\\\"]}\"}\n",
			      count > 0 ? "," : "", count, (int)(count % 60),
			      "{}[],:0123456789abcdef0123456789abcdef0123456789abcdef01234567");
	}
	rh_buf_add_char(&text, ']');
	for (size_t first = 1; first < 200; first += 7) {
		struct rh_reader *reader =
			open_text(rh_buf_str(&text), &(struct chunks){.first = first});
		struct rh_item item;
		size_t seen = 0;
		int got;

		while ((got = rh_reader_next(reader, &item, NULL)) > 0) {
			int64_t id = -1;

			assert_false(item.is_bad);
			assert_true(rh_json_get_i64(item.record.json, "id", &id));
			assert_int_equal(id, seen);
			assert_int_equal(item.record.line, seen + 1);
			seen++;
		}
		assert_int_equal(got, 0);
		assert_int_equal(seen, count);
		rh_reader_close(reader);
	}
}

/* Every allocation fails once: an error or the right answer, never a leak or a crash. */
static void memory_may_run_out_anywhere(void **)
{
	static const char *const texts[] = {
		"[{\"id\":1},{\"id\":tru},{\"id\":2}]",
		"{\"users\":[{\"id\":1}]}",
		"id,n\n1,\"a\"\"b\"\n2\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bool is_through = false;

		for (uint64_t n = 1; !is_through; n++) {
			struct rh_reader *reader = NULL;
			struct rh_bytes *bytes = NULL;
			struct rh_item item;
			struct rh_err err = {0};
			int got;

			assert_true(n < 100);
			rh_alloc_fail_from(n);
			got = rh_bytes_memory(&bytes, rh_str_from(texts[i]), &err);
			if (got == RH_OK) {
				got = rh_bytes_inflate(&bytes, bytes, &err);
			}
			if (got == RH_OK) {
				got = rh_reader_open(&reader, bytes, &err);
			}
			if (got == RH_OK) {
				do {
					got = rh_reader_next(reader, &item, &err);
				} while (got > 0);
			}
			is_through = got == 0;
			assert_true(is_through || (got == RH_ENOMEM && err.code == RH_ENOMEM));
			rh_reader_close(reader);
			rh_alloc_fail_from(0);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_told),
		cmocka_unit_test(what_stands_around_is_handed_out),
		cmocka_unit_test(what_stands_around_is_of_one_array),
		cmocka_unit_test(a_large_front_is_not_kept),
		cmocka_unit_test(raw_bytes_survive_the_parser),
		cmocka_unit_test(records_are_numbered_bad_ones_too),
		cmocka_unit_test(the_digest_is_that_of_the_text),
		cmocka_unit_test(errors_of_the_stream_climb),
		cmocka_unit_test(chunks_meet_records_at_every_place),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("read/reader", tests, NULL, NULL);
}
