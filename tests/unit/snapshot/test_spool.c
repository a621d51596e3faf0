/* SPDX-License-Identifier: Apache-2.0 */
/* Spool: what goes in comes out at every offset; cut, changed and foreign files are refused. */
#include "snapshot/spool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "chunks.h"
#include "crypto/seal.h"
#include "folder.h"

#define FILE_MAX (16U * 1024 * 1024)

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
	fixture->path = test_folder_path(fixture->folder, "input.spool");
	fixture->part = test_folder_path(fixture->folder, "input.spool.part");
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

/* Bytes in which no two places look alike. */
static void make_content(struct rh_buf *out, size_t len)
{
	rh_buf_init(out, FILE_MAX);
	for (size_t i = 0; out->len < len; i++) {
		rh_buf_printf(out, "%zu ada.%zu@example.com;", i, i * 7);
	}
	out->len = len;
}

static void write_spool(const char *path, struct rh_str content, size_t piece)
{
	struct rh_spool_writer *writer = NULL;

	assert_int_equal(rh_spool_create(&writer, path, key, NULL), RH_OK);
	while (content.len > 0) {
		struct rh_str part = rh_str_sub(content, 0, piece);

		assert_int_equal(rh_spool_write(writer, part.ptr, part.len, NULL), RH_OK);
		content = rh_str_sub(content, part.len, SIZE_MAX);
	}
	assert_int_equal(rh_spool_finish(writer, NULL), RH_OK);
}

static void read_stream(struct rh_spool *spool, size_t piece, struct rh_buf *out, int expected)
{
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	ptrdiff_t got;

	rh_buf_init(out, FILE_MAX);
	assert_int_equal(rh_spool_bytes(&bytes, spool, NULL), RH_OK);
	do {
		char *at = rh_buf_reserve(out, piece);

		assert_non_null(at);
		got = bytes->read(bytes, at, piece, &err);
		out->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_int_equal(got, expected);
	assert_int_equal(bytes->read(bytes, out->ptr, 1, &err), expected);
	bytes->close(bytes);
}

static void content_comes_back(void **state)
{
	static const size_t lens[] = {
		0,
		1,
		RH_SPOOL_CHUNK - 1,
		RH_SPOOL_CHUNK,
		RH_SPOOL_CHUNK + 1,
		2 * RH_SPOOL_CHUNK,
		3 * RH_SPOOL_CHUNK + 5,
	};
	static const size_t pieces[] = {1000, RH_SPOOL_CHUNK, FILE_MAX};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			struct rh_spool *spool = NULL;
			rh_autobuf content = {0};
			rh_autobuf read = {0};

			make_content(&content, lens[i]);
			write_spool(fixture->path, rh_buf_str(&content), pieces[k]);
			assert_int_equal(rh_spool_open(&spool, fixture->path, key, NULL), RH_OK);
			assert_int_equal(rh_spool_length(spool), lens[i]);
			read_stream(spool, pieces[k] < 100000 ? pieces[k] : 100000, &read, RH_OK);
			assert_true(rh_str_eq(rh_buf_str(&read), rh_buf_str(&content)) ||
				    lens[i] == 0);
			assert_int_equal(read.len, lens[i]);
			rh_spool_close(spool);
		}
	}
}

