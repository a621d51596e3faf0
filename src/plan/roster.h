/* SPDX-License-Identifier: Apache-2.0 */
/* Roster: what a plan keeps of each record, in the order of ordinals, for those that turn out to be looked at again. */
#ifndef PLAN_ROSTER_H
#define PLAN_ROSTER_H

#include "plan/scratch.h"

#define RH_ROSTER_EXTRAS_MAX 65535
#define RH_ROSTER_FINDINGS_MAX 255

struct rh_arena;
struct rh_workspace;

struct rh_roster {
	struct rh_scratch items;
	struct rh_scratch texts;
	uint64_t count;
};

struct rh_roster_item {
	uint64_t ordinal;
	struct rh_str source_id;
	uint64_t record;
	unsigned file;
	unsigned flags; /* at most 12 bits */
	rh_time at; /* when the source says that it changed last, or else was made; 0: it does not */
	unsigned extras;          /* writes behind its create; at most RH_ROSTER_EXTRAS_MAX */
	const uint16_t *findings; /* numbers of its groups (collect.h) */
	size_t finding_count;     /* at most RH_ROSTER_FINDINGS_MAX */
};

RH_NODISCARD int rh_roster_init(struct rh_roster *roster, const struct rh_workspace *workspace,
				struct rh_err *err);
void rh_roster_done(struct rh_roster *roster); /* accepts a zeroed one */
/* Ordinals rise; one that is passed over has no item. */
RH_NODISCARD int rh_roster_add(struct rh_roster *roster, const struct rh_roster_item *item,
			       struct rh_err *err);
/* The item of an ordinal; its text and findings in the arena. */
RH_NODISCARD int rh_roster_get(const struct rh_roster *roster, uint64_t ordinal,
			       struct rh_arena *arena, struct rh_roster_item *out,
			       struct rh_err *err);
/* Its flags alone. */
RH_NODISCARD int rh_roster_flags(const struct rh_roster *roster, uint64_t ordinal, unsigned *out,
				 struct rh_err *err);
RH_NODISCARD int rh_roster_set_flags(struct rh_roster *roster, uint64_t ordinal, unsigned flags,
				     struct rh_err *err);

#endif
