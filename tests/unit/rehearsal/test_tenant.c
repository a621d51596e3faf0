/* SPDX-License-Identifier: Apache-2.0 */
/* Tenant: keys, hosts, limits, repeats, control and state, without a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "connectors/imitations.h"
#include "folder.h"
#include "play.h"
#include "rehearsal/state.h"

#define USERS "/user_management/users"

static int setup(void **state)
{
	struct play *play = malloc(sizeof(*play));

	assert_non_null(play);
	play_init(play, &rh_imitation_workos, true);
	*state = play;
	return 0;
}

static int teardown(void **state)
{
	play_done(*state);
	free(*state);
	return 0;
}

static unsigned create(struct play *play, int number)
{
	return play_askf(play, "POST " USERS, "{\"email\":\"p%d@example.com\"}", number);
}

/* Asks a control route with the token. */
static unsigned control(struct play *play, const char *line, const char *body)
{
	char text[256];
	const char *mark = strchr(line, '?') != NULL ? "&" : "?";

	(void)snprintf(text, sizeof(text), "%s%stoken=%s", line, mark, play->stage.token);
	return play_ask(play, text, body);
}

static json_int_t counter(struct play *play, const char *name)
{
	assert_int_equal(control(play, "GET /_rehearsal/counters", NULL), 200);
	assert_non_null(json_object_get(play->answer, name));
	return json_integer_value(json_object_get(play->answer, name));
}

static void test_keys(void **state)
{
	struct play *play = *state;

	play->key = NULL;
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 401);
	assert_string_equal(play_text(play, "message"), "Unauthorized");
	play->key = "sk_test_rehearsal_";
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 401);
	assert_int_equal(counter(play, "unauthorized"), 2);
}

static void test_environments_are_apart(void **state)
{
	struct play *play = *state;

	assert_int_equal(create(play, 1), 201);
	play->key = "sk_live_rehearsal";
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 0);
	assert_int_equal(create(play, 1), 201);
	play->key = "sk_test_rehearsal";
	assert_int_equal(create(play, 1), 400);
}

static void test_hosts(void **state)
{
	static const char *const fine[] = {"127.0.0.1", "localhost:8702", "[::1]:8702",
					   "acme.localhost:1"};
	static const char *const foreign[] = {"example.com", "127.0.0.1.example.com", "",
					      "10.0.0.1"};
	struct play *play = *state;

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		play->host = fine[i];
		assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		play->host = foreign[i];
		assert_int_equal(play_ask(play, "GET " USERS, NULL), 421);
		assert_int_equal(control(play, "GET /_rehearsal/counters", NULL), 421);
	}
}

static void test_routes(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "GET /user_management", NULL), 404);
	assert_int_equal(play_ask(play, "PATCH " USERS "/user_1", NULL), 404);
	assert_int_equal(play_ask(play, "GET " USERS "/", NULL), 404);
	assert_int_equal(play_ask(play, "GET " USERS "/user_1/identities/x", NULL), 404);
	/* A broken escape names nobody. */
	assert_int_equal(play_ask(play, "GET " USERS "/%zz", NULL), 404);
	assert_int_equal(counter(play, "requests"), 5);
	assert_int_equal(counter(play, "writes"), 1);
}

static void test_usual_headers(void **state)
{
	struct play *play = *state;
	char first[64];

	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	assert_string_equal(play_header(play, "Date"), "Fri, 15 Jan 2027 08:00:00 GMT");
	(void)snprintf(first, sizeof(first), "%s", play_header(play, "X-Request-ID"));
	assert_int_equal(strlen(first), 36);
	play->key = NULL;
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 401);
	assert_non_null(play_header(play, "Date"));
	assert_string_not_equal(play_header(play, "X-Request-ID"), first);
}

static void test_bodies(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "POST " USERS, "{\"email\":"), 400);
	assert_string_equal(play_text(play, "code"), "invalid_request_parameters");
	assert_int_equal(play_ask(play, "POST " USERS, "[]"), 422);
	assert_int_equal(play_ask(play, "POST " USERS, NULL), 422);
	play->key = NULL;
	assert_int_equal(play_ask(play, "POST " USERS, "{"), 401);
}

