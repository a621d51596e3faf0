/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of a provider, from the bytes of a file to canonical accounts, against what is written down. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

#include "account/account_json.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/reader.h"

/* Findings as a JSON array. */
enum { COLUMNS_MAX = 128 };

struct findings {
	struct rh_finding_sink sink;
	struct rh_json_writer *writer;
};

static const char *finding_name(enum rh_finding_code code)
{
	static const struct {
		enum rh_finding_code code;
		const char *name;
	} names[] = {
#define NAME(number, name, severity, what, then, todo) {RH_FINDING_##name, #name},
		RH_FINDING_MAP(NAME)
#undef NAME
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == code) {
			return names[i].name;
		}
	}
	return "unknown";
}

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct rh_json_writer *writer = ((struct findings *)sink)->writer;

	rh_json_begin_array(writer);
	rh_json_put_cstr(writer, finding_name(finding->code));
	rh_json_put_string(writer, finding->path);
	rh_json_end_array(writer);
}

static const struct rh_connector *connector;
static void *instance;

static void put_item(struct rh_json_writer *writer, struct rh_item *item, int shape)
{
	const struct rh_mapping_policy policy = {
		.primary = RH_PRIMARY_FIRST_VERIFIED,
		.now = INT64_C(1782864000) * RH_SECOND, /* 2026-07-01 */
	};
	struct findings findings = {.sink = {.add = add_finding}, .writer = writer};
	struct rh_account account;
	struct rh_arena arena;
	struct rh_err err;

	rh_json_begin_object(writer);
	if (item->is_bad) {
		rh_json_key(writer, "bad_line");
		rh_json_put_u64(writer, item->why.line);
	} else {
		rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
		item->record.shape = shape;
		rh_json_key(writer, "findings");
		rh_json_begin_array(writer);
		assert_int_equal(connector->from_record(instance, &item->record, &policy, &arena,
							&findings.sink, &account, &err),
				 RH_OK);
		rh_json_end_array(writer);
		rh_json_key(writer, "account");
		rh_account_json_put(writer, &account);
		rh_arena_done(&arena);
	}
	rh_json_end_object(writer);
}

/* A torn row that the connector puts right, as the source has it done. */
static void mend(const struct rh_reader *reader, struct rh_item *item, int shape,
		 struct rh_arena *arena, struct rh_str *cells, size_t max)
{
	struct rh_torn_row torn = {
		.shape = shape,
		.columns = rh_reader_columns(reader),
		.row = item->raw,
	};

	(void)rh_reader_header(reader, &torn.separator);
	if (connector->mend_row == NULL || torn.columns == NULL || torn.columns->count > max) {
		return;
	}
	item->is_bad = connector->mend_row(&torn, arena, cells) != 1;
	if (!item->is_bad) {
		item->record.columns = torn.columns;
		item->record.cells = cells;
		item->record.is_mended = true;
	}
}

static int recognise(const struct rh_reader *reader, const struct rh_item *item)
{
	struct rh_sniff sniff = {
		.wrapper = rh_reader_wrapper(reader),
		.json = item->record.json,
		.columns = item->record.columns,
	};

	return connector->recognise(&sniff);
}

static const char *shape_name(int id)
{
	for (const struct rh_shape *shape = connector->shapes; shape->id != 0; shape++) {
		if (shape->id == id) {
			return shape->name;
		}
	}
	return "none";
}

/* {"shape": …, "records": […]} of a file in tests/data/<provider>. */
static json_t *map_file(const char *name)
{
	char path[4096];
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_json_writer writer;
	struct rh_buf text;
	struct rh_item item;
	struct rh_err err = {0};
	struct rh_str cells[COLUMNS_MAX];
	struct rh_arena mended;
	int shape = 0;
	int more = 0;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", getenv("REHOME_DATA"), connector->name,
		       name);
	assert_int_equal(rh_bytes_open(&bytes, path, NULL, &err), RH_OK);
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	rh_arena_init(&mended, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_buf_init(&text, RH_RECORD_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "records");
	rh_json_begin_array(&writer);
	while ((more = rh_reader_next(reader, &item, &err)) > 0) {
		shape = shape != 0 || item.is_bad ? shape : recognise(reader, &item);
		rh_arena_reset(&mended);
		if (item.is_bad) {
			mend(reader, &item, shape, &mended, cells, COLUMNS_MAX);
		}
		put_item(&writer, &item, shape);
	}
	rh_arena_done(&mended);
	assert_int_equal(more, 0);
	rh_json_end_array(&writer);
	rh_json_key(&writer, "shape");
	rh_json_put_cstr(&writer, shape_name(shape));
	rh_json_end_object(&writer);
	rh_reader_close(reader);
	json_error_t error;
	json_t *result = json_loadb(text.ptr, text.len, 0, &error);
	if (result == NULL) {
		fail_msg("%s: what was written is no JSON: %s", name, error.text);
	}
	rh_buf_done(&text);
	return result;
}

/* On a difference the whole of what came out is printed, in the form of the file. */
void golden_compare(void **state)
{
	const char *name = *state;
	char path[4096];
	json_error_t error;
	json_t *actual = map_file(name);

	(void)snprintf(path, sizeof(path), "%s/%s/%s.expected", getenv("REHOME_DATA"),
		       connector->name, name);
	json_t *expected = json_load_file(path, 0, &error);
	if (expected == NULL || !json_equal(actual, expected)) {
		char *dump = json_dumps(actual, JSON_INDENT(2) | JSON_SORT_KEYS);
		(void)fprintf(stderr, "%s\n", dump);
		free(dump);
		fail_msg("%s is not what %s says", name, path);
	}
	json_decref(expected);
	json_decref(actual);
}

int golden_run(const char *name, const struct rh_connector *subject, void *opened,
	       const struct CMUnitTest *tests, size_t count)
{
	connector = subject;
	instance = opened;
	return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

int golden_open_and_run(const struct rh_connector *subject, void *opened,
			const struct CMUnitTest *tests, size_t count)
{
	struct rh_err err = {0};

	if (subject->open(opened, false, &err) != RH_OK) {
		return 1;
	}
	int code = golden_run(subject->name, subject, opened, tests, count);
	subject->close(opened);
	return code;
}
