/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed at every ledger step of an apply that changes accounts, and of the undo that puts them back; then run again.
 * In the end everybody is as planned, or as they were before, whatever happened (ledger.h, L11).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "town.h"

#ifdef RH_TEST_HOOKS
static const bool has_hooks = true;
#else
static const bool has_hooks = false; /* as in what is released: nothing to be tested */
#endif

#define USERS "/user_management/users"

enum {
	PEOPLE = 10, /* of the export */
	THERE = 6,   /* of these at the target already */
	STEPS_MAX = 120,
};

static const char *const update[] = {"on-existing", "update", NULL};

/* The third request of each kind is done and not answered, the sixth neither. */
static const char faults[] =
	"[{\"kind\":\"reset-after\",\"method\":\"PUT\",\"count\":2,\"after\":1},"
	"{\"kind\":\"status\",\"status\":500,\"method\":\"PUT\",\"count\":1},"
	"{\"kind\":\"reset-before\",\"method\":\"PUT\",\"count\":1,\"after\":4}]";

static void add_one(struct town *town, unsigned number)
{
	char email[64];
	char path[160];
	char body[256];
	char *id;

	(void)snprintf(email, sizeof(email), "ada.%u@example.com", number);
	id = rehearsed_add(&town->server, email, NULL);
	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	(void)snprintf(body, sizeof(body),
		       "{\"first_name\":\"Own %u\",\"metadata\":{\"app\":\"%u\"}}", number, number);
	assert_int_equal(rehearsed_ask(&town->server, "PUT", path, body, NULL), 200);
	free(id);
}

/* A target with some of the people of the export, and a workspace of its own. */
static void start_anew(struct town *town)
{
	rehearsed_reset(&town->server, NULL);
	town_new_workspace(town);
	for (unsigned i = 1; i <= THERE; i++) {
		add_one(town, i);
	}
}

static int by_email(const void *left, const void *right)
{
	const json_t *const *a = left;
	const json_t *const *b = right;

	return strcmp(json_string_value(json_object_get(*a, "email")),
		      json_string_value(json_object_get(*b, "email")));
}

/* Everything that can be changed of everybody, as text in one order; for the caller to free. */
static char *content_of(const struct town *town)
{
	static const char *const passing[] = {"id", "created_at", "updated_at", "last_name",
					      "first_name"};
	json_t *users = rehearsed_users(&town->server);
	size_t count = json_array_size(users);
	json_t **sorted = calloc(count + 1, sizeof(json_t *));
	json_t *out = json_array();
	char *text;

	assert_non_null(sorted);
	for (size_t i = 0; i < count; i++) {
		sorted[i] = json_array_get(users, i);
	}
	qsort(sorted, count, sizeof(json_t *), by_email);
	for (size_t i = 0; i < count; i++) {
		for (size_t p = 0; p < sizeof(passing) / sizeof(passing[0]); p++) {
			const char *value =
				json_string_value(json_object_get(sorted[i], passing[p]));
			/* an empty name is no name */
			if (p < 3 || value == NULL || value[0] == '\0') {
				json_object_del(sorted[i], passing[p]);
			}
		}
		json_array_append(out, sorted[i]);
	}
	text = json_dumps(out, JSON_SORT_KEYS);
	json_decref(out);
	json_decref(users);
	free((void *)sorted);
	return text;
}

static void check_content(const struct town *town, const char *expected)
{
	char *now = content_of(town);

	assert_string_equal(now, expected);
	free(now);
}

/* The same way again until it has come to its end. */
static void run_to_end(struct town *town, town_way *way, const char *const *options,
		       struct went *went)
{
	for (unsigned tries = 0; tries < 5; tries++) {
		way(town, options, went);
		if (went->code != RH_OK) {
			fail_msg("%d: %s", went->code, went->err.message);
		}
		if (rh_run_exit(went->code, &went->run) != RH_EXIT_STOPPED) {
			break;
		}
	}
	assert_int_equal(rh_run_exit(went->code, &went->run), RH_EXIT_DONE);
}

/* Once more, and nothing is left to do. */
static void check_ended(struct town *town, town_way *way, const char *const *options)
{
	struct went went;

	rehearsed_reset(&town->server, "faults");
	way(town, options, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.writes, 0);
}

