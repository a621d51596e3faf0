/* SPDX-License-Identifier: Apache-2.0 */
/* All inputs as one sequence of accounts: reading, mapping, joining. */
#include <stdio.h>
#include <string.h>

#include "account/merge.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "plan/source_internal.h"

/* A torn row becomes a record where the connector is certain of its cells.  Of a partial file it stays bad: what is joined
 * is not told by row. */
static int mend(struct rh_source *source, const struct input *input, struct rh_item *item,
		struct rh_err *err)
{
	const struct rh_connector *connector = source->options.connector;
	struct rh_torn_row torn = {
		.shape = input->face.shape_id,
		.columns = rh_reader_columns(input->reader),
		.separator = input->face.separator,
		.row = item->raw,
	};
	struct rh_str *cells;
	int code;

	if (connector->mend_row == NULL || torn.columns == NULL || torn.row.ptr == NULL ||
	    input->face.is_partial) {
		return RH_OK;
	}
	rh_arena_reset(&source->mended);
	cells = rh_arena_calloc(&source->mended, torn.columns->count, sizeof(*cells));
	code = cells != NULL ? connector->mend_row(&torn, &source->mended, cells) : RH_ENOMEM;
	if (code == 1) {
		item->is_bad = false;
		item->why.code = RH_OK;
		item->record.columns = torn.columns;
		item->record.cells = cells;
		item->record.is_mended = true;
	}
	return code < 0 ? rh_err_set(err, code, "no memory for a record") : RH_OK;
}

/* The next item of one input: what was read while recognising, then the rest. */
static int next_item(struct rh_source *source, unsigned index, struct rh_item *out,
		     struct rh_err *err)
{
	struct input *input = &source->inputs[index];
	int code = 1;

	if (input->early_next < input->early_count) {
		*out = input->early[input->early_next++];
	} else if (input->has_first) {
		*out = input->first;
		input->has_first = false;
	} else {
		code = input->is_away ? rh_source_come_back(input, err) : RH_OK;
		code = code == RH_OK ? rh_reader_next(input->reader, out, err) : code;
	}
	if (code == 1) {
		input->face.records++;
		out->record.file = index;
		out->record.shape = input->face.shape_id;
		code = out->is_bad ? mend(source, input, out, err) : RH_OK;
		return code == RH_OK ? 1 : code;
	}
	if (code == 0 && (input->marks.is_check || rh_source_is_steady(input))) {
		rh_marks_digest(&input->marks, input->face.digest);
		input->face.length = input->marks.length;
		return 0;
	}
	return rh_source_fail(input, code, err);
}

static void ignore_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	(void)sink; /* while loading the join only the id is wanted; findings come when the record is used */
	(void)finding;
}

static int map_record(struct rh_source *source, const struct rh_record *record,
		      struct rh_arena *arena, struct rh_finding_sink *findings,
		      struct rh_account *out, struct rh_err *err)
{
	const struct rh_source_options *options = &source->options;

	*out = (struct rh_account){0};
	return options->connector->from_record(options->instance, record, &options->policy, arena,
					       findings, out, err);
}

