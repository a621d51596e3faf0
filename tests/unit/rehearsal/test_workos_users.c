/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the rehearsed WorkOS: every refusal of the API description, merging, paging, mail routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "connectors/imitations.h"
#include "play.h"

#define USERS "/user_management/users"
#define BCRYPT "$2b$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW"
#define SSHA256 "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA=="

static int setup(void **state)
{
	struct play *play = malloc(sizeof(*play));

	assert_non_null(play);
	play_init(play, &rh_imitation_workos, false);
	*state = play;
	return 0;
}

static int teardown(void **state)
{
	play_done(*state);
	free(*state);
	return 0;
}

/* A body of a create or update, and what becomes of it. */
struct refusal {
	const char *body;
	unsigned status;
	const char *code;
	const char *detail; /* errors[0].field with 422, else errors[0].code; NULL: no errors */
};

static void check_refusal(const struct play *play, const struct refusal *refusal, unsigned status)
{
	json_t *first = json_array_get(json_object_get(play->answer, "errors"), 0);
	const char *member = status == 422 ? "field" : "code";

	if (status != refusal->status || strcmp(play_text(play, "code"), refusal->code) != 0) {
		print_error("body %s: %u %s\n", refusal->body, status, play_text(play, "code"));
	}
	assert_int_equal(status, refusal->status);
	assert_string_equal(play_text(play, "code"), refusal->code);
	assert_true(play_text(play, "message")[0] != '\0');
	if (refusal->detail != NULL) {
		assert_string_equal(json_string_value(json_object_get(first, member)),
				    refusal->detail);
	} else {
		assert_null(first);
	}
}

#define PARAMETERS "invalid_request_parameters"
#define A "{\"email\":\"a@example.com\","

static const struct refusal create_refusals[] = {
	{"{}", 422, PARAMETERS, "email"},
	{"{\"email\":null}", 422, PARAMETERS, "email"},
	{"{\"email\":1}", 422, PARAMETERS, "email"},
	{"{\"email\":\"\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\"nobody\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\"a@b@example.com\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\"a b@example.com\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\".a@example.com\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\"a@example\"}", 422, PARAMETERS, "email"},
	{"{\"email\":\"a@-example.com\"}", 422, PARAMETERS, "email"},
	{A "\"first_name\":1}", 422, PARAMETERS, "first_name"},
	{A "\"last_name\":[]}", 422, PARAMETERS, "last_name"},
	{A "\"name\":true}", 422, PARAMETERS, "name"},
	{A "\"email_verified\":\"true\"}", 422, PARAMETERS, "email_verified"},
	{A "\"metadata\":[]}", 422, PARAMETERS, "metadata"},
	{A "\"metadata\":\"x\"}", 422, PARAMETERS, "metadata"},
	{A "\"external_id\":5}", 422, PARAMETERS, "external_id"},
	{A "\"external_id\":\"\"}", 422, PARAMETERS, "external_id"},
	{A "\"external_id\":\"\\u00e4\"}", 422, PARAMETERS, "external_id"},
	{A "\"password\":5}", 422, PARAMETERS, "password"},
	{A "\"password_hash\":null,\"password_hash_type\":\"bcrypt\"}", 422, PARAMETERS,
	 "password_hash"},
	{A "\"password_hash\":\"x\",\"password_hash_type\":\"md5\"}", 422, PARAMETERS,
	 "password_hash_type"},
	{A "\"password_hash\":\"x\",\"password_hash_type\":\"okta-bcrypt\"}", 422, PARAMETERS,
	 "password_hash_type"},
	{A "\"password_hash\":\"" BCRYPT "\"}", 422, PARAMETERS, "password_hash_type"},
	{A "\"password_hash_type\":\"bcrypt\"}", 422, PARAMETERS, "password_hash"},
	{A "\"password_hash\":\"" SSHA256 "\",\"password_hash_type\":\"ssha256\","
	   "\"password_salt_position\":\"middle\"}",
	 422, PARAMETERS, "password_salt_position"},
	{A "\"password_hash\":\"" BCRYPT "\",\"password_hash_type\":\"bcrypt\","
	   "\"password_salt_position\":\"prefix\"}",
	 422, PARAMETERS, "password_salt_position"},
	{A "\"ip_address\":4}", 422, PARAMETERS, "ip_address"},
	{A "\"user_agent\":4}", 422, PARAMETERS, "user_agent"},
	{A "\"signals_id\":null}", 422, PARAMETERS, "signals_id"},
	{A "\"password\":\"correct horse\",\"password_hash\":\"" BCRYPT "\","
	   "\"password_hash_type\":\"bcrypt\"}",
	 400, "password_and_password_hash_provided", NULL},
	{A "\"password\":\"correct horse\",\"password_hash_type\":\"bcrypt\"}", 400,
	 "password_and_password_hash_type_provided", NULL},
	{A "\"password_salt_position\":\"prefix\"}", 400,
	 "password_salt_position_requires_password_hash", NULL},
	{A "\"password_hash\":\"$2y$10$short\",\"password_hash_type\":\"bcrypt\"}", 400,
	 "invalid_password_hash", NULL},
	{A "\"password\":\"short\"}", 400, "password_strength_error", "password_too_short"},
	{A "\"password\":\"aaaaaaaaaa\"}", 400, "password_strength_error", "password_too_weak"},
	{A "\"metadata\":{\"a\":1}}", 400, "invalid_metadata", NULL},
	{A "\"metadata\":{\"a\":null}}", 400, "invalid_metadata", NULL},
	{A "\"metadata\":{\"a\":{}}}", 400, "invalid_metadata", NULL},
	{A "\"metadata\":{\"\":\"x\"}}", 400, "invalid_metadata", NULL},
	{A "\"metadata\":{\"k2345678901234567890123456789012345678901\":\"x\"}}", 400,
	 "invalid_metadata", NULL},
	{"{\"email\":\"ADA@example.com\"}", 400, "user_creation_error", "email_not_available"},
	{A "\"external_id\":\"taken\"}", 400, "user_creation_error", "external_id_already_used"},
};