static void apply_killed(struct town *town, const char *fault)
{
	char *expected;
	char *before;
	struct went went;
	bool was_killed = true;
	uint64_t n;

	town_settle(town, 1, PEOPLE, "");
	start_anew(town);
	before = content_of(town);
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated, THERE);
	expected = content_of(town);
	for (n = 1; was_killed && n < STEPS_MAX; n++) {
		start_anew(town);
		if (fault != NULL) {
			rehearsed_fault(&town->server, "%s", fault);
		}
		was_killed = town_killed_at(town, town_apply, update, n);
		run_to_end(town, town_apply, update, &went);
		check_content(town, expected);
		check_ended(town, town_apply, update);
		run_to_end(town, town_undo, NULL, &went);
		check_content(town, before);
	}
	print_message("# apply: %llu steps\n", (unsigned long long)n - 1);
	assert_in_range(n, 8, STEPS_MAX - 1);
	free(expected);
	free(before);
}

static void apply_killed_at_every_step(void **state)
{
	if (!has_hooks) {
		skip();
	}
	apply_killed(*state, NULL);
}

static void apply_killed_while_answers_are_lost(void **state)
{
	if (!has_hooks) {
		skip();
	}
	apply_killed(*state, faults);
}

static void undo_killed(struct town *town, const char *fault)
{
	char *before;
	struct went went;
	bool was_killed = true;
	uint64_t n;

	town_settle(town, 1, PEOPLE, "");
	for (n = 1; was_killed && n < STEPS_MAX; n++) {
		start_anew(town);
		before = content_of(town);
		town_apply(town, update, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		if (fault != NULL) {
			rehearsed_fault(&town->server, "%s", fault);
		}
		was_killed = town_killed_at(town, town_undo, NULL, n);
		run_to_end(town, town_undo, NULL, &went);
		check_content(town, before);
		check_ended(town, town_undo, NULL);
		free(before);
	}
	print_message("# undo: %llu steps\n", (unsigned long long)n - 1);
	assert_in_range(n, 8, STEPS_MAX - 1);
}

static void undo_killed_at_every_step(void **state)
{
	if (!has_hooks) {
		skip();
	}
	undo_killed(*state, NULL);
}

static void undo_killed_while_answers_are_lost(void **state)
{
	if (!has_hooks) {
		skip();
	}
	undo_killed(*state, faults);
}

/* People whose first name is told apart by the export. */
static const char *grown(const char *name)
{
	static char text[8192];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < THERE; i++) {
		len += (size_t)snprintf(
			text + len, sizeof(text) - len,
			",{\"id\":\"user_g%u\",\"first_name\":\"%s %u\","
			"\"primary_email_address_id\":\"i\",\"email_addresses\":[{\"id\":\"i\","
			"\"email_address\":\"grace.%u@example.com\",\"verification\":{\"status\":"
			"\"verified\"}}]}",
			i, name, i, i);
	}
	return text;
}

/* A newer export over an older one; the run dies at each step, and a third export comes before it is run again. */
static void delta_killed_at_every_step(void **state)
{
	struct town *town = *state;
	struct went went;
	bool was_killed = true;
	uint64_t n;

	if (!has_hooks) {
		skip();
	}
	for (n = 1; was_killed && n < STEPS_MAX; n++) {
		char *expected;
		rehearsed_reset(&town->server, NULL);
		town_new_workspace(town);
		town_settle(town, 1, 2, grown("First"));
		town_apply(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		town_settle(town, 1, 2, grown("Second"));
		was_killed = town_killed_at(town, town_apply, NULL, n);
		if (n % 2 == 0) {
			town_settle(town, 1, 2, grown("Third"));
		}
		run_to_end(town, town_apply, NULL, &went);
		expected = content_of(town);
		for (unsigned i = 0; i < THERE; i++) {
			char name[32];
			(void)snprintf(name, sizeof(name), "%s %u", n % 2 == 0 ? "Third" : "Second",
				       i);
			assert_non_null(strstr(expected, name));
		}
		free(expected);
		check_ended(town, town_apply, NULL);
		town_verify(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		assert_int_equal(went.run.verified, 2 + THERE);
		run_to_end(town, town_undo, NULL, &went);
		expected = content_of(town);
		assert_string_equal(expected, "[]");
		free(expected);
	}
	print_message("# delta: %llu steps\n", (unsigned long long)n - 1);
	assert_in_range(n, 8, STEPS_MAX - 1);
}

#define CASE(name) TOWN_TEST(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(apply_killed_at_every_step), CASE(apply_killed_while_answers_are_lost),
		CASE(undo_killed_at_every_step),  CASE(undo_killed_while_answers_are_lost),
		CASE(delta_killed_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