static int keep_broken(struct rh_source *source, unsigned file, const struct rh_item *item,
		       struct rh_err *err)
{
	if (source->broken_count == BROKEN_MAX) {
		return rh_err_set(err, RH_ELIMIT, "more than %d broken rows", BROKEN_MAX);
	}
	if (source->broken_count == source->broken_room) {
		size_t room = source->broken_room == 0 ? 16 : source->broken_room * 2;
		struct broken *grown = rh_realloc(source->broken, room * sizeof(*grown));
		if (grown == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		source->broken = grown;
		source->broken_room = room;
	}
	source->broken[source->broken_count++] = (struct broken){
		.file = file,
		.why = item->why,
		.raw = rh_source_keep_text(source, item->raw),
	};
	return RH_OK;
}

static int load_partial(struct rh_source *source, unsigned index, struct rh_err *err)
{
	struct rh_finding_sink nowhere = {.add = ignore_finding};
	struct rh_item item = {0};
	int code;

	rh_join_set_columns(source->join, index, rh_reader_columns(source->inputs[index].reader));
	while ((code = next_item(source, index, &item, err)) == 1) {
		struct rh_account account;
		if (item.is_bad) {
			code = keep_broken(source, index, &item, err);
			if (code != RH_OK) {
				return rh_err_context(err, code, "reading \"%s\"",
						      source->inputs[index].face.path);
			}
			continue;
		}
		rh_arena_reset(&source->join_arena);
		code = map_record(source, &item.record, &source->join_arena, &nowhere, &account,
				  err);
		if (code == RH_OK) {
			code = rh_join_add(source->join, account.source_id, &item.record, item.raw,
					   err);
		}
		if (code != RH_OK) {
			return code;
		}
	}
	return code;
}

static int load_join(struct rh_source *source, struct rh_err *err)
{
	for (unsigned i = 0; i < source->count; i++) {
		if (source->inputs[i].face.is_partial) {
			int code = load_partial(source, i, err);
			if (code != RH_OK) {
				return code;
			}
		}
	}
	source->join_loaded = true;
	return rh_join_seal(source->join, err);
}

/* Ids under which records may be joined to one account. */
enum { JOIN_IDS_MAX = 16 };

/* Findings of two records that become one account: what one of them lacks and the other has is none. */
struct joint {
	struct rh_finding_sink sink; /* first: the sink is the joint */
	struct rh_finding_sink *findings;
	bool is_second;         /* the record that fills gaps */
	bool has_emails;        /* the first one says which is primary, or that none is */
	bool lacks_identifiers; /* as the first one says */
	char path[64];          /* where */
	struct rh_str raw;      /* the second record */
	unsigned file;
	const struct rh_record *full; /* the first one */
	struct rh_str ids[JOIN_IDS_MAX];
	size_t id_count;
};

static void add_jointly(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct joint *joint = (struct joint *)sink;
	bool is_about_primary = finding->code == RH_FINDING_PRIMARY_CHOSEN ||
				finding->code == RH_FINDING_PRIMARY_UNDECIDED;

	if (finding->code == RH_FINDING_IDENTIFIER_MISSING) {
		if (!joint->is_second) {
			struct rh_str path = rh_str_clip(finding->path, sizeof(joint->path) - 1);
			joint->lacks_identifiers = true;
			(void)snprintf(joint->path, sizeof(joint->path), "%.*s", RH_STR_ARG(path));
		}
		return;
	}
	if (joint->is_second && joint->has_emails && is_about_primary) {
		return;
	}
	joint->findings->add(joint->findings, finding);
}

/* The next record that is wanted.  1: there was one, 0, < 0 error. */
static int fill_once(struct rh_source *source, const struct rh_join_wish *wish,
		     struct rh_arena *arena, struct joint *joint, struct rh_account *account,
		     struct rh_err *err)
{
	struct rh_joined joined;
	struct rh_account other;
	int code = rh_join_take(source->join, wish, arena, &source->json, &joined, err);

	if (code != 1) {
		return code;
	}
	if (!joint->is_second) {
		joint->raw = joined.raw;
		joint->file = joined.record.file;
	}
	joined.record.joined_to = joint->full;
	joint->is_second = true;
	joint->has_emails = rh_account_count(account, RH_IDENTIFIER_EMAIL) > 0;
	code = map_record(source, &joined.record, arena, &joint->sink, &other, err);
	if (code == RH_OK) {
		code = rh_account_merge(arena, account, &other);
	}
	if (code == RH_ELIMIT) {
		joint->findings->add(joint->findings,
				     &(struct rh_finding){.code = RH_FINDING_RECORD_TOO_LARGE});
		code = RH_OK;
	}
	return code == RH_OK ? 1 : rh_err_context(err, code, "joining a record");
}

/* All that one partial file has for the account. */
static int fill_from_file(struct rh_source *source, unsigned file, struct rh_arena *arena,
			  struct joint *joint, struct rh_account *account, struct rh_err *err)
{
	int code = 0;

