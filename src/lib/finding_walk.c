/* SPDX-License-Identifier: Apache-2.0 */
/* Of whom the newest plan says what: from the source once more, the ledger, and the plan's exceptions. */
#include "base/err.h"
#include "base/str.h"
#include "lib/reread.h"

struct finding_walk {
	const char *codes; /* NULL: all */
	rh_finding_fn *fn;
	void *context;
};

static void hand_out(struct rh_passing *passing, const struct finding_walk *walk,
		     enum rh_finding_code code, const char *note, const char *path)
{
	const struct rh_account_line *line = &passing->line;
	struct rh_finding_line finding = {
		.source_id = line->source_id,
		.info = rh_finding_info(code),
		.note = note,
		.path = path,
		.state = line->state,
		.record = line->record,
		.file = line->file,
		.input = line->input,
	};

	if (!passing->is_ended && finding.info != NULL &&
	    (walk->codes == NULL || rh_is_among(walk->codes, finding.info->id))) {
		passing->is_ended = !walk->fn(walk->context, &finding);
	}
}

/* What the plan found by the ledger's row, without being an exception for it: an apply since has changed nothing of that. */
static int find_by_row(struct rh_passing *passing, const struct rh_assessed *assessed,
		       struct rh_err *err)
{
	static const enum rh_finding_code codes[] = {
		RH_FINDING_CHANGED_SINCE,
		RH_FINDING_PASSWORD_CHANGED,
		RH_FINDING_SAID_NO_MORE,
	};
	struct rh_collector *collector = &passing->collector;
	size_t before = collector->count;
	size_t kept = before;
	int code;

	if (!passing->has_row || rh_collector_refusal(collector) != NULL ||
	    (passing->is_exception && passing->exception.decision == RH_DECISION_REFUSE)) {
		return RH_OK;
	}
	code = rh_plan_look_again(&passing->inputs, passing->has_open_updates, &passing->row,
				  assessed, &passing->arena, collector, err);
	for (size_t i = before; i < collector->count && code == RH_OK; i++) {
		for (size_t n = 0; n < sizeof(codes) / sizeof(codes[0]); n++) {
			if (collector->items[i].code == codes[n]) {
				collector->items[kept++] = collector->items[i];
			}
		}
	}
	collector->count = code == RH_OK ? kept : before;
	return code;
}

/* Was it decided with more than the record (duplicates, who is there) that nothing of it goes? */
static bool stays(const struct rh_passing *passing)
{
	return passing->is_exception && passing->exception.decision != RH_DECISION_UPDATE &&
	       rh_collector_refusal(&passing->collector) == NULL;
}

/* The same one by one as the plan counted them: see rh_groups_add. */
static int find_all(struct rh_passing *passing, void *context, struct rh_err *err)
{
	const struct finding_walk *walk = context;
	struct rh_collector *collector = &passing->collector;
	enum rh_finding_code own = passing->is_exception ? passing->exception.code : 0;
	struct rh_assessed assessed;
	int code;

	if (passing->is_exception && (passing->exception.decision == RH_DECISION_LEFT_OUT ||
				      passing->exception.decision == RH_DECISION_BLOCKED)) {
		hand_out(passing, walk, own, "", "");
		return RH_OK;
	}
	code = rh_plan_assess(&passing->inputs, &passing->item, &passing->arena, collector,
			      &assessed, err);
	if (code == RH_OK) {
		code = find_by_row(passing, &assessed, err);
	}
	if (code == RH_OK && stays(passing)) {
		rh_collector_start(collector);
	}
	for (size_t i = 0; i < collector->count && code == RH_OK; i++) {
		const struct rh_collected *item = &collector->items[i];
		own = item->code == own ? 0 : own;
		if (rh_collector_counts(collector, i)) {
			hand_out(passing, walk, item->code, item->note, item->path);
		}
	}
	if (code == RH_OK && own != 0) {
		const char *note = passing->exception.note.ptr;
		hand_out(passing, walk, own, note != NULL ? note : "", "");
	}
	return code;
}

static int find_member(struct rh_passing *passing, const struct finding_walk *walk,
		       const struct rh_shared *shared, struct rh_err *err)
{
	int code;

	rh_arena_reset(&passing->arena);
	passing->item = (struct rh_source_item){
		.ordinal = shared->ordinal,
		.file = shared->file,
		.record = shared->record,
		.account = {.source_id = shared->source_id},
	};
	passing->is_exception = shared->decision != RH_DECISION_CREATE;
	passing->exception = (struct rh_exception){
		.ordinal = shared->ordinal,
		.decision = shared->decision,
		.source_id = shared->source_id,
	};
	code = rh_passing_line(passing, err);
	if (code == RH_OK) {
		hand_out(passing, walk, RH_FINDING_IDENTIFIER_SHARED,
			 rh_sharing_name(shared->sharing), "");
	}
	return code;
}

/* Who shares something that costs nobody anything: no single record says that, the plan keeps it. */
static int find_shared(struct rh_passing *passing, void *context, struct rh_err *err)
{
	const struct finding_walk *walk = context;
	struct rh_shares *shares = NULL;
	struct rh_shared shared;
	int code = rh_shares_open(&shares, &passing->migration->workspace,
				  passing->migration->plan.revision, err);

	while (code >= 0 && !passing->is_ended &&
	       (code = rh_shares_next(shares, &shared, err)) == 1) {
		if (!rh_sharing_refuses(shared.sharing)) {
			code = find_member(passing, walk, &shared, err);
		}
		if (code < 0) {
			break;
		}
	}
	rh_shares_close(shares);
	return code < 0 ? code : RH_OK;
}

int rh_migration_findings(struct rh_migration *migration, const char *codes, rh_finding_fn *fn,
			  void *context, struct rh_err *err)
{
	struct finding_walk walk = {.codes = codes, .fn = fn, .context = context};
	struct rh_passing passing = {.migration = migration};
	struct rh_err own;

	return rh_reread(&passing, find_all, find_shared, &walk, rh_migration_err(err, &own));
}
