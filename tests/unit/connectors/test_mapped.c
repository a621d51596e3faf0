/* SPDX-License-Identifier: Apache-2.0 */
/* What hooks look at: found in one walk, whatever order, and of those with one name the last. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"
#include "connectors/mapped.h"

enum { WANTED = 4 };

/* "mail2" and "email" are of one length, and "a" has that of none. */
static const struct rh_str wanted[WANTED] = {
	{.ptr = "email", .len = 5},
	{.ptr = "id", .len = 2},
	{.ptr = "mail2", .len = 5},
	{.ptr = "missing", .len = 7},
};

/* "-" is absent. */
static void check(const struct rh_record *record, const char *const expected[WANTED])
{
	struct mapped_value values[WANTED];

	memset((void *)values, 0xa5, sizeof(values));
	mapped_values(record, wanted, WANTED, values);
	for (size_t i = 0; i < WANTED; i++) {
		struct rh_str together = mapped_value_text(values[i]);
		struct rh_str alone = mapped_text(record, wanted[i].ptr);
		if (strcmp(expected[i], "-") == 0) {
			assert_null(together.ptr);
			assert_null(alone.ptr);
			assert_null(values[i].node);
			continue;
		}
		if (!rh_str_is(together, expected[i]) || !rh_str_is(alone, expected[i])) {
			fail_msg("%s: %.*s and %.*s, not %s", wanted[i].ptr, RH_STR_ARG(together),
				 RH_STR_ARG(alone), expected[i]);
		}
	}
}

static void check_json(const char *document, const char *const expected[WANTED])
{
	char text[256];
	struct rh_json json = {0};
	size_t len = strlen(document);

	assert_true(len < sizeof(text));
	memcpy(text, document, len + 1);
	assert_int_equal(rh_json_parse(&json, text, len, NULL), 0);
	check(&(struct rh_record){.json = rh_json_root(&json)}, expected);
	rh_json_done(&json);
}

static void members_are_found_in_any_order(void **)
{
	static const char *const all[WANTED] = {"a@b.example", "7", "c@d.example", "-"};

	check_json("{\"id\":7,\"email\":\"a@b.example\",\"mail2\":\"c@d.example\"}", all);
	check_json("{\"a\":1,\"mail2\":\"c@d.example\",\"other\":{\"email\":\"inner\",\"id\":8},"
		   "\"email\":\"a@b.example\",\"lists\":[{\"id\":9}],\"id\":\"7\"}",
		   all);
	check_json("{}", (const char *const[WANTED]){"-", "-", "-", "-"});
	check_json("[{\"id\":7}]", (const char *const[WANTED]){"-", "-", "-", "-"});
}

static void of_members_with_one_name_the_last_counts(void **)
{
	check_json("{\"id\":1,\"email\":\"a\",\"id\":2,\"email\":\"b\",\"id\":3}",
		   (const char *const[WANTED]){"b", "3", "-", "-"});
	/* A null is as if it were not there, and counts as the last one. */
	check_json("{\"id\":1,\"email\":null,\"id\":null,\"email\":\"b\"}",
		   (const char *const[WANTED]){"b", "-", "-", "-"});
}

/* Two files, one after the other: nothing of the first one's header is remembered. */
static void cells_are_found_under_the_header_of_their_file(void **)
{
	static const struct rh_str first[] = {
		{.ptr = "id", .len = 2},
		{.ptr = "email", .len = 5},
		{.ptr = "other", .len = 5},
	};
	static const struct rh_str second[] = {
		{.ptr = "mail2", .len = 5}, {.ptr = "email", .len = 5}, {.ptr = "email", .len = 5},
		{.ptr = "id", .len = 2},    {.ptr = "id", .len = 2},
	};
	const struct rh_str cells[] = {
		{.ptr = "one", .len = 3},
		{.ptr = "two", .len = 3},
		{.ptr = "three", .len = 5},
		{.ptr = "fours", .len = 5},
		RH_STR_ABSENT,
	};
	const struct rh_columns headers[] = {
		{.names = first, .count = 3},
		{.names = second, .count = 5},
	};

	for (int i = 0; i < 2; i++) {
		check(&(struct rh_record){.columns = &headers[0], .cells = cells},
		      (const char *const[WANTED]){"two", "one", "-", "-"});
		check(&(struct rh_record){.columns = &headers[1], .cells = cells},
		      (const char *const[WANTED]){"three", "-", "one", "-"});
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_in_any_order),
		cmocka_unit_test(of_members_with_one_name_the_last_counts),
		cmocka_unit_test(cells_are_found_under_the_header_of_their_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
