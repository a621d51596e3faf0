/* SPDX-License-Identifier: Apache-2.0 */
/* Cut texts, and the trace of a reader. */
#include "chunks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "read/reader.h"

struct cut_bytes {
	struct rh_bytes bytes; /* first */
	struct rh_str left;
	struct chunks chunks;
	size_t next; /* size of the next piece */
};

static ptrdiff_t cut_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct cut_bytes *cut = (struct cut_bytes *)bytes;
	size_t part = cut->next != 0 && cut->next < len ? cut->next : len;

	part = part < cut->left.len ? part : cut->left.len;
	cut->next = cut->chunks.each;
	if (part == 0) {
		return cut->chunks.fails_with != 0
			       ? rh_err_set(err, cut->chunks.fails_with, "the line is dead")
			       : 0;
	}
	memcpy(out, cut->left.ptr, part);
	cut->left.ptr += part;
	cut->left.len -= part;
	return (ptrdiff_t)part;
}

static void cut_close(struct rh_bytes *bytes)
{
	rh_free(bytes);
}

struct rh_bytes *chunks_open(struct rh_str text, const struct chunks *chunks)
{
	struct cut_bytes *cut = rh_calloc(1, sizeof(*cut));

	if (cut == NULL) {
		return NULL;
	}
	*cut = (struct cut_bytes){
		.bytes.read = cut_read,
		.bytes.close = cut_close,
		.left = text,
		.chunks = *chunks,
		.next = chunks->first,
	};
	return &cut->bytes;
}

static void trace_form(const struct rh_reader *reader, struct rh_buf *out)
{
	const struct rh_columns *columns = rh_reader_columns(reader);

	switch (rh_reader_form(reader)) {
	case RH_FORM_JSON_ARRAY:
		rh_buf_add_cstr(out, "array\n");
		return;
	case RH_FORM_JSON_WRAPPED:
		rh_buf_printf(out, "wrapped %s\n", rh_reader_wrapper(reader));
		return;
	case RH_FORM_NDJSON:
		rh_buf_add_cstr(out, "lines\n");
		return;
	case RH_FORM_CSV:
		break;
	}
	rh_buf_add_cstr(out, "csv ");
	for (size_t i = 0; i < columns->count; i++) {
		rh_buf_printf(out, "<%.*s>", RH_STR_ARG(columns->names[i]));
	}
	rh_buf_add_cstr(out, "\n");
}

static void trace_record(const struct rh_record *record, struct rh_buf *out)
{
	struct rh_json_writer writer;

	if (record->json != NULL) {
		rh_json_writer_init(&writer, out);
		rh_json_put_node(&writer, record->json);
		return;
	}
	for (size_t i = 0; i < record->columns->count; i++) {
		if (record->cells[i].ptr == NULL) {
			rh_buf_add_char(out, '-');
		} else {
			rh_buf_add_char(out, '<');
			rh_buf_add_str(out, record->cells[i]);
			rh_buf_add_char(out, '>');
		}
	}
}

/* A NUL, which would end the trace, becomes "^@". */
static void trace_raw(struct rh_str raw, struct rh_buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		rh_buf_add(out, raw.ptr[i] == '\0' ? "^@" : &raw.ptr[i],
			   raw.ptr[i] == '\0' ? 2 : 1);
	}
}

static void trace_item(const struct rh_item *item, struct rh_str text, struct rh_buf *out)
{
	bool is_raw_right = item->raw.ptr == NULL ||
			    rh_str_eq(item->raw, rh_str_sub(text, item->offset, item->raw.len));

	rh_buf_printf(out, "%llu ", (unsigned long long)item->record.number);
	if (item->is_bad) {
		rh_buf_printf(out, "!%llu:%llu +%llu [", (unsigned long long)item->why.line,
			      (unsigned long long)item->why.column,
			      (unsigned long long)item->offset);
		trace_raw(item->raw, out);
		rh_buf_printf(out, "] %s", item->why.message);
	} else {
		rh_buf_printf(out, "@%llu +%llu ", (unsigned long long)item->record.line,
			      (unsigned long long)item->offset);
		trace_record(&item->record, out);
	}
	rh_buf_add_cstr(out, is_raw_right ? "\n" : " RAW IS NOT AT OFFSET\n");
}

static void trace_error(const struct rh_err *err, struct rh_buf *out)
{
	rh_buf_printf(out, "error %d %llu:%llu %s\n", err->code, (unsigned long long)err->line,
		      (unsigned long long)err->column, err->message);
}

static void trace_paging(const struct rh_paging *paging, struct rh_buf *out)
{
	if (paging->more > 0 || paging->last > 0 || paging->total > 0) {
		rh_buf_printf(out, "more %llu, last %llu, total %llu\n",
			      (unsigned long long)paging->more, (unsigned long long)paging->last,
			      (unsigned long long)paging->total);
	}
}

void chunks_trace(struct rh_str text, const struct chunks *chunks, struct rh_buf *out)
{
	struct rh_bytes *bytes = chunks_open(text, chunks);
	struct rh_reader *reader = NULL;
	struct rh_item item;
	struct rh_err err = {0};
	int got;

	if (bytes == NULL) {
		rh_buf_add_cstr(out, "no memory\n");
		return;
	}
	if (rh_reader_open(&reader, bytes, &err) != RH_OK) {
		trace_error(&err, out);
		rh_buf_printf(out, "(%s)\n", err.hint);
		return;
	}
	trace_form(reader, out);
	for (got = rh_reader_next(reader, &item, &err); got > 0;
	     got = rh_reader_next(reader, &item, &err)) {
		trace_item(&item, text, out);
	}
	if (got == 0) {
		trace_paging(rh_reader_paging(reader), out);
		rh_buf_add_cstr(out, "end\n");
	} else {
		trace_error(&err, out);
	}
	rh_reader_close(reader);
}
