/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a reading stands, beside each page (H3): the number of its list, the cursor that the page was asked with, the
 * cursor behind it, and the ids of its lines, so that going on need not look into the records.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/harvest_internal.h"
#include "plan/workspace.h"

/* Length of a text that is not there. */
#define ABSENT UINT64_MAX

static void put_number(struct rh_buf *out, uint64_t number)
{
	rh_buf_add(out, &number, sizeof(number)); /* read on the machine that wrote it */
}

static bool get_number(struct rh_str *from, uint64_t *out)
{
	if (from->len < sizeof(*out)) {
		return false;
	}
	memcpy(out, from->ptr, sizeof(*out));
	*from = rh_str_sub(*from, sizeof(*out), SIZE_MAX);
	return true;
}

static void put_text(struct rh_buf *out, struct rh_str text)
{
	put_number(out, text.ptr != NULL ? text.len : ABSENT);
	rh_buf_add_str(out, text);
}

static bool get_text(struct rh_str *from, struct rh_str *out)
{
	uint64_t len;

	*out = RH_STR_ABSENT;
	if (!get_number(from, &len) || (len != ABSENT && len > from->len)) {
		return false;
	}
	if (len != ABSENT) {
		*out = rh_str_sub(*from, 0, (size_t)len);
		*from = rh_str_sub(*from, (size_t)len, SIZE_MAX);
	}
	return true;
}

int rh_glean_mark(struct rh_gleaning *gleaning, const struct rh_gleaned_id *ids, size_t count)
{
	struct rh_buf *mark = &gleaning->mark;

	rh_buf_reset(mark);
	put_number(mark, gleaning->parent);
	put_text(mark, gleaning->asked);
	put_text(mark, gleaning->at);
	rh_buf_add(mark, ids, count * sizeof(*ids));
	return rh_buf_check(mark, "the mark of a page", gleaning->err);
}

int rh_glean_note(struct rh_gleaning *gleaning, char what, struct rh_str text, bool *was)
{
	uint64_t key[3] = {0, 0, gleaning->parent << 8 | (unsigned char)what};
	struct rh_str name = {.ptr = (const char *)key, .len = sizeof(key)};
	uint64_t unused;

	rh_digest_key128(gleaning->run->workspace->match_key, text, key);
	*was = rh_map_find(gleaning->seen, name, &unused);
	return rh_map_put(gleaning->seen, name, 1) == RH_OK
		       ? RH_OK
		       : rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
}

int rh_glean_turn(struct rh_gleaning *gleaning, struct rh_str next)
{
	/* What stands in the other one is borrowed by nobody: that page has come. */
	struct rh_arena *arena = &gleaning->cursor_arena[1 - gleaning->cursor_at];

	gleaning->asked = gleaning->at;
	rh_arena_reset(arena);
	if (!rh_arena_copy(arena, next, &gleaning->at)) {
		return rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
	}
	gleaning->cursor_at = 1 - gleaning->cursor_at;
	gleaning->is_begun = true;
	return RH_OK;
}

int rh_glean_add_ids(struct rh_gleaning *gleaning, const struct rh_gleaned_id *ids, size_t count,
		     bool is_same_page)
{
	size_t before = is_same_page ? gleaning->last_count : 0;

	for (size_t i = 0; i < count; i++) {
		struct rh_entry entry = {
			.high = ids[i].half[0],
			.low = ids[i].half[1],
			.info = gleaning->lines + i + 1,
		};
		int code = rh_sorter_add(gleaning->ids, &entry, gleaning->err);
		if (code != RH_OK) {
			return code;
		}
	}
	if (before + count > gleaning->last_room) {
		size_t room = before + count;
		struct rh_gleaned_id *grown =
			rh_realloc(gleaning->last, room * sizeof(*gleaning->last));
		if (grown == NULL) {
			return rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
		}
		gleaning->last = grown;
		gleaning->last_room = room;
	}
	if (count > 0) {
		memcpy(gleaning->last + before, ids, count * sizeof(*ids));
	}
	gleaning->last_count = before + count;
	gleaning->lines += count;
	gleaning->list_lines += count;
	return RH_OK;
}

void rh_glean_begin(struct rh_gleaning *gleaning, uint64_t parent, struct rh_str parent_id)
{
	gleaning->parent = parent;
	gleaning->links = (struct rh_links){.organization = parent_id};
	gleaning->list_lines = 0;
	gleaning->told = 0;
	gleaning->is_begun = false;
	gleaning->is_again = false;
	gleaning->asked = RH_STR_ABSENT;
	gleaning->at = RH_STR_ABSENT;
	gleaning->last_count = 0;
}

static int take_ids(struct rh_gleaning *gleaning, const struct rh_stream_page *page,
		    struct rh_str ids, bool is_same_page)
{
	rh_autofree struct rh_gleaned_id *copy = rh_calloc((size_t)page->lines + 1, sizeof(*copy));
	bool was = false;
	int code = RH_OK;

	if (copy == NULL) {
		return rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
	}
	if (page->lines > 0) {
		memcpy(copy, ids.ptr, ids.len);
	}
	if (page->lines > 0 && !is_same_page) {
		code = rh_glean_note(gleaning, 'p',
				     (struct rh_str){.ptr = (const char *)copy,
						     .len = sizeof(*copy)},
				     &was);
	}
	return code == RH_OK ? rh_glean_add_ids(gleaning, copy, (size_t)page->lines, is_same_page)
			     : code;
}

int rh_glean_take_up(struct rh_gleaning *gleaning, const struct rh_stream_page *page)
{
	struct rh_str rest = page->mark;
	struct rh_str asked = RH_STR_ABSENT;
	struct rh_str next = RH_STR_ABSENT;
	uint64_t parent = 0;
	bool is_same_page;
	bool was = false;
	int code;

	if (!get_number(&rest, &parent) || !get_text(&rest, &asked) || !get_text(&rest, &next) ||
	    rest.len != page->lines * sizeof(struct rh_gleaned_id)) {
		return rh_err_set(gleaning->err, RH_EMISMATCH, "the snapshot is damaged");
	}
	if (parent != gleaning->parent) {
		rh_glean_begin(gleaning, parent, RH_STR_ABSENT);
	}
	is_same_page = gleaning->is_begun && rh_str_eq(asked, gleaning->asked);
	gleaning->at = asked; /* the page's own, for the moment */
	code = rh_glean_turn(gleaning, next);
	if (code == RH_OK) {
		struct rh_arena *arena = &gleaning->cursor_arena[1 - gleaning->cursor_at];
		rh_arena_reset(arena);
		code = rh_arena_copy(arena, asked, &gleaning->asked)
			       ? RH_OK
			       : rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
	}
	if (code == RH_OK && next.ptr != NULL) {
		code = rh_glean_note(gleaning, 'c', next, &was);
	}
	return code == RH_OK ? take_ids(gleaning, page, rest, is_same_page) : code;
}