static void any_part_is_read(void **state)
{
	static const size_t offsets[] = {
		0,
		1,
		RH_SPOOL_CHUNK - 1,
		RH_SPOOL_CHUNK,
		RH_SPOOL_CHUNK + 1,
		3 * RH_SPOOL_CHUNK - 2,
	};
	static const size_t lens[] = {0, 1, 2, 100, RH_SPOOL_CHUNK, 2 * RH_SPOOL_CHUNK + 3};
	const struct fixture *fixture = *state;
	struct rh_spool *spool = NULL;
	struct rh_err err = {0};
	rh_autobuf content = {0};
	rh_autobuf part = {0};

	make_content(&content, 5 * RH_SPOOL_CHUNK + 7);
	write_spool(fixture->path, rh_buf_str(&content), 777);
	assert_int_equal(rh_spool_open(&spool, fixture->path, key, NULL), RH_OK);
	rh_buf_init(&part, FILE_MAX);
	/* Forwards, then backwards. */
	for (size_t i = 0; i < 2 * 6 * 6; i++) {
		size_t at = i < 36 ? i : 71 - i;
		size_t offset = offsets[at / 6];
		size_t len = lens[at % 6];

		rh_buf_reset(&part);
		rh_buf_add_char(&part, '>'); /* what is there stays */
		assert_int_equal(rh_spool_read_at(spool, offset, len, &part, NULL), RH_OK);
		assert_int_equal(part.len, len + 1);
		assert_memory_equal(part.ptr + 1, content.ptr + offset, len);
	}
	assert_int_equal(rh_spool_read_at(spool, content.len, 0, &part, &err), RH_OK);
	assert_int_equal(rh_spool_read_at(spool, content.len, 1, &part, &err), RH_EINVAL);
	assert_int_equal(rh_spool_read_at(spool, UINT64_MAX, 2, &part, &err), RH_EINVAL);
	rh_spool_close(spool);
}

