/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: pages come out in order, an unfinished one goes on, what is cut, changed or another's is refused. */
#include "snapshot/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

#define TEXT_MAX (1024U * 1024)
#define HEAD RH_STR("whose it is")

static const uint8_t key[32] = "0123456789abcdef0123456789abcde";

struct fixture {
	char *folder;
	char *path;
	char *part;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (fixture == NULL) {
		return -1;
	}
	fixture->folder = test_folder_new();
	fixture->path = test_folder_path(fixture->folder, "live-user.sealed");
	fixture->part = test_folder_path(fixture->folder, "live-user.sealed.part");
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	test_folder_free(fixture->folder);
	free(fixture->path);
	free(fixture->part);
	free(fixture);
	return 0;
}

/* Page n (from 1) has n lines "n.i" and the mark "mark n". */
static void add_page(struct rh_stream_writer *writer, unsigned n)
{
	rh_autobuf text = {0};
	rh_autobuf mark = {0};
	struct rh_stream_page page;

	rh_buf_init(&text, TEXT_MAX);
	rh_buf_init(&mark, 64);
	rh_buf_printf(&mark, "mark %u", n);
	for (unsigned i = 1; i <= n; i++) {
		rh_buf_printf(&text, "%u.%u\n", n, i);
	}
	page = (struct rh_stream_page){.lines = n,
				       .mark = rh_buf_str(&mark),
				       .text = rh_buf_str(&text)};
	assert_int_equal(rh_stream_add(writer, &page, NULL), RH_OK);
}

static struct rh_stream_writer *begin(const struct fixture *fixture, unsigned pages)
{
	struct rh_stream_writer *writer = NULL;

	assert_int_equal(rh_stream_create(&writer, fixture->path, key, HEAD, NULL), RH_OK);
	for (unsigned n = 1; n <= pages; n++) {
		add_page(writer, n);
	}
	return writer;
}

/* What comes out, in pieces of `piece` bytes; the code that ended it. */
static int read_all(const struct fixture *fixture, size_t piece, struct rh_buf *out)
{
	struct rh_bytes *bytes = NULL;
	char *room = malloc(piece);
	int code = rh_stream_bytes(&bytes, fixture->path, key, NULL);
	ptrdiff_t got;

	assert_non_null(room);
	if (code != RH_OK) {
		free(room);
		return code;
	}
	while ((got = bytes->read(bytes, room, piece, NULL)) > 0) {
		rh_buf_add(out, room, (size_t)got);
	}
	bytes->close(bytes);
	free(room);
	return (int)got;
}

static void check_text(const struct fixture *fixture, const char *text)
{
	static const size_t pieces[] = {1, 3, 4096};

	for (size_t i = 0; i < 3; i++) {
		rh_autobuf out = {0};
		rh_buf_init(&out, TEXT_MAX);
		assert_int_equal(read_all(fixture, pieces[i], &out), RH_OK);
		assert_true(rh_str_is(rh_buf_str(&out), text));
	}
}

static void pages_come_out_in_order(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_stream_end end;
	rh_autobuf head = {0};

	assert_int_equal(rh_stream_finish(begin(fixture, 3), NULL, 0, NULL), RH_OK);
	assert_false(rh_file_exists(fixture->part));
	check_text(fixture, "1.1\n2.1\n2.2\n3.1\n3.2\n3.3\n");
	rh_buf_init(&head, 64);
	assert_int_equal(rh_stream_look(fixture->path, key, &head, &end, NULL), RH_OK);
	assert_true(rh_str_eq(rh_buf_str(&head), HEAD));
	assert_int_equal(end.pages, 3);
	assert_int_equal(end.lines, 6);
	assert_int_equal(end.left_out, 0);
}

static void an_empty_one_is_whole(void **state)
{
	const struct fixture *fixture = *state;
	rh_autobuf out = {0};

	rh_buf_init(&out, TEXT_MAX);
	assert_int_equal(rh_stream_finish(begin(fixture, 0), NULL, 0, NULL), RH_OK);
	assert_int_equal(read_all(fixture, 16, &out), RH_OK);
	assert_int_equal(out.len, 0);
}

static void lines_are_left_out(void **state)
{
	static const struct {
		uint64_t numbers[4];
		size_t count;
		const char *text;
	} cases[] = {
		{{1}, 1, "2.1\n2.2\n3.1\n3.2\n3.3\n"}, {{6}, 1, "1.1\n2.1\n2.2\n3.1\n3.2\n"},
		{{2, 3}, 2, "1.1\n3.1\n3.2\n3.3\n"},   {{1, 3, 5}, 3, "2.1\n3.1\n3.3\n"},
		{{3, 4, 5, 6}, 4, "1.1\n2.1\n"},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rh_stream_finish(begin(fixture, 3), cases[i].numbers,
						  cases[i].count, NULL),
				 RH_OK);
		check_text(fixture, cases[i].text);
	}
}

