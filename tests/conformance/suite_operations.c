/* SPDX-License-Identifier: Apache-2.0 */
/* What operations do at a provider that behaves: written is found, read back equal, listed once, taken away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/limits.h"
#include "suite.h"

/* Field by field: what is there is what was said would be (C8). */
static void check_equal(const struct rh_wire *said, const struct rh_wire *seen)
{
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((said->present & UINT32_C(1) << i) == 0) {
			continue;
		}
		assert_true((seen->present & UINT32_C(1) << i) != 0);
		if (!rh_str_eq(said->value[i], seen->value[i])) {
			fail_msg("field %s: said \"%.*s\", seen \"%.*s\"",
				 suite_subject->connector->wire_fields[i],
				 RH_STR_ARG(said->value[i]), RH_STR_ARG(seen->value[i]));
		}
	}
}

static void expected(struct stage *stage, const struct rh_row *row, struct rh_wire *out)
{
	struct rh_err err = {0};

	assert_int_equal(stage->connector->to_wire(stage->instance, row->account, row->policy,
						   row->parts, &stage->arena, NULL, NULL, out,
						   &err),
			 RH_OK);
}

static const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};

static struct rh_row person(struct stage *stage, unsigned n, bool has_hash)
{
	struct rh_row row = stage_row(stage, n, has_hash);

	row.policy = &policy;
	return row;
}

void conformance_probe(void **state)
{
	struct stage stage;
	struct stage_op op = {0};

	(void)state;
	stage_begin(&stage);
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_PROBE, NULL, 0);
	assert_int_equal(op.end, STAGE_DONE);
	stage_op_done(&op);
	if (suite_can(RH_KIND_USER, RH_VERB_COUNT)) {
		(void)stage_create(&stage, person(&stage, 0, false));
		stage_run(&stage, &op, RH_KIND_USER, RH_VERB_COUNT, NULL, 0);
		assert_int_equal(op.end, STAGE_DONE);
		assert_int_equal(op.op.total, 1);
		stage_op_done(&op);
	}
	stage_end(&stage);
}

/* Created, then read back by id and by external id. */
static void check_person(struct stage *stage, struct rh_row row)
{
	const enum rh_verb verbs[] = {RH_VERB_GET, RH_VERB_FIND};
	struct rh_wire said;

	expected(stage, &row, &said);
	row.target_id = stage_create(stage, row);
	for (size_t i = 0; i < 2; i++) {
		struct stage_op op = {0};
		struct rh_row asked = {
			.external_id = row.external_id,
			.target_id = verbs[i] == RH_VERB_GET ? row.target_id : RH_STR_ABSENT,
		};
		stage_run(stage, &op, RH_KIND_USER, verbs[i], &asked, 1);
		assert_int_equal(op.end, STAGE_DONE);
		assert_int_equal(op.outcome, RH_OUTCOME_DONE);
		assert_true(asked.has_observed);
		assert_true(rh_str_eq(asked.observed.target_id, row.target_id));
		assert_true(rh_str_eq(asked.observed.external_id, row.external_id));
		check_equal(&said, &asked.observed.wire);
		stage_op_done(&op);
	}
}

void conformance_round_trip(void **state)
{
	struct stage stage;

	(void)state;
	stage_begin(&stage);
	for (unsigned n = 0; n < 22; n++) {
		check_person(&stage, person(&stage, n, n % 2 == 0));
	}
	stage_end(&stage);
}

/* What create itself says stands there now is the same. */
void conformance_twice(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_row other;
	struct rh_wire said;
	struct stage_op op = {0};

	(void)state;
	stage_begin(&stage);
	row = person(&stage, 1, true);
	expected(&stage, &row, &said);
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_CREATE, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	if (row.has_observed) {
		check_equal(&said, &row.observed.wire);
	}
	stage_op_done(&op);
	/* The same person again: it is there, by whatever name the provider refuses it. */
	row = person(&stage, 1, true);
	other = row;
	assert_true(stage_outcome(&stage, RH_VERB_CREATE, &row) == RH_OUTCOME_ALREADY ||
		    row.outcome == RH_OUTCOME_CONFLICT);
	/* Another person with the same address. */
	if ((stage.connector->caps.flags & RH_CAP_EMAIL_UNIQUE) != 0) {
		other = person(&stage, 2, false);
		stage.people[2].email.value = stage.people[1].email.value;
		assert_int_equal(stage_outcome(&stage, RH_VERB_CREATE, &other),
				 RH_OUTCOME_CONFLICT);
	}
	assert_int_equal(stage_count(&stage), 1);
	stage_end(&stage);
}

