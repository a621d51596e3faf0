/* SPDX-License-Identifier: Apache-2.0 */
/* The known name that somebody probably meant. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

/* Keeps the nearest of the names that it is shown. */
struct rh_suggestion {
	const char *wrong;
	const char *nearest; /* NULL: none was near enough */
	unsigned distance;
};

void rh_suggestion_init(struct rh_suggestion *suggestion, const char *wrong);
void rh_suggestion_offer(struct rh_suggestion *suggestion, const char *name);

#endif
