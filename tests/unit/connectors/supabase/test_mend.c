/* SPDX-License-Identifier: Apache-2.0 */
/* Torn rows of auth.users: put right where one arrangement fits, else refused. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/supabase/supabase.h"

enum { COLUMNS_MAX = 40 };

#define ID "7f1d3c1e-0f5b-4a56-9a5e-3f1b6e2d9c01"
#define AT "2024-05-01 10:00:00+00"
#define BCRYPT "$2b$10$MadeUpSaltForSamples1ulRi4xM.A2Qsjqvy2NJQK23c4/W5esc2"
#define ARGON2                                                   \
	"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" \
	"AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"
#define HEADER "id,email,encrypted_password,created_at,raw_user_meta_data,phone,first_name"

/* The cells that come of the row, each behind a bar, absent ones as '-'; "": it stays refused. */
static void check_shape(int shape, const char *header, const char *row, const char *expected)
{
	struct rh_str names[COLUMNS_MAX];
	struct rh_str cells[COLUMNS_MAX];
	struct rh_columns columns = {.names = names};
	struct rh_str rest = rh_str_from(header);
	struct rh_arena arena;
	rh_autobuf said = {0};

	while (rest.ptr != NULL) {
		assert_true(columns.count < COLUMNS_MAX);
		names[columns.count++] = rh_str_cut(&rest, ',');
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_buf_init(&said, 1U << 20);
	rh_buf_add_cstr(&said, "");
	const struct rh_torn_row torn = {
		.shape = shape,
		.columns = &columns,
		.separator = ',',
		.row = rh_str_from(row),
	};
	int code = supabase_mend_row(&torn, &arena, cells);
	for (size_t i = 0; code == 1 && i < columns.count; i++) {
		rh_buf_add_char(&said, '|');
		rh_buf_add_str(&said, cells[i].ptr != NULL ? cells[i] : RH_STR("-"));
	}
	rh_buf_add_char(&said, '\0');
	assert_string_equal(said.ptr, expected);
	assert_int_equal(code, expected[0] != '\0');
	rh_arena_done(&arena);
}

static void check(const char *header, const char *row, const char *expected)
{
	check_shape(SUPABASE_SHAPE_USERS, header, row, expected);
}

/* Rule 2. */
static void json_without_quotes_is_one_cell(void **)
{
	check(HEADER,
	      ID ",ada@example.com," BCRYPT "," AT
		 ",{\"plan\":\"pro\",\"tags\":[\"a\",\"b\",\"c\"],\"n\":5},,Ada",
	      "|" ID "|ada@example.com|" BCRYPT "|" AT
	      "|{\"plan\":\"pro\",\"tags\":[\"a\",\"b\",\"c\"],\"n\":5}|-|Ada");
	/* One member alone cuts nothing, and is a stray quote to a reader of CSV. */
	check(HEADER, ID ",ada@example.com,," AT ",{\"plan\":\"pro\"},12125550100,Ada",
	      "|" ID "|ada@example.com|-|" AT "|{\"plan\":\"pro\"}|12125550100|Ada");
	/* A quoted one beside one that is not. */
	check("id,raw_app_meta_data,raw_user_meta_data,created_at",
	      ID ",\"{\"\"a\"\":1,\"\"b\"\":2}\",{\"c\":1,\"d\":2}," AT,
	      "|" ID "|{\"a\":1,\"b\":2}|{\"c\":1,\"d\":2}|" AT);
	/* Where one ends and the next begins is certain. */
	check("id,raw_app_meta_data,raw_user_meta_data,created_at",
	      ID ",{\"a\":1,\"b\":2},{\"c\":1,\"d\":2}," AT,
	      "|" ID "|{\"a\":1,\"b\":2}|{\"c\":1,\"d\":2}|" AT);
}

static void a_hash_with_commas_is_one_cell(void **)
{
	check(HEADER, ID ",ada@example.com," ARGON2 "," AT ",{},,Ada",
	      "|" ID "|ada@example.com|" ARGON2 "|" AT "|{}|-|Ada");
}

/* Rule 3. */
static void a_text_between_anchors_is_one_cell(void **)
{
	check(HEADER, ID ",ada@example.com,," AT ",{},,Ada, Countess",
	      "|" ID "|ada@example.com|-|" AT "|{}|-|Ada, Countess");
	check("id,name,created_at,title", ID ",Lovelace, Ada," AT ",Countess",
	      "|" ID "|Lovelace, Ada|" AT "|Countess");
}

/* Rule 4. */
static void what_can_be_read_in_two_ways_stays_refused(void **)
{
	/* Whose comma is it? */
	check("id,created_at,first_name,last_name", ID "," AT ",Mary,Ann,Smith", "");
	check("id,created_at,first_name,phone,last_name", ID "," AT ",A,1234567,1234567,B", "");
	/* An unknown column could have it, too. */
	check("id,created_at,bio,first_name", ID "," AT ",likes a,b,Ada", "");
	/* A surplus of separators belongs to nobody. */
	check(HEADER, ID ",ada@example.com,," AT ",{},,Ada,", "");
	check(HEADER, ID ",ada@example.com,," AT ",{},,Ada,,surplus", "");
}

/* Rules 3, 4: that a text looks like what belongs elsewhere does not make the other arrangement the only one. */
static void an_odd_text_is_no_anchor(void **)
{
	const char *header = "id,created_at,bio,is_anonymous,last_name";

	/* is_anonymous is f and the name "t,x@y.org", or the bio is "a,f" and the account an anonymous one, left out */
	check(header, ID "," AT ",a,f,t,x@y.org", "");
	check("id,created_at,first_name,last_name", ID "," AT ",Ada,Byron,infinity", "");
	check("id,created_at,first_name,last_name", ID "," AT ",Ada,Byron,\"\"\"B\"\"\"", "");
	check("id,created_at,first_name,last_name", ID "," AT ",Ada,,Byron", "");
	/* Alone it may look like anything. */
	check("id,created_at,tenant,bio,raw_user_meta_data",
	      ID "," AT "," ID ",x@y.org,{\"a\":1,\"b\":2}",
	      "|" ID "|" AT "|" ID "|x@y.org|{\"a\":1,\"b\":2}");
}

/* Rule 5: the rest of a number is no part of a name, nor is a flag. */
static void a_doubtful_text_stays_refused(void **)
{
	check("id,created_at,phone,first_name", ID "," AT ",1212555,01009,Ada", "");
	check("id,created_at,first_name", ID "," AT ",Ada,t", "");
	check("id,created_at,first_name", ID "," AT ",Ada,authenticated", "");
	check("id,created_at,first_name", ID "," AT ",12, Rue X", "|" ID "|" AT "|12, Rue X");
}

static void what_does_not_fit_stays_refused(void **)
{
	/* too few */
	check(HEADER, ID ",ada@example.com,," AT ",{},", "");
	/* JSON that is none, an address that is two, no id, nothing but an id */
	check(HEADER, ID ",ada@example.com,," AT ",{\"a\":1,\"b\",,Ada", "");
	check(HEADER, ID ",ada@example.com,b@example.com,," AT ",{},,Ada", "");
	check(HEADER, "17,ada@example.com,," AT ",{\"a\":1,\"b\":2},,Ada", "");
	check("id,raw_user_meta_data,first_name", ID ",{\"a\":1,\"b\":2},Ada", "");
	/* a moment where the number should be */
	check(HEADER, ID ",ada@example.com,,,{\"a\":1,\"b\":2}," AT ",Ada", "");
	/* a stray quote in a name */
	check(HEADER, ID ",ada@example.com,," AT ",{},,A\"da", "");
	/* no row of users, no UTF-8 */
	check_shape(SUPABASE_SHAPE_FACTORS, HEADER,
		    ID ",ada@example.com,," AT ",{\"a\":1,\"b\":2},,Ada", "");
	check(HEADER, ID ",ada@example.com,," AT ",{\"a\":1,\"b\":2},,Ad\xff", "");
	/* the header, once more */
	check(HEADER, HEADER ",more", "");
}

/* However many pieces there are: it ends, and within its memory. */
static void a_row_of_separators_ends(void **)
{
	rh_autobuf row = {0};

	rh_buf_init(&row, 1U << 20);
	rh_buf_add_cstr(&row, ID);
	for (size_t i = 0; i < 50; i++) {
		rh_buf_add_cstr(&row, ",{\"a\":[1]}");
	}
	rh_buf_add_char(&row, '\0');
	check(HEADER, row.ptr, "");
	rh_buf_reset(&row);
	for (size_t i = 0; i < 30000; i++) {
		rh_buf_add_char(&row, ',');
	}
	rh_buf_add_char(&row, '\0');
	check(HEADER, row.ptr, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_without_quotes_is_one_cell),
		cmocka_unit_test(a_hash_with_commas_is_one_cell),
		cmocka_unit_test(a_text_between_anchors_is_one_cell),
		cmocka_unit_test(what_can_be_read_in_two_ways_stays_refused),
		cmocka_unit_test(an_odd_text_is_no_anchor),
		cmocka_unit_test(a_doubtful_text_stays_refused),
		cmocka_unit_test(what_does_not_fit_stays_refused),
		cmocka_unit_test(a_row_of_separators_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