void conformance_absent(void **state)
{
	struct stage stage;
	struct rh_row row = {.external_id = RH_STR("nobody /?&#%")};

	(void)state;
	stage_begin(&stage);
	assert_int_equal(stage_outcome(&stage, RH_VERB_FIND, &row), RH_OUTCOME_ABSENT);
	row = (struct rh_row){.external_id = RH_STR("nobody"), .target_id = RH_STR("no_such_id")};
	if (suite_can(RH_KIND_USER, RH_VERB_GET)) {
		assert_int_equal(stage_outcome(&stage, RH_VERB_GET, &row), RH_OUTCOME_ABSENT);
	}
	row = (struct rh_row){.external_id = RH_STR("nobody"), .target_id = RH_STR("no_such_id")};
	if (suite_can(RH_KIND_USER, RH_VERB_REMOVE)) {
		assert_int_equal(stage_outcome(&stage, RH_VERB_REMOVE, &row), RH_OUTCOME_ABSENT);
	}
	stage_end(&stage);
}

void conformance_find_email(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct stage_op op = {0};
	struct rh_str id;

	(void)state;
	stage_begin(&stage);
	(void)stage_create(&stage, person(&stage, 4, false));
	id = stage_create(&stage, person(&stage, 5, false));
	row = (struct rh_row){.email = stage.people[5].email.value};
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_FIND, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	assert_true(rh_str_eq(row.observed.target_id, id));
	stage_op_done(&op);
	row = (struct rh_row){.email = RH_STR("nobody+at.all@example.com")};
	assert_int_equal(stage_outcome(&stage, RH_VERB_FIND, &row), RH_OUTCOME_ABSENT);
	stage_end(&stage);
}

/* ---- updates (C13) ----------------------------------------------------------------------------------------- */

/* What stands at the provider now, in the stage's memory. */
static struct rh_wire look(struct stage *stage, struct rh_str id, struct rh_str external_id)
{
	struct rh_row row = {.target_id = id, .external_id = external_id};
	struct stage_op op = {0};
	struct rh_wire out;

	stage_run(stage, &op, RH_KIND_USER, RH_VERB_GET, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	out = row.observed.wire;
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((out.present & UINT32_C(1) << i) != 0) {
			assert_true(rh_arena_copy(&stage->arena, out.value[i], &out.value[i]));
		}
	}
	stage_op_done(&op);
	return out;
}

/* The concerned fields are as was said, gone where no value was said; all others as they were. */
static void check_changed(const struct rh_row *row, const struct rh_wire *before,
			  const struct rh_wire *after)
{
	for (unsigned i = 0; suite_subject->connector->wire_fields[i] != NULL; i++) {
		const struct rh_wire *is =
			(row->concerned & UINT32_C(1) << i) != 0 ? &row->expected : before;
		bool is_there = (is->present & UINT32_C(1) << i) != 0;
		assert_int_equal(is_there, (after->present & UINT32_C(1) << i) != 0);
		if (is_there && !rh_str_eq(is->value[i], after->value[i])) {
			fail_msg("field %s: said \"%.*s\", seen \"%.*s\"",
				 suite_subject->connector->wire_fields[i], RH_STR_ARG(is->value[i]),
				 RH_STR_ARG(after->value[i]));
		}
	}
}

/* Runs the update; what it says it read and will leave is what was and what is there. */
static void run_update(struct stage *stage, struct rh_row *row)
{
	struct rh_wire before = look(stage, row->target_id, row->external_id);
	struct rh_wire after;
	struct stage_op op = {0};

	stage_run(stage, &op, RH_KIND_USER, RH_VERB_UPDATE, row, 1);
	assert_int_equal(op.end, STAGE_DONE);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	assert_true(op.was_observed);
	assert_true(op.writes >= 1);
	after = look(stage, row->target_id, row->external_id);
	check_changed(row, &before, &after);
	stage_op_done(&op);
}

static void change_person(struct stage *stage, unsigned n)
{
	stage->people[n].account.first_name = RH_STR("Grace");
	stage->people[n].account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"team\":\"blue\"}");
}

