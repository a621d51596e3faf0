/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant on its way while answers are lost, parts refused, kinds denied (engine/tenant.h, T3 to T7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "guild/hall.h"

static void check_all_there(struct hall *hall)
{
	assert_int_equal(guild_server_count(&hall->server, "permission"), 2);
	assert_int_equal(guild_server_count(&hall->server, "role"), 2);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 2);
	assert_int_equal(guild_server_count(&hall->server, "domain"), 1);
	assert_int_equal(guild_server_count(&hall->server, "membership"), 3);
	assert_int_equal(json_array_size(json_object_get(guild_server_find(&hall->server, "role",
									   "g:admin"),
							 "permissions")),
			 2);
}

/* ---- answers that are lost -------------------------------------------------------------------------- */

static void every_create_loses_its_answer(struct hall *hall)
{
	scripted_add(&hall->scripted, (struct scripted_rule){.fault = SCRIPTED_CUT_AFTER,
							     .method = "POST",
							     .path = "/v1/e/",
							     .count = 10});
}

static void lost_answers_make_no_second_one(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->arm = every_create_loses_its_answer;
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
	assert_int_equal(hall->server.created, 10);
	/* ours by the moment of its creation: the target was listed, or what it belongs to is ours */
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).created, 2);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 3);
	hall->arm = NULL;
	hall_check(hall, hall_undo(hall));
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
}

static void every_create_is_cut(struct hall *hall)
{
	scripted_add(&hall->scripted, (struct scripted_rule){.fault = SCRIPTED_CUT_BEFORE,
							     .method = "POST",
							     .path = "/v1/e/",
							     .count = 5});
}

static void requests_that_never_arrived_are_sent_again(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->arm = every_create_is_cut;
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
	assert_int_equal(hall->server.created, 10);
}

static void what_completes_fails(struct hall *hall)
{
	scripted_add(&hall->scripted, (struct scripted_rule){.fault = SCRIPTED_CUT_BEFORE,
							     .method = "PUT",
							     .path = "/v1/e/role",
							     .count = 0});
}

static void what_is_not_complete_is_completed_by_the_next_run(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->arm = what_completes_fails;
	hall_check(hall, hall_apply(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ROLE).by_state[RH_STATE_UNKNOWN], 2);
	/* roles that are not certain keep their memberships back */
	assert_int_equal(guild_server_count(&hall->server, "membership"), 0);
	hall->arm = NULL;
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
	assert_int_equal(hall_count(hall, RH_KIND_ROLE).created, 2);
	hall_check(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ROLE).by_state[RH_STATE_VERIFIED], 2);
}

/* ---- parts and kinds that are refused ----------------------------------------------------------------- */

static void several_roles_fall_back_to_one(void **state)
{
	struct hall *hall = *state;
	json_t *member;

	hall_settle(hall);
	hall->server.holds_one_role = true;
	hall_set(hall, "role-priority", "g:member,g:admin");
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).parts_dropped, 1);
	member = json_object_get(hall_membership(hall, "o1", "u1"), "roles");
	assert_int_equal(json_array_size(member), 1);
	assert_string_equal(json_string_value(json_array_get(member, 0)), "g:member");
	hall_check(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_VERIFIED], 3);
}

static void one_role_is_told_beforehand(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall->roles_max = 1;
	hall->server.holds_one_role = true;
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall_findings(hall, RH_FINDING_ROLES_DROPPED, "membership"), 1);
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).parts_dropped, 0);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(hall_membership(hall, "o1", "u1"), "roles"),
				    0)),
			    "g:admin");
}

static void a_refused_description_costs_nothing_else(void **state)
{
	struct hall *hall = *state;

	hall_people(hall, 1);
	hall_record(hall, RH_KIND_ORGANIZATION,
		    "{\"id\":\"o1\",\"name\":\"Bakers\",\"description\":\"of bread\"}");
	hall->server.refuses_descriptions = true;
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).created, 1);
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).parts_dropped, 1);
}

static void a_denied_kind_stops_alone(void **state)
{
	struct hall *hall = *state;
	struct rh_ledger_counts people;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->server.denied = 1U << RH_KIND_ORGANIZATION;
	hall_check(hall, hall_apply(hall));
	assert_int_equal(hall->tally.denied, 1U << RH_KIND_ORGANIZATION);
	assert_int_equal(guild_server_count(&hall->server, "role"), 2);
	assert_int_equal(guild_server_count(&hall->server, "membership"), 0);
	assert_int_equal(hall->tally.waiting[RH_KIND_MEMBERSHIP], 3);
	assert_int_equal(rh_ledger_count(hall->ledger, &people, NULL), RH_OK);
	assert_int_equal(people.created, 3);
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_DEFERRED], 2);
	hall->server.denied = 0;
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
}

