/* SPDX-License-Identifier: Apache-2.0 */
/* The jq program of a document, which each record passes before the table (M13). */
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/limits.h"
#include "base/str.h"
#include "jq/jq.h"
#include "mapping/mapping_compiler.h"

enum {
	DIGITS_MAX = 15, /* of a number that a double holds as it is */
};

/* ---- the document ---------------------------------------------------------------------------------------- */

static int join_lines(struct mapping_compiler *compiler, const struct rh_json_node *node,
		      struct rh_buf *out)
{
	const struct rh_json_node *line = NULL;
	size_t index = 0;

	while ((line = rh_json_next(node, line, NULL)) != NULL) {
		if (rh_json_type(line) != RH_JSON_STRING) {
			(void)rh_mapping_enter_at(compiler, line, index);
			return rh_mapping_fail(compiler, NULL, "a line of the program is a text");
		}
		rh_buf_add_cstr(out, index++ > 0 ? "\n" : "");
		rh_buf_add_str(out, rh_json_string(line));
	}
	return RH_OK;
}

int rh_mapping_compile_program(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	rh_autobuf lines = {0};
	struct rh_str program = RH_STR_ABSENT;
	struct rh_err why = {0};
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	int code = RH_OK;

	if (node == NULL) {
		return RH_OK;
	}
	rh_buf_init(&lines, RH_MAPPING_DOCUMENT_MAX);
	if (rh_json_type(node) == RH_JSON_ARRAY && rh_json_count(node) > 0) {
		code = join_lines(compiler, node, &lines);
		program = rh_buf_str(&lines);
	} else {
		code = rh_mapping_word(compiler, node, NULL, &program);
	}
	if (code != RH_OK) {
		return code;
	}
	if (rh_buf_check(&lines, "a jq program", NULL) != RH_OK) {
		return rh_err_set(compiler->err, RH_ENOMEM, "no memory for a mapping document");
	}
	code = rh_jq_start(&compiler->mapping->program, program, &why);
	if (code == RH_EINPUT) {
		return rh_mapping_fail(compiler, "Lines are those of the program.", "%s",
				       why.message);
	}
	if (code != RH_OK) {
		*compiler->err = why;
		return code;
	}
	rh_mapping_leave(compiler, before);
	return RH_OK;
}

/* ---- what the program gets --------------------------------------------------------------------------------- */

/* jq has doubles alone: what would become another number stays as it is written. */
static bool is_kept_as_text(struct rh_str number)
{
	size_t digits = 0;

	for (size_t i = 0; i < number.len; i++) {
		if (number.ptr[i] == 'e' || number.ptr[i] == 'E') {
			return true;
		}
		digits += number.ptr[i] >= '0' && number.ptr[i] <= '9';
	}
	return digits > DIGITS_MAX;
}

/* Nodes are at most RH_JSON_DEPTH_MAX deep. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void put_node(struct rh_json_writer *writer, const struct rh_json_node *node)
{
	const struct rh_json_node *inner = NULL;
	struct rh_str name;

	switch (rh_json_type(node)) {
	case RH_JSON_OBJECT:
		rh_json_begin_object(writer);
		while ((inner = rh_json_next(node, inner, &name)) != NULL) {
			rh_json_key_str(writer, name);
			put_node(writer, inner);
		}
		rh_json_end_object(writer);
		return;
	case RH_JSON_ARRAY:
		rh_json_begin_array(writer);
		while ((inner = rh_json_next(node, inner, NULL)) != NULL) {
			put_node(writer, inner);
		}
		rh_json_end_array(writer);
		return;
	case RH_JSON_NUMBER:
		if (is_kept_as_text(rh_json_text(node))) {
			rh_json_put_string(writer, rh_json_text(node));
			return;
		}
		break;
	case RH_JSON_NULL:
	case RH_JSON_FALSE:
	case RH_JSON_TRUE:
	case RH_JSON_STRING:
		break;
	}
	rh_json_put_node(writer, node);
}

static void put_record(struct rh_json_writer *writer, const struct rh_record *record)
{
	if (record->json != NULL) {
		put_node(writer, record->json);
		return;
	}
	rh_json_begin_object(writer);
	for (size_t i = 0; i < record->columns->count; i++) {
		rh_json_key_str(writer, record->columns->names[i]);
		rh_json_put_string(writer, record->cells[i]);
	}
	rh_json_end_object(writer);
}

/* ---- what it makes of it ----------------------------------------------------------------------------------- */