/* Where public metadata stands: alone, or as one of several. */
static unsigned metadata_index(void)
{
	const char *const *names = suite_subject->connector->wire_fields;
	unsigned i = 0;

	while (strcmp(names[i], "metadata") != 0 && strcmp(names[i], "public_metadata") != 0) {
		i++;
		assert_non_null(names[i]);
	}
	return i;
}

/* Nothing that the account has no value for goes, unless it is asked for. */
void conformance_update(void **state)
{
	unsigned metadata = metadata_index();
	struct stage stage;
	struct rh_row row;
	struct rh_wire now;
	struct stage_op op = {0};

	(void)state;
	stage_begin(&stage);
	row = person(&stage, 1, false);
	stage.people[1].account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"kept\":\"yes\"}");
	row.parts = stage.connector->parts(stage.instance, row.account);
	row.target_id = stage_create(&stage, row);
	change_person(&stage, 1);
	run_update(&stage, &row);
	now = look(&stage, row.target_id, row.external_id);
	assert_non_null(memmem(now.value[metadata].ptr, now.value[metadata].len, "kept", 4));
	assert_non_null(memmem(now.value[metadata].ptr, now.value[metadata].len, "blue", 4));
	run_update(&stage, &row); /* and once more: the same */
	row.clears = UINT32_C(1) << metadata;
	run_update(&stage, &row);
	now = look(&stage, row.target_id, row.external_id);
	assert_null(memmem(now.value[metadata].ptr, now.value[metadata].len, "kept", 4));
	assert_non_null(memmem(now.value[metadata].ptr, now.value[metadata].len, "blue", 4));
	row = person(&stage, 2, false);
	row.target_id = RH_STR("no_such_id");
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_UPDATE, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_ABSENT);
	assert_int_equal(op.writes, 0);
	stage_op_done(&op);
	stage_end(&stage);
}

/* Ended when it has read, it has written nothing. */
void conformance_update_ended(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_wire before;
	struct rh_wire after;
	struct stage_op op = {.ends_observed = true};

	(void)state;
	stage_begin(&stage);
	row = person(&stage, 1, false);
	row.target_id = stage_create(&stage, row);
	change_person(&stage, 1);
	row.parts = stage.connector->parts(stage.instance, row.account);
	before = look(&stage, row.target_id, row.external_id);
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_UPDATE, &row, 1);
	assert_int_equal(op.end, STAGE_OBSERVED);
	assert_int_equal(op.writes, 0);
	check_equal(&before, &row.observed.wire);
	after = look(&stage, row.target_id, row.external_id);
	check_equal(&before, &after);
	stage_op_done(&op);
	stage_end(&stage);
}

/* What was read is enough to put it back, whatever the update did. */
void conformance_update_back(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_row back;
	struct rh_wire before;
	struct rh_wire after;

	(void)state;
	stage_begin(&stage);
	for (unsigned n = 1; n < 8; n++) {
		row = person(&stage, n, false);
		if (n % 2 == 0) {
			stage.people[n].account.last_name = RH_STR_ABSENT;
		}
		row.parts = stage.connector->parts(stage.instance, row.account);
		row.target_id = stage_create(&stage, row);
		before = look(&stage, row.target_id, row.external_id);
		change_person(&stage, n);
		stage.people[n].account.last_name = n % 3 == 0 ? RH_STR_ABSENT : RH_STR("Hopper");
		row.parts = stage.connector->parts(stage.instance, row.account);
		row.clears = before.present;
		run_update(&stage, &row);
		back = (struct rh_row){
			.target_id = row.target_id,
			.external_id = row.external_id,
			.wire = &before,
			.clears = before.present | row.concerned,
		};
		run_update(&stage, &back);
		after = look(&stage, row.target_id, row.external_id);
		assert_int_equal(before.present, after.present);
		check_equal(&before, &after);
	}
	stage_end(&stage);
}

