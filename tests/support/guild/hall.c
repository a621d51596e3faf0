/* SPDX-License-Identifier: Apache-2.0 */
/* A guild that moves to another one. */
#include "guild/hall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "folder.h"
#include "read/reader.h"

static const struct rh_ledger_identity identity = {
	.source = "guild",
	.source_tenant = "file",
	.target = "guild",
	.target_tenant = "default",
	.environment = "test",
};

void hall_open_ledger(struct hall *hall)
{
	assert_int_equal(rh_ledger_open(&hall->ledger, hall->workspace_path, &identity, false,
					&hall->err),
			 RH_OK);
}

void hall_close_ledger(struct hall *hall)
{
	rh_ledger_close(hall->ledger);
	hall->ledger = NULL;
}

int hall_setup(void **state)
{
	struct hall *hall = calloc(1, sizeof(*hall));
	char *key;

	assert_non_null(hall);
	hall->folder = test_folder_new();
	hall->workspace_path = test_folder_path(hall->folder, "ws");
	hall->input = test_folder_path(hall->folder, "users.ndjson");
	key = test_folder_path(hall->folder, "state/seal.key");
	rh_arena_init(&hall->arena, 64U << 20, RH_ARENA_PLAIN);
	guild_server_init(&hall->server);
	hall->instance = (struct acme){
		.client_id = "client",
		.client_secret = "acme-secret-value",
		.api_url = "https://api.acme.example",
		.sends_names = true,
	};
	hall->now_at = SCRIPTED_START;
	assert_int_equal(rh_workspace_open(&hall->workspace, hall->workspace_path, key, &hall->err),
			 RH_OK);
	assert_int_equal(rh_option_defaults(rh_settings_table, &hall->settings, &hall->arena,
					    &hall->err),
			 RH_OK);
	hall_open_ledger(hall);
	for (int kind = 0; kind < RH_KINDS; kind++) {
		rh_buf_init(&hall->streams[kind], 64U << 20);
	}
	free(key);
	*state = hall;
	return 0;
}

void hall_clear(struct hall *hall)
{
	for (int kind = 0; kind < RH_KINDS; kind++) {
		rh_buf_reset(&hall->streams[kind]);
		hall->has_stream[kind] = false;
	}
}

int hall_teardown(void **state)
{
	struct hall *hall = *state;

	rh_plan_done(&hall->plan);
	rh_ledger_close(hall->ledger);
	rh_workspace_done(&hall->workspace);
	guild_server_done(&hall->server);
	for (int kind = 0; kind < RH_KINDS; kind++) {
		rh_buf_done(&hall->streams[kind]);
	}
	rh_arena_done(&hall->arena);
	test_folder_free(hall->folder);
	free(hall->workspace_path);
	free(hall->input);
	free(hall);
	return 0;
}

void hall_set(struct hall *hall, const char *name, const char *value)
{
	const struct rh_option *option = rh_option_find(rh_settings_table, name);

	assert_non_null(option);
	assert_int_equal(rh_option_set(option, &hall->settings, NULL, value, &hall->arena,
				       &hall->err),
			 RH_OK);
}

void hall_people(struct hall *hall, unsigned count)
{
	FILE *file = fopen(hall->input, "w");

	assert_non_null(file);
	for (unsigned n = 1; n <= count; n++) {
		(void)fprintf(file,
			      "{\"id\":\"u%u\",\"email\":\"u%u@example.com\","
			      "\"email_verified\":true,\"first_name\":\"Ada\"}\n",
			      n, n);
	}
	assert_int_equal(fclose(file), 0);
}

void hall_record(struct hall *hall, enum rh_kind kind, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	hall->has_stream[kind] = true;
	rh_buf_add_cstr(&hall->streams[kind], text);
	rh_buf_add_char(&hall->streams[kind], '\n');
}

