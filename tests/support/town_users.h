/* SPDX-License-Identifier: Apache-2.0 */
/* Single accounts of a town's target, and the lines that the migration has of them. */
#ifndef SUPPORT_TOWN_USERS_H
#define SUPPORT_TOWN_USERS_H

#include "town.h"

/* Changes the account by the API, as somebody else does. */
void town_put(const struct town *town, const char *id, const char *body);
void town_delete(const struct town *town, const char *id);
/* The member of the account is this text; "null": it has none. */
void town_check_member(const struct town *town, const char *id, const char *name,
		       const char *expected);
/* How many lines `accounts --state` has. */
unsigned town_lines(const struct town *town, const char *state);
/* The reason that the last of them gives; of at most 255 bytes, until the next call. */
const char *town_reason(const struct town *town, const char *state);

#endif