/* Without IDENTITY address and names stay: the credential alone goes. */
void conformance_update_parts(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_wire before;
	struct rh_wire after;
	struct rh_str id;

	(void)state;
	stage_begin(&stage);
	id = stage_create(&stage, person(&stage, 1, false));
	before = look(&stage, id, stage.people[1].account.source_id);
	row = person(&stage, 1, true);
	row.target_id = id;
	row.parts = RH_PART_CREDENTIAL;
	change_person(&stage, 1);
	run_update(&stage, &row);
	assert_int_equal(row.concerned, 0);
	after = look(&stage, id, row.external_id);
	assert_int_equal(before.present, after.present);
	check_equal(&before, &after);
	if (suite_can(RH_KIND_USER, RH_VERB_PROVE) && suite_subject->play->password != NULL) {
		row = (struct rh_row){
			.email = stage.people[1].email.value,
			.password = rh_str_from(suite_subject->play->password),
		};
		assert_int_equal(stage_outcome(&stage, RH_VERB_PROVE, &row), RH_OUTCOME_DONE);
	}
	stage_end(&stage);
}

/* Only what is certainly the account that is meant goes. */
void conformance_remove(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct stage_op op = {0};
	struct rh_str id;

	(void)state;
	stage_begin(&stage);
	id = stage_create(&stage, person(&stage, 1, false));
	row = (struct rh_row){.target_id = id, .external_id = RH_STR("somebody_else")};
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_REMOVE, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_CONFLICT);
	assert_int_equal(op.writes, 0);
	stage_op_done(&op);
	assert_int_equal(stage_count(&stage), 1);
	row = (struct rh_row){.target_id = id, .external_id = stage.people[1].account.source_id};
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_REMOVE, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	assert_true(op.request_count > 1); /* it looked first */
	stage_op_done(&op);
	assert_int_equal(stage_count(&stage), 0);
	row.target_id = id;
	assert_int_equal(stage_outcome(&stage, RH_VERB_REMOVE, &row), RH_OUTCOME_ABSENT);
	stage_end(&stage);
}

/* C15: who has signed in since stays, unless that does not count, or nobody asks. */
void conformance_remove_in_use(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct stage_op op = {0};
	struct rh_str id;

	(void)state;
	stage_begin(&stage);
	id = stage_create(&stage, person(&stage, 2, true));
	suite_subject->play->sign_in(stage.play, stage.people[2].email.value);
	row = (struct rh_row){
		.target_id = id,
		.external_id = stage.people[2].account.source_id,
		.keeps_users = true,
	};
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_REMOVE, &row, 1);
	assert_int_equal(op.outcome, RH_OUTCOME_CONFLICT);
	assert_true(rh_str_is(row.code, RH_CODE_IN_USE));
	assert_int_equal(op.writes, 0);
	stage_op_done(&op);
	assert_int_equal(stage_count(&stage), 1);
	/* sign-ins until then were our own */
	row = (struct rh_row){
		.target_id = id,
		.external_id = stage.people[2].account.source_id,
		.keeps_users = true,
		.keeps_after = INT64_MAX,
		.made_at = INT64_MAX,
	};
	assert_int_equal(stage_outcome(&stage, RH_VERB_REMOVE, &row), RH_OUTCOME_DONE);
	assert_int_equal(stage_count(&stage), 0);
	id = stage_create(&stage, person(&stage, 4, true));
	suite_subject->play->sign_in(stage.play, stage.people[4].email.value);
	row = (struct rh_row){.target_id = id, .external_id = stage.people[4].account.source_id};
	assert_int_equal(stage_outcome(&stage, RH_VERB_REMOVE, &row), RH_OUTCOME_DONE);
	stage_end(&stage);
}

/* ---- lists ------------------------------------------------------------------------------------------------- */

/* One page; *cursor moves on.  False: that was the last one. */
static bool take_page(struct stage *stage, unsigned page_size, struct rh_str *cursor, bool *seen)
{
	struct stage_op op = {
		.op =
			{
				.kind = RH_KIND_USER,
				.verb = RH_VERB_LIST,
				.cursor = *cursor,
				.page_size = page_size,
			},
	};
	struct rh_err err = {0};

	stage_run_prepared(stage, &op);
	assert_int_equal(op.end, STAGE_DONE);
	assert_true(page_size == 0 || op.op.record_count <= page_size);
	assert_true(op.op.record_count <= suite_subject->connector->caps.page_max);
	for (size_t i = 0; i < op.op.record_count; i++) {
		struct rh_observed user;
		unsigned n = 0;
		assert_int_equal(stage->connector->observe(stage->instance, &op.op.records[i],
							   &op.arena, &user, &err),
				 RH_OK);
		assert_int_equal(sscanf(user.external_id.ptr, "src_%u", &n), 1);
		assert_true(n < STAGE_PEOPLE);
		assert_false(seen[n]); /* nobody twice */
		seen[n] = true;
	}
	assert_true(rh_arena_copy(&stage->arena, op.op.next_cursor, cursor));
	stage_op_done(&op);
	return cursor->ptr != NULL;
}

