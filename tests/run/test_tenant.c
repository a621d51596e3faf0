/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant in the form of one provider, written to the rehearsal of the other by the ways of the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "folder.h"
#include "lib/migration.h"
#include "read/reader.h"
#include "rehearsed.h"

static const char people[] = "id,email,email_verified,first_name\n"
			     "user_1,ada@example.com,true,Ada\n"
			     "user_2,bob@example.com,true,Bob\n"
			     "user_3,cid@example.com,true,Cid\n";

static const char permissions[] =
	"{\"object\":\"permission\",\"id\":\"perm_1\",\"slug\":\"bread:bake\",\"name\":\"Bake\","
	"\"description\":null,\"system\":false}\n";
static const char roles[] =
	"{\"object\":\"role\",\"id\":\"role_1\",\"slug\":\"baker\",\"name\":\"Baker\","
	"\"description\":\"bakes\",\"type\":\"EnvironmentRole\",\"permissions\":[\"bread:bake\"]}\n"
	"{\"object\":\"role\",\"id\":\"role_2\",\"slug\":\"member\",\"name\":\"Member\","
	"\"description\":null,\"type\":\"EnvironmentRole\",\"permissions\":[]}\n";
static const char organizations[] =
	"{\"object\":\"organization\",\"id\":\"org_1\",\"name\":\"Bakers\",\"external_id\":null,"
	"\"metadata\":{},\"domains\":[]}\n"
	"{\"object\":\"organization\",\"id\":\"org_2\",\"name\":\"Empty\",\"external_id\":\"ext-"
	"2\","
	"\"metadata\":{},\"domains\":[]}\n";
static const char memberships[] =
	"{\"object\":\"organization_membership\",\"id\":\"om_1\",\"user_id\":\"user_1\","
	"\"organization_id\":\"org_1\",\"status\":\"active\",\"role\":{\"slug\":\"baker\"},"
	"\"roles\":[{\"slug\":\"baker\"},{\"slug\":\"member\"}]}\n"
	"{\"object\":\"organization_membership\",\"id\":\"om_2\",\"user_id\":\"user_2\","
	"\"organization_id\":\"org_1\",\"status\":\"active\",\"role\":{\"slug\":\"member\"}}\n"
	"{\"object\":\"organization_membership\",\"id\":\"om_3\",\"user_id\":\"user_9\","
	"\"organization_id\":\"org_1\",\"status\":\"active\",\"role\":{\"slug\":\"member\"}}\n";

struct move {
	struct rehearsed server;
	char *folder;
	char *input;
	char *workspace;
	struct rh_migration *migration;
	struct rh_plan_counts plan;
	struct rh_run_counts run;
	struct rh_err err;
};

static int open_stream(void *context, enum rh_kind kind, struct rh_bytes **out, struct rh_err *err)
{
	const struct {
		enum rh_kind kind;
		const char *text;
	} streams[] = {
		{RH_KIND_PERMISSION, permissions},
		{RH_KIND_ROLE, roles},
		{RH_KIND_ORGANIZATION, organizations},
		{RH_KIND_MEMBERSHIP, memberships},
	};

	(void)context;
	*out = NULL;
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		if (streams[i].kind == kind) {
			return rh_bytes_memory(out, rh_str_from(streams[i].text), err);
		}
	}
	return RH_OK;
}

static void begin(struct move *move)
{
	const char *const options[] = {
		"from",
		"csv",
		"to",
		"clerk",
		"file",
		move->input,
		"workspace",
		move->workspace,
		"clerk-secret-key",
		"sk_test_rehearsal",
		"clerk-api-url",
		move->server.url,
		"rate",
		"100000",
		"external-id",
		"source-id",
	};

	assert_int_equal(rh_migration_new(&move->migration, &move->err), RH_OK);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i += 2) {
		if (rh_migration_set(move->migration, options[i], options[i + 1], &move->err) !=
		    RH_OK) {
			fail_msg("%s: %s", options[i], move->err.message);
		}
	}
	move->migration->tenant = (struct rh_tenant_source){
		.connector = rh_connector_find("workos"),
		.instance = move, /* mapping looks at no option */
		.open = open_stream,
	};
}

static void end(struct move *move, int code)
{
	rh_migration_free(move->migration);
	if (code != RH_OK) {
		fail_msg("%d: %s", code, move->err.message);
	}
}

