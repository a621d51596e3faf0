/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping, apart from calling (C8, C9): parts that are left out stay out, secrets stay where they belong, and
 * every made-up export is recognised and read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/limits.h"
#include "read/reader.h"
#include "suite.h"

#define TOTP "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#define PRIVATE "hush-hush"

/* ---- findings ------------------------------------------------------------------------------------------ */

struct sink {
	struct rh_finding_sink face;
	unsigned refusals;
	unsigned count;
};

/* A finding names a place and a word of a closed set, never a person or a secret. */
static void add_finding(struct rh_finding_sink *face, const struct rh_finding *finding)
{
	static const char *const forbidden[] = {"@", "Ada", "$2b$", TOTP, PRIVATE, "+49"};
	const struct rh_finding_info *info = rh_finding_info(finding->code);
	struct sink *sink = (struct sink *)face;

	assert_non_null(info);
	sink->count++;
	sink->refusals += info->severity == RH_SEVERITY_REFUSE;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		const char *text = forbidden[i];
		assert_null(finding->path.ptr != NULL ? memmem(finding->path.ptr, finding->path.len,
							       text, strlen(text))
						      : NULL);
		assert_null(finding->note.ptr != NULL ? memmem(finding->note.ptr, finding->note.len,
							       text, strlen(text))
						      : NULL);
	}
	suite_check_secrets(finding->path, "a finding");
	suite_check_secrets(finding->note, "a finding");
}

static const struct sink empty_sink = {.face = {.add = add_finding}};

/* ---- account to request ---------------------------------------------------------------------------------- */

static struct rh_identifier many[] = {
	{.kind = RH_IDENTIFIER_EMAIL,
	 .is_primary = true,
	 .is_verified = true,
	 .value = {"ada@example.com", 15}},
	{.kind = RH_IDENTIFIER_EMAIL, .value = {"ada2@example.com", 16}},
	{.kind = RH_IDENTIFIER_PHONE, .is_primary = true, .value = {"+4915112345678", 14}},
	{.kind = RH_IDENTIFIER_USERNAME, .is_primary = true, .value = {"Ada", 3}},
};

static struct rh_factor factors[] = {
	{.kind = RH_FACTOR_TOTP, .has_secret = true, .secret = {TOTP, sizeof(TOTP) - 1}},
	{.kind = RH_FACTOR_SMS, .phone = {"+4915112345678", 14}},
	{.kind = RH_FACTOR_BACKUP_CODES, .count = 10},
	{.kind = RH_FACTOR_PASSKEY, .count = 1},
};

static struct rh_identity identities[] = {
	{.provider = {"google", 6}, .subject = {"12345", 5}, .email = {"ada@example.com", 15}},
};

/* Somebody who has one of everything. */
static struct rh_row rich_row(struct stage *stage)
{
	struct rh_row row = stage_row(stage, 1, true);
	struct rh_account *account = &stage->people[1].account;

	account->identifiers = many;
	account->identifier_count = sizeof(many) / sizeof(many[0]);
	account->factors = factors;
	account->factor_count = sizeof(factors) / sizeof(factors[0]);
	account->identities = identities;
	account->identity_count = 1;
	account->full_name = RH_STR("Ada Example");
	account->locale = RH_STR("de");
	account->image_url = RH_STR("https://example.com/ada.png");
	account->metadata[RH_METADATA_PRIVATE] = RH_STR("{\"note\":\"" PRIVATE "\"}");
	account->metadata[RH_METADATA_UNSAFE] = RH_STR("{\"colour\":\"blue\"}");
	row.parts = stage->connector->parts(stage->instance, account);
	return row;
}

static void to_wire(struct stage *stage, const struct rh_row *row, unsigned parts,
		    struct rh_buf *body, struct rh_wire *out)
{
	static const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	struct sink sink = empty_sink;
	struct rh_err err = {0};

	assert_int_equal(stage->connector->to_wire(stage->instance, row->account, &policy, parts,
						   &stage->arena, &sink.face, body, out, &err),
			 RH_OK);
}

static bool holds(const struct rh_buf *body, const char *text)
{
	return body->len > 0 && memmem(body->ptr, body->len, text, strlen(text)) != NULL;
}

static void check_same_wire(const struct rh_wire *a, const struct rh_wire *b)
{
	assert_int_equal(a->present, b->present);
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((a->present & UINT32_C(1) << i) != 0) {
			assert_true(rh_str_eq(a->value[i], b->value[i]));
		}
	}
}