static void walk(struct stage *stage, unsigned page_size, unsigned count)
{
	bool seen[STAGE_PEOPLE] = {false};
	struct rh_str cursor = RH_STR_ABSENT;
	unsigned pages = 1;

	while (take_page(stage, page_size, &cursor, seen)) {
		assert_true(pages++ < 300);
	}
	for (unsigned n = 0; n < STAGE_PEOPLE; n++) {
		assert_int_equal(seen[n], n < count);
	}
}

void conformance_list(void **state)
{
	struct stage stage;
	unsigned most = suite_subject->connector->caps.page_max;
	unsigned made = 0;

	(void)state;
	stage_begin(&stage);
	walk(&stage, 0, 0);
	for (unsigned round = 0; round < 3; round++) {
		const unsigned counts[] = {1, most, 250};
		while (made < counts[round] && made < 250) {
			(void)stage_create(&stage, person(&stage, made, false));
			made++;
		}
		walk(&stage, 0, made);
	}
	walk(&stage, 7, made);
	walk(&stage, 1, made);
	stage_end(&stage);
}

/* Answers every page as the first one was answered. */
static bool repeat_page(struct stage *stage, unsigned n, struct scripted_answer *answer)
{
	(void)n;
	answer->status = 200;
	rh_buf_add_cstr(&answer->body, stage->spoil_context);
	return true;
}

/* A provider that gives one page again and again is noticed: by the connector, or by its cursor. */
void conformance_list_repeats(void **state)
{
	struct stage stage;
	struct stage_op first = {0};
	struct stage_op again = {0};

	(void)state;
	stage_begin(&stage);
	for (unsigned n = 0; n < 4; n++) {
		(void)stage_create(&stage, person(&stage, n, false));
	}
	first.op = (struct rh_operation){
		.kind = RH_KIND_USER,
		.verb = RH_VERB_LIST,
		.page_size = 2,
	};
	stage_run_prepared(&stage, &first);
	assert_true(rh_str_is_set(first.op.next_cursor));
	stage.spoil = repeat_page;
	stage.spoil_context = first.requests[0].body;
	again.op = first.op;
	again.op = (struct rh_operation){
		.kind = RH_KIND_USER,
		.verb = RH_VERB_LIST,
		.page_size = 2,
		.cursor = first.op.next_cursor,
	};
	stage_run_prepared(&stage, &again);
	if (again.end == STAGE_DONE) {
		assert_true(rh_str_eq(again.op.next_cursor, again.op.cursor));
	} else {
		assert_int_equal(again.end, STAGE_FAIL);
	}
	stage_op_done(&again);
	stage_op_done(&first);
	stage_end(&stage);
}

/* Takes the k-th member out of the envelope, counted through its objects but not its lists. */
static bool drop_member(json_t *object, unsigned *k)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, key, value)
	{
		if ((*k)-- == 0) {
			return json_object_del(object, key) == 0;
		}
		if (json_is_object(value) && drop_member(value, k)) {
			return true;
		}
	}
	return false;
}

/* The page without the k-th member of its envelope; NULL: it has none.  Free it. */
static char *page_without(const char *page, unsigned k)
{
	json_t *root = json_loads(page, 0, NULL);
	char *out = NULL;

	assert_non_null(root);
	if (drop_member(root, &k)) {
		out = json_dumps(root, JSON_COMPACT);
		assert_non_null(out);
	}
	json_decref(root);
	return out;
}

/* A page that does not say that it is the last one is not taken for it: a list is whole, or it failed. */
void conformance_list_cut_short(void **state)
{
	struct stage stage;
	struct stage_op whole = {
		.op = {.kind = RH_KIND_USER, .verb = RH_VERB_LIST, .page_size = 2}};
	char *page = NULL;

	(void)state;
	stage_begin(&stage);
	for (unsigned n = 0; n < 4; n++) {
		(void)stage_create(&stage, person(&stage, n, false));
	}
	stage_run_prepared(&stage, &whole);
	assert_true(rh_str_is_set(whole.op.next_cursor));
	for (unsigned k = 0; (page = page_without(whole.requests[0].body, k)) != NULL; k++) {
		struct stage_op cut = {
			.op = {.kind = RH_KIND_USER, .verb = RH_VERB_LIST, .page_size = 2},
		};
		stage.spoil = repeat_page;
		stage.spoil_context = page;
		stage_run_prepared(&stage, &cut);
		if (cut.end == STAGE_DONE) {
			assert_int_equal(cut.op.record_count, 2);
			assert_true(rh_str_is_set(cut.op.next_cursor));
		}
		stage_op_done(&cut);
		free(page);
	}
	stage_op_done(&whole);
	stage_end(&stage);
}