static void test_create_refusals(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "POST " USERS,
				  "{\"email\":\"ada@example.com\",\"external_id\":\"taken\"}"),
			 201);
	for (size_t i = 0; i < sizeof(create_refusals) / sizeof(create_refusals[0]); i++) {
		check_refusal(play, &create_refusals[i],
			      play_ask(play, "POST " USERS, create_refusals[i].body));
	}
	/* Nothing of all this has made a user. */
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 1);
}

static void test_all_problems_at_once(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "POST " USERS,
				  "{\"first_name\":1,\"metadata\":2,\"external_id\":\"\"}"),
			 422);
	assert_int_equal(json_array_size(json_object_get(play->answer, "errors")), 4);
}

static void test_both_keys_taken(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "POST " USERS, A "\"external_id\":\"x\"}"), 201);
	assert_int_equal(play_ask(play, "POST " USERS, A "\"external_id\":\"x\"}"), 400);
	assert_int_equal(json_array_size(json_object_get(play->answer, "errors")), 2);
}

static void test_create_with_everything(void **state)
{
	static const char *const members[] = {
		"object",      "id",         "email",  "email_verified",
		"first_name",  "last_name",  "name",   "profile_picture_url",
		"external_id", "metadata",   "locale", "last_sign_in_at",
		"created_at",  "updated_at",
	};
	struct play *play = *state;

	assert_int_equal(
		play_ask(play, "POST " USERS,
			 "{\"email\":\"Ada@example.com\",\"first_name\":\"Ada\",\"last_name\":null,"
			 "\"name\":\"Ada Example\",\"email_verified\":true,\"external_id\":\"x|1\","
			 "\"metadata\":{\"plan\":\"free\",\"city\":\"K\\u00f6ln\"},\"password\":"
			 "null,"
			 "\"ip_address\":null,\"user_agent\":\"x\",\"unheard_of\":1,\"locale\":"
			 "\"de\"}"),
		201);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		assert_non_null(json_object_get(play->answer, members[i]));
	}
	assert_string_equal(play_text(play, "object"), "user");
	assert_string_equal(play_text(play, "email"), "Ada@example.com");
	assert_true(json_is_true(json_object_get(play->answer, "email_verified")));
	assert_true(json_is_null(json_object_get(play->answer, "last_name")));
	assert_true(json_is_null(json_object_get(play->answer, "locale")));
	assert_string_equal(play_text(play, "created_at"), "2027-01-15T08:00:00.000Z");
	assert_int_equal(strlen(play_text(play, "id")), 31);
	assert_memory_equal(play_text(play, "id"), "user_", 5);
	assert_int_equal(json_object_size(json_object_get(play->answer, "metadata")), 2);
	assert_int_equal(play_ask(play, "GET " USERS "/external_id/x%7C1", NULL), 200);
	assert_int_equal(play_ask(play, "GET " USERS "?email=aDA%40example.com", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 1);
}

