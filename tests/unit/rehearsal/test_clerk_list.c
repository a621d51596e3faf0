/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the rehearsed Clerk: order, pages, cursor, and every filter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clerk_play.h"

enum { PEOPLE = 25 };

/* Person n was created on day n of an earlier month, but comes in the order 7, 14, 21, 3 … */
static void fill(struct play *play)
{
	for (int i = 0; i < PEOPLE; i++) {
		int n = (i + 1) * 7 % PEOPLE;

		assert_int_equal(
			play_askf(play, "POST /v1/users",
				  "{\"skip_password_requirement\":true,\"external_id\":\"p|%d\","
				  "\"email_address\":[\"p%02d@shop.dev\",\"second%d@shop.dev\"],"
				  "\"username\":\"person_%02d\",\"first_name\":\"Nr%c\","
				  "\"created_at\":\"2023-01-%02dT00:00:00Z\"}",
				  n, n, n, PEOPLE - n, 'A' + n, n + 1),
			200);
	}
}

/* External ids of the answer, with commas. */
static const char *ids(const struct play *play)
{
	static char text[4096];
	size_t i;
	json_t *user;

	text[0] = '\0';
	assert_true(json_is_array(play->answer));
	json_array_foreach(play->answer, i, user)
	{
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			       i > 0 ? "," : "",
			       json_string_value(json_object_get(user, "external_id")) + 2);
	}
	return text;
}

static void lists(struct play *play, const char *query, const char *expected)
{
	char line[4096];

	(void)snprintf(line, sizeof(line), "GET /v1/users?%s", query);
	if (play_ask(play, line, NULL) != 200) {
		print_error("%s: %s\n", query, play->call.out.ptr);
	}
	assert_int_equal(play->call.status, 200);
	assert_string_equal(ids(play), expected);
}

static void test_order(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "GET /v1/users", NULL), 200);
	assert_string_equal(play->call.out.ptr, "[]");
	fill(play);
	lists(play, "limit=3", "24,23,22"); /* newest first, as created_at says */
	assert_int_equal(play_ask(play, "GET /v1/users", NULL), 200);
	assert_int_equal(json_array_size(play->answer), 10);
	lists(play, "limit=3&order_by=%2Bcreated_at", "0,1,2");
	lists(play, "limit=3&order_by=created_at", "0,1,2");
	lists(play, "limit=2&order_by=-username", "0,1");
	lists(play, "limit=2&order_by=email_address&order_by=-created_at", "0,1");
	lists(play, "limit=2&order_by=-first_name", "24,23");
	lists(play, "limit=2&offset=22&order_by=created_at", "22,23");
	lists(play, "limit=2&offset=24&order_by=created_at", "24");
	lists(play, "limit=2&offset=25", "");
}

/* All pages by cursor: everybody once, whoever is deleted or comes meanwhile. */
static void walk(struct play *play, const char *order, bool is_disturbed)
{
	char line[256];
	char cursor[64] = "";
	size_t seen = 0;
	size_t count;

	do {
		(void)snprintf(line, sizeof(line), "GET /v1/users?limit=4&order_by=%s%s%s", order,
			       cursor[0] != '\0' ? "&starting_after=" : "", cursor);
		assert_int_equal(play_ask(play, line, NULL), 200);
		count = json_array_size(play->answer);
		seen += count;
		if (count > 0) {
			(void)snprintf(cursor, sizeof(cursor), "%s",
				       json_string_value(json_object_get(
					       json_array_get(play->answer, count - 1), "id")));
		}
		if (is_disturbed && seen == 8) {
			/* The first of the page, which is behind us. */
			(void)snprintf(line, sizeof(line), "DELETE /v1/users/%s",
				       json_string_value(
					       json_object_get(json_array_get(play->answer, 0),
							       "id")));
			assert_int_equal(play_ask(play, line, NULL), 200);
		}
	} while (count == 4);
	assert_int_equal(seen, PEOPLE);
}

static void test_cursor(void **state)
{
	struct play *play = *state;

	fill(play);
	walk(play, "-created_at", false);
	walk(play, "%2Bcreated_at", true);
	lists(play, "limit=500&order_by=created_at",
	      "0,1,2,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24");
	clerk_refused(play, "GET /v1/users?starting_after=user_gone", NULL, 422,
		      "form_param_value_invalid", "starting_after");
}

