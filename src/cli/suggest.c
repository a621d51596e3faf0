/* SPDX-License-Identifier: Apache-2.0 */
/* Nearness of names: letters changed, added, left out or swapped. */
#include "cli/suggest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_LEN = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool is_same(char a, char b)
{
	/* "--on_existing" is a slip of the same key. */
	char left = a == '_' ? '-' : (char)tolower((unsigned char)a);
	char right = b == '_' ? '-' : (char)tolower((unsigned char)b);

	return left == right;
}

/* Edits that turn one into the other (Damerau's four, optimal alignment). */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NAME_MAX_LEN + 1];
	unsigned *before = rows[0];
	unsigned *above = rows[1];
	unsigned *row = rows[2];

	for (size_t j = 0; j <= b_len; j++) {
		above[j] = (unsigned)j;
		before[j] = 0;
	}
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = is_same(a[i - 1], b[j - 1]) ? 0 : 1;

			row[j] = least(above[j - 1] + change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1])) {
				row[j] = least(row[j], before[j - 2] + 1);
			}
		}
		unsigned *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b_len];
}

void rh_suggestion_init(struct rh_suggestion *suggestion, const char *wrong)
{
	*suggestion = (struct rh_suggestion){.wrong = wrong, .distance = UINT_MAX};
}

void rh_suggestion_offer(struct rh_suggestion *suggestion, const char *name)
{
	size_t wrong_len = strlen(suggestion->wrong);
	size_t len = strlen(name);
	unsigned edits;

	if (wrong_len < 2 || wrong_len > NAME_MAX_LEN || len > NAME_MAX_LEN) {
		return;
	}
	edits = distance(suggestion->wrong, wrong_len, name, len);
	/* The beginning of a longer name is what people try first; it counts like one slip. */
	if (len > wrong_len && wrong_len >= 3 && strncmp(name, suggestion->wrong, wrong_len) == 0) {
		edits = least(edits, 1);
	}
	if (edits < suggestion->distance && edits <= 1 + wrong_len / 4) {
		suggestion->nearest = name;
		suggestion->distance = edits;
	}
}