static void test_write_window(void **state)
{
	struct play *play = *state;

	for (int i = 0; i < 500; i++) {
		assert_int_equal(create(play, i), 201);
		rh_clock_manual_advance(&play->clock, RH_MILLISECOND);
	}
	assert_int_equal(create(play, 500), 429);
	assert_string_equal(play_text(play, "code"), "rate_limit_exceeded");
	/* Half a second has passed; whole seconds, rounded up. */
	assert_string_equal(play_header(play, "Retry-After"), "10");
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	rh_clock_manual_advance(&play->clock, 9500 * RH_MILLISECOND);
	assert_int_equal(create(play, 500), 201);
	assert_int_equal(counter(play, "too_many_requests"), 1);
	assert_int_equal(counter(play, "writes"), 502);
	assert_int_equal(counter(play, "writes_done"), 501);
	assert_int_equal(counter(play, "last_write") - counter(play, "first_write"), 10000);
}

static void test_whole_limit(void **state)
{
	struct play *play = *state;

	for (int i = 0; i < 6000; i++) {
		assert_int_equal(play_ask(play, "GET /organizations?limit=1", NULL), 200);
	}
	assert_int_equal(play_ask(play, "GET /organizations?limit=1", NULL), 429);
	assert_string_equal(play_header(play, "Retry-After"), "60");
	play->key = "sk_live_rehearsal";
	assert_int_equal(play_ask(play, "GET /organizations?limit=1", NULL), 200);
}

/* The rehearsal's clock runs 20 times faster; who is told to wait waits on a real one. */
static void test_speed(void **state)
{
	struct play *play = *state;

	play->stage.speed = 20;
	for (int i = 0; i < 500; i++) {
		assert_int_equal(create(play, i), 201);
	}
	assert_int_equal(create(play, 500), 429);
	assert_string_equal(play_header(play, "Retry-After"), "1");
	rh_clock_manual_advance(&play->clock, 500 * RH_MILLISECOND);
	assert_int_equal(create(play, 500), 201);
	assert_string_equal(play_text(play, "created_at"), "2027-01-15T08:00:10.000Z");
}

static void test_repeats(void **state)
{
	struct play *play = *state;
	char id[64];

	play->repeat_key = "key-1";
	assert_int_equal(create(play, 1), 201);
	(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
	assert_int_equal(create(play, 1), 201);
	assert_string_equal(play_text(play, "id"), id);
	assert_int_equal(create(play, 2), 422);
	assert_string_equal(play_text(play, "code"), "idempotency_key_reused");
	play->repeat_key = "key-2";
	assert_int_equal(create(play, 1), 400);
	assert_int_equal(counter(play, "repeats"), 1);
	assert_int_equal(control(play, "POST /_rehearsal/switches", "{\"idempotency\":\"off\"}"),
			 200);
	assert_string_equal(play_text(play, "idempotency"), "off");
	play->repeat_key = "key-1";
	assert_int_equal(create(play, 1), 400);
	assert_int_equal(control(play, "POST /_rehearsal/switches", "{\"idempotency\":\"x\"}"),
			 422);
	assert_int_equal(control(play, "POST /_rehearsal/switches", "{\"other\":\"on\"}"), 422);
}

static void test_control_needs_the_token(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "GET /_rehearsal/counters", NULL), 401);
	assert_int_equal(play_ask(play, "GET /_rehearsal/counters?token=", NULL), 401);
	assert_int_equal(play_ask(play,
				  "GET /_rehearsal/counters?token=00000000000000000000000000000000",
				  NULL),
			 401);
	assert_int_equal(control(play, "GET /_rehearsal/nothing", NULL), 404);
	assert_int_equal(control(play, "POST /_rehearsal/faults", "{"), 400);
	/* Control is in no figure. */
	assert_int_equal(counter(play, "requests"), 0);
}