/* A body with n metadata pairs of these lengths. */
static unsigned create_metadata(struct play *play, int pairs, int key_len, int value_len)
{
	char *body = malloc(200000);
	size_t len;
	unsigned status;

	assert_non_null(body);
	len = (size_t)sprintf(body, "{\"email\":\"m@example.com\",\"metadata\":{");
	for (int i = 0; i < pairs; i++) {
		len += (size_t)sprintf(body + len, "%s\"%0*d\":\"%0*d\"", i > 0 ? "," : "", key_len,
				       i, value_len, 0);
	}
	(void)sprintf(body + len, "}}");
	status = play_ask(play, "POST " USERS, body);
	free(body);
	return status;
}

static void test_metadata_limits(void **state)
{
	struct play *play = *state;
	char line[128];

	assert_int_equal(create_metadata(play, 51, 4, 1), 400);
	assert_int_equal(create_metadata(play, 1, 41, 1), 400);
	assert_int_equal(create_metadata(play, 1, 4, 601), 400);
	assert_int_equal(create_metadata(play, 50, 40, 600), 201);
	/* One more by an update is one too many, one for another is not. */
	(void)snprintf(line, sizeof(line), "PUT " USERS "/%s", play_text(play, "id"));
	assert_int_equal(play_ask(play, line, "{\"metadata\":{\"more\":\"x\"}}"), 400);
	assert_string_equal(play_text(play, "code"), "invalid_metadata");
	assert_int_equal(play_askf(play, line, "{\"metadata\":{\"more\":\"x\",\"%040d\":null}}", 7),
			 200);
	assert_int_equal(json_object_size(json_object_get(play->answer, "metadata")), 50);
}

static void test_metadata_ascii_switch(void **state)
{
	struct play *play = *state;

	play->tenant.switches[2] = 1;
	assert_int_equal(play_ask(play, "POST " USERS, A "\"metadata\":{\"a\":\"\\u00e4\"}}"), 400);
	assert_int_equal(play_ask(play, "POST " USERS, A "\"metadata\":{\"a\":\"a\"}}"), 201);
}

static void test_external_id_length(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_askf(play, "POST " USERS, A "\"external_id\":\"%0129d\"}", 0), 422);
	assert_int_equal(play_askf(play, "POST " USERS, A "\"external_id\":\"%0128d\"}", 0), 201);
}

/* The path of the user that was answered last. */
static const char *put_line(struct play *play, char *out, size_t size)
{
	(void)snprintf(out, size, "PUT " USERS "/%s", play_text(play, "id"));
	return out;
}