	for (size_t i = 0; code >= 0 && i < joint->id_count; i++) {
		const struct rh_join_wish wish = {
			.source_id = joint->ids[i],
			.file = file,
			.full = joint->full,
			.fits = source->options.connector->join_fits,
		};
		do {
			code = fill_once(source, &wish, arena, joint, account, err);
		} while (code == 1 && source->inputs[file].face.is_many);
	}
	return code < 0 ? code : RH_OK;
}

/* Under which ids: its own, and those that the connector names. */
static int find_ids(const struct rh_source *source, struct rh_arena *arena, struct joint *joint,
		    const struct rh_account *account, struct rh_err *err)
{
	const struct rh_connector *connector = source->options.connector;
	int more = 0;

	joint->ids[0] = account->source_id;
	if (connector->join_ids != NULL) {
		more = connector->join_ids(joint->full, account, arena, joint->ids + 1,
					   JOIN_IDS_MAX - 1);
	}
	if (more < 0) {
		return rh_err_set(err, more, "no memory for a record");
	}
	joint->id_count = 1 + (size_t)more;
	return RH_OK;
}

/* S2 */
static int fill_from_join(struct rh_source *source, struct rh_arena *arena, struct joint *joint,
			  struct rh_account *account, struct rh_err *err)
{
	int code = find_ids(source, arena, joint, account, err);

	for (unsigned i = 0; code == RH_OK && i < source->count; i++) {
		if (source->inputs[i].face.is_partial) {
			code = fill_from_file(source, i, arena, joint, account, err);
		}
	}
	return code;
}

/* A record of a full shape and what the join has for it. */
static int map_jointly(struct rh_source *source, const struct rh_record *record,
		       struct rh_arena *arena, struct rh_finding_sink *findings,
		       struct rh_source_item *out, struct rh_err *err)
{
	struct rh_account *account = &out->account;
	struct joint joint = {
		.sink = {.add = add_jointly},
		.findings = findings,
		.full = record,
	};
	int code = map_record(source, record, arena, &joint.sink, account, err);

	if (code == RH_OK && account->source_id.ptr != NULL) {
		code = fill_from_join(source, arena, &joint, account, err);
	}
	out->joined_raw = joint.raw;
	out->joined_file = joint.file;
	if (code == RH_OK && joint.lacks_identifiers && account->identifier_count == 0) {
		findings->add(findings, &(struct rh_finding){.code = RH_FINDING_IDENTIFIER_MISSING,
							     .path = rh_str_from(joint.path)});
	}
	return code;
}

/* S2: who stands only in a partial file. */
static int next_rest(struct rh_source *source, struct rh_arena *arena,
		     struct rh_finding_sink *findings, struct rh_source_item *out,
		     struct rh_err *err)
{
	struct rh_joined joined;
	int code;

	if (source->broken_next < source->broken_count) {
		const struct broken *broken = &source->broken[source->broken_next++];
		*out = (struct rh_source_item){
			.ordinal = ++source->ordinal,
			.file = broken->file,
			.record = broken->why.record,
			.line = broken->why.line,
			.is_bad = true,
			.why = broken->why,
			.raw = broken->raw,
		};
		return 1;
	}
	code = rh_join_rest(source->join, arena, &source->json, &joined, err);
	if (code != 1) {
		return code;
	}
	*out = (struct rh_source_item){
		.ordinal = ++source->ordinal,
		.file = joined.record.file,
		.record = joined.record.number,
		.line = joined.record.line,
		.raw = joined.raw,
	};
	findings->add(findings, &(struct rh_finding){.code = RH_FINDING_ONLY_IN_PARTIAL});
	code = map_record(source, &joined.record, arena, findings, &out->account, err);
	return code == RH_OK ? 1 : code;
}

static int make_item(struct rh_source *source, const struct rh_item *item, struct rh_arena *arena,
		     struct rh_finding_sink *findings, struct rh_source_item *out,
		     struct rh_err *err)
{
	int code;

