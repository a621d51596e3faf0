/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canary: where no document gives the exact form of a hash at the target (RH0307), one account goes first.
 *
 *  1. Of each such scheme one account is written before all others of it: one whose password is known from
 *     --prove, if there is one, else the first.
 *  2. With a known password the target is asked to sign it in; without, that the target took the account is all
 *     that is learnt, and it is said that this is no proof.
 *  3. A canary fails when the target refuses the hash, or takes it and refuses the password.  Then every other
 *     account of the scheme is held back: DEFERRED with the code "canary", so that it is listed, counted, and tried
 *     again.  All other accounts go on.  Nobody is written without a password that another form might have saved.
 *  4. What came out stands in the ledger (fact "canary:<scheme>") with the digest of the options that shape what is
 *     written: the same options are not tried twice, others are.
 *     Which account goes first is noted there before it is written, so that a run that was killed judges that one
 *     and spends no other.
 *     Of --only-passwords the same holds: the update's row is the canary's, and nothing but its hash can be refused.
 *  5. Where nothing is learnt (the account was refused for another reason) the next one is tried, at most TRIES_MAX
 *     a run; then the scheme waits for the next run.
 */
#include "engine/canary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/prove.h"

#define TRIES_MAX 3

static const char *const verdict_names[] = {
	[RH_CANARY_NONE] = "none",
	[RH_CANARY_TAKEN] = "taken",
	[RH_CANARY_PROVEN] = "proven",
	[RH_CANARY_FAILED] = "failed",
};

const char *rh_canary_verdict_name(enum rh_canary_verdict verdict)
{
	return verdict_names[verdict];
}

static void name_fact(enum rh_scheme scheme, char out[64])
{
	(void)snprintf(out, 64, "canary:%s", rh_scheme_name(scheme));
}

/* Rule 4. */
static int recall(struct rh_run *run, const struct rh_plan *plan, struct rh_canary *canary,
		  struct rh_err *err)
{
	struct rh_arena arena;
	struct rh_str text;
	struct rh_str digest;
	char name[64];
	int code;

	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	name_fact(canary->scheme, name);
	code = rh_ledger_fact(run->ledger, name, &arena, &text, err);
	digest = rh_str_cut(&text, ' ');
	if (code == RH_OK && rh_str_is(digest, plan->options_digest)) {
		(void)rh_str_to_i64(text, &canary->row); /* else it is a verdict */
		for (size_t i = 0; i < sizeof(verdict_names) / sizeof(verdict_names[0]); i++) {
			if (rh_str_is(text, verdict_names[i])) {
				canary->verdict = (enum rh_canary_verdict)i;
			}
		}
	}
	rh_arena_done(&arena);
	return code;
}

/* The verdict, or which row goes first. */
static int remember(struct rh_run *run, const struct rh_plan *plan, const struct rh_canary *canary,
		    struct rh_err *err)
{
	char name[64];
	char value[128];
	int code;

	name_fact(canary->scheme, name);
	if (canary->verdict == RH_CANARY_NONE) {
		(void)snprintf(value, sizeof(value), "%s %" PRId64, plan->options_digest,
			       canary->row);
	} else {
		(void)snprintf(value, sizeof(value), "%s %s", plan->options_digest,
			       verdict_names[canary->verdict]);
	}
	code = rh_ledger_set_fact(run->ledger, name, rh_str_from(value), err);
	return code == RH_OK ? rh_ledger_commit(run->ledger, err) : code;
}

/* The schemes of the plan that are uncertain. */
int rh_canaries_begin(struct rh_run *run, const struct rh_plan *plan, struct rh_canaries *out,
		      struct rh_err *err)
{
	int code = RH_OK;

	*out = (struct rh_canaries){.count = 0};
	for (size_t i = 0; i < rh_groups_count(plan->groups) && code == RH_OK; i++) {
		struct rh_finding_group group;
		struct rh_canary *canary = &out->items[out->count];

		rh_groups_get(plan->groups, i, &group);
		if (group.info->code != RH_FINDING_HASH_UNPROVEN || out->count == RH_CANARIES_MAX) {
			continue;
		}
		*canary = (struct rh_canary){.scheme = rh_scheme_find(rh_str_from(group.note))};
		code = recall(run, plan, canary, err);
		out->count++;
	}
	return code;
}

struct rh_canary *rh_canaries_of(struct rh_canaries *canaries, enum rh_scheme scheme)
{
	for (size_t i = 0; canaries != NULL && i < canaries->count; i++) {
		if (canaries->items[i].scheme == scheme) {
			return &canaries->items[i];
		}
	}
	return NULL;
}

bool rh_canaries_are_wanted(const struct rh_canaries *canaries)
{
	for (size_t i = 0; i < canaries->count; i++) {
		if (canaries->items[i].verdict == RH_CANARY_NONE &&
		    canaries->items[i].tries < TRIES_MAX && !canaries->items[i].is_exhausted) {
			return true;
		}
	}
	return false;
}

