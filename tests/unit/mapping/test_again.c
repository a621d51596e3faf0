/* SPDX-License-Identifier: Apache-2.0 */
/* M12: what a mapping remembers of records changes nothing about the next ones. */
#include "helper.h"

#include <stdio.h>
#include <string.h>

#include "account/account_json.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uncleared.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define RECORDS 800
#define MEMBERS_MAX 90

/* Every kind of rule that may find nothing: alternatives, constants, `there`, `is`, `until`, lists, maps, the rest. */
#define FIELDS                                                                                     \
	"\"source_id\":[\"id\",\"User ID\",\"uid\"],\"external_id\":\"uid\","                      \
	"\"emails\":[{\"from\":[\"mail\",\"email\"],\"verified\":[\"ok\",\"email_ok\"],"           \
	"\"primary\":true,\"when\":\"wanted\"},{\"each\":\"mails\",\"from\":[\"at\",\"mail\"],"    \
	"\"verified\":\"ok\"},\"others\"],\"phones\":{\"from\":[\"phone\",\"tel\"],\"plus\":"      \
	"\"added\",\"unless\":\"no_tel\"},\"username\":{\"from\":[\"nick\",\"login\"]},"           \
	"\"first_name\":{\"from\":\"first\",\"default\":\"Nobody\"},\"full_name\":{\"from\":["     \
	"\"name\",\"deep.name\"],\"split\":\"last-blank\"},\"created_at\":[\"made\",\"deep.at\"]," \
	"\"password\":{\"hash\":[\"hash\",\"pw_hash\"],\"label\":\"kind\",\"salt\":\"salt\","      \
	"\"clear\":\"password\",\"set\":\"has_pw\"},\"banned\":[\"banned\",{\"from\":\"active\","  \
	"\"inverted\":true},{\"from\":\"state\",\"is\":[\"off\"]}],\"locked\":{\"from\":\"lock\"," \
	"\"until\":\"lock_end\"},\"deprovisioned\":{\"from\":\"gone\",\"there\":true},"            \
	"\"delete_self_enabled\":{\"from\":\"stay\",\"there\":true,\"inverted\":true},"            \
	"\"totp_enabled\":{\"from\":\"mfa\",\"is\":[\"on\"]},\"passkeys\":\"keys\","               \
	"\"identities\":[{\"provider\":{\"value\":\"google\"},\"subject\":\"google_id\"},"         \
	"{\"provider\":\"via\",\"subject\":\"via_id\",\"email\":\"via_mail\"},{\"each\":"          \
	"\"links\",\"provider\":\"@key\",\"subject\":\"id\"}],\"public_metadata\":{\"from\":"      \
	"[\"data\",\"meta\"],\"members\":{\"plan\":\"deep.plan\",\"one\":{\"value\":1}}}"
#define END                                                                               \
	"},\"leave_out\":[{\"when\":\"guest\",\"reason\":\"guest\"}],\"rest\":\"private_" \
	"metadata\"}"

static const char *const documents[] = {
	"{\"mapping\":1,\"name\":\"exact\",\"nulls\":[\"none\"],\"fields\":{" FIELDS END,
	"{\"mapping\":1,\"name\":\"loose\",\"names\":\"loose\",\"fields\":{" FIELDS END,
};

/* Names as they are mapped, as only a loose comparison knows them, and as nobody does. */
static const char *const names[] = {
	"id",
	"ID",
	"User ID",
	"user_id",
	"uid",
	"mail",
	"email",
	"E-Mail",
	"ok",
	"wanted",
	"mails",
	"others",
	"phone",
	"tel",
	"no_tel",
	"nick",
	"login",
	"first",
	"name",
	"deep",
	"deep.name",
	"made",
	"hash",
	"pw_hash",
	"kind",
	"salt",
	"password",
	"has_pw",
	"banned",
	"active",
	"state",
	"lock",
	"lock_end",
	"gone",
	"stay",
	"mfa",
	"keys",
	"google_id",
	"via",
	"via_id",
	"via_mail",
	"links",
	"data",
	"meta",
	"guest",
	"email_ok",
	"unknown",
	"x",
	"a name that is longer than what is remembered of one, by far",
};

static const char *const values[] = {
	"null",
	"\"\"",
	"\"none\"",
	"true",
	"false",
	"\"off\"",
	"\"on\"",
	"1",
	"\"2030-05-01T10:00:00Z\"",
	"\"7\"",
	"\"ann@mail.example\"",
	"\"ann@mail.example|bob@mail.example\"",
	"\"491701234567\"",
	"\"Ann Poe\"",
	"[\"cy@mail.example\",3]",
	"{\"name\":\"Di Eve\",\"at\":\"2024-05-01\",\"plan\":\"big\"}",
	"[{\"at\":\"flo@mail.example\",\"ok\":true},{\"mail\":\"gus@mail.example\"}]",
	"{\"github\":{\"id\":\"7\"}}",
	"\"$2a$04$r5S7YFqh5ZFvUvuMAlDbDOzyLkyxfzBPYE8UjBLo4MWB2o9wgbMBG\"",
	"\"bcrypt\"",
	"\"{\\\"name\\\":\\\"Hal Ives\\\",\\\"plan\\\":2}\"",
	"\"[{\\\"at\\\":\\\"kim@mail.example\\\"}]\"",
};

static uint64_t below(struct rh_clock_manual *random, uint64_t limit)
{
	return random->clock.random(&random->clock) % limit;
}