/* The record does not move: a finding says why. */
static void refuse(const struct rh_mapping_call *call, enum rh_jq_fate fate, struct rh_str words)
{
	static const char *const notes[RH_JQ_FATES] = {
		[RH_JQ_NOTHING] = "jq-empty",
		[RH_JQ_SEVERAL] = "several values",
		[RH_JQ_NO_OBJECT] = "no object",
		[RH_JQ_FAILED] = "an error",
		[RH_JQ_TOO_LONG] = "ended: too long",
		[RH_JQ_ENDED] = "ended: too much memory, or a fault",
	};
	char note[RH_TEXT_MAX];
	struct rh_finding finding = {
		.code = fate == RH_JQ_NOTHING ? RH_FINDING_KIND_LEFT_OUT
					      : RH_FINDING_PROGRAM_REFUSED,
		.note = rh_str_from(notes[fate]),
	};

	if (fate == RH_JQ_FAILED && words.len > 0) {
		words = rh_str_clip(words, sizeof(note) / 2);
		(void)snprintf(note, sizeof(note), "%s: %.*s", notes[fate], RH_STR_ARG(words));
		finding.note = rh_str_from(note);
	}
	if (call->findings != NULL) {
		call->findings->add(call->findings, &finding);
	}
}

/* Texts of the account may be those of the record, so it lies where the account does. */
static int map_object(const struct rh_mapping *mapping, const struct rh_record *record,
		      struct rh_str object, const struct rh_mapping_call *call,
		      struct rh_account *out, struct rh_err *err)
{
	struct rh_json json = {0};
	struct rh_record own = *record;
	char *text = rh_arena_alloc(call->arena, object.len + 1);

	if (text == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a record");
	}
	memcpy(text, object.ptr, object.len);
	text[object.len] = '\0';
	int code = rh_json_parse(&json, text, object.len, NULL);
	if (code == RH_OK) {
		own.json = rh_json_root(&json);
		own.columns = NULL;
		own.cells = NULL;
		code = rh_mapping_account_of(mapping, &own, call, out, err);
	} else if (code != RH_ENOMEM) {
		refuse(call, RH_JQ_FAILED, RH_STR_ABSENT); /* a text that we take from nobody */
		code = RH_OK;
	}
	rh_json_done(&json);
	return code;
}

int rh_mapping_account(const struct rh_mapping *mapping, const struct rh_record *record,
		       const struct rh_mapping_call *call, struct rh_account *out,
		       struct rh_err *err)
{
	rh_autobuf before = {0};
	rh_autobuf after = {0};
	struct rh_json_writer writer;
	enum rh_jq_fate fate;

	if (mapping->program == NULL) {
		return rh_mapping_account_of(mapping, record, call, out, err);
	}
	*out = (struct rh_account){0};
	rh_buf_init_secret(&before, RH_RECORD_MAX);
	rh_buf_init_secret(&after, RH_RECORD_MAX);
	rh_json_writer_init(&writer, &before);
	put_record(&writer, record);
	int code = rh_buf_check(&before, "a record", err);
	if (code == RH_OK) {
		code = rh_jq_run(mapping->program, rh_buf_str(&before), &after, &fate, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (fate != RH_JQ_OBJECT) {
		refuse(call, fate, rh_buf_str(&after));
		return RH_OK;
	}
	return map_object(mapping, record, rh_buf_str(&after), call, out, err);
}