/* ---- many rows --------------------------------------------------------------------------------------------- */

void conformance_find_many(void **state)
{
	struct stage stage;
	unsigned most = suite_subject->connector->caps.rows_max[RH_KIND_USER][RH_VERB_FIND];
	struct rh_row *rows;
	struct stage_op op = {0};

	(void)state;
	stage_begin(&stage);
	rows = calloc(most, sizeof(*rows));
	assert_non_null(rows);
	for (unsigned n = 0; n < most; n++) {
		struct rh_row row = person(&stage, n, false);
		if (n % 2 == 0) {
			(void)stage_create(&stage, row);
		}
		rows[n] = (struct rh_row){.external_id = row.external_id};
	}
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_FIND, rows, most);
	assert_int_equal(op.end, STAGE_DONE);
	for (unsigned n = 0; n < most; n++) {
		assert_int_equal(rows[n].outcome, n % 2 == 0 ? RH_OUTCOME_DONE : RH_OUTCOME_ABSENT);
		assert_true(n % 2 != 0 ||
			    rh_str_eq(rows[n].observed.external_id, rows[n].external_id));
	}
	stage_op_done(&op);
	free(rows);
	stage_end(&stage);
}

void conformance_bulk(void **state)
{
	struct stage stage;
	unsigned most = suite_subject->connector->caps.rows_max[RH_KIND_USER][RH_VERB_BULK];
	struct rh_row *rows;
	struct stage_op op = {0};

	(void)state;
	most = most == 0 ? 1 : most;
	stage_begin(&stage);
	rows = calloc(most, sizeof(*rows));
	assert_non_null(rows);
	for (unsigned n = 0; n < most; n++) {
		rows[n] = person(&stage, n, false);
		if (n == 1) { /* who is there already: that row alone */
			(void)stage_create(&stage, rows[n]);
		}
	}
	stage_run(&stage, &op, RH_KIND_USER, RH_VERB_BULK, rows, most);
	assert_int_equal(op.end, STAGE_DONE);
	assert_int_equal(op.writes, 1);
	for (unsigned n = 0; n < most; n++) {
		if (n == 1) {
			assert_int_not_equal(rows[n].outcome, RH_OUTCOME_DONE);
			assert_int_not_equal(rows[n].outcome, RH_OUTCOME_UNKNOWN);
		} else {
			assert_int_equal(rows[n].outcome, RH_OUTCOME_DONE);
			assert_true(rh_str_is_set(rows[n].target_id));
		}
	}
	stage_op_done(&op);
	assert_int_equal(stage_count(&stage), most);
	free(rows);
	stage_end(&stage);
}

/* ---- passwords ------------------------------------------------------------------------------------------------ */

void conformance_prove(void **state)
{
	struct stage stage;
	struct rh_row row;

	(void)state;
	stage_begin(&stage);
	(void)stage_create(&stage, person(&stage, 2, true)); /* verified */
	row = (struct rh_row){
		.email = stage.people[2].email.value,
		.password = rh_str_from(suite_subject->play->password),
	};
	assert_int_equal(stage_outcome(&stage, RH_VERB_PROVE, &row), RH_OUTCOME_DONE);
	/* A wrong one is about the person, not about the key. */
	row = (struct rh_row){
		.email = stage.people[2].email.value,
		.password = RH_STR("not the password"),
	};
	assert_int_equal(stage_outcome(&stage, RH_VERB_PROVE, &row), RH_OUTCOME_REJECTED);
	stage_end(&stage);
}

/* C7: a refused hash is named, and the person moves without it. */
void conformance_refused_hash(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_row rest;

	(void)state;
	stage_begin(&stage);
	suite_subject->play->refuse_hashes(stage.play);
	row = person(&stage, 1, true);
	rest = row;
	assert_int_equal(stage_outcome(&stage, RH_VERB_CREATE, &row), RH_OUTCOME_REJECTED);
	assert_int_equal(row.parts_at_fault, RH_PART_CREDENTIAL);
	rest.parts &= ~row.parts_at_fault;
	(void)stage_create(&stage, rest);
	assert_int_equal(stage_count(&stage), 1);
	stage_end(&stage);
}