/* A few names of many, in one of few orders, so that many records are like the one before and many are not. */
static void make_record(struct rh_clock_manual *random, struct rh_buf *out)
{
	size_t count =
		below(random, 12) == 0 ? 70 + below(random, MEMBERS_MAX - 70) : below(random, 14);
	size_t first = below(random, 3) * 7;

	rh_buf_reset(out);
	rh_buf_add_cstr(out, "{");
	for (size_t i = 0; i < count; i++) {
		size_t at = below(random, 4) == 0 ? below(random, ARRAY_LEN(names))
						  : (first + i * 5) % ARRAY_LEN(names);
		rh_buf_printf(out, "%s\"%s\":%s", i == 0 ? "" : ",", names[at],
			      values[below(random, ARRAY_LEN(values))]);
	}
	rh_buf_add_cstr(out, "}");
}

struct told {
	struct rh_finding_sink sink;
	struct rh_buf *text;
};

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct told *told = (struct told *)sink;

	rh_buf_printf(told->text, "\n%d %.*s %.*s", (int)finding->code, RH_STR_ARG(finding->path),
		      RH_STR_ARG(finding->note));
}

/* All that comes of a record, as text. */
static void tell(const struct rh_mapping *mapping, const struct rh_record *record,
		 struct rh_buf *out)
{
	const struct rh_mapping_policy policy = {.now = INT64_C(1700000000) * RH_SECOND};
	struct told told = {.sink = {.add = add_finding}, .text = out};
	struct rh_json_writer writer;
	struct rh_account account;
	struct rh_arena arena;
	struct rh_err err = {0};

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	const struct rh_mapping_call call = {.policy = &policy,
					     .arena = &arena,
					     .findings = &told.sink};
	rh_buf_reset(out);
	assert_int_equal(rh_mapping_account(mapping, record, &call, &account, &err), RH_OK);
	rh_json_writer_init(&writer, out);
	rh_account_json_put(&writer, &account);
	assert_int_equal(out->failed, 0);
	rh_arena_done(&arena);
}

/* The record's members as columns and cells, when it is asked for. */
static void as_cells(const struct rh_json_node *root, struct rh_columns *columns,
		     struct rh_str *column_names, struct rh_str *cells)
{
	const struct rh_json_node *value = NULL;
	struct rh_str name;

	columns->names = column_names;
	columns->count = 0;
	while ((value = rh_json_next(root, value, &name)) != NULL) {
		column_names[columns->count] = name;
		cells[columns->count++] = rh_json_text(value);
	}
}

static void compare(struct rh_mapping *used, const char *document, struct rh_buf *text, bool is_csv)
{
	struct rh_str column_names[MEMBERS_MAX] RH_UNCLEARED;
	struct rh_str cells[MEMBERS_MAX] RH_UNCLEARED;
	struct rh_mapping *fresh = compiled(document);
	struct rh_record record = {.number = 1};
	struct rh_columns columns;
	struct rh_json json = {0};
	rh_autobuf first = {0};
	rh_autobuf second = {0};

	rh_buf_init(&first, 1 << 20);
	rh_buf_init(&second, 1 << 20);
	assert_int_equal(rh_json_parse(&json, text->ptr, text->len, NULL), RH_OK);
	record.json = rh_json_root(&json);
	if (is_csv) {
		as_cells(record.json, &columns, column_names, cells);
		record = (struct rh_record){.columns = &columns, .cells = cells, .number = 1};
	}
	tell(used, &record, &first);
	tell(fresh, &record, &second);
	if (!rh_str_eq(rh_buf_str(&first), rh_buf_str(&second))) {
		fail_msg("%.*s\nis not\n%.*s", RH_STR_ARG(rh_buf_str(&first)),
			 RH_STR_ARG(rh_buf_str(&second)));
	}
	rh_json_done(&json);
	rh_mapping_free(fresh);
}

static void a_mapping_that_saw_other_records_maps_as_a_new_one(void **)
{
	struct rh_clock_manual random;
	rh_autobuf text = {0};

	rh_clock_manual_init(&random, 0, 12);
	rh_buf_init(&text, 1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		struct rh_mapping *used = compiled(documents[i]);
		for (size_t k = 0; k < RECORDS; k++) {
			make_record(&random, &text);
			compare(used, documents[i], &text, below(&random, 2) == 0);
		}
		rh_mapping_free(used);
	}
}

/* One name at one position means something else in the next file. */
static void columns_that_change_places_are_found(void **)
{
	struct rh_mapping *mapping = compiled(
		DOCUMENT("\"source_id\":[\"id\",\"no\"],\"first_name\":\"given\",\"username\":"
			 "\"no\""));
	const struct rh_str headers[][2] = {
		{RH_STR("id"), RH_STR("given")},
		{RH_STR("given"), RH_STR("id")},
		{RH_STR("no"), RH_STR("di")},
		{RH_STR("id"), RH_STR("given")},
	};
	static const char *const ids[] = {"a", "b", "a", "a"};
	const struct rh_str cells[] = {RH_STR("a"), RH_STR("b")};
	const struct rh_mapping_policy policy = {0};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		const struct rh_columns columns = {.names = headers[i], .count = 2};
		const struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};
		struct rh_account account;
		struct rh_arena arena;
		rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
		const struct rh_mapping_call call = {.policy = &policy, .arena = &arena};
		assert_int_equal(rh_mapping_account(mapping, &record, &call, &account, NULL),
				 RH_OK);
		assert_text(account.source_id, ids[i]);
		assert_int_equal(account.first_name.ptr != NULL, i != 2);
		assert_int_equal(account.identifier_count, i == 2);
		rh_arena_done(&arena);
	}
	rh_mapping_free(mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapping_that_saw_other_records_maps_as_a_new_one),
		cmocka_unit_test(columns_that_change_places_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