/* A page that is as long as may be is not the last one. */
static void test_page_of_500(void **state)
{
	struct play *play = *state;
	char cursor[64];
	char line[256];

	play->key = "sk_live_rehearsal";
	for (int i = 0; i < 501; i++) {
		assert_int_equal(play_askf(play, "POST /v1/users",
					   "{\"username\":\"person_%d\","
					   "\"skip_password_requirement\":true}",
					   i),
				 200);
	}
	assert_int_equal(play_ask(play, "GET /v1/users?limit=500", NULL), 200);
	assert_int_equal(json_array_size(play->answer), 500);
	(void)snprintf(cursor, sizeof(cursor), "%s",
		       json_string_value(json_object_get(json_array_get(play->answer, 499), "id")));
	(void)snprintf(line, sizeof(line), "GET /v1/users?limit=500&starting_after=%s", cursor);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_int_equal(json_array_size(play->answer), 1);
}

static void test_filters(void **state)
{
	struct play *play = *state;

	fill(play);
	lists(play, "external_id=%2Bp%7C3&external_id=p%7C5&external_id=%2Bp%7Cnone", "5,3");
	lists(play, "external_id=-p%7C24&limit=2", "23,22");
	lists(play, "external_id=%2Bp%7C3&external_id=-p%7C3", "");
	/* A plus that is not encoded is a blank, and belongs to the value. */
	lists(play, "external_id= p%7C3", "");
	lists(play, "email_address=P03%40shop.dev&email_address=second4%40shop.dev", "4,3");
	lists(play, "username=PERSON_01", "24");
	lists(play, "phone_number=%2B14155550132", "");
	lists(play, "external_id=p%7C3&email_address=p04%40shop.dev", "");
	lists(play, "organization_id=org_1", "");
	lists(play, "provider=oauth_google&provider_user_id=1", "");
	lists(play, "email_address_query=P03", "3");
	lists(play, "query=second7%40", "7");
	lists(play, "name_query=nrc", "2");
	lists(play, "username_query=ERSON_24", "1");
	lists(play, "created_at_before=1672617600000", "0");          /* 2023-01-02 */
	lists(play, "created_at_after=1674518400000", "24");          /* 2023-01-24 */
	lists(play, "last_sign_in_at_after=0&order_by=username", ""); /* nobody ever */
	lists(play, "banned=true", "");
	assert_int_equal(clerk_count(play, ""), PEOPLE);
	assert_int_equal(clerk_count(play, "external_id=p%7C3&external_id=p%7C5"), 2);
	assert_int_equal(clerk_count(play, "banned=false"), PEOPLE);
	assert_int_equal(clerk_count(play, "limit=3"), PEOPLE);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *query;
		const char *code;
		const char *param;
	} cases[] = {
		{"limit=0", "form_param_value_invalid", "limit"},
		{"limit=ten", "form_param_value_invalid", "limit"},
		{"limit=501", "form_param_value_too_large", "limit"},
		{"offset=-1", "form_param_value_invalid", "offset"},
		{"order_by=age", "form_param_value_invalid", "order_by"},
		{"order_by= created_at", "form_param_value_invalid", "order_by"},
		{"banned=1", "form_param_value_invalid", "banned"},
		{"created_at_before=2023-01-01", "form_param_value_invalid", "created_at_before"},
		{"provider=oauth_google", "form_conditional_param_missing", "provider_user_id"},
		{"starting_after=USER&order_by=username", "form_conditional_param_disallowed",
		 "starting_after"},
		{"starting_after=USER&offset=1", "form_conditional_param_disallowed",
		 "starting_after"},
	};
	struct play *play = *state;
	char line[8192];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(line, sizeof(line), "GET /v1/users?%s", cases[i].query);
		clerk_refused(play, line, NULL, 422, cases[i].code, cases[i].param);
	}
	(void)snprintf(line, sizeof(line), "GET /v1/users?user_id=u");
	for (int i = 0; i < 99; i++) {
		(void)strncat(line, "&user_id=u", sizeof(line) - strlen(line) - 1);
	}
	assert_int_equal(play_ask(play, line, NULL), 200);
	(void)strncat(line, "&user_id=u", sizeof(line) - strlen(line) - 1);
	clerk_refused(play, line, NULL, 422, "form_param_array_size_exceeded", "user_id");
}

/* The other envelope, which old clients and local emulators have. */
static void test_wrapped(void **state)
{
	struct play *play = *state;

	fill(play);
	clerk_switch(play, "list_shape", "wrapped");
	assert_int_equal(play_ask(play, "GET /v1/users?limit=3", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 3);
	assert_int_equal(clerk_number(play, "total_count"), PEOPLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_cursor, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_page_of_500, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_filters, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_wrapped, clerk_setup, clerk_teardown),
	};

	return cmocka_run_group_tests_name("rehearsal/clerk_list", tests, NULL, NULL);
}
