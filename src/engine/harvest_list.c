/* SPDX-License-Identifier: Apache-2.0 */
/* One list of the source, page by page into the stream (harvest.h, H3, H5 to H7). */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <rehome/entity.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "config/options.h"
#include "crypto/digest.h"
#include "engine/harvest_internal.h"
#include "plan/workspace.h"

/* What is lost with the machine, at most; what the process leaves is there in any case. */
#define SYNC_EVERY_US RH_SECOND

static const char *const nouns[RH_KINDS] = {
	[RH_KIND_PERMISSION] = "permissions",
	[RH_KIND_ROLE] = "roles",
	[RH_KIND_ORGANIZATION] = "organizations",
	[RH_KIND_DOMAIN] = "domains",
	[RH_KIND_USER] = "users",
	[RH_KIND_IDENTIFIER] = "identifiers",
	[RH_KIND_FACTOR] = "factors",
	[RH_KIND_IDENTITY] = "identities",
	[RH_KIND_MEMBERSHIP] = "memberships",
	[RH_KIND_GRANT] = "grants",
	[RH_KIND_INVITATION] = "invitations",
	[RH_KIND_SETTING] = "settings",
	[RH_KIND_AUTH] = "tokens",
};

const char *rh_glean_noun(enum rh_kind kind)
{
	return nouns[kind];
}

int rh_glean_refuse(struct rh_gleaning *gleaning, const char *why)
{
	gleaning->is_incomplete = true;
	(void)rh_err_set(gleaning->err, RH_ENET,
			 "the %s of the source were not read to their end: %s",
			 nouns[gleaning->kind], why);
	rh_err_hint(gleaning->err, "What was read is thrown away; the next plan reads anew.");
	return RH_ENET;
}

/* ---- one page ------------------------------------------------------------------------------------------- */

/* The id by which a record is known again, or else its whole text. */
static struct rh_gleaned_id id_of(const struct rh_gleaning *gleaning,
				  const struct rh_record *record, struct rh_str text)
{
	struct rh_gleaned_id id;
	struct rh_str name = rh_json_get_string(record->json, "id");

	rh_digest_key128(gleaning->run->workspace->match_key, rh_str_is_set(name) ? name : text,
			 id.half);
	return id;
}

static bool is_of_last_page(const struct rh_gleaning *gleaning, const struct rh_gleaned_id *id)
{
	for (size_t i = 0; i < gleaning->last_count; i++) {
		if (memcmp(&gleaning->last[i], id, sizeof(*id)) == 0) {
			return true;
		}
	}
	return false;
}

/* The records as lines in `text`, their ids in `ids`; of a page that is read again those that are new.  Their number. */
static size_t write_lines(struct rh_gleaning *gleaning, const struct rh_operation *operation,
			  bool is_again, struct rh_gleaned_id *ids)
{
	struct rh_json_writer writer;
	size_t count = 0;

	rh_buf_reset(&gleaning->text);
	for (size_t i = 0; i < operation->record_count; i++) {
		const struct rh_record *record = &operation->records[i];
		size_t start = gleaning->text.len;
		rh_json_writer_init(&writer, &gleaning->text);
		rh_json_put_node(&writer, record->json);
		if (gleaning->text.failed != 0) {
			return 0;
		}
		ids[count] = id_of(gleaning, record,
				   rh_str_sub(rh_buf_str(&gleaning->text), start, SIZE_MAX));
		if (is_again && is_of_last_page(gleaning, &ids[count])) {
			gleaning->text.len = start;
			continue;
		}
		rh_buf_add_char(&gleaning->text, '\n');
		count++;
	}
	return count;
}

static int sync_due(struct rh_gleaning *gleaning)
{
	struct rh_clock *clock = gleaning->run->clock;
	rh_time now = clock->steady(clock);

	if (now - gleaning->synced_at < SYNC_EVERY_US) {
		return RH_OK;
	}
	gleaning->synced_at = now;
	return rh_stream_sync(gleaning->writer, gleaning->err);
}

/* Tests end the process behind its n-th page: REHOME_TEST_KILL_PAGE. */
#ifdef RH_TEST_HOOKS
static void test_kill(struct rh_gleaning *gleaning)
{
	const char *text = rh_environment("REHOME_TEST_KILL_PAGE");
	uint64_t page;

	gleaning->pages++;
	if (text != NULL && rh_str_to_u64(rh_str_from(text), &page) && page == gleaning->pages) {
		(void)kill(getpid(), SIGKILL); /* does not return */
	}
}
#else
static void test_kill(struct rh_gleaning *)
{
}
#endif

static int keep_page(struct rh_gleaning *gleaning, const struct rh_operation *operation,
		     bool is_again)
{
	rh_autofree struct rh_gleaned_id *ids =
		rh_calloc(operation->record_count + 1, sizeof(*ids));
	struct rh_stream_page page;
	bool was = false;
	size_t count;
	int code;

	if (ids == NULL) {
		return rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
	}
	count = write_lines(gleaning, operation, is_again, ids);
	code = rh_buf_check(&gleaning->text, "a page of the source", gleaning->err);
	if (code == RH_OK && count > 0 && !is_again) {
		code = rh_glean_note(gleaning, 'p',
				     (struct rh_str){.ptr = (const char *)ids, .len = sizeof(*ids)},
				     &was);
	}
	if (code == RH_OK && was) {
		return rh_glean_refuse(gleaning, "a page came that was there before");
	}
	if (code == RH_OK) {
		code = rh_glean_mark(gleaning, ids, count);
	}
	page = (struct rh_stream_page){.lines = count,
				       .mark = rh_buf_str(&gleaning->mark),
				       .text = rh_buf_str(&gleaning->text)};
	if (code == RH_OK && (count > 0 || !is_again)) {
		code = rh_stream_add(gleaning->writer, &page, gleaning->err);
		test_kill(gleaning);
	}
	if (code == RH_OK) {
		code = rh_glean_add_ids(gleaning, ids, count, is_again);
	}
	return code == RH_OK ? sync_due(gleaning) : code;
}

