/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account in, the body of the create out (C-1, C-2, C-6, C-15), and what goes behind it: each file of
 * tests/data/clerk/target holds a user as Clerk's API gives them, the policy, and both.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"

static enum rh_unverified_policy policy_of(const json_t *file)
{
	static const char *const names[] = {
		[RH_UNVERIFIED_ATTACH] = "attach",
		[RH_UNVERIFIED_RESERVE] = "reserve",
		[RH_UNVERIFIED_DROP] = "drop",
		[RH_UNVERIFIED_REJECT] = "reject",
	};
	const char *name = json_string_value(json_object_get(file, "unverified"));

	assert_non_null(name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			return (enum rh_unverified_policy)i;
		}
	}
	fail_msg("no policy is called %s", name);
	return RH_UNVERIFIED_ATTACH;
}

/* What of a field stands in the wire fields of all parts, and not in those of the create. */
static void put_rest(json_t *out, enum clerk_wire_field field, const struct rh_wire *created,
		     const struct rh_wire *whole)
{
	struct rh_str before = created->value[field];
	struct rh_str after = whole->value[field];
	json_t *all = after.ptr != NULL ? json_loadb(after.ptr, after.len, 0, NULL) : json_object();
	json_t *own =
		before.ptr != NULL ? json_loadb(before.ptr, before.len, 0, NULL) : json_object();
	const char *key;
	json_t *value;

	assert_non_null(all);
	assert_non_null(own);
	json_object_foreach(all, key, value)
	{
		if (!json_equal(value, json_object_get(own, key))) {
			assert_int_equal(json_object_set(out, key, value), 0);
		}
	}
	json_decref(all);
	json_decref(own);
}

/* {"body": …, "behind": …} of the user in a file. */
static json_t *map_file(const json_t *file)
{
	struct clerk clerk = clerk_instance();
	struct rh_mapping_policy policy = {.unverified = policy_of(file)};
	char *text = json_dumps(json_object_get(file, "user"), JSON_COMPACT);
	struct rh_record record = {.shape = CLERK_SHAPE_API_JSON, .number = 1};
	struct rh_json json = {0};
	struct rh_account account;
	struct rh_wire created;
	struct rh_wire whole;
	struct rh_arena arena;
	struct found found;
	struct rh_buf body;
	json_t *behind = json_object();
	json_t *out;
	unsigned parts;

	assert_non_null(text);
	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	found_init(&found);
	assert_int_equal(rh_json_parse(&json, text, strlen(text), NULL), RH_OK);
	record.json = rh_json_root(&json);
	assert_int_equal(rh_connector_clerk.from_record(&clerk, &record, &policy, &arena,
							&found.sink, &account, NULL),
			 RH_OK);
	parts = clerk_parts(&clerk, &account);
	assert_int_equal(clerk_to_wire(&clerk, &account, &policy, parts, &arena, NULL, NULL, &whole,
				       NULL),
			 RH_OK);
	assert_int_equal(clerk_to_wire(&clerk, &account, &policy, parts & ~(unsigned)RH_PART_EXTRAS,
				       &arena, NULL, &body, &created, NULL),
			 RH_OK);
	put_rest(behind, CLERK_WIRE_EMAILS, &created, &whole);
	put_rest(behind, CLERK_WIRE_PHONES, &created, &whole);
	out = json_pack("{s:o?, s:o}", "body",
			body.len > 0 ? json_loadb(body.ptr, body.len, 0, NULL) : json_null(),
			"behind", behind);
	assert_non_null(out);
	rh_buf_done(&body);
	rh_json_done(&json);
	rh_arena_done(&arena);
	free(text);
	return out;
}

/* On a difference the whole of what came out is printed, in the form of the file. */
static void compare(void **state)
{
	const char *name = *state;
	char path[4096];
	json_error_t error;
	json_t *file;
	json_t *actual;

	(void)snprintf(path, sizeof(path), "%s/clerk/target/%s", getenv("REHOME_DATA"), name);
	file = json_load_file(path, 0, &error);
	if (file == NULL) {
		fail_msg("%s: %s", path, error.text);
	}
	actual = map_file(file);
	if (!json_equal(json_object_get(actual, "body"), json_object_get(file, "body")) ||
	    !json_equal(json_object_get(actual, "behind"), json_object_get(file, "behind"))) {
		char *dump = json_dumps(actual, JSON_INDENT(1));
		(void)fprintf(stderr, "%s\n", dump);
		free(dump);
		fail_msg("%s says something else", path);
	}
	json_decref(actual);
	json_decref(file);
}

#define TARGET(file)                                                                           \
	{                                                                                      \
		.name = file, .test_func = compare, .initial_state = (void *)(uintptr_t)(file) \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TARGET("whole.json"),   TARGET("attach.json"),          TARGET("reserve.json"),
		TARGET("drop.json"),    TARGET("only-unverified.json"), TARGET("factor.json"),
		TARGET("blocked.json"), TARGET("social.json"),          TARGET("nobody.json"),
	};

	return cmocka_run_group_tests_name("connectors/clerk/target_golden", tests, NULL, NULL);
}
