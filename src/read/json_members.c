/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object around the records.
 *
 * Whether the first object of a text is one is known when a member "users" or "data" is an array that is
 * empty or begins with an object.  Until then it may be a record and is kept, unless it grows larger than
 * a record may be: then it can only be an object around, or one bad record.  Where both members hold
 * records, those of both are read: who is in the text twice is found later, who is left out never.
 */
#include "read/json_members.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/json_split.h"

/* Longer values of members that speak of pages say nothing more than their start does. */
enum { VALUE_MAX = 32 };
/* Settings beside the records are small; what is larger is not kept. */
enum { AROUND_MAX = 64 * 1024 };

/* Answers of the helpers; negative is an error of the window. */
enum {
	CUT = 0, /* the text ends first */
	FOUND = 1,
	ODD = 2, /* not what stands in an object there */
	NONE = 3,
};

static void drop(struct rh_json_stream *stream, size_t len)
{
	if (!stream->is_dropping) {
		stream->is_dropping = true;
		stream->is_too_large = true; /* until a wrapper is found */
		stream->too_large_at = stream->window->place;
	}
	rh_window_advance(stream->window, len);
}

/* Moves `look` to the next byte that is no blank. */
static int look_at(struct rh_json_stream *stream, char *byte, struct rh_err *err)
{
	for (;; stream->look++) {
		int got = rh_window_need(stream->window, stream->look + 1, err);

		if (got <= 0) {
			return got;
		}
		*byte = rh_window_text(stream->window)[stream->look];
		if (!rh_json_is_blank(*byte)) {
			return FOUND;
		}
	}
}

/* Moves `look` behind the value that begins there with `first`. */
static int skip_value(struct rh_json_stream *stream, char first, struct rh_err *err)
{
	bool is_container = first == '{' || first == '[';
	struct rh_json_extent extent = {0};
	struct rh_json_repair repair;
	size_t start = stream->look;

	rh_json_repair_init(&repair, RH_JSON_AROUND_OBJECT, 0);
	for (;;) {
		const char *text = rh_window_text(stream->window) + start;
		size_t len = rh_window_left(stream->window) - start;
		size_t end = 0;
		bool is_found;
		int got;

		if (is_container) {
			end = rh_json_extent_end(&extent, text, len);
			is_found = end > 0;
		} else {
			is_found = rh_json_repair_end(&repair, text, len, &end);
		}
		if (is_found) {
			stream->look = start + end;
			return FOUND;
		}
		if (stream->is_dropping || start + len > RH_RECORD_MAX) {
			drop(stream, start + len);
			start = 0;
			extent.done = 0;
			repair.done = 0;
		}
		got = rh_window_fill(stream->window, err);
		if (got <= 0) {
			return got;
		}
	}
}

/* What a member beside or around the records says. */
enum says {
	SAYS_NOTHING,
	SAYS_RECORDS, /* an array of them */
	SAYS_MORE,    /* true: this is not all */
	SAYS_NEXT,    /* where the next page is, or null */
	SAYS_TOTAL,
};

static const struct member {
	const char *name;
	enum says says;
} members[] = {
	{"data", SAYS_RECORDS},     {"hasMore", SAYS_MORE},         {"has_more", SAYS_MORE},
	{"nextCursor", SAYS_NEXT},  {"nextPageToken", SAYS_NEXT},   {"next_cursor", SAYS_NEXT},
	{"next_page", SAYS_NEXT},   {"next_page_token", SAYS_NEXT}, {"total", SAYS_TOTAL},
	{"totalCount", SAYS_TOTAL}, {"total_count", SAYS_TOTAL},    {"users", SAYS_RECORDS},
};

/* Moves `look` behind the name that begins there, and its colon; *member is NULL for one that says nothing. */
static int look_at_name(struct rh_json_stream *stream, const struct member **member,
			struct rh_err *err)
{
	struct rh_str name;
	bool is_escaped = false;
	char byte = '\0';
	size_t len = 0; /* with the quote at its start */
	int got;