void conformance_wire_parts(void **state)
{
	const char *digest = suite_hash + sizeof("$2b$05$") - 1;
	struct stage stage;
	struct rh_row row;
	struct rh_wire wire;
	struct rh_wire again;
	rh_autobuf body;
	rh_autobuf twice;

	(void)state;
	rh_buf_init(&body, RH_REQUEST_MAX);
	rh_buf_init(&twice, RH_REQUEST_MAX);
	stage_begin(&stage);
	row = rich_row(&stage);
	assert_true((row.parts & RH_PART_IDENTITY) != 0);
	/* The body is a function of the account; the fields are the same with it and without. */
	to_wire(&stage, &row, row.parts, &body, &wire);
	to_wire(&stage, &row, row.parts, &twice, &again);
	assert_true(rh_str_eq(rh_buf_str(&body), rh_buf_str(&twice)));
	check_same_wire(&wire, &again);
	to_wire(&stage, &row, row.parts, NULL, &again);
	check_same_wire(&wire, &again);
	if ((row.parts & RH_PART_CREDENTIAL) != 0 && suite_subject->play->answer != NULL) {
		assert_true(holds(&body, digest));
	}
	rh_buf_reset(&body);
	to_wire(&stage, &row, row.parts & ~(unsigned)RH_PART_CREDENTIAL, &body, &again);
	assert_false(holds(&body, digest));
	if ((stage.connector->caps.metadata_kinds & 1U << RH_METADATA_PRIVATE) == 0) {
		assert_false(holds(&body, PRIVATE)); /* has no place where others can read it */
	}
	rh_buf_reset(&body);
	to_wire(&stage, &row, row.parts & ~(unsigned)RH_PART_METADATA, &body, &again);
	assert_false(holds(&body, "Z\xc3\xbcrich"));
	stage_end(&stage);
}