/* Three people; two permissions, two roles, two organizations (one empty), a domain, three memberships. */
void hall_settle(struct hall *hall)
{
	hall_people(hall, 3);
	hall_record(hall, RH_KIND_PERMISSION,
		    "{\"id\":\"p1\",\"slug\":\"g:read\",\"name\":\"Read\"}");
	hall_record(hall, RH_KIND_PERMISSION,
		    "{\"id\":\"p2\",\"slug\":\"g:write\",\"name\":\"Write\"}");
	hall_record(hall, RH_KIND_ROLE,
		    "{\"id\":\"r1\",\"slug\":\"g:admin\",\"name\":\"Admin\","
		    "\"permissions\":[\"g:write\",\"g:read\"]}");
	hall_record(hall, RH_KIND_ROLE,
		    "{\"id\":\"r2\",\"slug\":\"g:member\",\"name\":\"Member\","
		    "\"permissions\":[\"g:read\"]}");
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o1\",\"name\":\"Bakers\"}");
	hall_record(hall, RH_KIND_ORGANIZATION,
		    "{\"id\":\"o2\",\"name\":\"Empty\",\"external_id\":\"ext-2\"}");
	hall_record(hall, RH_KIND_DOMAIN,
		    "{\"id\":\"d1\",\"organization\":\"o1\",\"domain\":\"bakers.example\","
		    "\"state\":\"verified\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m1\",\"organization\":\"o1\",\"user\":\"u1\","
		    "\"roles\":[\"g:admin\",\"g:member\"],\"state\":\"active\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m2\",\"organization\":\"o1\",\"user\":\"u2\","
		    "\"roles\":[\"g:member\"],\"state\":\"active\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m3\",\"organization\":\"o2\",\"user\":\"u1\","
		    "\"roles\":[\"g:member\"],\"state\":\"active\"}");
}

/* ---- ways ------------------------------------------------------------------------------------------- */

static int open_stream(void *context, enum rh_kind kind, struct rh_bytes **out, struct rh_err *err)
{
	const struct hall *hall = context;
	struct rh_str text = rh_buf_str(&hall->streams[kind]);

	*out = NULL;
	if (!hall->has_stream[kind]) {
		return RH_OK;
	}
	return rh_bytes_memory(out, text.ptr != NULL ? text : RH_STR(""), err);
}

static struct rh_tenant_source source_of(struct hall *hall)
{
	return (struct rh_tenant_source){
		.connector = guild_connector(),
		.instance = &hall->instance,
		.open = open_stream,
		.context = hall,
	};
}

static void begin(struct hall *hall, struct rh_run *run)
{
	struct rh_engine_options options = {
		.connector = guild_connector(),
		.instance = &hall->instance,
		.transport = &hall->scripted.face,
		.rate = 100000,
		.wake_fd = -1,
	};

	hall->err = (struct rh_err){0};
	guild_connector_says(hall->mails, hall->roles_max);
	if (hall->apart.pid != 0) {
		scripted_init(&hall->scripted, guild_apart_play, &hall->apart);
	} else {
		scripted_init(&hall->scripted, guild_server_play, &hall->server);
	}
	hall->scripted.says_date = true;
	hall->scripted.latency_us = RH_MILLISECOND;
	hall->scripted.clock.now_at = hall->now_at;
	if (hall->arm != NULL) {
		hall->arm(hall);
	}
	options.clock = &hall->scripted.clock.clock;
	*run = (struct rh_run){
		.source = guild_connector(),
		.source_instance = &hall->instance,
		.target = guild_connector(),
		.target_instance = &hall->instance,
		.settings = &hall->settings,
		.policy = {.external_id = rh_str_from(hall->settings.external_id),
			   .verifies_domains = hall->settings.domains == RH_DOMAINS_VERIFIED,
			   .notifies = hall->settings.notify},
		.workspace = &hall->workspace,
		.ledger = hall->ledger,
		.clock = options.clock,
		.wake_fd = -1,
		.commit_after_us = 50 * RH_MILLISECOND,
	};
	assert_int_equal(rh_engine_new(&run->engine, &options, &hall->err), RH_OK);
}

static void end(struct hall *hall, struct rh_run *run)
{
	hall->now_at = hall->scripted.clock.now_at + 10 * RH_SECOND;
	rh_engine_free(run->engine);
	scripted_done(&hall->scripted);
}

static int open_source(struct hall *hall, struct rh_run *run, int64_t revision,
		       struct rh_source **out)
{
	const char *const paths[] = {hall->input};
	struct rh_source_options options = {
		.connector = guild_connector(),
		.instance = &hall->instance,
		.policy = run->policy,
		.paths = paths,
		.path_count = 1,
		.workspace = &hall->workspace,
		.is_replay = revision != 0,
		.revision = revision,
		.clock = run->clock,
	};

	return rh_source_open(out, &options, &hall->err);
}

static int plan_entities(struct hall *hall, struct rh_run *run, struct rh_plan_builder *builder)
{
	struct rh_tenant_source source = source_of(hall);
	struct rh_plan_tenant *tenant = NULL;
	int code = rh_plan_tenant_begin(&tenant, builder, &source, &hall->err);

	if (code == RH_OK) {
		code = rh_tenant_survey(run, tenant, &hall->err);
	}
	if (code == RH_OK) {
		code = rh_plan_tenant_read(tenant, &hall->err);
	}
	rh_plan_tenant_end(tenant);
	return code;
}

