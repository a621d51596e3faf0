/* SPDX-License-Identifier: Apache-2.0 */
/* An engine over the scripted transport. */
#include "engine_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* More turns than any test needs: a loop that never ends is a failure, not a hang. */
#define TURNS_MAX 200000

int engine_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	acme_server_init(&fixture->server);
	scripted_init(&fixture->scripted, acme_server_play, &fixture->server);
	fixture->acme = (struct acme){
		.client_id = "client",
		.client_secret = "acme-secret-value",
		.api_url = "https://api.acme.example",
		.sends_names = true,
	};
	fixture->connector = rh_connector_acme;
	fixture->options = (struct rh_engine_options){
		.connector = &fixture->connector,
		.instance = &fixture->acme,
		.transport = &fixture->scripted.face,
		.clock = &fixture->scripted.clock.clock,
		.stop = &fixture->stop,
		.wake_fd = -1,
	};
	*state = fixture;
	return 0;
}

int engine_teardown(void **state)
{
	struct fixture *fixture = *state;

	rh_engine_free(fixture->engine);
	assert_true(fixture->engine == NULL || fixture->scripted.is_freed);
	scripted_done(&fixture->scripted);
	acme_server_done(&fixture->server);
	free(fixture);
	return 0;
}

void engine_begin(struct fixture *fixture)
{
	assert_int_equal(rh_engine_new(&fixture->engine, &fixture->options, &fixture->err), RH_OK);
}

static void ended(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct fate *fate = context;

	fate->done++;
	fate->place = ++fate->fixture->ended;
	fate->kind = answer->kind;
	fate->outcome = operation->row_count > 0 ? operation->rows[0].outcome : answer->outcome;
	fate->scope = answer->scope;
	fate->cause = answer->cause;
	fate->snapshot_ref = operation->snapshot_ref;
	if (operation->row_count > 0) {
		const struct rh_row *row = &operation->rows[0];
		(void)snprintf(fate->code, sizeof(fate->code), "%.*s", RH_STR_ARG(row->code));
		(void)snprintf(fate->target_id, sizeof(fate->target_id), "%.*s",
			       RH_STR_ARG(row->target_id));
	}
}

struct fate *engine_submit(struct fixture *fixture, const struct rh_job_spec *spec)
{
	struct rh_job_spec own = *spec;
	struct fate *fate = &fixture->fates[fixture->submitted];

	assert_true(fixture->submitted < JOBS_MAX);
	fixture->submitted++;
	fate->fixture = fixture;
	own.done = ended;
	own.context = fate;
	assert_int_equal(rh_engine_submit(fixture->engine, &own, &fixture->err), RH_OK);
	return fate;
}

struct rh_row engine_row(struct fixture *fixture, unsigned number)
{
	struct person *person = &fixture->people[number];

	(void)snprintf(person->source_id, sizeof(person->source_id), "src_%03u", number);
	(void)snprintf(person->address, sizeof(person->address), "person%03u@example.com", number);
	(void)snprintf(person->key, sizeof(person->key), "key-%03u", number);
	person->email = (struct rh_identifier){
		.kind = RH_IDENTIFIER_EMAIL,
		.is_primary = true,
		.is_verified = true,
		.value = rh_str_from(person->address),
	};
	person->account = (struct rh_account){
		.source_id = rh_str_from(person->source_id),
		.first_name = RH_STR("Ada"),
		.last_name = RH_STR("Example"),
		.identifiers = &person->email,
		.identifier_count = 1,
	};
	return (struct rh_row){
		.account = &person->account,
		.source_id = person->account.source_id,
		.external_id = person->account.source_id,
		.email = person->email.value,
		.parts = RH_PART_IDENTITY | RH_PART_EXTERNAL_ID,
	};
}

struct fate *engine_create(struct fixture *fixture)
{
	unsigned number = fixture->submitted;
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.row = engine_row(fixture, number),
		.has_row = true,
		.idempotency = rh_str_from(fixture->people[number].key),
	};

	return engine_submit(fixture, &spec);
}

struct fate *engine_find(struct fixture *fixture, const char *external_id)
{
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_FIND,
		.row = {.external_id = rh_str_from(external_id)},
		.has_row = true,
	};

	return engine_submit(fixture, &spec);
}

struct fate *engine_submit_kind(struct fixture *fixture, enum rh_kind kind, enum rh_verb verb,
				struct rh_row *rows, size_t row_count)
{
	struct rh_job_spec spec = {
		.kind = kind,
		.verb = verb,
		.rows = rows,
		.row_count = row_count,
	};

	return engine_submit(fixture, &spec);
}

int engine_turn_for(struct fixture *fixture, int64_t microseconds)
{
	rh_time end = fixture->scripted.clock.steady_at + microseconds;
	int code = RH_OK;

	for (unsigned turns = 0; code == RH_OK && rh_engine_open(fixture->engine) > 0; turns++) {
		int64_t left = end - fixture->scripted.clock.steady_at;
		if (left <= 0) {
			break;
		}
		assert_true(turns < TURNS_MAX);
		left = left / RH_MILLISECOND + 1;
		code = rh_engine_turn(fixture->engine, left < 1000 ? (int)left : 1000,
				      &fixture->err);
	}
	return code;
}

int engine_finish(struct fixture *fixture)
{
	return engine_turn_for(fixture, 100000 * RH_SECOND);
}

void engine_check_fates(const struct fixture *fixture)
{
	for (unsigned i = 0; i < fixture->submitted; i++) {
		assert_int_equal(fixture->fates[i].done, 1);
	}
	assert_int_equal(rh_engine_open(fixture->engine), 0);
}

const struct scripted_record *engine_record(const struct fixture *fixture, const char *method,
					    const char *path, size_t n)
{
	for (size_t i = 0; i < fixture->scripted.record_count; i++) {
		const struct scripted_record *one = &fixture->scripted.records[i];
		if (strncmp(one->path, path, strlen(path)) == 0 &&
		    strcmp(one->method, method) == 0 && n-- == 0) {
			return one;
		}
	}
	fail_msg("%s %s was not asked", method, path);
	return NULL;
}