	/* Field by field: to clear and copy an error for each record takes longer than to read a row. */
	out->ordinal = ++source->ordinal;
	out->file = item->record.file;
	out->record = item->is_bad ? item->why.record : item->record.number;
	out->line = item->is_bad ? item->why.line : item->record.line;
	out->is_bad = item->is_bad;
	out->raw = item->raw;
	out->joined_raw = RH_STR_ABSENT;
	out->joined_file = 0;
	if (item->is_bad) {
		out->account = (struct rh_account){0};
		out->why = item->why;
		return 1;
	}
	out->why.code = RH_OK;
	if (source->join != NULL) {
		code = map_jointly(source, &item->record, arena, findings, out, err);
	} else {
		code = map_record(source, &item->record, arena, findings, &out->account, err);
	}
	return code == RH_OK ? 1 : code;
}

/*
 * S4: a page of an API's answer is no export.  An input that says that more follows is whole only with one that
 * says that it is the last, and a total that is named is the least that has to be there.
 */
static int check_pages(const struct rh_source *source, struct rh_err *err)
{
	const struct input *named = NULL; /* names the highest total */
	const struct input *open = NULL;  /* says that another page follows */
	uint64_t records = 0;
	uint64_t last = 0;
	uint64_t total = 0;

	for (size_t i = 0; i < source->count; i++) {
		const struct input *input = &source->inputs[i];
		const struct rh_paging *paging = rh_reader_paging(input->reader);
		records += input->face.records;
		last += paging->last;
		open = paging->more > 0 ? input : open;
		named = paging->total > total ? input : named;
		total = paging->total > total ? paging->total : total;
	}
	if (records < total) {
		(void)rh_err_set(err, RH_EINPUT,
				 "one page of more: it names a total of %llu records, and %llu "
				 "are there",
				 (unsigned long long)total, (unsigned long long)records);
		open = named;
	} else if (open != NULL && last == 0) {
		(void)rh_err_set(err, RH_EINPUT, "one page of more: it says that another follows");
	} else {
		return RH_OK;
	}
	rh_err_hint(err,
		    "Fetch the other pages and give them all, each with -f or behind each other "
		    "in one file. If nobody is missing, give the array of the records alone.");
	return rh_source_fail(open, RH_EINPUT, err);
}

int rh_source_next(struct rh_source *source, struct rh_arena *arena,
		   struct rh_finding_sink *findings, struct rh_source_item *out, struct rh_err *err)
{
	int code;

	if (source->join != NULL && !source->join_loaded &&
	    (code = load_join(source, err)) != RH_OK) {
		return code;
	}
	while (source->current < source->count) {
		unsigned index = (unsigned)source->current;
		if (source->inputs[index].face.is_partial) {
			source->current++;
			continue;
		}
		code = next_item(source, index, &source->item, err);
		if (code == 1) {
			return make_item(source, &source->item, arena, findings, out, err);
		}
		if (code < 0) {
			return code;
		}
		source->current++;
	}
	code = check_pages(source, err);
	if (code != RH_OK) {
		return code;
	}
	return source->join != NULL ? next_rest(source, arena, findings, out, err) : 0;
}

size_t rh_source_inputs(const struct rh_source *source)
{
	return source->count;
}

const struct rh_input *rh_source_input(const struct rh_source *source, size_t index)
{
	return &source->inputs[index].face;
}

void rh_source_position(const struct rh_source *source, uint64_t *done, uint64_t *total)
{
	bool is_known = true;

	*done = 0;
	*total = 0;
	for (size_t i = 0; i < source->count; i++) {
		const struct input *input = &source->inputs[i];
		if (source->join != NULL && input->face.is_partial) {
			continue; /* all of it was read before the first account */
		}
		*done +=
			input->is_away ? input->away.place.offset : rh_reader_length(input->reader);
		*total += input->has_status ? (uint64_t)input->status.st_size : 0;
		is_known = is_known && input->has_status;
	}
	if (!is_known || *done > *total) { /* packed: what will come out is not known */
		*total = 0;
	}
}
