/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target for base/json.c, base/json_read.c, base/json_write.c and base/str.c: what the reader takes is written
 * back and read again, and both documents must be equal; what it refuses must have a place within the text.  What
 * reads the value at the front finds the same in it, with or without something behind it, and changes nothing.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void require_equal(const struct rh_json_node *a, const struct rh_json_node *b)
{
	const struct rh_json_node *in_a = NULL;
	const struct rh_json_node *in_b = NULL;

	require(a != NULL && b != NULL);
	require(rh_json_type(a) == rh_json_type(b));
	require(rh_str_eq(rh_json_text(a), rh_json_text(b)));
	require(rh_str_is_utf8(rh_json_text(a)));
	require(rh_json_count(a) == rh_json_count(b));
	for (;;) {
		struct rh_str key_a = RH_STR_ABSENT;
		struct rh_str key_b = RH_STR_ABSENT;

		in_a = rh_json_next(a, in_a, &key_a);
		in_b = rh_json_next(b, in_b, &key_b);
		if (in_a == NULL || in_b == NULL) {
			break;
		}
		require(rh_str_eq(key_a, key_b));
		require(rh_str_is_utf8(key_a));
		require_equal(in_a, in_b);
	}
	require(in_a == in_b);
}

/* `whole` is NULL where the text is no value; then one may yet stand at its front. */
static void read_front(const struct rh_json *whole, struct rh_str text)
{
	struct rh_json front = {0};
	struct rh_json_front found;
	char *before = malloc(text.len > 0 ? text.len : 1);
	bool is_read;

	require(before != NULL);
	memcpy(before, text.ptr, text.len);
	is_read = rh_json_parse_front(&front, text, &found);
	require(memcmp(before, text.ptr, text.len) == 0);
	require(is_read || whole == NULL || text.len > 64 * 1024);
	if (is_read && whole != NULL) {
		require_equal(rh_json_root(whole), rh_json_root(&front));
	} else if (is_read) {
		struct rh_json again = {0};
		struct rh_err err = {0};

		require(rh_json_parse(&again, before, found.len, &err) == RH_OK);
		require_equal(rh_json_root(&again), rh_json_root(&front));
		rh_json_done(&again);
	}
	rh_json_done(&front);
	free(before);
}

static void write_back(struct rh_buf *out, const struct rh_json *json)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, out);
	rh_json_put_node(&writer, rh_json_root(json));
	require(out->failed == RH_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX;
	struct rh_json first = {0};
	struct rh_json second = {0};
	struct rh_err err = {0};
	rh_autobuf written = {0};
	rh_autobuf again = {0};
	rh_autobuf rewritten = {0};
	char *untouched;
	/* Exactly as long as the text: a byte read behind it is found. */
	char *text = malloc(len > 0 ? len : 1);

	rh_buf_init(&written, SIZE_MAX);
	rh_buf_init(&again, SIZE_MAX);
	rh_buf_init(&rewritten, SIZE_MAX);
	require(text != NULL);
	if (len > 0) {
		memcpy(text, data, len);
	}
	untouched = malloc(len > 0 ? len : 1);
	require(untouched != NULL);
	memcpy(untouched, text, len);
	if (rh_json_parse(&first, text, len, &err) == RH_OK) {
		read_front(&first, (struct rh_str){untouched, len});
		write_back(&written, &first);
		rh_buf_add_str(&again, rh_buf_str(&written));
		require(rh_json_parse(&second, again.ptr, again.len, &err) == RH_OK);
		require_equal(rh_json_root(&first), rh_json_root(&second));
		write_back(&rewritten, &second);
		require(rh_str_eq(rh_buf_str(&written), rh_buf_str(&rewritten)));
	} else {
		read_front(NULL, (struct rh_str){untouched, len});
		require(rh_json_root(&first) == NULL);
		require(err.line >= 1 && err.line <= len + 1);
		require(err.column >= 1 && err.column <= len + 1);
	}
	rh_json_done(&first);
	rh_json_done(&second);
	free(untouched);
	free(text);
	return 0;
}
