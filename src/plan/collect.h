/* SPDX-License-Identifier: Apache-2.0 */
/* Collects findings: first those of one account, then, grouped by cause, those of all. */
#ifndef PLAN_COLLECT_H
#define PLAN_COLLECT_H

#include <rehome/findings.h>
#include <rehome/rehome.h>

/* Findings of one account that are kept; more of one account add nothing. */
#define RH_COLLECT_ACCOUNT_MAX 64
#define RH_COLLECT_NOTE_MAX 96
#define RH_COLLECT_PATH_MAX 128

struct rh_collected {
	enum rh_finding_code code;
	char note[RH_COLLECT_NOTE_MAX];
	char path[RH_COLLECT_PATH_MAX];
};

/* Findings of the account at hand. */
struct rh_collector {
	struct rh_finding_sink sink; /* first: the sink is the collector */
	struct rh_collected items[RH_COLLECT_ACCOUNT_MAX];
	size_t count;
	bool may_refuse; /* some finding of severity REFUSE came */
};

void rh_collector_start(struct rh_collector *collector); /* forgets; for the next account */
/* The first finding of severity REFUSE, or NULL. */
const struct rh_collected *rh_collector_refusal(const struct rh_collector *collector);
bool rh_collector_has(const struct rh_collector *collector, enum rh_finding_code code);

/* Is this finding counted?  Each (code, note) of an account once; of a refused one only what refuses it. */
bool rh_collector_counts(const struct rh_collector *collector, size_t index);
/* Forgets the findings of this code. */
void rh_collector_drop(struct rh_collector *collector, enum rh_finding_code code);
/* Keeps one finding of this code, the first that has a note if any has: two records said it of one account. */
void rh_collector_keep_one(struct rh_collector *collector, enum rh_finding_code code);

struct rh_groups;

struct rh_groups *rh_groups_new(void); /* NULL: memory out */
void rh_groups_free(struct rh_groups *groups);
/* Adds each (code, note) of the account once; of a refused one only what refuses it.  `numbers` (may be NULL) has room
 * for RH_COLLECT_ACCOUNT_MAX: those of the groups, *count of them, for rh_groups_take_back.  Who has no id is known by
 * the number of the record. */
RH_NODISCARD int rh_groups_add(struct rh_groups *groups, const struct rh_collector *collector,
			       struct rh_str source_id, uint64_t record, uint16_t *numbers,
			       size_t *count);
/* The account does not move after all: what was added of it, before rh_groups_sort, counts no more. */
void rh_groups_take_back(struct rh_groups *groups, const uint16_t *numbers, size_t count,
			 struct rh_str source_id);
RH_NODISCARD int rh_groups_add_one(struct rh_groups *groups, enum rh_finding_code code,
				   const char *note, struct rh_str source_id);
/* Restores a group as saved. */
RH_NODISCARD int rh_groups_restore(struct rh_groups *groups, enum rh_finding_code code,
				   struct rh_str note, uint64_t count,
				   const struct rh_str *examples, size_t example_count);
/* Most severe first, then most frequent, without those of whom all was taken back; to be called before rh_groups_get. */
void rh_groups_sort(struct rh_groups *groups);
size_t rh_groups_count(const struct rh_groups *groups);
void rh_groups_get(const struct rh_groups *groups, size_t index, struct rh_finding_group *out);

#endif
