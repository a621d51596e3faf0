/* SPDX-License-Identifier: Apache-2.0 */
/* Rows found the quick way are what the careful way says they are, or none; whichever instructions find them. */
#include "read/csv_quick.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "read/csv.h"

enum { CELLS_MAX = 40 };

static const bool ways[] = {true, false};

static void take_way(bool is_wide)
{
#ifdef RH_TEST_HOOKS
	rh_csv_quick_allow_wide(is_wide);
#else
	(void)is_wide;
#endif
}

/* What the careful way says of a row without its line end: its cells, in a copy of it. */
struct careful {
	char *copy;
	struct rh_str cells[CELLS_MAX];
	bool quoted[CELLS_MAX];
	size_t count;
	bool is_good;
};

static struct careful look_carefully(struct rh_str row, char separator)
{
	struct careful out = {.copy = malloc(row.len + 1)};

	assert_non_null(out.copy);
	memcpy(out.copy, row.ptr, row.len);
	out.is_good = rh_csv_split(out.copy, row.len, separator, out.cells, out.quoted, CELLS_MAX,
				   &out.count, NULL) == RH_OK &&
		      rh_str_is_utf8(row) && memchr(row.ptr, '\0', row.len) == NULL;
	return out;
}

static void check_cells(const struct careful *careful, const struct rh_str *cells, const char *row)
{
	for (size_t i = 0; i < careful->count; i++) {
		const struct rh_str *cell = &careful->cells[i];

		assert_int_equal(cells[i].len, cell->len);
		if (cell->len == 0) {
			assert_null(cells[i].ptr);
		} else {
			assert_ptr_equal(cells[i].ptr, row + (cell->ptr - careful->copy));
		}
	}
}

/* Has it nothing in it that the quick way leaves to the other? */
static bool must_be_quick(const struct careful *careful, struct rh_str row, size_t columns)
{
	return careful->is_good && careful->count == columns && row.len > 0 && row.len < 2000 &&
	       memchr(row.ptr, '"', row.len) == NULL;
}

/* Every row of the text by both ways; returns how many the quick way took. */
static size_t compare(struct rh_str text, char separator, size_t columns, uint64_t offset)
{
	struct rh_csv_quick *quick = malloc(sizeof(*quick));
	size_t taken = 0;

	assert_non_null(quick);
	rh_csv_quick_init(quick, separator);
	for (;;) {
		struct rh_csv_scan scan = {.separator = separator};
		size_t end = rh_csv_row_end(&scan, text, 0);
		struct rh_str cells[CELLS_MAX];
		struct rh_csv_row found = {0};
		bool is_found = rh_csv_quick_row(quick, text, offset, cells, columns, &found);
		struct careful careful;
		struct rh_str row = {text.ptr, end};

		if (end == 0) {
			assert_false(is_found);
			break;
		}
		row.len -= 1;
		row.len -= row.len > 0 && row.ptr[row.len - 1] == '\r' ? 1 : 0;
		careful = look_carefully(row, separator);
		if (is_found) {
			assert_true(careful.is_good);
			assert_int_equal(careful.count, columns);
			assert_int_equal(found.consume, end);
			assert_int_equal(found.len, row.len);
			check_cells(&careful, cells, row.ptr);
			taken++;
		} else {
			assert_false(must_be_quick(&careful, row, columns));
		}
		free(careful.copy);
		text = rh_str_sub(text, end, SIZE_MAX);
		offset += end;
	}
	free(quick);
	return taken;
}

static uint64_t next_random(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *random >> 33;
}

/* Memory ends where the text does, so that a byte read behind it is found. */
static char *make_text(size_t len, const char *letters, uint64_t *random)
{
	char *text = malloc(len > 0 ? len : 1);

	assert_non_null(text);
	for (size_t i = 0; i < len; i++) {
		bool is_odd = next_random(random) % 5 == 0 || i + 1 == len;

		text[i] = is_odd ? letters[next_random(random) % strlen(letters)] : 'x';
	}
	return text;
}

