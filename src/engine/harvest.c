/* SPDX-License-Identifier: Apache-2.0 */
/* A living source, kind by kind into its streams; the rules stand in the header. */
#include "engine/harvest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/harvest_internal.h"
#include "plan/live.h"
#include "plan/workspace.h"
#include "read/reader.h"

/* In the snapshot folder: when the reading began that no plan was made from yet (H3). */
#define READING "live.reading"
#define READING_MAX 64
#define GOES_ON_US (24 * 3600 * RH_SECOND)
#define IDS_BYTES (8U * 1024 * 1024)
/* Lines that came again, in one stream: more is no list that can be read. */
#define REPEATED_MAX (1U << 20)
/* H5: how often the last page is asked for again, while the source counts more than it lists. */
#define AGAIN_MAX 50
#define AGAIN_IN_VAIN_MAX 3

/* ---- the reading ------------------------------------------------------------------------------------------ */

/* What has to be the same for a stream to be of this reading: the head that it begins with. */
static int write_head(const struct rh_run *run, const struct rh_harvest *harvest, enum rh_kind kind,
		      rh_time reading, struct rh_buf *out, struct rh_err *err)
{
	struct rh_endpoint endpoint;
	struct rh_str key;
	int code = run->target->describe(run->target_instance, &endpoint, err);

	if (code != RH_OK) {
		return code;
	}
	key = endpoint.key.ptr != NULL ? endpoint.key : RH_STR("");
	rh_buf_printf(out, "%s\n%s\n%s\n", run->target->name, rh_kind_name(kind), endpoint.origin);
	rh_buf_add_str(out, harvest->tenant);
	rh_buf_printf(out, "\n%llx\n%lld\n",
		      (unsigned long long)rh_digest_key64(run->workspace->digest_key, key),
		      (long long)reading);
	return rh_buf_check(out, "the head of a snapshot", err);
}

static int reading_path(const struct rh_workspace *workspace, char **out, struct rh_err *err)
{
	return rh_workspace_file(workspace, "snapshot", READING, out, err);
}

int rh_harvest_used(const struct rh_workspace *workspace, struct rh_err *err)
{
	rh_autofree char *path = NULL;
	int code = reading_path(workspace, &path, err);

	return code == RH_OK ? rh_file_remove(path, err) : code;
}

/* The moment that names the reading: of the one that is to go on, or now. */
static int begin_reading(const struct rh_run *run, rh_time *out, struct rh_err *err)
{
	rh_autofree char *path = NULL;
	rh_autobuf text = {0};
	rh_time now = rh_run_now(run);
	int code = reading_path(run->workspace, &path, err);

	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&text, READING_MAX);
	if (rh_file_exists(path) && rh_file_read(path, &text, NULL) == RH_OK &&
	    rh_str_to_i64(rh_buf_str(&text), out) && *out <= now && now - *out < GOES_ON_US) {
		return RH_OK;
	}
	*out = now;
	rh_buf_reset(&text);
	rh_buf_printf(&text, "%lld", (long long)now);
	code = rh_buf_check(&text, "the name of a reading", err);
	return code == RH_OK ? rh_file_write(path, rh_buf_str(&text), err) : code;
}

/* ---- one kind ----------------------------------------------------------------------------------------------- */

struct taking_up {
	struct rh_gleaning *gleaning;
	struct rh_str head; /* that is wanted */
	bool is_other;      /* it is another one */
};

static int take_up(void *context, struct rh_str head, const struct rh_stream_page *page,
		   struct rh_err *err)
{
	struct taking_up *taking = context;

	if (page != NULL) {
		return rh_glean_take_up(taking->gleaning, page);
	}
	taking->is_other = !rh_str_eq(head, taking->head);
	return taking->is_other ? rh_err_set(err, RH_ESTATE, "another reading") : RH_OK;
}

static int forget_what_came(struct rh_gleaning *gleaning)
{
	rh_autofree char *path = NULL;
	int code = rh_workspace_file(gleaning->run->workspace, "snapshot", "live-ids", &path,
				     gleaning->err);

	rh_map_free(gleaning->seen);
	rh_sorter_free(gleaning->ids);
	gleaning->ids = NULL;
	gleaning->lines = 0;
	rh_glean_begin(gleaning, 0, RH_STR_ABSENT);
	gleaning->seen = rh_map_new((uint64_t)rh_run_now(gleaning->run));
	if (code != RH_OK || gleaning->seen == NULL) {
		return code != RH_OK ? code : rh_err_set(gleaning->err, RH_ENOMEM, "out of memory");
	}
	return rh_sorter_new(&gleaning->ids, rh_take(&path), IDS_BYTES, gleaning->err);
}

