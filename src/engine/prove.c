/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof at the target: the only way to see that a hash works there is to sign in.
 *
 *  1. Only accounts of the file of --prove, only those that this migration wrote with their password, one after
 *     another, each once: a sign-in is real, makes a session, and sets dates that others look at.
 *  2. The sign-in is noted in the ledger (fact "proof:<row>", the target's clock) before it is sent, so that whoever
 *     asks "has this person signed in since?" knows ours from theirs, also after a crash.
 *  3. The address comes from the target, which is asked by id first: a sign-in never goes to somebody else.  Where
 *     accounts need no address, the target's id is enough.
 *  4. "Wrong password" is a finding; everything that says nothing about the password leaves the account untried.
 *  5. The password is in the request and nowhere else.
 */
#include "engine/prove.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "events/events.h"

#define THERE ((1U << RH_STATE_DONE) | (1U << RH_STATE_VERIFIED))

/* What an operation said, kept beyond its end. */
struct heard {
	struct rh_arena *arena;
	enum rh_outcome outcome;
	struct rh_str email;
	struct rh_str target_id;
};

static void hear(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct heard *heard = context;
	const struct rh_row *row = &operation->rows[0];
	bool is_kept = true;

	(void)answer;
	heard->outcome = row->outcome;
	if (row->has_observed) {
		is_kept = rh_arena_copy(heard->arena, row->observed.email, &heard->email) &&
			  rh_arena_copy(heard->arena, row->observed.target_id, &heard->target_id);
	}
	if (!is_kept) {
		heard->outcome = RH_OUTCOME_UNKNOWN; /* without memory nothing was heard */
	}
}

static int ask(struct rh_run *run, enum rh_verb verb, const struct rh_row *row, struct heard *heard,
	       struct rh_err *err)
{
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = verb,
		.has_row = true,
		.row = *row,
		.done = hear,
		.context = heard,
	};

	return rh_engine_run(run->engine, &spec, err);
}

static void name_fact(int64_t row, char out[48])
{
	(void)snprintf(out, 48, "proof:%" PRId64, row);
}

/* Rule 2. */
static int note(struct rh_run *run, const struct rh_ledger_row *row, struct rh_err *err)
{
	rh_time now = rh_engine_target_now(run->engine);
	char name[48];
	char value[32];
	int code;

	name_fact(row->id, name);
	(void)snprintf(value, sizeof(value), "%" PRId64, now != 0 ? now : rh_run_now(run));
	code = rh_ledger_set_fact(run->ledger, name, rh_str_from(value), err);
	return code == RH_OK ? rh_ledger_commit(run->ledger, err) : code;
}

int rh_prove_noted(struct rh_ledger *ledger, int64_t row, struct rh_arena *arena, rh_time *out,
		   struct rh_err *err)
{
	struct rh_str value;
	char name[48];
	int code;

	name_fact(row, name);
	code = rh_ledger_fact(ledger, name, arena, &value, err);
	if (code == RH_OK && !rh_str_to_i64(value, out)) {
		*out = 0;
	}
	return code;
}

static int tell(struct rh_run *run, const struct rh_ledger_row *row, enum rh_proved proved,
		struct rh_err *err)
{
	static const char *const events[] = {
		[RH_PROVED] = "proved",
		[RH_UNPROVED] = "not-proved",
		[RH_UNTRIED] = "not-tried",
	};
	struct rh_event_number number = {.name = "row", .value = row->id};

	return run->events != NULL ? rh_events_run(run->events, events[proved], &number, 1, err)
				   : RH_OK;
}

static enum rh_proved verdict_of(const struct heard *heard)
{
	switch (heard->outcome) {
	case RH_OUTCOME_DONE:
		return RH_PROVED;
	case RH_OUTCOME_REJECTED:
		return RH_UNPROVED;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_ABSENT:
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_UNKNOWN:
	case RH_OUTCOME_DENIED:
		break;
	}
	return RH_UNTRIED;
}