static int setup(void **state)
{
	static const char *const providers[] = {"clerk"};
	const struct rh_rehearsal_options options = {.providers = providers,
						     .provider_count = 1,
						     .limits = RH_LIMITS_OFF};
	struct move *move = calloc(1, sizeof(*move));
	FILE *file;

	assert_non_null(move);
	move->folder = test_folder_new();
	move->input = test_folder_path(move->folder, "people.csv");
	move->workspace = test_folder_path(move->folder, "ws");
	assert_int_equal(setenv("XDG_STATE_HOME", move->folder, 1), 0);
	file = fopen(move->input, "w");
	assert_non_null(file);
	(void)fputs(people, file);
	assert_int_equal(fclose(file), 0);
	rehearsed_start(&move->server, &options);
	*state = move;
	return 0;
}

static int teardown(void **state)
{
	struct move *move = *state;

	/* nobody may have got a letter */
	assert_int_equal(rehearsed_count(&move->server, "mails"), 0);
	rehearsed_stop(&move->server);
	free(move->workspace);
	free(move->input);
	test_folder_free(move->folder);
	free(move);
	return 0;
}

static size_t listed(struct move *move, const char *path)
{
	json_t *answer = NULL;
	size_t count;

	assert_int_equal(rehearsed_ask(&move->server, "GET", path, NULL, &answer), 200);
	count = json_array_size(json_object_get(answer, "data"));
	json_decref(answer);
	return count;
}

static void a_tenant_comes_to_clerk_and_goes(void **state)
{
	struct move *move = *state;
	size_t permissions_before = listed(move, "/v1/organization_permissions?limit=500");
	int code;

	begin(move);
	code = rh_migration_plan(move->migration, NULL, &move->plan, &move->err);
	if (code == RH_OK) {
		code = rh_migration_apply(move->migration, &move->run, &move->err);
	}
	end(move, code);
	assert_int_equal(move->plan.create, 3);
	assert_int_equal(move->plan.kinds[RH_KIND_PERMISSION].create, 1);
	/* a member is there in each tenant of Clerk */
	assert_int_equal(move->plan.kinds[RH_KIND_ROLE].create, 1);
	assert_int_equal(move->plan.kinds[RH_KIND_ROLE].link, 1);
	assert_int_equal(move->plan.kinds[RH_KIND_ORGANIZATION].create, 2);
	assert_int_equal(move->plan.kinds[RH_KIND_MEMBERSHIP].create, 2);
	assert_int_equal(move->plan.kinds[RH_KIND_MEMBERSHIP].refuse, 1);
	assert_int_equal(move->run.created, 3);
	assert_int_equal(move->run.kinds[RH_KIND_ROLE].created, 1);
	assert_int_equal(move->run.kinds[RH_KIND_ORGANIZATION].created, 2);
	assert_int_equal(move->run.kinds[RH_KIND_MEMBERSHIP].created, 2);
	assert_int_equal(move->run.entities_open, 0);
	/* a membership of somebody who is in no input */
	assert_int_equal(rh_run_exit(RH_OK, &move->run), RH_EXIT_REFUSED);
	assert_int_equal(listed(move, "/v1/organization_memberships?limit=500"), 2);
	assert_int_equal(listed(move, "/v1/organizations?limit=500"), 2);

	begin(move);
	code = rh_migration_verify(move->migration, &move->run, &move->err);
	end(move, code);
	assert_int_equal(move->run.kinds[RH_KIND_MEMBERSHIP].verified, 2);
	assert_int_equal(move->run.kinds[RH_KIND_ORGANIZATION].verified, 2);
	assert_int_equal(move->run.kinds[RH_KIND_ROLE].verified, 2);
	assert_int_equal(move->run.kinds[RH_KIND_PERMISSION].verified, 1);

	begin(move);
	code = rh_migration_undo(move->migration, &move->run, &move->err);
	end(move, code);
	assert_int_equal(move->run.kinds[RH_KIND_MEMBERSHIP].undone, 2);
	assert_int_equal(move->run.kinds[RH_KIND_ORGANIZATION].undone, 2);
	assert_int_equal(listed(move, "/v1/organizations?limit=500"), 0);
	assert_int_equal(listed(move, "/v1/organization_memberships?limit=500"), 0);
	assert_int_equal(listed(move, "/v1/organization_permissions?limit=500"),
			 permissions_before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tenant_comes_to_clerk_and_goes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