struct seen {
	struct rh_buf text;
	int code;
};

static int note(void *context, struct rh_str head, const struct rh_stream_page *page,
		struct rh_err *err)
{
	struct seen *seen = context;

	(void)err;
	if (page == NULL) {
		rh_buf_printf(&seen->text, "[%.*s]", RH_STR_ARG(head));
		return seen->code;
	}
	rh_buf_printf(&seen->text, "%.*s:%llu;", RH_STR_ARG(page->mark),
		      (unsigned long long)page->lines);
	return RH_OK;
}

static int resume(const struct fixture *fixture, struct rh_stream_writer **writer, int code,
		  const char *seen_text)
{
	struct seen seen = {.code = code};
	int resumed;

	rh_buf_init(&seen.text, TEXT_MAX);
	resumed = rh_stream_resume(writer, fixture->path, key, note, &seen, NULL);
	if (seen_text != NULL) {
		assert_true(rh_str_is(rh_buf_str(&seen.text), seen_text));
	}
	rh_buf_done(&seen.text);
	return resumed;
}

/* Rule 1: wherever the file was cut, what is there is a row of whole pages, and it goes on behind them. */
static void a_cut_one_goes_on(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_stream_writer *writer = NULL;
	struct stat one;
	struct stat two;

	rh_stream_leave(begin(fixture, 1));
	assert_int_equal(stat(fixture->part, &one), 0);
	rh_stream_leave(begin(fixture, 2));
	assert_int_equal(stat(fixture->part, &two), 0);
	for (off_t len = one.st_size; len <= two.st_size; len++) {
		bool is_whole = len == two.st_size;
		rh_stream_leave(begin(fixture, 2));
		assert_int_equal(truncate(fixture->part, len), 0);
		assert_int_equal(resume(fixture, &writer, RH_OK,
					is_whole ? "[whose it is]mark 1:1;mark 2:2;"
						 : "[whose it is]mark 1:1;"),
				 1);
		if (!is_whole) {
			add_page(writer, 2);
		}
		add_page(writer, 3);
		assert_int_equal(rh_stream_finish(writer, NULL, 0, NULL), RH_OK);
		check_text(fixture, "1.1\n2.1\n2.2\n3.1\n3.2\n3.3\n");
	}
}

static void there_may_be_nothing_to_go_on_with(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_stream_writer *writer = NULL;

	assert_int_equal(resume(fixture, &writer, RH_OK, ""), 0);
	for (off_t len = 0; len < 60;
	     len++) { /* within what stands before the head, and in the head */
		rh_stream_leave(begin(fixture, 1));
		assert_int_equal(truncate(fixture->part, len), 0);
		assert_int_equal(resume(fixture, &writer, RH_OK, ""), 0);
	}
	rh_stream_leave(begin(fixture, 1)); /* another one's: the caller says so */
	assert_int_equal(resume(fixture, &writer, RH_ESTATE, "[whose it is]"), RH_ESTATE);
}

static void an_unfinished_one_is_not_read(void **state)
{
	const struct fixture *fixture = *state;
	rh_autobuf out = {0};

	rh_buf_init(&out, TEXT_MAX);
	rh_stream_leave(begin(fixture, 3));
	assert_int_equal(read_all(fixture, 16, &out), RH_EIO);
	assert_int_equal(rename(fixture->part, fixture->path), 0);
	assert_true(read_all(fixture, 16, &out) < 0);
	assert_int_equal(out.len, 0);
}

/* Rule 3: each byte that is changed, and each length that it is cut to. */
static void a_changed_one_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	rh_autobuf whole = {0};

	rh_buf_init(&whole, TEXT_MAX);
	assert_int_equal(rh_stream_finish(begin(fixture, 2), NULL, 0, NULL), RH_OK);
	assert_int_equal(rh_file_read(fixture->path, &whole, NULL), RH_OK);
	assert_null(memmem(whole.ptr, whole.len, "mark", 4));
	for (size_t i = 0; i < whole.len; i++) {
		rh_autobuf out = {0};
		rh_buf_init(&out, TEXT_MAX);
		whole.ptr[i] = (char)(whole.ptr[i] ^ 1);
		assert_int_equal(rh_file_write(fixture->path, rh_buf_str(&whole), NULL), RH_OK);
		assert_true(read_all(fixture, 4096, &out) < 0);
		whole.ptr[i] = (char)(whole.ptr[i] ^ 1);
	}
	for (size_t i = 0; i < whole.len; i++) {
		rh_autobuf out = {0};
		rh_buf_init(&out, TEXT_MAX);
		assert_int_equal(rh_file_write(fixture->path, rh_str_sub(rh_buf_str(&whole), 0, i),
					       NULL),
				 RH_OK);
		assert_true(read_all(fixture, 4096, &out) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages_come_out_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_one_is_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cut_one_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_may_be_nothing_to_go_on_with, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_unfinished_one_is_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_changed_one_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