static void roles_are_refused(struct hall *hall)
{
	scripted_add(&hall->scripted, (struct scripted_rule){
					      .fault = SCRIPTED_STATUS,
					      .method = "POST",
					      .path = "/v1/e/organization",
					      .count = 1,
					      .status = 422,
					      .body = "{\"error\":{\"code\":\"name_not_allowed\"}}",
				      });
}

static void what_belongs_to_a_refused_one_is_refused_with_it(void **state)
{
	struct hall *hall = *state;
	struct rh_ledger_row row;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->arm = roles_are_refused;
	hall_check(hall, hall_apply(hall));
	hall->arm = NULL;
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_REJECTED], 1);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_REJECTED], 2);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 1);
	assert_int_equal(rh_ledger_find(hall->ledger, RH_KIND_MEMBERSHIP, RH_STR("m1"),
					&hall->arena, &row, NULL),
			 1);
	assert_true(rh_str_is(row.code, RH_CODE_REFERENCE));
	/* a newer plan asks again */
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.revision, 2);
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
}

static void the_key_ends(struct hall *hall)
{
	hall->server.acme.refuses_token = true;
}

static void a_denied_key_ends_the_run(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall->arm = the_key_ends;
	assert_int_equal(hall_apply(hall), RH_EDENIED);
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
	hall->arm = NULL;
	hall->server.acme.refuses_token = false;
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
}

static void organizations_are_refused(struct hall *hall)
{
	scripted_add(&hall->scripted, (struct scripted_rule){
					      .fault = SCRIPTED_STATUS,
					      .method = "POST",
					      .path = "/v1/e/organization",
					      .count = 0,
					      .status = 422,
					      .body = "{\"error\":{\"code\":\"name_not_allowed\"}}",
				      });
}

static void the_fuse_blows(void **state)
{
	struct hall *hall = *state;

	hall_people(hall, 1);
	for (unsigned n = 0; n < 900; n++) {
		hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o%u\",\"name\":\"Bakers %u\"}",
			    n, n);
	}
	hall_check(hall, hall_plan(hall));
	hall->arm = organizations_are_refused;
	assert_int_equal(hall_apply(hall), RH_ELIMIT);
	assert_true(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_REJECTED] >= 50);
	assert_true(hall_count(hall, RH_KIND_ORGANIZATION).total <= 512);
}

/* ---- what somebody does meanwhile ------------------------------------------------------------------------ */

static void verify_tells_what_differs_and_what_is_gone(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	json_object_set_new(guild_server_find(&hall->server, "organization", "o1"), "name",
			    json_string("Millers"));
	guild_server_remove(&hall->server, hall_membership(hall, "o1", "u2"));
	hall_check(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).differs, 1);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).missing, 1);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_VERIFIED], 2);
}

static void an_undo_goes_on_where_it_stopped(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	hall->server.denied = 1U << RH_KIND_ORGANIZATION;
	hall_check(hall, hall_undo(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_UNDO_INTENDED],
			 2);
	assert_int_equal(hall_apply(hall), RH_ESTATE);
	hall->server.denied = 0;
	hall_check(hall, hall_undo(hall));
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
	/* and all of it may come again */
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	check_all_there(hall);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HALL_TEST(lost_answers_make_no_second_one),
		HALL_TEST(requests_that_never_arrived_are_sent_again),
		HALL_TEST(what_is_not_complete_is_completed_by_the_next_run),
		HALL_TEST(several_roles_fall_back_to_one),
		HALL_TEST(one_role_is_told_beforehand),
		HALL_TEST(a_refused_description_costs_nothing_else),
		HALL_TEST(a_denied_kind_stops_alone),
		HALL_TEST(what_belongs_to_a_refused_one_is_refused_with_it),
		HALL_TEST(a_denied_key_ends_the_run),
		HALL_TEST(the_fuse_blows),
		HALL_TEST(verify_tells_what_differs_and_what_is_gone),
		HALL_TEST(an_undo_goes_on_where_it_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
