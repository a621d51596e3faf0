/* SPDX-License-Identifier: Apache-2.0 */
/* Packed inputs: undone with every cut, refused when cut, damaged or bombs, passed on when plain. */
#include "read/reader.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/str.h"
#include "chunks.h"

static void add_gzip(struct rh_buf *out, struct rh_str text)
{
	z_stream stream = {0};
	size_t room = text.len + 1024;
	char *at = rh_buf_reserve(out, room);

	assert_non_null(at);
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)text.ptr;
	stream.avail_in = (uInt)text.len;
	stream.next_out = (Bytef *)at;
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out->len += room - stream.avail_out;
	(void)deflateEnd(&stream);
}

static void add_zstd(struct rh_buf *out, struct rh_str text)
{
	size_t room = ZSTD_compressBound(text.len);
	char *at = rh_buf_reserve(out, room);
	size_t len;

	assert_non_null(at);
	len = ZSTD_compress(at, room, text.ptr, text.len, 3);
	assert_false(ZSTD_isError(len));
	out->len += len;
}

/* Unpacks with small reads; the status of the end. */
static int unpack(struct rh_str packed, const struct chunks *chunks, struct rh_buf *out)
{
	struct rh_bytes *bytes = chunks_open(packed, chunks);
	struct rh_err err = {0};
	char piece[100];
	ptrdiff_t got;

	assert_int_equal(rh_bytes_inflate(&bytes, bytes, &err), RH_OK);
	do {
		got = bytes->read(bytes, piece, sizeof(piece), &err);
		if (got > 0) {
			rh_buf_add(out, piece, (size_t)got);
		}
	} while (got > 0);
	if (got < 0) {
		/* Said once, said always. */
		assert_int_equal(err.code, got);
		assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), got);
	} else {
		assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 0);
	}
	bytes->close(bytes);
	return (int)got;
}

static void check(struct rh_str packed, int status, struct rh_str expected)
{
	rh_autobuf out = {0};

	rh_buf_init(&out, 1024 * 1024);
	for (size_t cut = 0; cut <= packed.len; cut++) {
		rh_buf_reset(&out);
		assert_int_equal(unpack(packed, &(struct chunks){.first = cut}, &out), status);
		assert_true(rh_str_eq(rh_buf_str(&out), expected));
	}
	rh_buf_reset(&out);
	assert_int_equal(unpack(packed, &(struct chunks){.first = 1, .each = 1}, &out), status);
	assert_true(rh_str_eq(rh_buf_str(&out), expected));
}

static void plain_bytes_pass(void **)
{
	check(RH_STR(""), RH_OK, RH_STR(""));
	check(RH_STR("["), RH_OK, RH_STR("["));
	check(RH_STR("\x1f\x8b"), RH_OK, RH_STR("\x1f\x8b"));
	check(RH_STR("id,name\n1,x\n"), RH_OK, RH_STR("id,name\n1,x\n"));
}

static void gzip_is_undone_member_by_member(void **)
{
	rh_autobuf packed = {0};

	rh_buf_init(&packed, 1024 * 1024);
	add_gzip(&packed, RH_STR("one "));
	check(rh_buf_str(&packed), RH_OK, RH_STR("one "));
	add_gzip(&packed, RH_STR(""));
	add_gzip(&packed, RH_STR("two"));
	check(rh_buf_str(&packed), RH_OK, RH_STR("one two"));
	rh_buf_add(&packed, "\0\0\0\0\0", 5);
	check(rh_buf_str(&packed), RH_OK, RH_STR("one two"));
	rh_buf_add_cstr(&packed, "junk");
	check(rh_buf_str(&packed), RH_EINPUT, RH_STR("one two"));
}

static void an_empty_first_member_is_none_the_less_one(void **)
{
	rh_autobuf packed = {0};

	rh_buf_init(&packed, 1024 * 1024);
	add_gzip(&packed, RH_STR(""));
	check(rh_buf_str(&packed), RH_OK, RH_STR(""));
	add_gzip(&packed, RH_STR("x"));
	check(rh_buf_str(&packed), RH_OK, RH_STR("x"));
}

static void zstd_is_undone_frame_by_frame(void **)
{
	rh_autobuf packed = {0};

	rh_buf_init(&packed, 1024 * 1024);
	add_zstd(&packed, RH_STR("one "));
	check(rh_buf_str(&packed), RH_OK, RH_STR("one "));
	add_zstd(&packed, RH_STR("two"));
	check(rh_buf_str(&packed), RH_OK, RH_STR("one two"));
	rh_buf_add_cstr(&packed, "junk");
	check(rh_buf_str(&packed), RH_EINPUT, RH_STR("one two"));
}