static void rows_are_those_of_the_careful_way(void **)
{
	static const char *const letters[] = {",,,\n", ",,,\r\n\n", ",,\"\"\n", ",,,,\n\xc3\xa4",
					      ",\",\"\n\r\xf0\x9f"};
	uint64_t random = 1;

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		size_t taken = 0;

		take_way(ways[w]);
		for (size_t round = 0; round < 1500; round++) {
			size_t len = round < 1400 ? round % 140 : 9000 + round;
			char *text = make_text(len, letters[round % 5], &random);

			taken += compare((struct rh_str){text, len}, ',', 2 + round % 4,
					 round * 5000000000U);
			free(text);
		}
		assert_in_range(taken, 1000, 100000);
	}
	take_way(true);
}

/* Rule 5: a list may end within a character, and a row that is no UTF-8 costs no other its way. */
static void what_is_no_utf8_is_one_row(void **)
{
	static const char euro[] = "a,\xe2\x82\xac\n";
	static const char broken[] = "a,\xe2\x82\n";
	enum { ROW = sizeof(euro) - 1, ROWS = 2 * RH_CSV_SPAN / ROW };

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		take_way(ways[w]);
		for (size_t before = 0; before < 2 * (size_t)ROW; before++) {
			for (size_t bad = 0; bad <= ROWS; bad += ROWS / 8) {
				char text[8 + 2 * ROW + (ROWS + 1) * ROW];
				size_t len = 3 + before;

				memset(text, 'x', len);
				text[1] = ',';
				text[len - 1] = '\n';
				for (size_t i = 0; i < ROWS; i++) {
					const char *row = i == bad ? broken : euro;

					memcpy(text + len, row, strlen(row));
					len += strlen(row);
				}
				assert_int_equal(compare((struct rh_str){text, len}, ',', 2, 7),
						 ROWS + (bad == ROWS));
			}
		}
	}
	take_way(true);
}

static bool find_row(const char *text, struct rh_str *cells, size_t columns, struct rh_csv_row *out)
{
	static struct rh_csv_quick quick;

	rh_csv_quick_init(&quick, ',');
	return rh_csv_quick_row(&quick, rh_str_from(text), 0, cells, columns, out);
}

static void quoted_cells_are_what_stands_between_quotes(void **)
{
	struct rh_str cells[3];
	struct rh_csv_row row;

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		take_way(ways[w]);
		assert_true(find_row("\"a,b\",\"\",\"c\"\r\nd", cells, 3, &row));
		assert_true(rh_str_is(cells[0], "a,b"));
		assert_null(cells[1].ptr);
		assert_true(rh_str_is(cells[2], "c"));
		assert_int_equal(row.consume, 14);
		assert_int_equal(row.len, 12);
		assert_false(find_row("\"a\"\"b\",c,d\n", cells, 3, &row));
		assert_false(find_row("\"a\nb\",c,d\n", cells, 3, &row));
		assert_false(find_row("a\"b\",c,d\n", cells, 3, &row));
		assert_false(find_row("\"a\"b,c,d\n", cells, 3, &row));
		assert_false(find_row("\"a\",c,\"d\n", cells, 3, &row));
		assert_false(find_row("a,b\n", cells, 3, &row));
		assert_false(find_row("a,b,c,d\n", cells, 3, &row));
		assert_false(find_row("a,b,\xff\n", cells, 3, &row));
		assert_false(find_row("\n", cells, 3, &row));
	}
	take_way(true);
}

static void what_may_be_a_null_text_is_told(void **)
{
	struct rh_str cells[2];
	struct rh_csv_row row;

	assert_true(find_row("person_1,Ada\n", cells, 2, &row));
	assert_false(row.has_word);
	assert_true(find_row("undefined,Ada\n", cells, 2, &row));
	assert_true(row.has_word);
	assert_true(find_row("1,undefined\r\n", cells, 2, &row));
	assert_true(row.has_word);
	assert_true(find_row("\"NULL\",Ada\n", cells, 2, &row));
	assert_true(row.has_word);
	assert_true(find_row("1,\\N\n", cells, 2, &row));
	assert_true(row.has_word);
	assert_true(find_row("nil,1\n", cells, 2, &row));
	assert_true(row.has_word);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_of_the_careful_way),
		cmocka_unit_test(what_is_no_utf8_is_one_row),
		cmocka_unit_test(quoted_cells_are_what_stands_between_quotes),
		cmocka_unit_test(what_may_be_a_null_text_is_told),
	};

	return cmocka_run_group_tests_name("read/csv_quick", tests, NULL, NULL);
}