int hall_plan(struct hall *hall)
{
	struct rh_plan_builder *builder = NULL;
	struct rh_source *source = NULL;
	struct rh_run run;
	uint64_t reads = 0;
	int64_t predicted = -1;
	int code;

	begin(hall, &run);
	struct rh_plan_inputs inputs = {
		.workspace = &hall->workspace,
		.settings = &hall->settings,
		.target = guild_connector(),
		.target_instance = &hall->instance,
		.ledger = hall->ledger,
		.policy = run.policy,
		.clock = run.clock,
		.workers = 1,
	};
	code = open_source(hall, &run, 0, &source);
	if (code == RH_OK) {
		code = rh_plan_begin(&builder, &inputs, &hall->err);
	}
	if (code == RH_OK) {
		code = rh_plan_read(builder, source, NULL, NULL, &hall->err);
	}
	if (code == RH_OK) {
		code = rh_survey(&run, builder, &reads, &predicted, &hall->err);
	}
	if (code == RH_OK) {
		code = plan_entities(hall, &run, builder);
	}
	if (code == RH_OK) {
		rh_plan_done(&hall->plan);
		code = rh_plan_finish(builder, source, reads, predicted, &hall->plan, &hall->err);
		builder = NULL;
	}
	rh_plan_abandon(builder);
	rh_source_close(source);
	end(hall, &run);
	return code;
}

int hall_apply(struct hall *hall)
{
	struct rh_tenant_source entities = source_of(hall);
	struct rh_source *source = NULL;
	struct rh_run run;
	int code;

	begin(hall, &run);
	hall->tally = (struct rh_tenant_run){0};
	code = rh_tenant_apply(&run, &hall->plan, &entities, RH_TENANT_BEFORE, &hall->tally,
			       &hall->err);
	if (code == RH_OK) {
		code = open_source(hall, &run, hall->plan.revision, &source);
	}
	if (code == RH_OK) {
		code = rh_apply(&run, &hall->plan, source, &hall->counts, &hall->err);
	}
	if (code == RH_OK) {
		code = rh_tenant_apply(&run, &hall->plan, &entities, RH_TENANT_AFTER, &hall->tally,
				       &hall->err);
	}
	assert_int_equal(rh_ledger_commit(hall->ledger, NULL), RH_OK);
	rh_source_close(source);
	end(hall, &run);
	return code;
}

int hall_verify(struct hall *hall)
{
	struct rh_run run;
	int code;

	begin(hall, &run);
	code = rh_verify(&run, &hall->plan, &hall->counts, &hall->err);
	if (code == RH_OK) {
		code = rh_tenant_verify(&run, &hall->err);
	}
	end(hall, &run);
	return code;
}

int hall_undo(struct hall *hall)
{
	struct rh_run run;
	int code;

	begin(hall, &run);
	code = rh_tenant_undo(&run, RH_TENANT_AFTER, &hall->err);
	if (code == RH_OK) {
		code = rh_undo(&run, &hall->counts, &hall->err);
	}
	if (code == RH_OK) {
		code = rh_tenant_undo(&run, RH_TENANT_BEFORE, &hall->err);
	}
	end(hall, &run);
	return code;
}

/* ---- looking ------------------------------------------------------------------------------------------ */

struct rh_ledger_kind_counts hall_count(struct hall *hall, enum rh_kind kind)
{
	struct rh_ledger_kind_counts counts[RH_KINDS];

	assert_int_equal(rh_ledger_count_entities(hall->ledger, counts, &hall->err), RH_OK);
	return counts[kind];
}

uint64_t hall_findings(const struct hall *hall, enum rh_finding_code code, const char *note)
{
	struct rh_finding_group group;

	for (size_t i = 0; i < rh_groups_count(hall->plan.groups); i++) {
		rh_groups_get(hall->plan.groups, i, &group);
		if (group.info->code == code && strcmp(group.note, note) == 0) {
			return group.count;
		}
	}
	return 0;
}

void hall_check(const struct hall *hall, int code)
{
	if (code != RH_OK) {
		fail_msg("%d: %s", code, hall->err.message);
	}
}

/* The key of the only membership of that account, whose id at the target nobody knows beforehand. */
json_t *hall_membership(struct hall *hall, const char *external_id, const char *user)
{
	const struct acme_user *account = acme_server_find(&hall->server.acme, user);
	json_t *home = guild_server_find(&hall->server, "organization", external_id);
	char key[128];

	assert_non_null(account);
	assert_non_null(home);
	(void)snprintf(key, sizeof(key), "%s/%s", json_string_value(json_object_get(home, "id")),
		       account->id);
	return guild_server_find(&hall->server, "membership", key);
}
