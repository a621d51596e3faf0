/* SPDX-License-Identifier: Apache-2.0 */
/* The table of fields: found by name, and held by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "mapping/fields.h"

static void fields_are_found_by_their_names(void **)
{
	for (int i = 0; i < RH_FIELDS; i++) {
		const struct rh_field_info *info = rh_field_info((size_t)i);
		assert_int_equal(rh_field_find(rh_str_from(info->name)), i);
		assert_non_null(rh_field_type_name(info->type));
		assert_true(strlen(info->help) > 3);
	}
	assert_null(rh_field_info(RH_FIELDS));
	assert_int_equal(rh_field_find(RH_STR("shoe_size")), -1);
}

static void targets_hold_what_their_capabilities_say(void **)
{
	const struct rh_caps poor = {.flags = RH_CAP_TARGET};
	const struct rh_caps rich = {
		.flags = RH_CAP_TARGET | RH_CAP_CAN_BLOCK,
		.holds_username = true,
		.holds_totp = true,
		.phones_max = 1,
		.external_id_max = 64,
		.schemes = 2,
		.metadata_kinds = 7,
	};
	static const enum rh_field fields[] = {
		RH_FIELD_USERNAME,        RH_FIELD_PHONES,           RH_FIELD_EXTERNAL_ID,
		RH_FIELD_PASSWORD,        RH_FIELD_TOTP_SECRET,      RH_FIELD_BANNED,
		RH_FIELD_PUBLIC_METADATA, RH_FIELD_PRIVATE_METADATA, RH_FIELD_UNSAFE_METADATA,
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		assert_false(rh_field_is_held(rh_field_info(fields[i]), &poor));
		assert_true(rh_field_is_held(rh_field_info(fields[i]), &rich));
	}
	assert_true(rh_field_is_held(rh_field_info(RH_FIELD_EMAILS), &poor));
	assert_false(rh_field_is_held(rh_field_info(RH_FIELD_PASSKEYS), &rich));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_their_names),
		cmocka_unit_test(targets_hold_what_their_capabilities_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