static const struct refusal update_refusals[] = {
	{"{\"email\":\"nobody\"}", 400, "invalid_email", NULL},
	{"{\"email\":\"Ada@example.com\"}", 400, "email_not_available", NULL},
	{"{\"external_id\":\"taken\"}", 400, "external_id_already_used", NULL},
	{"{\"email_verified\":false}", 400, "email_already_verified", NULL},
	{"{\"locale\":\"not a locale\"}", 400, "invalid_locale", NULL},
	{"{\"metadata\":{\"a\":7}}", 400, "invalid_metadata", NULL},
	{"{\"password\":\"x\"}", 400, "password_strength_error", "password_too_short"},
	{"{\"password_hash\":\"x\",\"password_hash_type\":\"bcrypt\"}", 400,
	 "invalid_password_hash", NULL},
	{"{\"password\":\"correct horse\",\"password_hash_type\":\"bcrypt\"}", 400,
	 "password_and_password_hash_type_provided", NULL},
	{"{\"first_name\":null}", 422, PARAMETERS, "first_name"},
	{"{\"last_name\":null}", 422, PARAMETERS, "last_name"},
	{"{\"name\":null}", 422, PARAMETERS, "name"},
	{"{\"email\":null}", 422, PARAMETERS, "email"},
	{"{\"email_verified\":null}", 422, PARAMETERS, "email_verified"},
	{"{\"password\":null}", 422, PARAMETERS, "password"},
	{"{\"locale\":7}", 422, PARAMETERS, "locale"},
};

static void test_update_refusals(void **state)
{
	struct play *play = *state;
	char line[128];
	const char *path;

	assert_int_equal(play_ask(play, "POST " USERS,
				  "{\"email\":\"ada@example.com\",\"external_id\":\"taken\"}"),
			 201);
	assert_int_equal(play_ask(play, "POST " USERS, A "\"email_verified\":true}"), 201);
	path = put_line(play, line, sizeof(line));
	for (size_t i = 0; i < sizeof(update_refusals) / sizeof(update_refusals[0]); i++) {
		check_refusal(play, &update_refusals[i],
			      play_ask(play, path, update_refusals[i].body));
	}
	assert_int_equal(play_ask(play, "PUT " USERS "/user_01HXYZ123456789ABCDEFGHIJK", "{}"),
			 404);
	assert_string_equal(play_text(play, "code"), "entity_not_found");
}

static void test_update_merges(void **state)
{
	struct play *play = *state;
	char line[128];
	json_t *metadata;

	assert_int_equal(play_ask(play, "POST " USERS,
				  A "\"first_name\":\"Ada\",\"external_id\":\"x\",\"metadata\":"
				    "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}"),
			 201);
	(void)put_line(play, line, sizeof(line));
	rh_clock_manual_advance(&play->clock, RH_SECOND);
	assert_int_equal(play_ask(play, line,
				  "{\"metadata\":{\"b\":null,\"c\":\"4\",\"d\":\"5\",\"e\":null},"
				  "\"locale\":\"en-US\",\"email_verified\":true}"),
			 200);
	metadata = json_object_get(play->answer, "metadata");
	assert_int_equal(json_object_size(metadata), 3);
	assert_string_equal(json_string_value(json_object_get(metadata, "a")), "1");
	assert_string_equal(json_string_value(json_object_get(metadata, "c")), "4");
	assert_string_equal(json_string_value(json_object_get(metadata, "d")), "5");
	assert_string_equal(play_text(play, "first_name"), "Ada");
	assert_string_equal(play_text(play, "locale"), "en-US");
	assert_string_equal(play_text(play, "external_id"), "x");
	assert_string_equal(play_text(play, "created_at"), "2027-01-15T08:00:00.000Z");
	assert_string_equal(play_text(play, "updated_at"), "2027-01-15T08:00:01.000Z");
	/* null clears, {} clears all metadata, a new address is not verified. */
	assert_int_equal(play_ask(play, line,
				  "{\"external_id\":null,\"metadata\":{},\"locale\":null,"
				  "\"email\":\"b@example.com\"}"),
			 200);
	assert_true(json_is_null(json_object_get(play->answer, "external_id")));
	assert_true(json_is_null(json_object_get(play->answer, "locale")));
	assert_int_equal(json_object_size(json_object_get(play->answer, "metadata")), 0);
	assert_true(json_is_false(json_object_get(play->answer, "email_verified")));
	assert_int_equal(play_ask(play, "GET " USERS "/external_id/x", NULL), 404);
	assert_int_equal(play_ask(play, "POST " USERS, A "\"external_id\":\"x\"}"), 201);
}