/* ---- page by page --------------------------------------------------------------------------------------- */

static void take_page(void *context, struct rh_operation *operation,
		      const struct rh_answer *answer);

static int ask_for_page(struct rh_gleaning *gleaning)
{
	struct rh_job_spec spec = {.kind = gleaning->kind,
				   .verb = RH_VERB_LIST,
				   .cursor = gleaning->at,
				   .has_row = gleaning->parent != 0,
				   .row = {.links = &gleaning->links},
				   .done = take_page,
				   .context = gleaning};

	return rh_engine_submit(gleaning->run->engine, &spec, gleaning->err);
}

/* The next page is asked for before this one is written: the source works meanwhile. */
static int go_on(struct rh_gleaning *gleaning, struct rh_str next)
{
	bool was = false;
	int code = RH_OK;

	if (next.ptr != NULL) {
		code = rh_glean_note(gleaning, 'c', next, &was);
	}
	if (code == RH_OK && was) {
		return rh_glean_refuse(gleaning, "a cursor leads back to a page that was read");
	}
	if (code == RH_OK) {
		code = rh_glean_turn(gleaning, next);
	}
	if (code != RH_OK || gleaning->at.ptr == NULL || rh_run_stop_level(gleaning->run) > 0) {
		return code;
	}
	code = ask_for_page(gleaning);
	rh_engine_push(gleaning->run->engine);
	return code;
}

static int say_failed(struct rh_gleaning *gleaning, const struct rh_answer *answer)
{
	bool is_denied = answer->outcome == RH_OUTCOME_DENIED;
	int code = rh_err_set(gleaning->err, is_denied ? RH_EDENIED : RH_ENET,
			      "the %s of the source could not be read: %s", nouns[gleaning->kind],
			      answer->cause != NULL ? answer->cause : "no cause given");

	if (is_denied && gleaning->kind != RH_KIND_USER) {
		rh_err_hint(gleaning->err,
			    "Give the key that permission, or go on without them: "
			    "--without %s.",
			    nouns[gleaning->kind]);
	}
	return code;
}

static void take_page(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_gleaning *gleaning = context;
	bool is_again = gleaning->is_again;

	if (gleaning->code != RH_OK) {
		return;
	}
	gleaning->is_again = false;
	if (answer->kind != RH_ANSWER_DONE) {
		gleaning->code = say_failed(gleaning, answer);
		return;
	}
	if (operation->snapshot_ref != 0) {
		gleaning->code = rh_err_set(gleaning->err, RH_EUNSUPPORTED,
					    "the source answers with a download");
		return;
	}
	gleaning->told = operation->total;
	gleaning->code = go_on(gleaning, operation->next_cursor);
	if (gleaning->code == RH_OK) {
		gleaning->code = keep_page(gleaning, operation, is_again);
	}
}

static int walk(struct rh_gleaning *gleaning)
{
	struct rh_run *run = gleaning->run;
	int code = ask_for_page(gleaning);

	while (code == RH_OK && rh_engine_open(run->engine) > 0) {
		code = rh_run_turn(run, gleaning->err);
		rh_run_show(run, RH_PHASE_HARVEST, gleaning->lines,
			    gleaning->lines <= gleaning->total ? gleaning->total : 0, false);
	}
	if (code == RH_OK) {
		code = gleaning->code;
	}
	if (code == RH_OK && rh_run_stop_level(run) > 0) {
		code = rh_err_set(gleaning->err, RH_EINTERRUPTED,
				  "interrupted while reading the source");
	}
	return code;
}

int rh_glean_list(struct rh_gleaning *gleaning)
{
	if (gleaning->is_begun &&
	    gleaning->at.ptr == NULL) { /* over: its last page once more (H5) */
		gleaning->at = gleaning->asked;
		gleaning->cursor_at = 1 - gleaning->cursor_at;
		gleaning->is_again = true;
	}
	return walk(gleaning);
}

/* ---- counting --------------------------------------------------------------------------------------------- */

struct count_box {
	uint64_t total;
	bool is_known;
	const char *cause;
};

static void keep_count(void *context, struct rh_operation *operation,
		       const struct rh_answer *answer)
{
	struct count_box *box = context;

	box->is_known = answer->kind == RH_ANSWER_DONE;
	box->total = operation->total;
	box->cause = answer->cause;
}

int rh_glean_count(struct rh_gleaning *gleaning, uint64_t *out, bool *is_known)
{
	struct rh_run *run = gleaning->run;
	struct count_box box = {0};
	struct rh_job_spec spec = {.kind = gleaning->kind,
				   .verb = RH_VERB_COUNT,
				   .done = keep_count,
				   .context = &box};
	int code;

	*is_known = false;
	if (run->target->ops[gleaning->kind][RH_VERB_COUNT] == NULL) {
		*is_known = gleaning->told > 0;
		*out = gleaning->told;
		return RH_OK;
	}
	code = rh_engine_run(run->engine, &spec, gleaning->err);
	if (code == RH_OK && !box.is_known) {
		/* It counts: that it cannot say so now is no leave to do without. */
		code = rh_err_set(gleaning->err, RH_ENET,
				  "the source could not say how many %s it has: %s",
				  nouns[gleaning->kind],
				  box.cause != NULL ? box.cause : "no cause given");
	}
	*is_known = code == RH_OK;
	*out = box.total;
	return code;
}
