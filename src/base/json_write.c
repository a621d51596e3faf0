/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer: appends to a buffer, whose mark tells at the end whether all went well. */
#include "base/buf.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "base/str.h"

void rh_json_writer_init(struct rh_json_writer *writer, struct rh_buf *out)
{
	*writer = (struct rh_json_writer){
		.out = out,
	};
}

static void begin_value(struct rh_json_writer *writer)
{
	if (writer->needs_comma) {
		rh_buf_add_char(writer->out, ',');
	}
	writer->needs_comma = true;
}

static void begin_container(struct rh_json_writer *writer, char bracket)
{
	begin_value(writer);
	rh_buf_add_char(writer->out, bracket);
	writer->needs_comma = false;
}

static void end_container(struct rh_json_writer *writer, char bracket)
{
	rh_buf_add_char(writer->out, bracket);
	writer->needs_comma = true;
}

void rh_json_begin_object(struct rh_json_writer *writer)
{
	begin_container(writer, '{');
}

void rh_json_end_object(struct rh_json_writer *writer)
{
	end_container(writer, '}');
}

void rh_json_begin_array(struct rh_json_writer *writer)
{
	begin_container(writer, '[');
}

void rh_json_end_array(struct rh_json_writer *writer)
{
	end_container(writer, ']');
}

static void escape_byte(struct rh_buf *out, char byte)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[0x20] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
	};
	unsigned char value = (unsigned char)byte;
	char escape[6] = {'\\', byte};
	size_t len = 2;

	if (value < sizeof(letters) && letters[value] != '\0') {
		escape[1] = letters[value];
	} else if (value < 0x20) {
		memcpy(escape + 1, "u00", 3);
		escape[4] = hex[value >> 4];
		escape[5] = hex[value & 0xf];
		len = 6;
	}
	rh_buf_add(out, escape, len);
}

void rh_json_escape(struct rh_buf *out, struct rh_str text)
{
	const char *at = text.ptr;
	const char *end = text.len > 0 ? text.ptr + text.len : text.ptr;
	bool has_high = false; /* of no interest: the text is valid UTF-8 */

	while (at < end) {
		const char *stop = rh_json_scan_plain(at, end, &has_high);

		rh_buf_add(out, at, (size_t)(stop - at));
		at = stop;
		if (at < end) {
			escape_byte(out, *at);
			at++;
		}
	}
}

static void put_quoted(struct rh_buf *out, struct rh_str text)
{
	bool has_high = false; /* of no interest: the text is valid UTF-8 */
	const char *end = text.len > 0 ? text.ptr + text.len : text.ptr;
	char *at;

	if (rh_json_scan_plain(text.ptr, end, &has_high) != end) {
		rh_buf_add_char(out, '"');
		rh_json_escape(out, text);
		rh_buf_add_char(out, '"');
		return;
	}
	/* Nothing to escape, as nearly always: one piece. */
	at = rh_buf_reserve(out, text.len + 2);
	if (at == NULL) {
		return;
	}
	at[0] = '"';
	if (text.len > 0) {
		memcpy(at + 1, text.ptr, text.len);
	}
	at[text.len + 1] = '"';
	at[text.len + 2] = '\0';
	out->len += text.len + 2;
}

void rh_json_key_str(struct rh_json_writer *writer, struct rh_str name)
{
	begin_value(writer);
	put_quoted(writer->out, name);
	rh_buf_add_char(writer->out, ':');
	writer->needs_comma = false;
}

void rh_json_key(struct rh_json_writer *writer, const char *name)
{
	size_t len = strlen(name);
	bool has_high = false; /* of no interest: the text is valid UTF-8 */
	char *at;

	if (rh_json_scan_plain(name, name + len, &has_high) != name + len) {
		rh_json_key_str(writer, (struct rh_str){.ptr = name, .len = len});
		return;
	}
	/* In one piece: comma, quote, name, quote, colon. */
	at = rh_buf_reserve(writer->out, len + 4);
	if (at == NULL) {
		return;
	}
	if (writer->needs_comma) {
		*at++ = ',';
	}
	*at++ = '"';
	memcpy(at, name, len);
	memcpy(at + len, "\":", 3); /* and the NUL */
	writer->out->len = (size_t)(at + len + 2 - writer->out->ptr);
	writer->needs_comma = false;
}

void rh_json_put_raw(struct rh_json_writer *writer, struct rh_str json)
{
	begin_value(writer);
	rh_buf_add_str(writer->out, json);
}

void rh_json_put_null(struct rh_json_writer *writer)
{
	rh_json_put_raw(writer, RH_STR("null"));
}

void rh_json_put_string(struct rh_json_writer *writer, struct rh_str text)
{
	if (text.ptr == NULL) {
		rh_json_put_null(writer);
		return;
	}
	begin_value(writer);
	put_quoted(writer->out, text);
}

void rh_json_put_cstr(struct rh_json_writer *writer, const char *text)
{
	rh_json_put_string(writer, rh_str_from(text));
}

void rh_json_put_u64(struct rh_json_writer *writer, uint64_t number)
{
	begin_value(writer);
	rh_buf_add_u64(writer->out, number);
}

void rh_json_put_i64(struct rh_json_writer *writer, int64_t number)
{
	begin_value(writer);
	if (number < 0) {
		rh_buf_add_char(writer->out, '-');
	}
	rh_buf_add_u64(writer->out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void rh_json_put_bool(struct rh_json_writer *writer, bool value)
{
	rh_json_put_raw(writer, value ? RH_STR("true") : RH_STR("false"));
}

/* At most RH_JSON_DEPTH_MAX calls deep, because the reader let nothing deeper in. */
static void put_children(struct rh_json_writer *writer, const struct rh_json_node *container)
{
	bool is_object = rh_json_type(container) == RH_JSON_OBJECT;
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(container, node, &key)) != NULL) {
		if (is_object) {
			rh_json_key_str(writer, key);
		}
		rh_json_put_node(writer, node);
	}
}

void rh_json_put_node(struct rh_json_writer *writer, const struct rh_json_node *node)
{
	struct rh_str compact;

	switch (rh_json_type(node)) {
	case RH_JSON_NULL:
		rh_json_put_null(writer);
		return;
	case RH_JSON_FALSE:
		rh_json_put_bool(writer, false);
		return;
	case RH_JSON_TRUE:
		rh_json_put_bool(writer, true);
		return;
	case RH_JSON_NUMBER:
		rh_json_put_raw(writer, rh_json_text(node));
		return;
	case RH_JSON_STRING:
		rh_json_put_string(writer, rh_json_string(node));
		return;
	case RH_JSON_ARRAY:
		rh_json_begin_array(writer);
		put_children(writer, node);
		rh_json_end_array(writer);
		return;
	case RH_JSON_OBJECT:
		compact = rh_json_compact(node);
		if (compact.ptr != NULL) {
			rh_json_put_raw(writer, compact);
			return;
		}
		rh_json_begin_object(writer);
		put_children(writer, node);
		rh_json_end_object(writer);
		return;
	}
}

void rh_json_member(struct rh_json_writer *writer, const char *name, struct rh_str text)
{
	if (text.ptr != NULL) {
		rh_json_key(writer, name);
		rh_json_put_string(writer, text);
	}
}