static void test_counters(void **state)
{
	struct play *play = *state;
	json_t *routes;
	json_t *windows;

	assert_int_equal(create(play, 1), 201);
	assert_int_equal(create(play, 1), 400);
	assert_int_equal(control(play, "GET /_rehearsal/counters", NULL), 200);
	routes = json_object_get(play->answer, "routes");
	assert_int_equal(json_array_size(routes), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(routes, 0), "route")),
			    USERS);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(routes, 0), "2xx")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(routes, 0), "4xx")), 1);
	windows = json_object_get(json_object_get(json_object_get(play->answer, "environments"),
						  "test"),
				  "windows");
	assert_int_equal(json_integer_value(
				 json_object_get(json_array_get(windows, 2), "most_in_a_window")),
			 2);
	assert_int_equal(counter(play, "writes"), 2);
	assert_int_equal(control(play, "POST /_rehearsal/reset", "{\"only\":\"counters\"}"), 200);
	assert_int_equal(counter(play, "writes"), 0);
	assert_int_equal(create(play, 1), 400);
	assert_int_equal(control(play, "POST /_rehearsal/reset", NULL), 200);
	assert_int_equal(create(play, 1), 201);
	assert_int_equal(control(play, "POST /_rehearsal/reset", "{\"only\":\"x\"}"), 422);
}

static void test_clock_is_advanced(void **state)
{
	struct play *play = *state;

	assert_int_equal(control(play, "POST /_rehearsal/clock", "{\"advance_ms\":86400000}"), 200);
	assert_string_equal(play_text(play, "now"), "2027-01-16T08:00:00.000Z");
	assert_int_equal(create(play, 1), 201);
	assert_string_equal(play_text(play, "created_at"), "2027-01-16T08:00:00.000Z");
	assert_int_equal(control(play, "POST /_rehearsal/clock", "{\"advance_ms\":-1}"), 422);
	assert_int_equal(control(play, "POST /_rehearsal/clock", "{}"), 422);
}

static void test_faults(void **state)
{
	struct play *play = *state;

	assert_int_equal(control(play, "POST /_rehearsal/faults",
				 "[{\"kind\":\"status\",\"status\":503,\"path\":\"/user\"},"
				 "{\"kind\":\"status\",\"status\":500,\"done\":true},"
				 "{\"kind\":\"retry-after-date\",\"retry_after\":7},"
				 "{\"kind\":\"retry-after-none\"},"
				 "{\"kind\":\"status\",\"status\":429,\"retry_after\":3},"
				 "{\"kind\":\"reset-before\"},{\"kind\":\"reset-after\"}]"),
			 200);
	assert_int_equal(json_array_size(play->answer), 7);
	assert_int_equal(create(play, 1), 503);
	assert_int_equal(create(play, 1), 500);
	assert_int_equal(create(play, 1), 429);
	assert_string_equal(play_header(play, "Retry-After"), "Fri, 15 Jan 2027 08:00:07 GMT");
	assert_string_equal(play_text(play, "code"), "rate_limit_exceeded");
	assert_int_equal(create(play, 1), 429);
	assert_null(play_header(play, "Retry-After"));
	assert_int_equal(create(play, 1), 429);
	assert_string_equal(play_header(play, "Retry-After"), "3");
	(void)create(play, 2);
	assert_int_equal(play->call.effect, RH_EFFECT_RESET);
	(void)create(play, 3);
	assert_int_equal(play->call.effect, RH_EFFECT_RESET);
	/* Done: the 500 after the work, and what was reset after it. */
	assert_int_equal(create(play, 1), 400);
	assert_int_equal(create(play, 2), 201);
	assert_int_equal(create(play, 3), 400);
	assert_int_equal(counter(play, "faults"), 7);
	assert_int_equal(counter(play, "too_many_requests"), 3);
}

