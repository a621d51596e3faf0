/* SPDX-License-Identifier: Apache-2.0 */
/* What an update replaced: sealed for its row, and opened by nobody else's. */
#include "engine/before_image.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acme/acme.h"
#include "base/arena.h"
#include "base/str.h"

#define BIT(field) (UINT32_C(1) << (field))

static struct rh_wire some_wire(void)
{
	struct rh_wire wire = {.present = BIT(ACME_FIELD_EMAIL) | BIT(ACME_FIELD_FIRST_NAME) |
					  BIT(ACME_FIELD_METADATA)};

	wire.value[ACME_FIELD_EMAIL] = RH_STR("ada@example.com");
	wire.value[ACME_FIELD_METADATA] = RH_STR("{\"a\":\"\\u00fc \\\"1\\\"\"}");
	return wire; /* the first name is there, and empty */
}

static struct rh_workspace some_workspace(uint8_t first)
{
	struct rh_workspace workspace = {0};

	workspace.image_key[0] = first;
	return workspace;
}

static struct rh_run run_in(const struct rh_workspace *workspace)
{
	return (struct rh_run){.workspace = workspace, .target = &rh_connector_acme};
}

static void what_is_sealed_comes_back(void **state)
{
	struct rh_workspace workspace = some_workspace(1);
	struct rh_run run = run_in(&workspace);
	struct rh_wire wire = some_wire();
	struct rh_wire out = {0};
	struct rh_str sealed;
	struct rh_arena arena;

	(void)state;
	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	assert_int_equal(rh_image_seal(&run, 7, &wire, &arena, &sealed, NULL), RH_OK);
	assert_null(memmem(sealed.ptr, sealed.len, "ada", 3));
	assert_int_equal(rh_image_open(&run, 7, sealed, &arena, &out, NULL), RH_OK);
	assert_int_equal(out.present, wire.present);
	assert_true(rh_str_eq(out.value[ACME_FIELD_EMAIL], wire.value[ACME_FIELD_EMAIL]));
	assert_true(rh_str_eq(out.value[ACME_FIELD_METADATA], wire.value[ACME_FIELD_METADATA]));
	assert_null(out.value[ACME_FIELD_FIRST_NAME].ptr);
	rh_arena_done(&arena);
}

static void nobody_elses_image_opens(void **state)
{
	struct rh_workspace workspace = some_workspace(1);
	struct rh_workspace other = some_workspace(2);
	struct rh_run run = run_in(&workspace);
	struct rh_run other_run = run_in(&other);
	struct rh_wire wire = some_wire();
	struct rh_wire out = {.present = 1};
	struct rh_str sealed;
	struct rh_arena arena;
	struct rh_err err = {0};
	char *bytes;

	(void)state;
	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	assert_int_equal(rh_image_seal(&run, 7, &wire, &arena, &sealed, &err), RH_OK);
	assert_int_equal(rh_image_open(&other_run, 7, sealed, &arena, &out, &err), RH_EMISMATCH);
	assert_int_equal(rh_image_open(&run, 8, sealed, &arena, &out, &err), RH_EMISMATCH);
	bytes = (char *)(uintptr_t)sealed.ptr;
	bytes[sealed.len / 2] = (char)(bytes[sealed.len / 2] ^ 1);
	assert_int_equal(rh_image_open(&run, 7, sealed, &arena, &out, &err), RH_EMISMATCH);
	assert_int_equal(out.present, 1); /* untouched */
	assert_null(strstr(err.message, "ada"));
	rh_arena_done(&arena);
}

static void a_row_is_as_expected_or_not(void **state)
{
	struct rh_row row = {.concerned = BIT(0) | BIT(2)};

	(void)state;
	assert_true(rh_row_is_as_expected(&row)); /* both are to be absent, and are */
	row.observed.wire.present = BIT(1);
	row.observed.wire.value[1] = RH_STR("not our affair");
	assert_true(rh_row_is_as_expected(&row));
	row.expected.present = BIT(0);
	row.expected.value[0] = RH_STR("a");
	assert_false(rh_row_is_as_expected(&row));
	assert_false(rh_row_field_is_as_expected(&row, 0));
	row.observed.wire.present |= BIT(0);
	row.observed.wire.value[0] = RH_STR("b");
	assert_false(rh_row_is_as_expected(&row));
	row.observed.wire.value[0] = RH_STR("a");
	assert_true(rh_row_is_as_expected(&row));
	row.observed.wire.present |= BIT(2); /* was to go */
	row.observed.wire.value[2] = RH_STR("x");
	assert_false(rh_row_is_as_expected(&row));
	assert_int_equal(rh_wire_all(&rh_connector_acme), BIT(ACME_FIELDS) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_comes_back),
		cmocka_unit_test(nobody_elses_image_opens),
		cmocka_unit_test(a_row_is_as_expected_or_not),
	};

	return cmocka_run_group_tests_name("before_image", tests, NULL, NULL);
}