int rh_canaries_take(struct rh_run *run, const struct rh_plan *plan, enum rh_scheme scheme,
		     struct rh_proof *proof, int64_t row, struct rh_err *err)
{
	struct rh_canary *canary = rh_canaries_of(run->canaries, scheme);
	int code;

	if (canary == NULL || canary->verdict != RH_CANARY_NONE || canary->row != 0 ||
	    canary->tries >= TRIES_MAX || (run->canaries->wants_proof && proof == NULL)) {
		return 0;
	}
	canary->row = row;
	canary->proof = proof;
	canary->tries++;
	code = remember(run, plan, canary, err);
	return code == RH_OK ? 1 : code;
}

bool rh_canaries_hold(const struct rh_canaries *canaries, enum rh_scheme scheme)
{
	for (size_t i = 0; i < canaries->count; i++) {
		const struct rh_canary *canary = &canaries->items[i];

		if (canary->scheme == scheme) {
			return canary->verdict == RH_CANARY_FAILED ||
			       canary->verdict == RH_CANARY_NONE;
		}
	}
	return false;
}

void rh_canaries_next_pass(struct rh_canaries *canaries, bool wants_proof)
{
	canaries->is_first = true;
	canaries->wants_proof = wants_proof;
	for (size_t i = 0; i < canaries->count; i++) {
		canaries->items[i].row = 0;
	}
}

bool rh_canaries_are_chosen(const struct rh_canaries *canaries)
{
	for (size_t i = 0; i < canaries->count; i++) {
		if (canaries->items[i].verdict == RH_CANARY_NONE && canaries->items[i].row == 0) {
			return false;
		}
	}
	return true;
}

/* Rules 2 and 3, of an account that was written, or not. */
static int judge(struct rh_run *run, struct rh_canary *canary, struct rh_arena *arena,
		 struct rh_err *err)
{
	struct rh_ledger_row row;
	enum rh_proved proved = RH_UNTRIED;
	int code = rh_ledger_get(run->ledger, canary->row, arena, &row, err);

	if (code != 1) {
		return code; /* killed before it was intended */
	}
	if ((row.parts_dropped & RH_PART_CREDENTIAL) != 0 ||
	    (row.parts_planned == RH_PART_CREDENTIAL && row.state == RH_STATE_REJECTED)) {
		canary->verdict = RH_CANARY_FAILED;
	} else if (row.state == RH_STATE_DONE && (row.parts_sent & RH_PART_CREDENTIAL) != 0) {
		canary->verdict = RH_CANARY_TAKEN;
	}
	(void)snprintf(canary->source_id, sizeof(canary->source_id), "%.*s",
		       RH_STR_ARG(row.source_id));
	if (canary->proof == NULL) {
		canary->proof = rh_proofs_of(run->proofs, row.source_id, RH_STR_ABSENT);
	}
	if (canary->verdict != RH_CANARY_TAKEN || canary->proof == NULL) {
		return RH_OK;
	}
	if (row.verb == RH_VERB_UPDATE) { /* a sign-in is noted of the account */
		code = rh_ledger_get(run->ledger, row.parent, arena, &row, err);
		if (code != 1) {
			return code;
		}
	}
	code = rh_prove_row(run, &row, canary->proof->password, arena, &proved, err);
	canary->proof->signed_in = code == RH_OK ? 1 + (unsigned)proved : 0;
	if (code == RH_OK && proved != RH_UNTRIED) {
		canary->verdict = proved == RH_PROVED ? RH_CANARY_PROVEN : RH_CANARY_FAILED;
	}
	return code;
}

int rh_canaries_judge(struct rh_run *run, const struct rh_plan *plan, struct rh_canaries *canaries,
		      struct rh_err *err)
{
	struct rh_arena arena;
	int code = RH_OK;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	for (size_t i = 0; i < canaries->count && code == RH_OK; i++) {
		struct rh_canary *canary = &canaries->items[i];

		if (canary->verdict != RH_CANARY_NONE) {
			continue;
		}
		if (canary->row == 0) {
			canary->is_exhausted =
				!canaries->wants_proof; /* nobody of it is left to write */
			continue;
		}
		rh_arena_reset(&arena);
		code = judge(run, canary, &arena, err);
		if (code == RH_OK && canary->verdict != RH_CANARY_NONE) {
			code = remember(run, plan, canary, err);
		} else {
			canary->row = 0; /* rule 5 */
		}
	}
	rh_arena_done(&arena);
	return code;
}

int rh_canaries_recall(struct rh_run *run, const struct rh_plan *plan, struct rh_canaries *canaries,
		       struct rh_err *err)
{
	canaries->wants_proof = true; /* nobody is exhausted yet */
	return rh_canaries_judge(run, plan, canaries, err);
}
