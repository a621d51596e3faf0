/* SPDX-License-Identifier: Apache-2.0 */
/* What tests do with single accounts of a town; as town_users.h says. */
#include "town_users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

static unsigned ask(const struct town *town, const char *method, const char *id, const char *body,
		    json_t **out)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "/user_management/users/%s", id);
	return rehearsed_ask(&town->server, method, path, body, out);
}

void town_put(const struct town *town, const char *id, const char *body)
{
	assert_int_equal(ask(town, "PUT", id, body, NULL), 200);
}

void town_delete(const struct town *town, const char *id)
{
	unsigned status = ask(town, "DELETE", id, NULL, NULL);

	assert_true(status >= 200 && status < 300);
}

void town_check_member(const struct town *town, const char *id, const char *name,
		       const char *expected)
{
	json_t *user = NULL;
	const char *value;

	assert_int_equal(ask(town, "GET", id, NULL, &user), 200);
	value = json_string_value(json_object_get(user, name));
	assert_string_equal(value != NULL ? value : "null", expected);
	json_decref(user);
}

struct seen {
	unsigned count;
	char reason[256];
};

static bool see_line(void *context, const struct rh_account_line *line)
{
	struct seen *seen = context;

	seen->count++;
	(void)snprintf(seen->reason, sizeof(seen->reason), "%s", line->reason);
	return true;
}

static void see(const struct town *town, const char *state, struct seen *seen)
{
	struct rh_migration *migration = NULL;
	struct rh_err err = {0};

	memset(seen, 0, sizeof(*seen));
	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	assert_int_equal(rh_migration_set(migration, "workspace", town->workspace, &err), RH_OK);
	assert_int_equal(rh_migration_accounts(migration, state, NULL, see_line, seen, &err),
			 RH_OK);
	rh_migration_free(migration);
}

unsigned town_lines(const struct town *town, const char *state)
{
	struct seen seen;

	see(town, state, &seen);
	return seen.count;
}

const char *town_reason(const struct town *town, const char *state)
{
	static struct seen seen;

	see(town, state, &seen);
	return seen.reason;
}
