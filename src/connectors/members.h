/* SPDX-License-Identifier: Apache-2.0 */
/* The members of an object that mean something, found in one pass. */
#ifndef CONNECTORS_MEMBERS_H
#define CONNECTORS_MEMBERS_H

#include "base/json_node.h"
#include "base/str.h"

/*
 * What an object has of these names, NULL where it has none; of two members with one name the last counts.  Names
 * stand best in the order of the provider's answers, in which a search goes on where the last one ended.  Inline: a
 * list asks this of every account.
 */
static inline void rh_members_find(const struct rh_json_node *object, const struct rh_str *names,
				   unsigned count, const struct rh_json_node **members)
{
	const struct rh_json_node *end = rh_json_behind(object);
	unsigned next = 0;

	for (const struct rh_json_node *at = object + 1; at < end; at = rh_json_behind(at + 1)) {
		struct rh_str name = rh_json_name(at);

		for (unsigned i = 0; i < count; i++) {
			unsigned member = next + i < count ? next + i : next + i - count;
			if (rh_str_eq(name, names[member])) {
				members[member] = at + 1;
				next = member + 1 < count ? member + 1 : 0;
				break;
			}
		}
	}
}

#endif
