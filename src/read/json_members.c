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

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/json_split.h"

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

/* Moves `look` behind the name that begins there, and its colon. */
static int look_at_name(struct rh_json_stream *stream, const char **wrapper, struct rh_err *err)
{
	static const char *const wrappers[] = {"users", "data"};
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
	*wrapper = NULL;
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (rh_str_is(name, wrappers[i])) {
			*wrapper = wrappers[i];
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

/* `look` is at a name; FOUND: behind its value, or the array of records was entered. */
static int look_at_member(struct rh_json_stream *stream, struct rh_err *err)
{
	const char *wrapper = NULL;
	char byte = '\0';
	int got = look_at_name(stream, &wrapper, err);

	if (got == FOUND) {
		got = look_at(stream, &byte, err);
	}
	if (got != FOUND) {
		return got;
	}
	if (byte == '[' && wrapper != NULL) {
		got = enter_array(stream, err);
		if (got == FOUND) {
			stream->wrapper = wrapper;
			stream->next = RH_JSON_NEXT_FIRST;
		}
		if (got != NONE) {
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
		got = look_further(stream, err);
		if (got < 0) {
			return got;
		}
		if (got == FOUND && stream->next == RH_JSON_NEXT_FIRST) {
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