int rh_prove_row(struct rh_run *run, const struct rh_ledger_row *row, struct rh_str password,
		 struct rh_arena *arena, enum rh_proved *out, struct rh_err *err)
{
	struct rh_row asked = {
		.source_id = row->source_id,
		.external_id = row->external_id,
		.target_id = row->target_id,
	};
	struct heard heard = {.arena = arena};
	bool needs_email = (run->target->caps.flags & RH_CAP_EMAIL_REQUIRED) != 0;
	int code = ask(run, RH_VERB_GET, &asked, &heard, err);

	*out = RH_UNTRIED;
	if (code != RH_OK || heard.outcome != RH_OUTCOME_DONE ||
	    (needs_email && !rh_str_is_set(heard.email))) {
		return code;
	}
	code = note(run, row, err);
	if (code != RH_OK) {
		return code;
	}
	asked.email = heard.email;
	asked.password = password;
	heard = (struct heard){.arena = arena};
	code = ask(run, RH_VERB_PROVE, &asked, &heard, err);
	if (code != RH_OK) {
		return code;
	}
	*out = verdict_of(&heard);
	return tell(run, row, *out, err);
}

/* The row of a known account; 0: this migration wrote none. */
static int find_row(struct rh_run *run, const struct rh_proof *proof, struct rh_arena *arena,
		    struct rh_ledger_row *row, struct rh_err *err)
{
	struct rh_row asked = {.email = proof->email};
	struct heard heard = {.arena = arena};
	int code;

	if (proof->source_id.ptr != NULL) {
		return rh_ledger_find(run->ledger, RH_KIND_USER, proof->source_id, arena, row, err);
	}
	code = ask(run, RH_VERB_FIND, &asked, &heard, err);
	if (code != RH_OK || !rh_str_is_set(heard.target_id)) {
		return code;
	}
	return rh_ledger_find_target(run->ledger, RH_KIND_USER, heard.target_id, arena, row, err);
}

/* As a canary it may have been signed in already (rule 1). */
static int prove_one(struct rh_run *run, struct rh_proof *proof, struct rh_arena *arena,
		     struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_ledger_row row = {.id = 0};
	enum rh_proved proved =
		proof->signed_in > 0 ? (enum rh_proved)(proof->signed_in - 1) : RH_UNTRIED;
	int code = proof->signed_in > 0 ? 0 : find_row(run, proof, arena, &row, err);

	if (code < 0) {
		return code;
	}
	if (code == 1 && ((1U << row.state) & THERE) != 0 &&
	    (row.parts_sent & RH_PART_CREDENTIAL) != 0) {
		code = rh_prove_row(run, &row, proof->password, arena, &proved, err);
		if (code != RH_OK) {
			return code;
		}
	}
	*(proved == RH_PROVED     ? &out->proved
	  : proved == RH_UNPROVED ? &out->unproved
				  : &out->untried) += 1;
	return RH_OK;
}

int rh_prove(struct rh_run *run, struct rh_proofs *proofs, struct rh_run_counts *out,
	     struct rh_err *err)
{
	struct rh_engine_counts requests;
	struct rh_arena arena;
	int code = run->target->ops[RH_KIND_USER][RH_VERB_PROVE] != NULL
			   ? rh_ledger_index(run->ledger, err)
			   : rh_err_set(err, RH_EUNSUPPORTED, "%s lets nobody sign in for a proof",
					run->target->title);

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	for (size_t i = 0; i < rh_proofs_count(proofs) && code == RH_OK; i++) {
		if (rh_run_stop_level(run) > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted");
			break;
		}
		rh_arena_reset(&arena);
		code = prove_one(run, rh_proofs_at(proofs, i), &arena, out, err);
	}
	rh_arena_done(&arena);
	rh_engine_count(run->engine, &requests);
	out->writes = requests.writes;
	out->reads = requests.reads;
	return code;
}