static bool is_redacted(const char *name)
{
	for (const char *const *one = suite_subject->connector->redact; *one != NULL; one++) {
		if (strcmp(*one, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Members of a request whose value is a secret are named to those who log. */
static void check_redacted(const struct rh_buf *body)
{
	json_t *root;
	json_t *value;
	const char *name;

	if (body->len == 0) {
		return;
	}
	root = json_loadb(body->ptr, body->len, 0, NULL);
	assert_non_null(root);
	json_object_foreach(root, name, value)
	{
		const char *text = json_string_value(value);
		if (text != NULL &&
		    (strstr(text, suite_hash + 7) != NULL || strstr(text, TOTP) != NULL)) {
			assert_true(is_redacted(name));
		}
	}
	json_decref(root);
}

void conformance_wire_secrets(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_wire wire;
	rh_autobuf body;

	(void)state;
	rh_buf_init(&body, RH_REQUEST_MAX);
	stage_begin(&stage);
	row = rich_row(&stage);
	to_wire(&stage, &row, row.parts, &body, &wire);
	check_redacted(&body);
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((wire.present & UINT32_C(1) << i) == 0 || wire.value[i].ptr == NULL) {
			continue;
		}
		assert_null(memmem(wire.value[i].ptr, wire.value[i].len, "$2b$", 4));
		assert_null(memmem(wire.value[i].ptr, wire.value[i].len, TOTP, strlen(TOTP)));
		suite_check_secrets(wire.value[i], "a wire field");
	}
	stage_end(&stage);
}

/* ---- record to account ------------------------------------------------------------------------------------- */

static int keep_bytes(void *context, struct rh_str bytes, struct rh_err *err)
{
	struct rh_buf *out = context;

	rh_buf_add_str(out, bytes);
	return rh_buf_check(out, "sample", err);
}

static int same_hash(void *context, struct rh_str password, uint64_t n, unsigned cost, char out[64],
		     struct rh_err *err)
{
	(void)context;
	(void)password;
	(void)n;
	(void)cost;
	(void)err;
	memcpy(out, suite_hash, strlen(suite_hash) + 1);
	return RH_OK;
}

static int same_lock(void *context, struct rh_str password, uint64_t n,
		     const struct rh_credential *form, struct rh_sample_lock *out,
		     struct rh_err *err)
{
	(void)context;
	(void)password;
	(void)n;
	(void)err;
	assert_in_range(form->key.len, 1, sizeof(out->digest));
	*out = (struct rh_sample_lock){.salt = "salt", .digest = "digest"};
	return RH_OK;
}

/* A made-up export; false: not in this format. */
static bool make_sample(const char *format, const char *trouble, uint64_t count, struct rh_buf *out)
{
	const struct rh_sample_options options = {
		.count = count,
		.seed = 1,
		.format = format,
		.trouble = trouble,
		.password = "correct horse",
	};
	const struct rh_sample_out sink = {
		.write = keep_bytes,
		.bcrypt = same_hash,
		.lock = same_lock,
		.context = out,
	};
	struct rh_err err = {0};
	int code = suite_subject->connector->sample(&options, &sink, &err);

	assert_true(code == RH_OK || code == RH_EUSAGE || code == RH_EUNSUPPORTED);
	return code == RH_OK;
}

static int recognise(struct rh_reader *reader, const struct rh_record *record)
{
	const struct rh_sniff sniff = {
		.wrapper = rh_reader_wrapper(reader),
		.json = record->json,
		.columns = rh_reader_columns(reader),
	};

	return suite_subject->connector->recognise(&sniff);
}

/* Every record is an account, or is refused by a finding; returns how many are refused. */
static unsigned read_sample(struct stage *stage, const struct rh_buf *text, uint64_t *count)
{
	static const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	struct rh_reader *reader = NULL;
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	struct rh_item item;
	unsigned refused = 0;
	int shape = 0;

	assert_int_equal(rh_bytes_memory(&bytes, rh_buf_str(text), &err), RH_OK);
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	for (*count = 0; rh_reader_next(reader, &item, &err) == 1; (*count)++) {
		struct sink sink = empty_sink;
		struct rh_account account = {0};
		if (item.is_bad) {
			refused++;
			continue;
		}
		shape = shape == 0 ? recognise(reader, &item.record) : shape;
		assert_int_not_equal(shape, 0);
		item.record.shape = shape;
		assert_int_equal(stage->connector->from_record(stage->instance, &item.record,
							       &policy, &stage->arena, &sink.face,
							       &account, &err),
				 RH_OK);
		assert_true(account.source_id.ptr == NULL || account.source_id.len > 0);
		assert_true(account.source_id.ptr != NULL || sink.refusals > 0);
		refused += sink.refusals > 0;
	}
	rh_reader_close(reader);
	return refused;
}

void conformance_sample(void **state)
{
	static const char *const formats[] = {"json", "ndjson", "csv"};
	struct stage stage;
	unsigned read = 0;

	(void)state;
	stage_begin(&stage);
	for (size_t i = 0; i < 3; i++) {
		rh_autobuf text;
		rh_autobuf troubled;
		uint64_t count;
		rh_buf_init(&text, RH_RECORD_MAX);
		rh_buf_init(&troubled, RH_BATCH_MAX); /* some are too large on purpose */
		if (!make_sample(formats[i], NULL, 60, &text)) {
			continue;
		}
		assert_int_equal(read_sample(&stage, &text, &count), 0);
		assert_int_equal(count, 60);
		read++;
		if (make_sample(formats[i], "all", 60, &troubled)) {
			(void)read_sample(&stage, &troubled, &count);
			assert_true(count > 0);
		}
	}
	assert_true(read > 0);
	stage_end(&stage);
}

/* ---- records that are not what they should be ------------------------------------------------------------------ */

static json_t *variant(unsigned number)
{
	static const char *const texts[] = {
		"null",
		"-1.5e300",
		"true",
		"\"\"",
		"\"zz\"",
		"[]",
		"[null]",
		"[[1]]",
		"{}",
		"{\"id\":{}}",
		"123456789012345678901234567890",
		"\"\\u202e@@@\"",
	};

	return number < sizeof(texts) / sizeof(texts[0])
		       ? json_loads(texts[number], JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL)
		       : NULL;
}

/* One mutated record as text of its own. */
static void map_text(struct stage *stage, char *text, int shape, size_t arena_max)
{
	static const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	struct sink sink = empty_sink;
	struct rh_record record = {.shape = shape, .number = 1, .line = 1};
	struct rh_account account = {0};
	struct rh_arena arena;
	struct rh_json json = {0};
	struct rh_err err = {0};
	int code;

	rh_arena_init(&arena, arena_max, RH_ARENA_PLAIN);
	assert_int_equal(rh_json_parse(&json, text, strlen(text), &err), RH_OK);
	record.json = rh_json_root(&json);
	code = stage->connector->from_record(stage->instance, &record, &policy, &arena, &sink.face,
					     &account, &err);
	assert_true(code == RH_OK || code == RH_ENOMEM || code == RH_ELIMIT);
	assert_true(code == RH_OK || arena_max < RH_RECORD_MAX);
	rh_json_done(&json);
	rh_arena_done(&arena);
}

static void mutate(struct stage *stage, json_t *root, int shape)
{
	const char *key;
	json_t *value;

	json_object_foreach(root, key, value)
	{
		json_t *other;
		for (unsigned i = 0; (other = variant(i)) != NULL; i++) {
			json_t *copy = json_deep_copy(root);
			char *text;
			assert_int_equal(json_object_set_new(copy, key, other), 0);
			text = json_dumps(copy, JSON_COMPACT);
			assert_non_null(text);
			map_text(stage, text, shape, RH_RECORD_MAX);
			free(text);
			json_decref(copy);
		}
	}
}

/* Every member in every other type, and every amount of memory. */
void conformance_broken_records(void **state)
{
	struct stage stage;
	rh_autobuf sample;
	json_t *all;
	json_t *record;
	size_t index;

	(void)state;
	rh_buf_init(&sample, RH_RECORD_MAX);
	stage_begin(&stage);
	assert_true(make_sample("json", NULL, 12, &sample));
	all = json_loadb(sample.ptr, sample.len, 0, NULL);
	assert_non_null(all);
	json_array_foreach(all, index, record)
	{
		char *text = json_dumps(record, JSON_COMPACT);
		for (const struct rh_shape *shape = stage.connector->shapes; shape->id != 0;
		     shape++) {
			mutate(&stage, record, shape->id);
		}
		for (size_t most = 1; most < 4096; most += 61) {
			char *again = strdup(text);
			map_text(&stage, again, stage.connector->shapes[0].id, most);
			free(again);
		}
		free(text);
	}
	json_decref(all);
	stage_end(&stage);
}