static void cut_streams_are_errors(void **)
{
	static void (*const add[])(struct rh_buf *, struct rh_str) = {add_gzip, add_zstd};

	for (size_t i = 0; i < 2; i++) {
		rh_autobuf packed = {0};
		rh_autobuf out = {0};

		rh_buf_init(&packed, 1024 * 1024);
		rh_buf_init(&out, 1024 * 1024);
		add[i](&packed, RH_STR("some text, some more text, and the end"));
		for (size_t len = 4; len < packed.len; len++) {
			struct rh_str cut = {packed.ptr, len};

			assert_int_equal(unpack(cut, &(struct chunks){0}, &out), RH_EINPUT);
		}
	}
}

static void damage_is_an_error(void **)
{
	static void (*const add[])(struct rh_buf *, struct rh_str) = {add_gzip, add_zstd};

	for (size_t i = 0; i < 2; i++) {
		rh_autobuf packed = {0};
		rh_autobuf out = {0};

		rh_buf_init(&packed, 1024 * 1024);
		rh_buf_init(&out, 1024 * 1024);
		add[i](&packed, RH_STR("some text, some more text, and the end"));
		packed.ptr[packed.len / 2] ^= 0x55;
		packed.ptr[packed.len / 2 + 1] ^= 0x55;
		if (i == 0) {
			assert_int_equal(unpack(rh_buf_str(&packed), &(struct chunks){0}, &out),
					 RH_EINPUT);
		} else {
			/* Without a checksum of its own, zstd finds only what breaks its form. */
			packed.ptr[5] = (char)0xff;
			assert_int_equal(unpack(rh_buf_str(&packed), &(struct chunks){0}, &out),
					 RH_EINPUT);
		}
	}
}

static void errors_of_the_inner_stream_climb(void **)
{
	rh_autobuf packed = {0};
	rh_autobuf out = {0};

	rh_buf_init(&packed, 1024 * 1024);
	rh_buf_init(&out, 1024 * 1024);
	add_gzip(&packed, RH_STR("text"));
	packed.len -= 9;
	assert_int_equal(unpack(rh_buf_str(&packed), &(struct chunks){.fails_with = RH_EIO}, &out),
			 RH_EIO);
	assert_int_equal(unpack(RH_STR("plain"), &(struct chunks){.fails_with = RH_EIO}, &out),
			 RH_EIO);
}

static void bombs_are_refused(void **)
{
	const size_t len = 256U * 1024 * 1024;
	char *zeros = test_calloc(1, len);
	struct rh_bytes *bytes;
	struct rh_err err = {0};
	uint64_t given = 0;
	ptrdiff_t got;
	rh_autobuf packed = {0};
	static char piece[65536];

	rh_buf_init(&packed, 2 * len);
	add_zstd(&packed, (struct rh_str){zeros, len});
	test_free(zeros);
	assert_true(len / packed.len > RH_INFLATE_RATIO_MAX);
	bytes = chunks_open(rh_buf_str(&packed), &(struct chunks){0});
	assert_int_equal(rh_bytes_inflate(&bytes, bytes, &err), RH_OK);
	do {
		got = bytes->read(bytes, piece, sizeof(piece), &err);
		given += got > 0 ? (uint64_t)got : 0;
	} while (got > 0);
	assert_int_equal(got, RH_ELIMIT);
	assert_int_equal(err.code, RH_ELIMIT);
	assert_in_range(given, RH_INFLATE_GRACE - sizeof(piece), RH_INFLATE_GRACE);
	bytes->close(bytes);
}

static void packed_inputs_are_read_as_records(void **)
{
	struct rh_reader *reader = NULL;
	struct rh_bytes *bytes;
	struct rh_item item;
	struct rh_err err;
	rh_autobuf packed = {0};

	rh_buf_init(&packed, 1024 * 1024);
	add_zstd(&packed, RH_STR("[{\"id\":1},"));
	add_zstd(&packed, RH_STR("{\"id\":2}]"));
	bytes = chunks_open(rh_buf_str(&packed), &(struct chunks){0});
	assert_int_equal(rh_bytes_inflate(&bytes, bytes, &err), RH_OK);
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_int_equal(item.offset, 10);
	assert_int_equal(rh_reader_next(reader, &item, &err), 0);
	rh_reader_close(reader);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_bytes_pass),
		cmocka_unit_test(gzip_is_undone_member_by_member),
		cmocka_unit_test(an_empty_first_member_is_none_the_less_one),
		cmocka_unit_test(zstd_is_undone_frame_by_frame),
		cmocka_unit_test(cut_streams_are_errors),
		cmocka_unit_test(damage_is_an_error),
		cmocka_unit_test(errors_of_the_inner_stream_climb),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(packed_inputs_are_read_as_records),
	};

	return cmocka_run_group_tests_name("read/inflate", tests, NULL, NULL);
}
