/* SPDX-License-Identifier: Apache-2.0 */
/* What settings of a target do with one account (connector.h, C14), and that a plan's file keeps them. */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/setting.h"

enum { FIELD_EMAIL, FIELD_PHONE, FIELD_NAME };

static const struct rh_target_setting table[] = {
	{"email", 1U << FIELD_EMAIL, 0, true, "there", 0},
	{"phone", 1U << FIELD_PHONE, 0, true, "there", 0},
	{"name", 1U << FIELD_NAME, 0, false, "there", 0},
	{"password", 0, RH_PART_CREDENTIAL, false, "there", RH_PART_CREDENTIAL},
	{.name = NULL},
};
static const struct rh_connector target = {.name = "acme", .settings = table};

/* What one setting finds of an account with these fields and parts; 0: nothing. */
static enum rh_finding_code found(size_t setting, enum rh_stance stance, uint32_t fields,
				  unsigned parts)
{
	struct rh_settings_there there = {.is_read = true};
	struct rh_plan_inputs inputs = {.target = &target, .there = &there};
	struct rh_assessed assessed = {.parts = parts};
	static struct rh_collector collector;

	there.stances[setting] = stance;
	assessed.wire.present = 7;
	for (unsigned i = 0; i < 3; i++) {
		assessed.wire.value[i] = (fields >> i & 1U) != 0 ? RH_STR("x") : RH_STR_ABSENT;
	}
	rh_collector_start(&collector);
	rh_setting_assess(&inputs, &assessed, &collector);
	assert_in_range(collector.count, 0, 1);
	if (collector.count == 1) {
		assert_string_equal(collector.items[0].note, table[setting].name);
		assert_true(rh_setting_is_finding(collector.items[0].code));
	}
	return collector.count == 1 ? collector.items[0].code : (enum rh_finding_code)0;
}

static void each_stance_has_its_finding(void **state)
{
	const uint32_t all = 7;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(found(i, RH_STANCE_UNKNOWN, all, RH_PART_CREDENTIAL), 0);
		assert_int_equal(found(i, RH_STANCE_UNKNOWN, 0, 0), 0);
		assert_int_equal(found(i, RH_STANCE_ALLOWED, all, RH_PART_CREDENTIAL), 0);
		assert_int_equal(found(i, RH_STANCE_WANTED, all, RH_PART_CREDENTIAL), 0);
		assert_int_equal(found(i, RH_STANCE_WANTED, 0, 0), RH_FINDING_SETTING_WANTS);
		assert_int_equal(found(i, RH_STANCE_REQUIRED, 0, 0), RH_FINDING_SETTING_REQUIRES);
		assert_int_equal(found(i, RH_STANCE_IDLE, all, RH_PART_CREDENTIAL),
				 RH_FINDING_SETTING_IDLE);
		assert_int_equal(found(i, RH_STANCE_IDLE, 0, 0), 0);
		assert_int_equal(found(i, RH_STANCE_DROPPED, all, RH_PART_CREDENTIAL),
				 RH_FINDING_SETTING_DROPS);
		assert_int_equal(found(i, RH_STANCE_OFF, all, RH_PART_CREDENTIAL),
				 RH_FINDING_SETTING_REFUSES);
		assert_int_equal(found(i, RH_STANCE_OFF, 0, 0), 0);
	}
}

static void the_only_identifier_is_not_dropped(void **state)
{
	(void)state;
	assert_int_equal(found(1, RH_STANCE_DROPPED, 1U << FIELD_PHONE | 1U << FIELD_NAME, 0),
			 RH_FINDING_SETTING_REFUSES);
	assert_int_equal(found(1, RH_STANCE_DROPPED, 1U << FIELD_PHONE | 1U << FIELD_EMAIL, 0),
			 RH_FINDING_SETTING_DROPS);
	assert_int_equal(found(2, RH_STANCE_DROPPED, 1U << FIELD_NAME, 0),
			 RH_FINDING_SETTING_DROPS);
}

/* Of two entries for one provider either will do; who is not listed is not known. */
static void social_providers_by_their_common_name(void **state)
{
	struct rh_settings_there there = {
		.is_read = true,
		.social = {{"linkedin", RH_STANCE_DROPPED},
			   {"linkedin", RH_STANCE_ALLOWED},
			   {"x", RH_STANCE_ALLOWED},
			   {"x", RH_STANCE_DROPPED},
			   {"github", RH_STANCE_DROPPED}},
		.social_count = 5,
	};

	(void)state;
	assert_int_equal(rh_setting_of_social(&there, RH_STR("linkedin")), RH_STANCE_ALLOWED);
	assert_int_equal(rh_setting_of_social(&there, RH_STR("x")), RH_STANCE_ALLOWED);
	assert_int_equal(rh_setting_of_social(&there, RH_STR("github")), RH_STANCE_DROPPED);
	assert_int_equal(rh_setting_of_social(&there, RH_STR("google")), RH_STANCE_UNKNOWN);
}

/* Through the connector that reads settings; what its table has no name for is passed over. */
static void a_plan_keeps_them(void **state)
{
	struct rh_settings_there there = {.is_read = true, .social_count = 1};
	struct rh_settings_there back;
	const struct rh_connector *reader = NULL;
	struct rh_json_writer writer;
	struct rh_json json = {0};
	struct rh_buf text = {0};

	(void)state;
	for (size_t i = 0; rh_connector_at(i) != NULL && reader == NULL; i++) {
		reader = rh_connector_at(i)->settings != NULL ? rh_connector_at(i) : NULL;
	}
	assert_non_null(reader);
	there.stances[0] = RH_STANCE_OFF;
	there.stances[1] = RH_STANCE_WANTED;
	memcpy(there.social[0].provider, "google", sizeof("google"));
	there.social[0].stance = RH_STANCE_DROPPED;
	rh_buf_init(&text, 4096);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_setting_save(reader, &there, &writer);
	rh_json_end_object(&writer);
	assert_int_equal(rh_json_parse(&json, text.ptr, text.len, NULL), RH_OK);
	assert_ptr_equal(rh_setting_load(rh_json_root(&json), &back), reader);
	assert_memory_equal(&back, &there, sizeof(there));
	rh_json_done(&json);
	rh_buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stance_has_its_finding),
		cmocka_unit_test(the_only_identifier_is_not_dropped),
		cmocka_unit_test(social_providers_by_their_common_name),
		cmocka_unit_test(a_plan_keeps_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