/* Goes on with what is there, or begins. */
static int open_stream(struct rh_gleaning *gleaning, const char *path, struct rh_str head)
{
	const uint8_t *key = gleaning->run->workspace->snapshot_key;
	struct taking_up taking = {.gleaning = gleaning, .head = head};
	int code = forget_what_came(gleaning);

	if (code != RH_OK) {
		return code;
	}
	code = rh_stream_resume(&gleaning->writer, path, key, take_up, &taking, gleaning->err);
	gleaning->out->has_gone_on = code == 1 && gleaning->is_begun;
	if (code == 1 || (code < 0 && !taking.is_other && code != RH_EMISMATCH)) {
		return code == 1 ? RH_OK : code;
	}
	*gleaning->err = (struct rh_err){0};
	code = forget_what_came(gleaning); /* a damaged one may have been taken up in part */
	return code == RH_OK ? rh_stream_create(&gleaning->writer, path, key, head, gleaning->err)
			     : code;
}

/* H5: the list in hand was walked to its end; on as long as the source counts more. */
static int complete_list(struct rh_gleaning *gleaning)
{
	unsigned in_vain = 0;
	bool is_known = false;
	int code = RH_OK;

	for (unsigned i = 0; code == RH_OK; i++) {
		uint64_t lines = gleaning->list_lines;
		code = rh_glean_count(gleaning, &gleaning->after, &is_known);
		if (code != RH_OK || !is_known || lines >= gleaning->after || i == AGAIN_MAX ||
		    in_vain == AGAIN_IN_VAIN_MAX) {
			break;
		}
		code = rh_glean_list(gleaning);
		in_vain = gleaning->list_lines > lines ? 0 : in_vain + 1;
	}
	if (!gleaning->is_counted) { /* where only the pages say it */
		gleaning->before = gleaning->after;
	}
	gleaning->is_counted = is_known;
	return code;
}

/* H7: are as many ids there as the lower count says? */
static int check_count(struct rh_gleaning *gleaning, uint64_t ids)
{
	uint64_t least = gleaning->before < gleaning->after ? gleaning->before : gleaning->after;
	char why[128];

	if (!gleaning->is_counted || ids >= least) {
		return RH_OK;
	}
	(void)snprintf(why, sizeof(why), "%llu of %llu came", (unsigned long long)ids,
		       (unsigned long long)least);
	return rh_glean_refuse(gleaning, why);
}

static int glean_one_list(struct rh_gleaning *gleaning)
{
	const struct rh_connector *source = gleaning->run->target;
	int code = RH_OK;

	gleaning->is_counted = false;
	if (gleaning->parent == 0 && source->ops[gleaning->kind][RH_VERB_COUNT] != NULL) {
		code = rh_glean_count(gleaning, &gleaning->before, &gleaning->is_counted);
		gleaning->total = gleaning->before;
	}
	if (code == RH_OK) {
		code = rh_glean_list(gleaning);
	}
	if (code == RH_OK) {
		code = complete_list(gleaning);
	}
	return code == RH_OK ? check_count(gleaning, gleaning->list_lines) : code;
}

/* ---- lists by organization (H9) ---------------------------------------------------------------------------- */

static void ignore_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	(void)sink; /* what is wrong with the organization is told when it is planned */
	(void)finding;
}

static int glean_of(struct rh_gleaning *gleaning, uint64_t number, const struct rh_record *record,
		    struct rh_arena *arena)
{
	const struct rh_run *run = gleaning->run;
	struct rh_finding_sink nowhere = {.add = ignore_finding};
	struct rh_entity organization = {0};
	int code;

	rh_arena_reset(arena);
	code = run->target->entities->from_record(run->target_instance, RH_KIND_ORGANIZATION,
						  record, &run->policy, arena, &nowhere,
						  &organization, gleaning->err);
	if (code != RH_OK || organization.source_id.ptr == NULL) {
		return code;
	}
	if (number != gleaning->parent) { /* else it is the one that a page was kept of */
		rh_glean_begin(gleaning, number, RH_STR_ABSENT);
	}
	gleaning->links = (struct rh_links){.organization = organization.source_id};
	return glean_one_list(gleaning);
}