	for (; len == 0 || byte != '"' || is_escaped; len++) {
		is_escaped = byte == '\\' && !is_escaped;
		got = rh_window_need(stream->window, stream->look + len + 2, err);
		if (got <= 0) {
			return got;
		}
		byte = rh_window_text(stream->window)[stream->look + len + 1];
		if ((unsigned char)byte < ' ' || len > RH_RECORD_MAX) {
			return ODD;
		}
	}
	name = (struct rh_str){rh_window_text(stream->window) + stream->look + 1, len - 1};
	*member = NULL;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (rh_str_is(name, members[i].name)) {
			*member = &members[i];
		}
	}
	stream->look += len + 1;
	got = look_at(stream, &byte, err);
	if (got == FOUND && byte != ':') {
		return ODD;
	}
	stream->look += got == FOUND ? 1 : 0;
	return got;
}

/* `look` is at the '[' of a member with the right name: FOUND, and it is behind it, or NONE. */
static int enter_array(struct rh_json_stream *stream, struct rh_err *err)
{
	size_t start = stream->look;
	char byte = '\0';
	int got;

	stream->look++;
	got = look_at(stream, &byte, err);
	stream->look = start;
	if (got != FOUND) {
		return got;
	}
	if (byte != '{' && byte != ']') {
		return NONE;
	}
	stream->look++;
	return FOUND;
}

/* The start of the value at `look`, without moving it: a number or a word is there whole. */
static int peek(struct rh_json_stream *stream, char out[VALUE_MAX], struct rh_str *value,
		struct rh_err *err)
{
	int got = rh_window_need(stream->window, stream->look + VALUE_MAX, err);
	size_t len = rh_window_left(stream->window) - stream->look;

	if (got < 0) {
		return got;
	}
	len = len < VALUE_MAX ? len : VALUE_MAX;
	memcpy(out, rh_window_text(stream->window) + stream->look, len);
	*value = (struct rh_str){out, 0};
	while (value->len < len && strchr(",}] \t\r\n", out[value->len]) == NULL) {
		value->len++;
	}
	return FOUND;
}

/* Notes what the value at `look` says of pages. */
static int note_page(struct rh_json_stream *stream, enum says says, struct rh_err *err)
{
	struct rh_paging *paging = &stream->paging;
	char text[VALUE_MAX];
	struct rh_str value;
	uint64_t total;
	int got = peek(stream, text, &value, err);

	if (got < 0) {
		return got;
	}
	switch (says) {
	case SAYS_NOTHING:
	case SAYS_RECORDS:
		break;
	case SAYS_MORE:
		paging->more += rh_str_is(value, "true");
		paging->last += rh_str_is(value, "false");
		break;
	case SAYS_NEXT:
		if (rh_str_is(value, "null") || rh_str_is(value, "\"\"")) {
			paging->last++;
		} else {
			paging->more += value.len > 0 &&
					(text[0] == '"' || isdigit((unsigned char)text[0]));
		}
		break;
	case SAYS_TOTAL:
		if (rh_str_to_u64(value, &total) && total > paging->total) {
			paging->total = total;
		}
		break;
	}
	return FOUND;
}

/* `look` is at a name; FOUND: behind its value, or the array of records was entered. */
static int look_at_member(struct rh_json_stream *stream, struct rh_err *err)
{
	const struct member *member = NULL;
	char byte = '\0';
	int got = look_at_name(stream, &member, err);

	if (got == FOUND) {
		got = look_at(stream, &byte, err);
	}
	if (got != FOUND) {
		return got;
	}
	if (byte == '[' && member != NULL && member->says == SAYS_RECORDS) {
		got = enter_array(stream, err);
		if (got == FOUND) {
			stream->wrapper = member->name;
			stream->next = RH_JSON_NEXT_FIRST;
		}
		if (got != NONE) {
			return got;
		}
	}
	if (member != NULL) {
		got = note_page(stream, member->says, err);
		if (got < 0) {
			return got;
		}
	}
	stream->next = RH_JSON_NEXT_MEMBER_COMMA;
	return skip_value(stream, byte, err);
}

