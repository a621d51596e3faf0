/* SPDX-License-Identifier: Apache-2.0 */
/* What the target's settings do with one account, and what a plan keeps of them. */
#ifndef PLAN_SETTING_H
#define PLAN_SETTING_H

#include "plan/plan.h"

struct rh_json_node;
struct rh_json_writer;

/*
 * Finds what the settings refuse, drop, want or leave without effect of the account as it would be sent; each kind once
 * a setting, whose word is the note.  Nothing for what is UNKNOWN, and nothing where none were read.
 */
void rh_setting_assess(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
		       struct rh_collector *collector);
/* Writing requests of an account beside its create. */
struct rh_more_writes {
	bool is_again;   /* the create, once more without what the settings refuse */
	unsigned behind; /* for what no create holds, or was refused and is tried one by one */
};
RH_NODISCARD int rh_setting_more_writes(const struct rh_plan_inputs *inputs,
					const struct rh_assessed *assessed, struct rh_arena *arena,
					struct rh_more_writes *out, struct rh_err *err);
/* What is known of a social provider, by its common name. */
enum rh_stance rh_setting_of_social(const struct rh_settings_there *there, struct rh_str provider);
/* Is this about a setting, which its note names? */
bool rh_setting_is_finding(enum rh_finding_code code);

/* The member "settings" of plans/N.json, if any were read. */
void rh_setting_save(const struct rh_connector *target, const struct rh_settings_there *there,
		     struct rh_json_writer *json);
/* By name: what this program's table lacks is passed over.  Returns whose table it is; NULL: none were read. */
const struct rh_connector *rh_setting_load(const struct rh_json_node *node,
					   struct rh_settings_there *out);

#endif