static void nothing_is_in_the_open(void **state)
{
	const struct fixture *fixture = *state;
	struct stat info;
	rh_autobuf content = {0};
	rh_autobuf file = {0};

	make_content(&content, RH_SPOOL_CHUNK + 100);
	write_spool(fixture->path, rh_buf_str(&content), 1000);
	rh_buf_init(&file, FILE_MAX);
	assert_int_equal(rh_file_read(fixture->path, &file, NULL), RH_OK);
	assert_null(memmem(file.ptr, file.len, "example", 7));
	assert_int_equal(stat(fixture->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_false(rh_file_exists(fixture->part));
}

static void the_file_appears_when_it_is_whole(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_spool_writer *writer = NULL;
	rh_autobuf file = {0};

	assert_int_equal(rh_file_write(fixture->path, RH_STR("old"), NULL), RH_OK);
	assert_int_equal(rh_file_write(fixture->part, RH_STR("left by a crash"), NULL), RH_OK);
	assert_int_equal(rh_spool_create(&writer, fixture->path, key, NULL), RH_OK);
	assert_int_equal(rh_spool_write(writer, "new", 3, NULL), RH_OK);
	assert_true(rh_file_exists(fixture->part));
	rh_spool_abandon(writer);
	rh_spool_abandon(NULL);
	assert_false(rh_file_exists(fixture->part));
	rh_buf_init(&file, FILE_MAX);
	assert_int_equal(rh_file_read(fixture->path, &file, NULL), RH_OK);
	assert_string_equal(file.ptr, "old");
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_spool_writer *writer = NULL;
	struct rh_spool *spool = NULL;
	char *path = test_folder_path(fixture->folder, "absent/x");
	struct rh_err err = {0};

	assert_int_equal(rh_spool_create(&writer, path, key, &err), RH_EIO);
	assert_null(writer);
	assert_int_equal(rh_spool_open(&spool, path, key, &err), RH_EIO);
	assert_null(spool);
	rh_spool_close(NULL);
	free(path);
}

/* Opens and reads all; the first error, or RH_OK. */
static int read_all(const char *path, const uint8_t with_key[32])
{
	struct rh_spool *spool = NULL;
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	static char piece[RH_SPOOL_CHUNK];
	ptrdiff_t got = rh_spool_open(&spool, path, with_key, &err);

	if (got == RH_OK) {
		assert_int_equal(rh_spool_bytes(&bytes, spool, NULL), RH_OK);
		do {
			got = bytes->read(bytes, piece, sizeof(piece), &err);
		} while (got > 0);
		bytes->close(bytes);
	}
	assert_int_equal(err.code, got);
	rh_spool_close(spool);
	return (int)got;
}

static void foreign_keys_are_refused(void **state)
{
	const struct fixture *fixture = *state;
	uint8_t other[32];

	memcpy(other, key, sizeof(other));
	other[31] ^= 1;
	write_spool(fixture->path, RH_STR("content"), 100);
	assert_int_equal(read_all(fixture->path, key), RH_OK);
	assert_int_equal(read_all(fixture->path, other), RH_EMISMATCH);
	assert_int_equal(rh_file_write(fixture->path, RH_STR("id,name\n"), NULL), RH_OK);
	assert_int_equal(read_all(fixture->path, key), RH_EINPUT);
}

static void cut_files_are_refused(void **state)
{
	const struct fixture *fixture = *state;
	rh_autobuf content = {0};
	rh_autobuf file = {0};

	make_content(&content, RH_SPOOL_CHUNK + 10);
	write_spool(fixture->path, rh_buf_str(&content), 1000);
	rh_buf_init(&file, FILE_MAX);
	assert_int_equal(rh_file_read(fixture->path, &file, NULL), RH_OK);
	for (size_t len = 0; len < file.len; len += len < 200 || len > file.len - 300 ? 1 : 997) {
		int status;

		assert_int_equal(rh_file_write(fixture->path, (struct rh_str){file.ptr, len}, NULL),
				 RH_OK);
		status = read_all(fixture->path, key);
		/* Whether four bytes of noise are a length of zero is chance; they never unseal. */
		assert_true(status == RH_EINPUT || (len >= 100 && status == RH_EMISMATCH));
	}
}

static void changed_files_are_refused(void **state)
{
	const struct fixture *fixture = *state;
	rh_autobuf content = {0};
	rh_autobuf file = {0};

	make_content(&content, 300);
	write_spool(fixture->path, rh_buf_str(&content), 1000);
	rh_buf_init(&file, FILE_MAX);
	assert_int_equal(rh_file_read(fixture->path, &file, NULL), RH_OK);
	for (size_t i = 0; i < file.len; i++) {
		int status;

		file.ptr[i] ^= 1;
		assert_int_equal(rh_file_write(fixture->path, rh_buf_str(&file), NULL), RH_OK);
		status = read_all(fixture->path, key);
		assert_true(status == RH_EMISMATCH || status == RH_EINPUT);
		file.ptr[i] ^= 1;
	}
}

static void chunks_cannot_be_moved_or_mixed(void **state)
{
	enum { HEAD = 16, SEALED = 4 + RH_SEAL_OVERHEAD + RH_SPOOL_CHUNK };
	const struct fixture *fixture = *state;
	rh_autobuf content = {0};
	rh_autobuf one = {0};
	rh_autobuf two = {0};
	char *chunk = test_malloc(SEALED);

	make_content(&content, 2 * RH_SPOOL_CHUNK);
	rh_buf_init(&one, FILE_MAX);
	rh_buf_init(&two, FILE_MAX);
	write_spool(fixture->path, rh_buf_str(&content), 1000);
	assert_int_equal(rh_file_read(fixture->path, &one, NULL), RH_OK);
	content.ptr[5] ^= 1;
	write_spool(fixture->path, rh_buf_str(&content), 1000);
	assert_int_equal(rh_file_read(fixture->path, &two, NULL), RH_OK);

	/* The two chunks of one file change places. */
	memcpy(chunk, one.ptr + HEAD, SEALED);
	memmove(one.ptr + HEAD, one.ptr + HEAD + SEALED, SEALED);
	memcpy(one.ptr + HEAD + SEALED, chunk, SEALED);
	assert_int_equal(rh_file_write(fixture->path, rh_buf_str(&one), NULL), RH_OK);
	assert_int_equal(read_all(fixture->path, key), RH_EMISMATCH);

	/* The first chunk of another file with the same key: each unseals, the digest does not agree. */
	memcpy(two.ptr + HEAD, chunk, SEALED);
	assert_int_equal(rh_file_write(fixture->path, rh_buf_str(&two), NULL), RH_OK);
	assert_int_equal(read_all(fixture->path, key), RH_EMISMATCH);
	test_free(chunk);
}

static void a_tee_keeps_what_passes(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_spool_writer *writer = NULL;
	struct rh_spool *spool = NULL;
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	char piece[10];
	rh_autobuf part = {0};

	assert_int_equal(rh_spool_create(&writer, fixture->path, key, NULL), RH_OK);
	bytes = chunks_open(RH_STR("content"), &(struct chunks){.first = 3});
	assert_int_equal(rh_spool_tee(&bytes, bytes, writer, NULL), RH_OK);
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 3);
	assert_memory_equal(piece, "con", 3);
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 4);
	assert_false(rh_file_exists(fixture->path));
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 0);
	assert_true(rh_file_exists(fixture->path));
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 0);
	bytes->close(bytes);
	assert_int_equal(rh_spool_open(&spool, fixture->path, key, NULL), RH_OK);
	rh_buf_init(&part, 100);
	assert_int_equal(rh_spool_read_at(spool, 0, 7, &part, NULL), RH_OK);
	assert_string_equal(part.ptr, "content");
	rh_spool_close(spool);
}

