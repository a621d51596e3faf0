/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a plan of mended records leaves as the plan before it had them (plan.h, P7), and who is told by the ledger. */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "plan/plan_internal.h"

/* Records without a mark after which an input is a newer export. */
enum { SEEN_MAX = 1000 };

#define MARK "rehome_code"

static const char sql_see[] = "INSERT INTO seen (source_id, is_marked, was_there) VALUES (?, ?, 0)";
static const char sql_forget_seen[] = "DELETE FROM seen";
static const char sql_carry[] =
	"INSERT OR IGNORE INTO earlier (revision, n, decision, code, source_id, target_id, path,"
	" note, file, number, input) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_index[] = "CREATE INDEX seen_ids ON seen (source_id)";
static const char sql_unindex[] = "DROP INDEX seen_ids";
/* Records that stand for somebody without an id of their own: their id is nobody's so far. */
static const char sql_strangers[] =
	"SELECT source_id, is_marked FROM seen WHERE NOT was_there AND (source_id IS NULL OR"
	" source_id NOT IN (SELECT source_id FROM earlier WHERE source_id IS NOT NULL AND code <>"
	" ?))";
/* An id that the plan before had seen stood for somebody then. */
static const char sql_was_there[] = "UPDATE seen SET was_there = 1 WHERE source_id = ?";
static const char sql_count_there[] = "SELECT count(*) FROM seen WHERE was_there";
static const char sql_named[] = "DELETE FROM earlier WHERE code <> ? AND source_id IN"
				" (SELECT source_id FROM seen)";
static const char sql_nameless[] =
	"DELETE FROM earlier WHERE (revision, n) IN (SELECT revision, n FROM earlier WHERE"
	" (source_id IS NULL OR code = ?1) AND (NOT ?2 OR code IN (?4, ?5) = (?2 = 1))"
	" ORDER BY revision, n LIMIT ?3)";
static const char sql_earlier[] =
	"SELECT revision, n, decision, code, source_id FROM earlier ORDER BY revision, n";
static const char sql_moved[] = "DELETE FROM earlier WHERE revision = ? AND n = ?";
static const char sql_own[] = "SELECT decision, code, source_id FROM exception";

int rh_plan_look_for_earlier(struct rh_plan_builder *builder, struct rh_err *err)
{
	int code = rh_plan_newest(builder->inputs.workspace, &builder->before, err);

	builder->is_mended = builder->inputs.settings->mended;
	builder->sees = builder->before > 0;
	return code;
}

/* ---- what the input holds --------------------------------------------------------------------------------- */

