/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of a text: making, keeping, checking. */
#include "read/marks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

void rh_marks_init(struct rh_marks *marks)
{
	*marks = (struct rh_marks){0};
	rh_sha256_init(&marks->sha);
}

void rh_marks_done(struct rh_marks *marks)
{
	rh_free(marks->marks);
	marks->marks = NULL;
}

static int say_changed(struct rh_err *err)
{
	(void)rh_err_set(err, RH_EMISMATCH, "the input changed since the plan was made");
	rh_err_hint(err, "Plan again: the new plan goes on where this one stands.");
	return RH_EMISMATCH;
}

static int append(struct rh_marks *marks, const uint8_t digest[RH_DIGEST_LEN], struct rh_err *err)
{
	if (marks->count == marks->room) {
		size_t room = marks->room == 0 ? 16 : marks->room * 2;
		void *grown = rh_realloc(marks->marks, room * sizeof(*marks->marks));

		if (grown == NULL) {
			return rh_err_set(err, RH_ENOMEM, "no memory for the marks of an input");
		}
		marks->marks = grown;
		marks->room = room;
	}
	memcpy(marks->marks[marks->count], digest, RH_MARK_LEN);
	marks->count++;
	return RH_OK;
}

/* The text stands at a place that has a mark. */
static int pass_mark(struct rh_marks *marks, struct rh_err *err)
{
	struct rh_sha256 sha = marks->sha; /* a copy: the text goes on */
	uint8_t digest[RH_DIGEST_LEN];

	rh_sha256_finish(&sha, digest);
	if (!marks->is_check) {
		return append(marks, digest, err);
	}
	if (marks->next == marks->count ||
	    memcmp(marks->marks[marks->next], digest, RH_MARK_LEN) != 0) {
		return say_changed(err);
	}
	marks->next++;
	return RH_OK;
}

int rh_marks_add(struct rh_marks *marks, const void *bytes, size_t len, struct rh_err *err)
{
	const char *at = bytes;

	while (len > 0) {
		size_t part = RH_READ_CHUNK - (size_t)(marks->position % RH_READ_CHUNK);

		part = part < len ? part : len;
		rh_sha256_add(&marks->sha, at, part);
		marks->position += part;
		at += part;
		len -= part;
		if (marks->position % RH_READ_CHUNK == 0) {
			int status = pass_mark(marks, err);

			if (status != RH_OK) {
				return status;
			}
		}
	}
	return RH_OK;
}

int rh_marks_end(struct rh_marks *marks, struct rh_err *err)
{
	if (marks->position % RH_READ_CHUNK != 0) {
		int status = pass_mark(marks, err);

		if (status != RH_OK) {
			return status;
		}
	}
	if (!marks->is_check) {
		marks->length = marks->position;
		return RH_OK;
	}
	return marks->position == marks->length ? RH_OK : say_changed(err);
}

void rh_marks_digest(const struct rh_marks *marks, uint8_t out[RH_DIGEST_LEN])
{
	struct rh_sha256 sha = marks->sha; /* a copy: reading may go on */

	rh_sha256_finish(&sha, out);
}

void rh_marks_put(const struct rh_marks *marks, struct rh_buf *out)
{
	rh_buf_add(out, &marks->length, sizeof(marks->length));
	rh_buf_add(out, marks->marks, marks->count * sizeof(*marks->marks));
}

int rh_marks_get(struct rh_marks *out, struct rh_str *content, struct rh_err *err)
{
	struct rh_marks marks;
	uint64_t count;

	rh_marks_init(&marks);
	marks.is_check = true;
	if (content->len < sizeof(marks.length)) {
		return rh_err_set(err, RH_EMISMATCH, "the marks of an input are damaged");
	}
	memcpy(&marks.length, content->ptr, sizeof(marks.length));
	*content = rh_str_sub(*content, sizeof(marks.length), content->len);
	count = marks.length / RH_READ_CHUNK + (marks.length % RH_READ_CHUNK != 0);
	if (count > content->len / RH_MARK_LEN) {
		return rh_err_set(err, RH_EMISMATCH, "the marks of an input are damaged");
	}
	marks.count = (size_t)count;
	if (count > 0) {
		marks.marks = rh_malloc(marks.count * sizeof(*marks.marks));
		if (marks.marks == NULL) {
			return rh_err_set(err, RH_ENOMEM, "no memory for the marks of an input");
		}
		memcpy(marks.marks, content->ptr, marks.count * sizeof(*marks.marks));
	}
	*content = rh_str_sub(*content, marks.count * sizeof(*marks.marks), content->len);
	*out = marks;
	return RH_OK;
}