static void test_state_goes_on(void **state)
{
	struct play *play = *state;
	struct play later;
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "state.ndjson");
	struct rh_err err = {0};
	struct stat about;
	char id[64];

	play->stage.state_path = path;
	assert_int_equal(
		play_ask(play, "POST " USERS,
			 "{\"email\":\"ada@example.com\",\"external_id\":\"x\",\"metadata\":"
			 "{\"k\":\"\\u00e4\\\"\"},\"password\":\"correct horse\"}"),
		201);
	assert_int_equal(control(play, "POST /_rehearsal/clock", "{\"advance_ms\":100000}"), 200);
	assert_int_equal(create(play, 2), 201);
	(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
	assert_int_equal(control(play, "POST /_rehearsal/save", NULL), 200);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);

	play_init(&later, &rh_imitation_workos, true);
	later.stage.state_path = path;
	assert_int_equal(rh_state_load(&later.stage, &err), RH_OK);
	assert_int_equal(play_ask(&later, "GET " USERS "/external_id/x", NULL), 200);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(later.answer, "metadata"), "k")),
		"\xc3\xa4\"");
	/* The password came along, and new ids follow the old ones. */
	assert_int_equal(play_ask(&later, "POST /user_management/authenticate",
				  "{\"client_id\":\"c\",\"client_secret\":\"sk_test_rehearsal\","
				  "\"grant_type\":\"password\",\"email\":\"ada@example.com\","
				  "\"password\":\"correct horse\"}"),
			 403);
	assert_int_equal(create(&later, 3), 201);
	assert_true(strcmp(play_text(&later, "id"), id) > 0);
	play_done(&later);
	test_folder_free(folder);
	free(path);
}

static void load_refused(const char *text, int expected)
{
	struct play play;
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "state.ndjson");
	struct rh_err err = {0};

	assert_int_equal(rh_file_write(path, rh_str_from(text), &err), RH_OK);
	play_init(&play, &rh_imitation_workos, true);
	play.stage.state_path = path;
	assert_int_equal(rh_state_load(&play.stage, &err), expected);
	assert_non_null(strstr(err.message, path));
	play_done(&play);
	test_folder_free(folder);
	free(path);
}

static void test_states_that_are_none(void **state)
{
	(void)state;
	load_refused("", RH_EMISMATCH);
	load_refused("{}\n", RH_EMISMATCH);
	load_refused("{\"rehome_rehearsal\":2,\"saved_at\":1}\n", RH_EMISMATCH);
	load_refused("{\"rehome_rehearsal\":1,\"saved_at\":1}\n{\"provider\":\"acme\"}\n",
		     RH_EMISMATCH);
	load_refused("{\"rehome_rehearsal\":1,\"saved_at\":1}\n{", RH_EINPUT);
	load_refused(
		"{\"rehome_rehearsal\":1,\"saved_at\":1}\n{\"provider\":\"workos\",\"tenant\":0,"
		"\"environment\":\"test\",\"kind\":\"users\",\"fields\":{}}",
		RH_EINPUT);
}

static void test_state_shows_no_hash(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "POST " USERS,
				  "{\"email\":\"ada@example.com\",\"password\":\"correct horse\"}"),
			 201);
	assert_int_equal(control(play, "GET /_rehearsal/state", NULL), 200);
	assert_non_null(strstr(play->call.out.ptr, "ada@example.com"));
	assert_null(strstr(play->call.out.ptr, "$2b$"));
	assert_int_equal(control(play, "POST /_rehearsal/save", NULL), 409);
}

/* Wherever memory ends, the answer is an error and the user is there whole or not at all. */
static void test_out_of_memory(void **state)
{
	struct play *play = *state;
	unsigned status = 0;
	uint64_t n;

	for (n = 1; status != 201; n++) {
		rh_call_done(&play->call);
		rh_call_init(&play->call);
		rh_alloc_fail_from(n);
		status = play_ask(play, "POST " USERS,
				  "{\"email\":\"a@example.com\",\"metadata\":{\"a\":\"b\"}}");
		rh_alloc_fail_from(0);
		assert_true(status == 201 || (status >= 400 && status <= 500));
		/* A user that is there was only not answered. */
		if (status != 201 && play_ask(play, "GET " USERS, NULL) == 200 &&
		    json_array_size(json_object_get(play->answer, "data")) > 0) {
			assert_int_equal(control(play, "POST /_rehearsal/reset", NULL), 200);
		}
		assert_true(n < 200);
	}
	assert_true(n > 5);
	assert_int_equal(play_ask(play, "GET " USERS "?email=a@example.com", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environments_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hosts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_routes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_usual_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_window, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whole_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_speed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repeats, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control_needs_the_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_is_advanced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_shows_no_hash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
		cmocka_unit_test(test_states_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