/* ---- C11 ------------------------------------------------------------------------------------------------------- */

/* Puts a member that nobody knows into every object of the text. */
static void add_members(const char *text, struct rh_buf *out)
{
	bool in_string = false;

	for (const char *at = text; *at != '\0'; at++) {
		rh_buf_add_char(out, *at);
		if (in_string && *at == '\\') {
			rh_buf_add_char(out, *++at);
		} else if (*at == '"') {
			in_string = !in_string;
		} else if (*at == '{' && !in_string) {
			rh_buf_add_cstr(out, "\"zz_added\":[{\"id\":\"x\"},null,1e400,\"\"]");
			rh_buf_add_cstr(out, at[1] == '}' ? "" : ",");
		}
	}
}

static bool add_to_answer(struct stage *stage, unsigned n, struct scripted_answer *answer)
{
	const struct stage_op *op = stage->spoil_context;
	struct scripted_answer own = {.retry_after_us = -1};

	rh_buf_init(&own.body, RH_RESPONSE_MAX);
	suite_subject->play->answer(stage->play, &op->requests[n].request,
				    op->requests[n].request.auth == RH_AUTH_INSTANCE
					    ? stage->token
					    : RH_STR_ABSENT,
				    stage->now, &own);
	answer->status = own.status;
	answer->is_foreign = own.is_foreign;
	if (own.body.len > 0) {
		add_members(own.body.ptr, &answer->body);
	}
	rh_buf_done(&own.body);
	return true;
}

static enum rh_outcome run_added(struct stage *stage, enum rh_verb verb, struct rh_row *row)
{
	struct stage_op op = {0};
	enum rh_outcome outcome;

	stage->spoil = add_to_answer;
	stage->spoil_context = &op;
	stage_run(stage, &op, RH_KIND_USER, verb, row, row != NULL ? 1 : 0);
	stage->spoil = NULL;
	outcome = op.end == STAGE_DONE && row == NULL ? RH_OUTCOME_DONE : op.outcome;
	if (verb == RH_VERB_CREATE && outcome == RH_OUTCOME_DONE) {
		struct rh_str id = RH_STR_ABSENT;
		assert_true(rh_arena_copy(&stage->arena, row->target_id, &id));
		row->target_id = id;
	}
	stage_op_done(&op);
	return outcome;
}

void conformance_unknown_members(void **state)
{
	struct stage stage;
	struct rh_row row;
	struct rh_row again;
	struct rh_str id;

	(void)state;
	stage_begin(&stage);
	row = person(&stage, 0, true);
	assert_int_equal(run_added(&stage, RH_VERB_CREATE, &row), RH_OUTCOME_DONE);
	id = row.target_id;
	again = person(&stage, 0, true);
	assert_int_not_equal(run_added(&stage, RH_VERB_CREATE, &again), RH_OUTCOME_DONE);
	assert_int_not_equal(again.outcome, RH_OUTCOME_REJECTED);
	again = (struct rh_row){.external_id = row.external_id};
	assert_int_equal(run_added(&stage, RH_VERB_FIND, &again), RH_OUTCOME_DONE);
	again = (struct rh_row){.external_id = RH_STR("nobody")};
	assert_int_equal(run_added(&stage, RH_VERB_FIND, &again), RH_OUTCOME_ABSENT);
	again = (struct rh_row){.target_id = id, .external_id = row.external_id};
	assert_int_equal(run_added(&stage, RH_VERB_GET, &again), RH_OUTCOME_DONE);
	assert_int_equal(run_added(&stage, RH_VERB_LIST, NULL), RH_OUTCOME_DONE);
	if (suite_can(RH_KIND_USER, RH_VERB_BULK)) {
		again = person(&stage, 1, false);
		assert_int_equal(run_added(&stage, RH_VERB_BULK, &again), RH_OUTCOME_DONE);
	}
	again = (struct rh_row){.target_id = id, .external_id = row.external_id};
	assert_int_equal(run_added(&stage, RH_VERB_REMOVE, &again), RH_OUTCOME_DONE);
	stage_end(&stage);
}
