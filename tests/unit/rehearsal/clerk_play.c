/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed Clerk without a socket. */
#include "clerk_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "connectors/imitations.h"

/* The play comes first: the tests' state is it. */
struct clerk_play {
	struct play play;
	char user_id[64];
};

static int set_up(void **state, bool is_limited)
{
	struct clerk_play *clerk = calloc(1, sizeof(*clerk));

	assert_non_null(clerk);
	play_init(&clerk->play, &rh_imitation_clerk, is_limited);
	clerk->play.content_type = "application/json";
	clerk->play.extra[0] = "Clerk-API-Version";
	clerk->play.extra[1] = "2025-11-10";
	*state = &clerk->play;
	return 0;
}

int clerk_setup(void **state)
{
	return set_up(state, false);
}

int clerk_setup_limited(void **state)
{
	return set_up(state, true);
}

int clerk_teardown(void **state)
{
	play_done(*state);
	free(*state);
	return 0;
}

void clerk_made(struct play *play, const char *body)
{
	struct clerk_play *clerk = (struct clerk_play *)play;
	unsigned status = play_ask(play, "POST /v1/users", body);

	if (status != 200) {
		print_error("body %s: %s\n", body, play->call.out.ptr);
	}
	assert_int_equal(status, 200);
	(void)snprintf(clerk->user_id, sizeof(clerk->user_id), "%s", play_text(play, "id"));
}

unsigned clerk_change(struct play *play, const char *method, const char *path, const char *body)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "%s /v1/users/%s%s", method,
		       ((struct clerk_play *)play)->user_id, path);
	return play_ask(play, line, body);
}

void clerk_expect(const struct play *play, const char *code, const char *param)
{
	assert_string_equal(clerk_path_text(play, "errors.0.code"), code);
	assert_true(clerk_path_text(play, "errors.0.message")[0] != '\0');
	assert_true(clerk_path_text(play, "errors.0.long_message")[0] != '\0');
	assert_string_equal(clerk_path_text(play, "errors.0.meta.param_name"),
			    param != NULL ? param : "");
	assert_int_equal(strlen(play_text(play, "clerk_trace_id")), 32);
}

void clerk_refused(struct play *play, const char *line, const char *body, unsigned status,
		   const char *code, const char *param)
{
	unsigned is = play_ask(play, line, body);

	if (is != status || strcmp(clerk_path_text(play, "errors.0.code"), code) != 0) {
		print_error("%s %s: %u %s\n", line, body != NULL ? body : "", is,
			    play->call.out.ptr);
	}
	assert_int_equal(is, status);
	clerk_expect(play, code, param);
}

void clerk_switch(struct play *play, const char *name, const char *value)
{
	for (size_t i = 0; i < play->tenant.imitation->switch_count; i++) {
		const struct rh_switch *one = play->tenant.imitation->switches[i];

		if (strcmp(one->name, name) != 0) {
			continue;
		}
		for (unsigned char v = 0; one->values[v] != NULL; v++) {
			if (strcmp(one->values[v], value) == 0) {
				play->tenant.switches[i] = v;
				return;
			}
		}
	}
	fail_msg("no switch %s, or no value %s", name, value);
}

int64_t clerk_count(struct play *play, const char *query)
{
	char line[4096];

	(void)snprintf(line, sizeof(line), "GET /v1/users/count%s%s", query[0] != '\0' ? "?" : "",
		       query);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_string_equal(play_text(play, "object"), "total_count");
	return clerk_number(play, "total_count");
}

json_t *clerk_path(const struct play *play, const char *path)
{
	char text[256];
	char *rest = text;
	char *part;
	json_t *at = play->answer;

	(void)snprintf(text, sizeof(text), "%s", path);
	while ((part = strsep(&rest, ".")) != NULL) {
		at = part[0] >= '0' && part[0] <= '9' ? json_array_get(at, (size_t)(part[0] - '0'))
						      : json_object_get(at, part);
	}
	return at;
}

const char *clerk_path_text(const struct play *play, const char *path)
{
	const char *text = json_string_value(clerk_path(play, path));

	return text != NULL ? text : "";
}

int64_t clerk_number(const struct play *play, const char *name)
{
	json_t *number = json_object_get(play->answer, name);

	assert_true(json_is_integer(number));
	return json_integer_value(number);
}

void clerk_true(const struct play *play, const char *names)
{
	char text[256];
	char *rest = text;
	char *name;

	(void)snprintf(text, sizeof(text), "%s", names);
	while ((name = strsep(&rest, " ")) != NULL) {
		if (!json_is_true(json_object_get(play->answer, name))) {
			fail_msg("%s is not true", name);
		}
	}
}