static void test_delete(void **state)
{
	struct play *play = *state;
	char line[128];
	char id[64];

	assert_int_equal(play_ask(play, "POST " USERS, A "\"external_id\":\"x\"}"), 201);
	(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
	(void)snprintf(line, sizeof(line), "GET " USERS "/%s/identities", id);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_true(json_is_array(play->answer));
	(void)snprintf(line, sizeof(line), "GET " USERS "/%s/sessions", id);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_string_equal(play_text(play, "object"), "list");
	(void)snprintf(line, sizeof(line), "DELETE " USERS "/%s", id);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_int_equal(play->call.out.len, 0);
	assert_int_equal(play_ask(play, line, NULL), 404);
	(void)snprintf(line, sizeof(line), "GET " USERS "/%s", id);
	assert_int_equal(play_ask(play, line, NULL), 404);
	assert_int_equal(play_ask(play, "POST " USERS, A "\"external_id\":\"x\"}"), 201);
}

/* Numbers of the people on the page that was answered, as "3 2 1". */
static const char *numbers_of_page(struct play *play, char *out)
{
	json_t *data = json_object_get(play->answer, "data");
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(data); i++) {
		const char *email =
			json_string_value(json_object_get(json_array_get(data, i), "email"));

		len += (size_t)sprintf(out + len, "%s%d", i > 0 ? " " : "", atoi(email + 1));
	}
	return out;
}

static const char *cursor(struct play *play, const char *which)
{
	json_t *value = json_object_get(json_object_get(play->answer, "list_metadata"), which);

	assert_non_null(value);
	return json_is_null(value) ? "" : json_string_value(value);
}

/* Pages of 2 of 5 people, forward by one cursor and back by the other. */
static void walk(struct play *play, const char *order, const char *on, const char *back,
		 const char *const pages[3])
{
	char line[256];
	char text[64];

	(void)snprintf(line, sizeof(line), "GET " USERS "?limit=2%s", order);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_string_equal(cursor(play, back), "");
	for (int i = 0; i < 3; i++) {
		assert_string_equal(numbers_of_page(play, text), pages[i]);
		if (i == 2) {
			assert_string_equal(cursor(play, on), "");
			break;
		}
		(void)snprintf(line, sizeof(line), "GET " USERS "?limit=2%s&%s=%s", order, on,
			       cursor(play, on));
		assert_int_equal(play_ask(play, line, NULL), 200);
	}
	for (int i = 1; i >= 0; i--) {
		(void)snprintf(line, sizeof(line), "GET " USERS "?limit=2%s&%s=%s", order, back,
			       cursor(play, back));
		assert_int_equal(play_ask(play, line, NULL), 200);
		assert_string_equal(numbers_of_page(play, text), pages[i]);
	}
	assert_string_equal(cursor(play, back), "");
	assert_true(cursor(play, on)[0] != '\0');
}

static void test_paging(void **state)
{
	struct play *play = *state;
	char line[128];

	for (int i = 1; i <= 7; i++) {
		assert_int_equal(play_askf(play, "POST " USERS, "{\"email\":\"p%d@example.com\"}",
					   i),
				 201);
		if (i > 5) {
			(void)snprintf(line, sizeof(line), "DELETE " USERS "/%s",
				       play_text(play, "id"));
			assert_int_equal(play_ask(play, line, NULL), 200);
		}
	}
	walk(play, "", "after", "before", (const char *const[]){"5 4", "3 2", "1"});
	walk(play, "&order=desc", "after", "before", (const char *const[]){"5 4", "3 2", "1"});
	walk(play, "&order=asc", "after", "before", (const char *const[]){"1 2", "3 4", "5"});
	walk(play, "&order=normal", "before", "after", (const char *const[]){"5 4", "3 2", "1"});
}

