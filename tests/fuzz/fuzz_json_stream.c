/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read/json_stream.c, read/json_members.c, read/json_split.c: a text read whole, byte by byte and in odd
 * pieces gives the same trace (forms, records, places, errors).
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "chunks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct chunks ways[] = {{.first = 1, .each = 1},
					     {.first = 3, .each = 64},
					     {.first = 61, .each = 7}};
	struct rh_str text = {(const char *)data, size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX};
	rh_autobuf whole = {0};

	rh_buf_init(&whole, 64 * 1024 * 1024);
	chunks_trace(text, &(struct chunks){0}, &whole);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		rh_autobuf pieces = {0};

		rh_buf_init(&pieces, 64 * 1024 * 1024);
		chunks_trace(text, &ways[i], &pieces);
		if (!rh_str_eq(rh_buf_str(&whole), rh_buf_str(&pieces))) {
			abort();
		}
	}
	return 0;
}