/* One step through the object: FOUND with stream->next, ODD with `look` where it was. */
static int look_further(struct rh_json_stream *stream, struct rh_err *err)
{
	char byte = '\0';
	int got = look_at(stream, &byte, err);
	size_t start = stream->look;

	if (got != FOUND) {
		return got;
	}
	if (byte == '}') {
		stream->next = RH_JSON_NEXT_TOP;
	} else if (byte == ',' && stream->next == RH_JSON_NEXT_MEMBER_COMMA) {
		stream->next = RH_JSON_NEXT_MEMBER;
	} else if (byte == '"' && stream->next == RH_JSON_NEXT_MEMBER) {
		got = look_at_member(stream, err);
		stream->look = got == ODD ? start : stream->look;
		return got;
	} else {
		return ODD;
	}
	stream->look++;
	return FOUND;
}

/* Keeps the front of the object around the records, which is in the window; what is no JSON is not kept. */
static int keep_around(struct rh_json_stream *stream, size_t len)
{
	struct rh_str front = rh_str_trim((struct rh_str){rh_window_text(stream->window), len});
	int code;

	if (front.len < 2 || front.len > AROUND_MAX || front.ptr[front.len - 1] != ',') {
		return RH_OK;
	}
	rh_buf_init_secret(&stream->around_text, AROUND_MAX + 16);
	rh_buf_add(&stream->around_text, front.ptr, front.len - 1);
	rh_buf_add_char(&stream->around_text, '}');
	if (stream->around_text.failed != RH_OK) {
		return stream->around_text.failed;
	}
	code = rh_json_parse(&stream->around_json, stream->around_text.ptr, stream->around_text.len,
			     NULL);
	stream->around = code == RH_OK ? rh_json_root(&stream->around_json) : NULL;
	return code == RH_ENOMEM ? code : RH_OK;
}

int rh_json_members_sniff(struct rh_json_stream *stream, struct rh_err *err)
{
	int got = FOUND;

	stream->form = RH_FORM_NDJSON;
	stream->next = RH_JSON_NEXT_MEMBER;
	stream->look = 1;
	while (got == FOUND && stream->next != RH_JSON_NEXT_TOP) {
		if (stream->is_dropping) {
			rh_window_advance(stream->window, stream->look);
			stream->look = 0;
		}
		size_t member_at = stream->look;
		got = look_further(stream, err);
		if (got < 0) {
			return got;
		}
		if (got == FOUND && stream->next == RH_JSON_NEXT_FIRST) {
			int code = stream->is_dropping ? RH_OK : keep_around(stream, member_at);
			if (code != RH_OK) {
				return rh_err_set(err, code, "no memory to read the input");
			}
			stream->form = RH_FORM_JSON_WRAPPED;
			stream->is_dropping = true;
			stream->is_too_large = false;
			break;
		}
	}
	if (got == CUT && stream->is_dropping) {
		return rh_place_say_cut(&stream->too_large_at,
					"the object that starts here does not end", err);
	}
	if (stream->is_dropping) {
		rh_window_advance(stream->window, stream->look);
	}
	if (stream->form == RH_FORM_NDJSON) {
		stream->paging = (struct rh_paging){0}; /* a record's own words */
		stream->next = RH_JSON_NEXT_TOP;
	}
	stream->look = 0;
	return RH_OK;
}

int rh_json_members_pass(struct rh_json_stream *stream, struct rh_err *err)
{
	int got = look_further(stream, err);

	if (got == ODD) {
		/* Whatever it is: on to the next comma or the end. */
		stream->next = RH_JSON_NEXT_MEMBER_COMMA;
		got = skip_value(stream, rh_window_text(stream->window)[stream->look], err);
	}
	if (got < 0) {
		return got;
	}
	if (got == CUT) {
		struct rh_place end =
			rh_window_place(stream->window, rh_window_left(stream->window));

		return rh_place_say_cut(&end, "the object around the records does not end", err);
	}
	rh_window_advance(stream->window, stream->look);
	stream->look = 0;
	return RH_OK;
}