static int glean_by_organization(struct rh_gleaning *gleaning)
{
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_item item;
	struct rh_arena arena;
	int code = rh_live_bytes(gleaning->run->workspace, RH_KIND_ORGANIZATION, &bytes,
				 gleaning->err);

	if (code == RH_OK) {
		code = rh_reader_open(&reader, bytes, gleaning->err);
	}
	if (code != RH_OK) {
		return code;
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	for (uint64_t number = 1; code == RH_OK; number++) {
		code = rh_reader_next(reader, &item, gleaning->err);
		if (code != 1) {
			break;
		}
		code = item.is_bad || number < gleaning->parent
			       ? RH_OK
			       : glean_of(gleaning, number, &item.record, &arena);
	}
	rh_arena_done(&arena);
	rh_reader_close(reader);
	return code;
}

/* ---- the end of a kind --------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a;
	uint64_t other = *(const uint64_t *)b;

	return one < other ? -1 : one > other;
}

/* H6: lines whose id was there before, by number. */
static int find_repeated(struct rh_gleaning *gleaning, struct rh_buf *out)
{
	struct rh_entry before = {0};
	struct rh_entry entry;
	int code = rh_sorter_rewind(gleaning->ids, gleaning->err);

	while (code == RH_OK &&
	       (code = rh_sorter_next(gleaning->ids, &entry, gleaning->err)) == 1) {
		code = RH_OK;
		if (before.info != 0 && before.high == entry.high && before.low == entry.low) {
			rh_buf_add(out, &entry.info, sizeof(entry.info));
		} else {
			before = entry;
		}
	}
	if (code == RH_OK && out->failed == RH_ELIMIT) {
		return rh_glean_refuse(gleaning, "the same ones come again and again");
	}
	if (code == RH_OK) {
		code = rh_buf_check(out, "what came twice", gleaning->err);
	}
	if (code == RH_OK && out->len > 0) {
		qsort(out->ptr, out->len / sizeof(uint64_t), sizeof(uint64_t), compare_numbers);
	}
	return code;
}

static int end_stream(struct rh_gleaning *gleaning)
{
	rh_autobuf repeated = {0};
	size_t count;
	int code;

	rh_buf_init(&repeated, REPEATED_MAX * sizeof(uint64_t));
	code = find_repeated(gleaning, &repeated);
	count = repeated.len / sizeof(uint64_t);
	if (code == RH_OK && gleaning->parent == 0) {
		code = check_count(gleaning, gleaning->lines - count);
	}
	if (code == RH_OK) {
		code = rh_stream_finish(rh_take(&gleaning->writer),
					(const uint64_t *)(const void *)repeated.ptr, count,
					gleaning->err);
	}
	gleaning->out->records = gleaning->lines - count;
	gleaning->out->repeated = count;
	gleaning->out->is_counted = gleaning->parent == 0 && gleaning->is_counted;
	gleaning->out->before = gleaning->before;
	gleaning->out->after = gleaning->after;
	return code;
}

/* Is a finished stream of this reading there? */
static bool is_there(const struct rh_gleaning *gleaning, const char *path, struct rh_str head)
{
	struct rh_stream_end end;
	rh_autobuf found = {0};

	rh_buf_init(&found, head.len + 1);
	if (!rh_file_exists(path) ||
	    rh_stream_look(path, gleaning->run->workspace->snapshot_key, &found, &end, NULL) !=
		    RH_OK ||
	    !rh_str_eq(rh_buf_str(&found), head)) {
		return false;
	}
	*gleaning->out = (struct rh_harvested){.records = end.lines - end.left_out,
					       .repeated = end.left_out,
					       .has_gone_on = true};
	return true;
}

static int glean_kind(struct rh_gleaning *gleaning, const char *path, struct rh_str head)
{
	const struct rh_connector *source = gleaning->run->target;
	bool is_by_organization =
		source->entities != NULL &&
		(source->entities->listed_by_organization >> gleaning->kind & 1U) != 0;
	int code;

	if (source->ops[gleaning->kind][RH_VERB_LIST] == NULL) {
		return rh_err_set(gleaning->err, RH_EUNSUPPORTED,
				  "the API of this provider is not read for %s",
				  rh_glean_noun(gleaning->kind));
	}
	code = open_stream(gleaning, path, head);
	if (code == RH_OK) {
		code = is_by_organization ? glean_by_organization(gleaning)
					  : glean_one_list(gleaning);
	}
	return code == RH_OK ? end_stream(gleaning) : code;
}

/* Whatever ended it: what was read stays for the next plan, unless it is no list at all (H7). */
static void done_with(struct rh_gleaning *gleaning)
{
	if (gleaning->is_incomplete) {
		rh_stream_abandon(gleaning->writer);
		/* The other kinds of this reading go with it; if that fails they are taken up, and are whole. */
		int unused = rh_harvest_used(gleaning->run->workspace, NULL);
		(void)unused;
	} else {
		rh_stream_leave(gleaning->writer);
	}
	rh_sorter_free(gleaning->ids);
	rh_map_free(gleaning->seen);
	rh_arena_done(&gleaning->cursor_arena[0]);
	rh_arena_done(&gleaning->cursor_arena[1]);
	rh_free(gleaning->last);
	rh_buf_done(&gleaning->text);
	rh_buf_done(&gleaning->mark);
}

static int harvest_kind(struct rh_run *run, struct rh_harvest *harvest, size_t index,
			rh_time reading, struct rh_err *err)
{
	struct rh_gleaning gleaning = {
		.run = run,
		.kind = harvest->kinds[index],
		.out = &harvest->harvested[index],
		.err = err,
	};
	rh_autofree char *path = NULL;
	rh_autobuf head = {0};
	int code = rh_live_path(run->workspace, gleaning.kind, &path, err);

	*gleaning.out = (struct rh_harvested){0};
	rh_buf_init(&head, 8192);
	if (code == RH_OK) {
		code = write_head(run, harvest, gleaning.kind, reading, &head, err);
	}
	if (code != RH_OK || is_there(&gleaning, path, rh_buf_str(&head))) {
		return code;
	}
	rh_arena_init(&gleaning.cursor_arena[0], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&gleaning.cursor_arena[1], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	rh_buf_init_secret(&gleaning.text, 2 * (size_t)RH_RESPONSE_MAX);
	rh_buf_init(&gleaning.mark, 2 * (size_t)RH_RESPONSE_MAX);
	gleaning.synced_at = run->clock->steady(run->clock);
	code = glean_kind(&gleaning, path, rh_buf_str(&head));
	done_with(&gleaning);
	return code;
}

/* ---- the way ------------------------------------------------------------------------------------------------- */

/* The source's lane in the place of the target's. */
static int open_lane(const struct rh_run *run, struct rh_run *lane, struct rh_err *err)
{
	*lane = *run;
	lane->target = run->source;
	lane->target_instance = run->source_instance;
	lane->is_source = true;
	lane->ledger = NULL;
	lane->engine = NULL;
	return rh_run_open(lane, true, err);
}

static int harvest_all(struct rh_run *lane, struct rh_harvest *harvest, struct rh_err *err)
{
	rh_time reading = 0;
	int code = rh_run_ask_tenant(lane, harvest->arena, &harvest->tenant, err);

	if (code == RH_OK) {
		code = begin_reading(lane, &reading, err);
	}
	for (size_t i = 0; i < harvest->kind_count && code == RH_OK; i++) {
		code = harvest_kind(lane, harvest, i, reading, err);
	}
	return code;
}

int rh_harvest_probe(const struct rh_run *run, struct rh_arena *arena, struct rh_str *tenant,
		     struct rh_err *err)
{
	struct rh_err own = {0};
	struct rh_run lane;
	int code = open_lane(run, &lane, &own);

	if (code == RH_OK) {
		code = rh_run_ask_tenant(&lane, arena, tenant, &own);
	}
	code = rh_run_result(&lane, code, &own, RH_OK, NULL, err);
	rh_run_close(&lane);
	return code;
}

int rh_harvest(const struct rh_run *run, struct rh_harvest *harvest, struct rh_err *err)
{
	struct rh_engine_counts counts;
	struct rh_err own = {0};
	struct rh_run lane;
	int code = open_lane(run, &lane, &own);

	if (code == RH_OK) {
		code = harvest_all(&lane, harvest, &own);
		rh_engine_count(lane.engine, &counts);
		harvest->reads = counts.reads;
	}
	code = rh_run_result(&lane, code, &own, RH_OK, NULL, err);
	rh_run_close(&lane);
	return code;
}
