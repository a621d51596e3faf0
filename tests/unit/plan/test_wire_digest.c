/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed digests of wire fields, in today's form and the one before; the numbers are those of plan/wire_digest.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "plan/plan.h"

/* Bits of the fields: an address, and one that is expected and not there. */
#define PRESENT ((1U << 0) | (1U << 3))

struct both {
	struct rh_workspace workspace;
	struct rh_arena arena;
	struct rh_wire wire;
};

static int set_up(void **state)
{
	static struct both both;

	both = (struct both){.workspace = {.digest_key = {1, 2, 3}}};
	rh_workspace_make_wire_keys(&both.workspace);
	rh_arena_init(&both.arena, 4096, RH_ARENA_PLAIN);
	both.wire.present = 1U << 0;
	both.wire.value[0] = RH_STR("ada@example.com");
	*state = &both;
	return 0;
}

static int tear_down(void **state)
{
	struct both *both = *state;

	rh_arena_done(&both->arena);
	return 0;
}

static void check_hex(struct rh_str bytes, const char *hex)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, 1024);
	rh_hex_encode(&text, bytes);
	assert_string_equal(text.ptr, hex);
}

/* The first form, as ledgers of before have it; made with another implementation (Python's hashlib). */
static struct rh_str first_form(struct rh_arena *arena)
{
	static const uint8_t stored[] = {0xfa, 0xb5, 0xe4, 0x89, 0x99, 0x98, 0xed, 0x00,
					 0x40, 0x8a, 0x01, 0x77, 0xbd, 0x77, 0xdd, 0x49};
	struct rh_str out;

	assert_true(rh_arena_copy(
		arena, (struct rh_str){.ptr = (const char *)stored, .len = sizeof(stored)}, &out));
	return out;
}

/* 1, 3: computed by another implementation of SipHash-2-4 and BLAKE2b. */
static void the_second_form_is_written(void **state)
{
	struct both *both = *state;
	struct rh_str digest;

	assert_int_equal(rh_plan_digest(&both->workspace, &both->wire, PRESENT, &both->arena,
					&digest, NULL),
			 RH_OK);
	check_hex(digest, "021214ec648033f7c197f5ff741eb806d5");
	assert_true(rh_wire_is_second_form(PRESENT, digest));
	assert_true(rh_wire_is(&both->workspace, &both->wire, PRESENT, digest));
}

/* 2. */
static void the_first_form_is_read(void **state)
{
	struct both *both = *state;
	struct rh_str stored = first_form(&both->arena);
	uint8_t digest[RH_WIRE_BYTES_MAX];

	assert_false(rh_wire_is_second_form(PRESENT, stored));
	assert_true(rh_wire_is(&both->workspace, &both->wire, PRESENT, stored));
	assert_int_equal(rh_wire_digest(&both->workspace, &both->wire, PRESENT, stored, digest),
			 stored.len);
	both->wire.value[0] = RH_STR("eve@example.com");
	assert_false(rh_wire_is(&both->workspace, &both->wire, PRESENT, stored));
}

/* 3: in either form. */
static void every_value_counts_and_so_does_its_place(void **state)
{
	struct both *both = *state;
	struct rh_str stored[2] = {first_form(&both->arena), RH_STR_ABSENT};

	assert_int_equal(rh_plan_digest(&both->workspace, &both->wire, PRESENT, &both->arena,
					&stored[1], NULL),
			 RH_OK);
	for (size_t i = 0; i < 2; i++) {
		struct rh_wire other = both->wire;

		other.present |= 1U << 3;
		other.value[3] = RH_STR("");
		assert_false(rh_wire_is(&both->workspace, &other, PRESENT, stored[i]));
		other = (struct rh_wire){.present = 1U << 3};
		other.value[3] = both->wire.value[0];
		assert_false(rh_wire_is(&both->workspace, &other, PRESENT, stored[i]));
		/* what was not sent is not looked at */
		other = both->wire;
		other.present |= 1U << 5;
		other.value[5] = RH_STR("more");
		assert_true(rh_wire_is(&both->workspace, &other, PRESENT, stored[i]));
	}
}

static void no_fields_have_a_form_as_well(void **state)
{
	struct both *both = *state;
	struct rh_str digest;

	assert_int_equal(rh_plan_digest(&both->workspace, &both->wire, 0, &both->arena, &digest,
					NULL),
			 RH_OK);
	assert_int_equal(digest.len, 1);
	assert_true(rh_wire_is(&both->workspace, &both->wire, 0, digest));
	assert_true(rh_wire_is(&both->workspace, &both->wire, 0, RH_STR("")));
}

/* 4, and the digests of an update that says less than the row has: in the row's form, which the row keeps. */
static void what_is_not_said_is_kept(void **state)
{
	struct both *both = *state;
	struct rh_wire_digests rows[2] = {{PRESENT, first_form(&both->arena)},
					  {PRESENT, RH_STR_ABSENT}};
	struct rh_wire wire = {.present = 1U << 2 | 1U << 4};

	wire.value[2] = RH_STR("red");
	wire.value[4] = RH_STR("{}");
	assert_int_equal(rh_wire_said(&wire), 1U << 2);
	wire.value[4] = RH_STR_ABSENT;
	assert_int_equal(rh_wire_said(&wire), 1U << 2);
	assert_int_equal(rh_plan_digest(&both->workspace, &both->wire, PRESENT, &both->arena,
					&rows[1].bytes, NULL),
			 RH_OK);
	for (size_t i = 0; i < 2; i++) {
		struct rh_wire all = both->wire;
		struct rh_str digest;

		assert_int_equal(rh_wire_holds(&both->workspace, rows[i]), 1U << 0);
		all.present |= 1U << 2;
		all.value[2] = RH_STR("red");
		assert_int_equal(rh_wire_digest_beside(&both->workspace, &wire, 1U << 2, rows[i],
						       &both->arena, &digest),
				 RH_OK);
		assert_true(rh_wire_is(&both->workspace, &all, PRESENT | 1U << 2, digest));
		assert_int_equal(rh_wire_is_second_form(PRESENT | 1U << 2, digest), i);
		/* a row of another layout has nothing that could be kept */
		rows[i].bytes.len -= 3;
		assert_int_equal(rh_wire_digest_beside(&both->workspace, &all, 1U << 2, rows[i],
						       &both->arena, &digest),
				 RH_OK);
		assert_true(rh_wire_is(&both->workspace, &all, PRESENT | 1U << 2, digest));
		assert_true(rh_wire_is_second_form(PRESENT | 1U << 2, digest));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_not_said_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_second_form_is_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_form_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_value_counts_and_so_does_its_place, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_fields_have_a_form_as_well, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