static bool holds(struct rh_str text, const char *part)
{
	return text.ptr != NULL && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static bool is_marked(struct rh_plan_builder *builder, const struct rh_source *source,
		      const struct rh_source_item *item)
{
	const struct rh_input *input = rh_source_input(source, item->file);

	if (builder->file != item->file + 1) {
		builder->file = item->file + 1;
		builder->is_marked = input->separator != '\0' && holds(input->header, MARK);
	}
	return builder->is_marked ||
	       (input->separator == '\0' && !item->is_bad && holds(item->raw, "\"" MARK "\""));
}

int rh_plan_see(struct rh_plan_builder *builder, const struct rh_source *source,
		const struct rh_source_item *item, struct rh_err *err)
{
	struct rh_statement *see;
	bool has_mark;
	int code;

	if (!builder->sees) {
		return RH_OK;
	}
	has_mark = is_marked(builder, source, item);
	builder->is_mended = builder->is_mended || has_mark;
	if (!builder->is_mended && item->ordinal > SEEN_MAX) {
		builder->sees = false;
		return rh_db_exec(builder->exceptions, sql_forget_seen, err);
	}
	code = rh_db_prepare(builder->exceptions, sql_see, &see, err);
	if (code != RH_OK) {
		return code;
	}
	rh_bind_text(see, 1, item->account.source_id);
	rh_bind_i64(see, 2, has_mark);
	return rh_run(see, err);
}

/* ---- whom it leaves --------------------------------------------------------------------------------------- */

static int carry_one(struct rh_plan_builder *builder, const struct rh_exception *exception,
		     int64_t revision, struct rh_str input, struct rh_err *err)
{
	struct rh_statement *carry;
	int code;

	if (exception->decision != RH_DECISION_REFUSE && exception->decision != RH_DECISION_SKIP &&
	    exception->decision != RH_DECISION_LEFT_OUT &&
	    exception->decision != RH_DECISION_BLOCKED) {
		return RH_OK;
	}
	if ((code = rh_db_prepare(builder->exceptions, sql_carry, &carry, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(carry, 1, revision);
	rh_bind_i64(carry, 2, (int64_t)exception->ordinal);
	rh_bind_i64(carry, 3, exception->decision);
	rh_bind_i64(carry, 4, exception->code);
	rh_bind_text(carry, 5, exception->source_id);
	rh_bind_text(carry, 6, exception->target_id);
	rh_bind_text(carry, 7, exception->path);
	rh_bind_text(carry, 8, exception->note);
	rh_bind_i64(carry, 9, exception->file);
	rh_bind_i64(carry, 10, (int64_t)exception->record);
	rh_bind_text(carry, 11, input);
	return rh_run(carry, err);
}

/* Whom the plan before carried on itself. */
static int carry_on(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	int code = rh_exceptions_open_earlier(&exceptions, builder->inputs.workspace,
					      builder->before, err);

	while (code >= 0 && (code = rh_exceptions_next(exceptions, &exception, err)) == 1) {
		code = carry_one(builder, &exception, exception.revision, exception.input, err);
	}
	rh_exceptions_close(exceptions);
	return code;
}

/* The plan before's own. */
static int carry_own(struct rh_plan_builder *builder, const struct rh_plan *before,
		     struct rh_err *err)
{
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	int code =
		rh_exceptions_open(&exceptions, builder->inputs.workspace, before->revision, err);

	while (code >= 0 && (code = rh_exceptions_next(exceptions, &exception, err)) == 1) {
		struct rh_str input = exception.file < before->input_count
					      ? before->inputs[exception.file]
					      : RH_STR_ABSENT;
		code = carry_one(builder, &exception, before->revision, input, err);
	}
	rh_exceptions_close(exceptions);
	return code;
}

/* Ids that the plan before saw, where it was one of mended records itself. */
static int mark_seen(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct rh_exceptions *ids = NULL;
	struct rh_exception id;
	int code = rh_exceptions_open_seen(&ids, builder->inputs.workspace, builder->before, err);

	while (code >= 0 && (code = rh_exceptions_next(ids, &id, err)) == 1) {
		struct rh_statement *was_there;
		code = rh_db_prepare(builder->exceptions, sql_was_there, &was_there, err);
		if (code == RH_OK) {
			rh_bind_text(was_there, 1, id.source_id);
			code = rh_run(was_there, err);
		}
	}
	rh_exceptions_close(ids);
	return code;
}

/* Has the ledger a row of this id that is not undone? */
static int is_known(const struct rh_plan_builder *builder, struct rh_str source_id,
		    struct rh_arena *arena, struct rh_err *err)
{
	struct rh_ledger_row row;

	if (!builder->has_ledger_rows || source_id.ptr == NULL) {
		return 0;
	}
	rh_arena_reset(arena);
	return rh_ledger_find(builder->inputs.ledger, RH_KIND_USER, source_id, arena, &row, err);
}

/* Those without an id of their own that the mended files have a record for; `kind` 1: well-formed ones, 2: broken,
 * 0: either. */
static int cover(struct rh_plan_builder *builder, int kind, uint64_t *records, struct rh_err *err)
{
	struct rh_statement *nameless;
	int code = rh_db_prepare(builder->exceptions, sql_nameless, &nameless, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(nameless, 1, RH_FINDING_SOURCE_ID_TWICE);
	rh_bind_i64(nameless, 2, kind);
	rh_bind_i64(nameless, 3, (int64_t)*records);
	rh_bind_i64(nameless, 4, RH_FINDING_SOURCE_ID_TWICE);
	rh_bind_i64(nameless, 5, RH_FINDING_SOURCE_ID_MISSING);
	code = rh_run(nameless, err);
	*records -= rh_db_changed(builder->exceptions);
	return code;
}

/* How many of the records have an id that nobody had; marked or not. */
static int count_strangers(struct rh_plan_builder *builder, struct rh_arena *arena,
			   uint64_t records[2], struct rh_err *err)
{
	struct rh_statement *strangers;
	int code = rh_db_prepare(builder->exceptions, sql_strangers, &strangers, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(strangers, 1, RH_FINDING_SOURCE_ID_TWICE);
	while ((code = rh_step(strangers, err)) == 1) {
		bool has_mark = rh_column_i64(strangers, 1) != 0;
		code = is_known(builder, rh_column_text(strangers, 0), arena, err);
		if (code < 0) {
			rh_reset(strangers);
			return code;
		}
		records[has_mark] += code == 0 ? 1 : 0;
	}
	return code;
}

static int leave_mended(struct rh_plan_builder *builder, struct rh_arena *arena, struct rh_err *err)
{
	uint64_t records[2] = {0};
	struct rh_statement *named;
	int code;

	if ((code = rh_db_exec(builder->exceptions, sql_index, err)) != RH_OK ||
	    (code = mark_seen(builder, err)) != RH_OK ||
	    (code = count_strangers(builder, arena, records, err)) != RH_OK ||
	    (code = rh_db_prepare(builder->exceptions, sql_named, &named, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(named, 1, RH_FINDING_SOURCE_ID_TWICE);
	if ((code = rh_run(named, err)) != RH_OK ||
	    (code = cover(builder, 1, &records[1], err)) != RH_OK ||
	    (code = cover(builder, 2, &records[0], err)) != RH_OK) {
		return code;
	}
	records[0] += records[1];
	code = cover(builder, 0, &records[0], err);
	return code == RH_OK ? rh_db_exec(builder->exceptions, sql_unindex, err) : code;
}

/* ---- counts ----------------------------------------------------------------------------------------------- */

static int drop_earlier(struct rh_plan_builder *builder, int64_t revision, int64_t n,
			struct rh_err *err)
{
	struct rh_statement *moved;
	int code = rh_db_prepare(builder->exceptions, sql_moved, &moved, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(moved, 1, revision);
	rh_bind_i64(moved, 2, n);
	return rh_run(moved, err);
}

static void count_earlier(struct rh_plan_counts *counts, enum rh_decision decision)
{
	counts->earlier_refuse += decision == RH_DECISION_REFUSE ? 1 : 0;
	counts->earlier_skip += decision == RH_DECISION_SKIP ? 1 : 0;
	counts->earlier_left_out += decision == RH_DECISION_LEFT_OUT ? 1 : 0;
	counts->earlier_blocked += decision == RH_DECISION_BLOCKED ? 1 : 0;
}

/* Whom an apply has tried since is told by the ledger; the blocked are told beside it. */
static int count_carried(struct rh_plan_builder *builder, struct rh_arena *arena,
			 struct rh_err *err)
{
	struct rh_statement *earlier;
	int code = rh_db_prepare(builder->exceptions, sql_earlier, &earlier, err);

	while (code >= 0 && (code = rh_step(earlier, err)) == 1) {
		enum rh_decision decision = (enum rh_decision)rh_column_i64(earlier, 2);
		bool is_twin = rh_column_i64(earlier, 3) == RH_FINDING_SOURCE_ID_TWICE;
		int found = is_twin ? 0 : is_known(builder, rh_column_text(earlier, 4), arena, err);
		if (found >= 0 && (found == 1) != (decision == RH_DECISION_BLOCKED)) {
			found = drop_earlier(builder, rh_column_i64(earlier, 0),
					     rh_column_i64(earlier, 1), err);
		} else if (found >= 0) {
			count_earlier(&builder->counts, decision);
		}
		code = found < 0 ? found : code;
	}
	return code;
}

static void count_known(struct rh_plan_counts *counts, enum rh_decision decision)
{
	counts->known++;
	counts->known_skip += decision == RH_DECISION_SKIP ? 1 : 0;
	counts->known_refuse += decision == RH_DECISION_REFUSE ? 1 : 0;
	counts->known_left_out += decision == RH_DECISION_LEFT_OUT ? 1 : 0;
	counts->known_again +=
		decision == RH_DECISION_LINK || decision == RH_DECISION_UPDATE ? 1 : 0;
}

static int count_own(struct rh_plan_builder *builder, struct rh_arena *arena, struct rh_err *err)
{
	struct rh_statement *own;
	int code;

	if (!builder->has_ledger_rows) {
		return RH_OK;
	}
	code = rh_db_prepare(builder->exceptions, sql_own, &own, err);
	while (code >= 0 && (code = rh_step(own, err)) == 1) {
		bool is_twin = rh_column_i64(own, 1) == RH_FINDING_SOURCE_ID_TWICE;
		int found = is_twin ? 0 : is_known(builder, rh_column_text(own, 2), arena, err);
		if (found == 1) {
			count_known(&builder->counts, (enum rh_decision)rh_column_i64(own, 0));
		}
		code = found < 0 ? found : code;
	}
	return code;
}

/* Whom the plan before wanted and no apply tried, if they are not in this input. */
static int count_waiting(struct rh_plan_builder *builder, const struct rh_plan_counts *before,
			 struct rh_err *err)
{
	struct rh_statement *there;
	uint64_t wanted =
		before->create + before->link + before->update - before->known_again + before->rows;
	uint64_t known = builder->counts.rows;
	int code = rh_db_prepare(builder->exceptions, sql_count_there, &there, err);

	if (code == RH_OK && (code = rh_step(there, err)) == 1) {
		known += (uint64_t)rh_column_i64(there, 0);
	}
	if (code >= 0) {
		rh_reset(there);
		builder->counts.earlier_open += wanted > known ? wanted - known : 0;
	}
	return code < 0 ? code : RH_OK;
}

static int carry(struct rh_plan_builder *builder, const char *inputs_digest, struct rh_arena *arena,
		 struct rh_err *err)
{
	struct rh_plan before = {0};
	int code;

	if (!builder->sees || !builder->is_mended) {
		return rh_db_exec(builder->exceptions, sql_forget_seen, err);
	}
	if ((code = rh_plan_load(builder->inputs.workspace, builder->before, &before, err)) !=
	    RH_OK) {
		return code;
	}
	builder->counts.earlier_open = before.counts.earlier_open;
	code = carry_on(builder, err);
	/* The same input again leaves whom it left. */
	if (code == RH_OK && strcmp(before.inputs_digest, inputs_digest) != 0) {
		code = carry_own(builder, &before, err);
		code = code == RH_OK ? leave_mended(builder, arena, err) : code;
		code = code == RH_OK ? count_waiting(builder, &before.counts, err) : code;
	}
	rh_plan_done(&before);
	return code;
}

int rh_plan_carry(struct rh_plan_builder *builder, const char *inputs_digest, struct rh_err *err)
{
	struct rh_arena arena;
	int code;

	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	code = carry(builder, inputs_digest, &arena, err);
	if (code == RH_OK) {
		code = count_carried(builder, &arena, err);
	}
	if (code == RH_OK) {
		code = count_own(builder, &arena, err);
	}
	rh_arena_done(&arena);
	return code;
}