/* Who is deleted while a list is walked does not end the walk. */
static void test_cursor_of_the_deleted(void **state)
{
	struct play *play = *state;
	char line[128];
	char text[64];
	char gone[64];

	for (int i = 1; i <= 5; i++) {
		assert_int_equal(play_askf(play, "POST " USERS, "{\"email\":\"p%d@example.com\"}",
					   i),
				 201);
	}
	assert_int_equal(play_ask(play, "GET " USERS "?limit=2&order=asc", NULL), 200);
	(void)snprintf(gone, sizeof(gone), "%s", cursor(play, "after"));
	(void)snprintf(line, sizeof(line), "DELETE " USERS "/%s", gone);
	assert_int_equal(play_ask(play, line, NULL), 200);
	(void)snprintf(line, sizeof(line), "GET " USERS "?limit=9&order=asc&after=%s", gone);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_string_equal(numbers_of_page(play, text), "3 4 5");
	(void)snprintf(line, sizeof(line), "GET " USERS "?limit=9&order=desc&after=%s", gone);
	assert_int_equal(play_ask(play, line, NULL), 200);
	assert_string_equal(numbers_of_page(play, text), "1");
}

static void test_list_queries(void **state)
{
	static const char *const refused[] = {
		"limit=0",
		"limit=101",
		"limit=x",
		"order=up",
		"after=user_1",
		"before=org_1",
		"organization_id=x",
		"after=user_01HXYZ123456789ABCDEFGHIJK&before=user_01HXYZ123456789ABCDEFGHIJK",
	};
	struct play *play = *state;
	char line[256];

	for (int i = 0; i < 12; i++) {
		assert_int_equal(play_askf(play, "POST " USERS, "{\"email\":\"p%d@example.com\"}",
					   i),
				 201);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		(void)snprintf(line, sizeof(line), "GET " USERS "?%s", refused[i]);
		assert_int_equal(play_ask(play, line, NULL), 422);
		assert_string_equal(play_text(play, "code"), PARAMETERS);
	}
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 10);
	assert_int_equal(play_ask(play, "GET " USERS "?email=nobody@example.com", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 0);
	assert_int_equal(play_ask(play, "GET " USERS "?organization_id=org_1", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), 0);
	assert_int_equal(play_ask(play, "GET /organizations?limit=1", NULL), 200);
	assert_string_equal(play_text(play, "object"), "list");
	assert_int_equal(play_ask(play, "GET /organizations?limit=1000", NULL), 422);
}

static void test_mail_routes(void **state)
{
	struct play *play = *state;
	char id[64];
	char line[128];

	assert_int_equal(play_ask(play, "POST " USERS, A "\"first_name\":\"A\"}"), 201);
	(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
	assert_int_equal(play_ask(play, "POST /user_management/password_reset",
				  "{\"email\":\"a@example.com\"}"),
			 201);
	assert_string_equal(play_text(play, "object"), "password_reset");
	assert_string_equal(play_text(play, "user_id"), id);
	assert_int_equal(play_ask(play, "POST /user_management/magic_auth",
				  "{\"email\":\"a@example.com\"}"),
			 201);
	assert_int_equal(strlen(play_text(play, "code")), 6);
	(void)snprintf(line, sizeof(line), "POST " USERS "/%s/email_verification/send", id);
	assert_int_equal(play_ask(play, line, NULL), 200);
	(void)snprintf(line, sizeof(line), "POST " USERS "/%s/email_change/send", id);
	assert_int_equal(play_ask(play, line, "{\"new_email\":\"b@example.com\"}"), 200);
	assert_int_equal(play_ask(play, line, "{\"new_email\":\"a@example.com\"}"), 409);
	assert_int_equal(play_ask(play, "POST /user_management/invitations",
				  "{\"email\":\"c@example.com\",\"expires_in_days\":1}"),
			 201);
	assert_string_equal(play_text(play, "state"), "pending");
	assert_int_equal(play_ask(play, "POST /user_management/invitations",
				  "{\"email\":\"c@example.com\",\"expires_in_days\":31}"),
			 400);
	assert_int_equal(play_ask(play, "POST /user_management/invitations",
				  "{\"email\":\"a@example.com\"}"),
			 400);
	assert_int_equal(play_ask(play, "POST /user_management/password_reset",
				  "{\"email\":\"nobody@example.com\"}"),
			 404);
	assert_int_equal(play_ask(play, "POST /user_management/magic_auth", "{\"email\":5}"), 422);
	assert_int_equal(play->tenant.figures.mails, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_problems_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_keys_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_create_with_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metadata_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metadata_ascii_switch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_external_id_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_merges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paging, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cursor_of_the_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list_queries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mail_routes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