static void a_tee_closed_early_keeps_nothing(void **state)
{
	const struct fixture *fixture = *state;
	struct rh_spool_writer *writer = NULL;
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	char piece[10];

	assert_int_equal(rh_spool_create(&writer, fixture->path, key, NULL), RH_OK);
	bytes = chunks_open(RH_STR("content"), &(struct chunks){.fails_with = RH_EIO});
	assert_int_equal(rh_spool_tee(&bytes, bytes, writer, NULL), RH_OK);
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 7);
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), RH_EIO);
	bytes->close(bytes);
	assert_false(rh_file_exists(fixture->path));
	assert_false(rh_file_exists(fixture->part));
}

/* Every allocation fails once: an error that leaves no file, or success; never a leak. */
static void memory_may_run_out_anywhere(void **state)
{
	const struct fixture *fixture = *state;
	bool is_through = false;

	for (uint64_t n = 1; !is_through; n++) {
		struct rh_spool_writer *writer = NULL;
		struct rh_spool *spool = NULL;
		struct rh_err err = {0};
		char content[RH_SPOOL_CHUNK] = {0};
		rh_autobuf part = {0};
		int status;

		assert_true(n < 100);
		rh_buf_init(&part, FILE_MAX);
		rh_alloc_fail_from(n);
		status = rh_spool_create(&writer, fixture->path, key, &err);
		if (status == RH_OK) {
			status = rh_spool_write(writer, content, sizeof(content), &err);
			if (status == RH_OK) {
				status = rh_spool_write(writer, "x", 1, &err);
			}
			if (status == RH_OK) {
				status = rh_spool_finish(writer, &err);
			} else {
				rh_spool_abandon(writer);
			}
		}
		if (status == RH_OK) {
			status = rh_spool_open(&spool, fixture->path, key, &err);
		}
		if (status == RH_OK) {
			status = rh_spool_read_at(spool, 10, RH_SPOOL_CHUNK - 9, &part, &err);
		}
		is_through = status == RH_OK;
		assert_true(is_through || (status == RH_ENOMEM && err.code == RH_ENOMEM));
		rh_spool_close(spool);
		rh_alloc_fail_from(0);
		assert_false(rh_file_exists(fixture->part));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(content_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(any_part_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_in_the_open, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_file_appears_when_it_is_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_an_error, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(foreign_keys_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_files_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changed_files_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(chunks_cannot_be_moved_or_mixed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_tee_keeps_what_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_tee_closed_early_keeps_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(memory_may_run_out_anywhere, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("snapshot/spool", tests, NULL, NULL);
}
