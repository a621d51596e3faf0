/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read/csv.c, read/csv_quick.c, read/csv_stream.c: a text read whole, byte by byte, in odd pieces and without wide
 * instructions gives the same trace; a
 * row that splits is what its cells, written again, split into.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "chunks.h"
#include "read/csv.h"
#include "read/csv_quick.h"

enum { CELLS_MAX = 64 };

static void check_traces(struct rh_str text)
{
	static const struct chunks ways[] = {{0},
					     {.first = 1, .each = 1},
					     {.first = 5, .each = 17}};
	rh_autobuf whole = {0};

	rh_buf_init(&whole, 64 * 1024 * 1024);
	chunks_trace(text, &(struct chunks){0}, &whole);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		rh_autobuf pieces = {0};

		rh_buf_init(&pieces, 64 * 1024 * 1024);
#ifdef RH_TEST_HOOKS
		rh_csv_quick_allow_wide(i != 0);
#endif
		chunks_trace(text, &ways[i], &pieces);
		if (!rh_str_eq(rh_buf_str(&whole), rh_buf_str(&pieces))) {
			abort();
		}
	}
}

static void check_row(struct rh_str text)
{
	struct rh_str cells[CELLS_MAX];
	struct rh_str again[CELLS_MAX];
	rh_autobuf row = {0};
	rh_autobuf written = {0};
	size_t count = 0;
	size_t count_again = 0;

	rh_buf_init(&row, FUZZ_INPUT_MAX);
	rh_buf_init(&written, 4 * FUZZ_INPUT_MAX);
	rh_buf_add_str(&row, text);
	if (rh_csv_split(row.ptr, row.len, ',', cells, NULL, CELLS_MAX, &count, NULL) != RH_OK ||
	    count > CELLS_MAX) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		rh_csv_put(&written, cells[i], ',', i == 0);
	}
	rh_buf_add(&written, "", 0);
	if (rh_csv_split(written.ptr, written.len, ',', again, NULL, CELLS_MAX, &count_again,
			 NULL) != RH_OK ||
	    count_again != count) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		if (!rh_str_eq(cells[i], again[i])) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rh_str text = {(const char *)data, size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX};

	if (text.len > 0) {
		check_row(text);
	}
	check_traces(text);
	return 0;
}
