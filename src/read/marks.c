/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of a text: making, keeping, checking. */
#include "read/marks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

void rh_marks_init(struct rh_marks *marks, const uint8_t key[RH_KEY_LEN])
{
	*marks = (struct rh_marks){0};
	memcpy(marks->key, key, sizeof(marks->key));
}

void rh_marks_done(struct rh_marks *marks)
{
	rh_free(marks->marks);
	marks->marks = NULL;
	rh_mac_free(marks->mac);
	marks->mac = NULL;
	explicit_bzero(marks->key, sizeof(marks->key));
}

static int say_changed(struct rh_err *err)
{
	(void)rh_err_set(err, RH_EMISMATCH, "the input changed since the plan was made");
	rh_err_hint(err, "Plan again: the new plan goes on where this one stands.");
	return RH_EMISMATCH;
}

static int make_room(struct rh_marks *marks, size_t count, struct rh_err *err)
{
	size_t room = marks->room == 0 ? 16 : marks->room;
	void *grown;

	while (room < count) {
		room *= 2;
	}
	if (room == marks->room) {
		return RH_OK;
	}
	grown = rh_realloc(marks->marks, room * sizeof(*marks->marks));
	if (grown == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for the marks of an input");
	}
	marks->marks = grown;
	marks->room = room;
	return RH_OK;
}

/* The mark of a chunk, the first without one or one that has it already. */
static int keep(struct rh_marks *marks, uint64_t chunk, const uint8_t mark[RH_MARK_LEN],
		struct rh_err *err)
{
	int code;

	if (chunk < marks->count) {
		return memcmp(marks->marks[chunk], mark, RH_MARK_LEN) == 0
			       ? RH_OK
			       : rh_err_set(err, RH_EIO, "the file changed while it was read");
	}
	code = make_room(marks, marks->count + 1, err);
	if (code == RH_OK) {
		memcpy(marks->marks[marks->count], mark, RH_MARK_LEN);
		marks->count++;
	}
	return code;
}

int rh_marks_jump(struct rh_marks *marks, uint64_t chunk, struct rh_err *err)
{
	int code = make_room(marks, (size_t)chunk, err);

	if (code != RH_OK) {
		return code;
	}
	if (chunk > marks->count) {
		memset(marks->marks[marks->count], 0,
		       (size_t)(chunk - marks->count) * sizeof(*marks->marks));
		marks->count = (size_t)chunk;
	}
	marks->position = chunk * RH_READ_CHUNK;
	rh_mac_free(marks->mac); /* with what it has of a chunk that is not whole */
	marks->mac = NULL;
	return RH_OK;
}

int rh_marks_join(struct rh_marks *marks, uint64_t first, const uint8_t (*made)[RH_MARK_LEN],
		  size_t count, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < count && code == RH_OK; i++) {
		code = keep(marks, first + i, made[i], err);
	}
	return code;
}

/* The text stands at a place that has a mark. */
static int pass_mark(struct rh_marks *marks, struct rh_err *err)
{
	uint64_t chunk = (marks->position - 1) / RH_READ_CHUNK;
	uint8_t mark[RH_MARK_LEN];
	int code = rh_mac_finish(marks->mac, chunk, mark, err);

	if (code != RH_OK) {
		return code;
	}
	if (!marks->is_check) {
		return keep(marks, chunk, mark, err);
	}
	if (marks->next == marks->count ||
	    memcmp(marks->marks[marks->next], mark, RH_MARK_LEN) != 0) {
		return say_changed(err);
	}
	marks->next++;
	return RH_OK;
}

int rh_marks_add(struct rh_marks *marks, const void *bytes, size_t len, struct rh_err *err)
{
	const char *at = bytes;

	if (marks->mac == NULL) {
		int status = rh_mac_new(&marks->mac, marks->key, err);

		if (status != RH_OK) {
			return status;
		}
	}
	while (len > 0) {
		size_t part = RH_READ_CHUNK - (size_t)(marks->position % RH_READ_CHUNK);
		int status;

		part = part < len ? part : len;
		status = rh_mac_add(marks->mac, at, part, err);
		if (status != RH_OK) {
			return status;
		}
		marks->position += part;
		at += part;
		len -= part;
		if (marks->position % RH_READ_CHUNK == 0) {
			status = pass_mark(marks, err);
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
	const struct rh_str parts[] = {
		{.ptr = (const char *)&marks->length, .len = sizeof(marks->length)},
		{.ptr = (const char *)marks->marks, .len = marks->count * sizeof(*marks->marks)},
	};

	rh_digest_keyed(marks->key, parts, sizeof(parts) / sizeof(parts[0]), out, RH_DIGEST_LEN);
}

void rh_marks_put(const struct rh_marks *marks, struct rh_buf *out)
{
	rh_buf_add(out, &marks->length, sizeof(marks->length));
	rh_buf_add(out, marks->marks, marks->count * sizeof(*marks->marks));
}

int rh_marks_get(struct rh_marks *out, const uint8_t key[RH_KEY_LEN], struct rh_str *content,
		 struct rh_err *err)
{
	struct rh_marks marks;
	uint64_t count;

	rh_marks_init(&marks, key);
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
