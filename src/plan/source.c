/* SPDX-License-Identifier: Apache-2.0 */
/* All inputs as one sequence of accounts. */
#include "plan/source.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "account/merge.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "plan/join.h"
#include "plan/workspace.h"
#include "read/reader.h"
#include "snapshot/spool.h"

/* Broken records before the first good one, which alone tells the shape. */
#define EARLY_MAX 32
/* Broken rows of partial files that are kept for the list; more, and the file is not what it seems. */
#define BROKEN_MAX 10000
/* Text of broken records that is kept until they are handed out; what goes beyond is listed without it. */
#define BROKEN_TEXT_MAX (1024U * 1024)

struct input {
	struct rh_input face;
	struct rh_reader *reader;
	struct rh_spool *spool; /* standard input, replayed */
	struct rh_item first;   /* the record that told the shape; handed out first */
	bool has_first;
	struct rh_item early[EARLY_MAX]; /* bad ones before it */
	size_t early_count;
	size_t early_next;
	uint64_t size; /* bytes on disk; 0: not known */
	bool is_done;
};

/* A broken row of a partial file: it has no id to be joined by and comes up at the end. */
struct broken {
	unsigned file;
	struct rh_err why;
	struct rh_str raw;
};

struct rh_source {
	struct rh_source_options options;
	struct input *inputs;
	size_t count;
	size_t current;
	struct rh_join *join; /* NULL: nothing is joined */
	bool join_loaded;
	struct rh_arena join_arena; /* one record at a time while loading */
	struct rh_arena broken_texts;
	struct rh_json json;
	uint64_t ordinal;
	struct broken *broken;
	size_t broken_count;
	size_t broken_room;
	size_t broken_next;
};

static const struct rh_shape *find_shape(const struct rh_connector *connector, int id)
{
	for (const struct rh_shape *shape = connector->shapes; shape->id != 0; shape++) {
		if (shape->id == id) {
			return shape;
		}
	}
	return NULL;
}

/* ---- opening ---------------------------------------------------------------------------------------------- */

/* The sealed copy of standard input: one per input position, replaced by the next plan. */
static int spool_path(const struct rh_source *source, size_t index, char **out, struct rh_err *err)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "input-%zu.sealed", index + 1);
	return rh_workspace_file(source->options.workspace, "snapshot", name, out, err);
}

/* S3: first reading spools, later readings come from the spool. */
static int open_stdin(struct rh_source *source, size_t index, struct rh_bytes **out,
		      struct rh_err *err)
{
	const uint8_t *key = source->options.workspace->snapshot_key;
	struct input *input = &source->inputs[index];
	struct rh_spool_writer *writer;
	struct rh_bytes *raw;
	rh_autofree char *path = NULL;
	int code = spool_path(source, index, &path, err);

	if (code != RH_OK) {
		return code;
	}
	if (source->options.is_replay) {
		code = rh_spool_open(&input->spool, path, key, err);
		return code == RH_OK ? rh_spool_bytes(out, input->spool, err) : code;
	}
	code = rh_bytes_open(&raw, "-", err);
	if (code != RH_OK) {
		return code;
	}
	code = rh_spool_create(&writer, path, key, err);
	if (code != RH_OK) {
		raw->close(raw);
		return code;
	}
	return rh_spool_tee(out, raw, writer, err);
}

static uint64_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

/* "last_name", "lastName", "Name"; a username is no name. */
static bool is_name(struct rh_str column)
{
	const struct rh_str user = RH_STR("user");
	size_t end = column.len;

	if (end < 4 || strncasecmp(column.ptr + end - 4, "name", 4) != 0) {
		return false;
	}
	end -= 4;
	if (end > 0 && (column.ptr[end - 1] == '_' || column.ptr[end - 1] == ' ')) {
		end--;
	}
	return end < user.len || strncasecmp(column.ptr + end - user.len, user.ptr, user.len) != 0;
}

/* People are called Null: in a column of names the word is a name. */
static int keep_names(struct rh_reader *reader, struct rh_err *err)
{
	const struct rh_columns *columns = rh_reader_columns(reader);
	rh_autofree bool *keep = NULL;

	if (columns == NULL) {
		return RH_OK;
	}
	keep = rh_calloc(columns->count, sizeof(*keep));
	if (keep == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < columns->count; i++) {
		keep[i] = is_name(columns->names[i]);
	}
	rh_reader_keep_null_words(reader, keep, columns->count);
	return RH_OK;
}

static int open_reader(struct rh_source *source, size_t index, struct rh_err *err)
{
	struct input *input = &source->inputs[index];
	struct rh_bytes *raw;
	struct rh_bytes *plain;
	int code;

	if (strcmp(input->face.path, "-") == 0) {
		code = open_stdin(source, index, &raw, err);
	} else {
		input->size = file_size(input->face.path);
		code = rh_bytes_open(&raw, input->face.path, err);
		if (code == RH_EIO && err != NULL) { /* to run again does not help */
			code = err->code = RH_EINPUT;
		}
	}
	if (code != RH_OK) {
		return code;
	}
	code = rh_bytes_inflate(&plain, raw, err);
	if (code == RH_OK) {
		code = rh_reader_open(&input->reader, plain, err);
	}
	if (code != RH_OK) {
		return code;
	}
	input->face.header = rh_reader_header(input->reader, &input->face.separator);
	return keep_names(input->reader, err);
}

/* A text that outlives what the reader holds; absent where there is no room. */
static struct rh_str keep_text(struct rh_source *source, struct rh_str text)
{
	struct rh_str kept;

	return rh_arena_copy(&source->broken_texts, text, &kept) ? kept : RH_STR_ABSENT;
}

/* Reads on to the first record; broken ones before it are kept. */
static int read_first(struct rh_source *source, struct input *input, struct rh_err *err)
{
	for (;;) {
		struct rh_item item;
		int code = rh_reader_next(input->reader, &item, err);
		if (code < 0) {
			return code;
		}
		if (code == 0) {
			return RH_OK;
		}
		if (!item.is_bad) {
			input->first = item;
			input->has_first = true;
			return RH_OK;
		}
		if (input->early_count == EARLY_MAX) {
			return rh_err_set(err, RH_EINPUT,
					  "none of the first %d records is well-formed", EARLY_MAX);
		}
		item.raw = keep_text(source, item.raw);
		input->early[input->early_count++] = item;
	}
}

static int recognise(struct rh_source *source, struct input *input, struct rh_err *err)
{
	const struct rh_connector *connector = source->options.connector;
	struct rh_sniff sniff = {
		.wrapper = rh_reader_wrapper(input->reader),
		.json = input->has_first ? input->first.record.json : NULL,
		.columns = rh_reader_columns(input->reader),
	};
	const struct rh_shape *shape;

	if (sniff.json == NULL && sniff.columns == NULL) {
		return rh_err_set(err, RH_EINPUT, "there is no well-formed record");
	}
	shape = find_shape(connector, connector->recognise(&sniff));
	if (shape == NULL) {
		(void)rh_err_set(err, RH_EINPUT,
				 "not an export that provider \"%s\" is known to make",
				 connector->name);
		rh_err_hint(err,
			    "Check --from, and that the file is the whole export. `rehome "
			    "providers %s` lists "
			    "what is recognised.",
			    connector->name);
		return RH_EINPUT;
	}
	input->face.shape_id = shape->id;
	input->face.shape = shape->title;
	input->face.is_partial = shape->is_partial;
	return RH_OK;
}

static int open_input(struct rh_source *source, size_t index, struct rh_err *err)
{
	struct input *input = &source->inputs[index];
	int code;

	input->face.path = source->options.paths[index];
	code = open_reader(source, index, err);
	if (code == RH_OK && rh_reader_columns(input->reader) == NULL) {
		code = read_first(source, input, err);
	}
	if (code == RH_OK) {
		code = recognise(source, input, err);
	}
	return code == RH_OK ? RH_OK
			     : rh_err_context(err, code, "reading \"%s\"", input->face.path);
}

/* S2: partial files are joined only when there is a fuller one. */
static int decide_join(struct rh_source *source, struct rh_err *err)
{
	const struct rh_workspace *workspace = source->options.workspace;
	bool has_full = false;
	bool has_partial = false;
	rh_autofree char *path = NULL;
	int code;

	for (size_t i = 0; i < source->count; i++) {
		has_full = has_full || !source->inputs[i].face.is_partial;
		has_partial = has_partial || source->inputs[i].face.is_partial;
	}
	if (!has_full || !has_partial) {
		for (size_t i = 0; i < source->count; i++) {
			source->inputs[i].face.is_partial = false;
		}
		return RH_OK;
	}
	code = rh_workspace_file(workspace, "snapshot", "join.db", &path, err);
	if (code != RH_OK) {
		return code;
	}
	return rh_join_new(&source->join, path, workspace->snapshot_key, err);
}

static int check_paths(const struct rh_source_options *options, struct rh_err *err)
{
	size_t standard_inputs = 0;

	for (size_t i = 0; i < options->path_count; i++) {
		standard_inputs += strcmp(options->paths[i], "-") == 0 ? 1 : 0;
	}
	if (options->path_count == 0) {
		return rh_err_set(err, RH_EUSAGE, "there is no file to read");
	}
	return standard_inputs > 1
		       ? rh_err_set(err, RH_EUSAGE, "standard input can be read only once")
		       : RH_OK;
}

int rh_source_open(struct rh_source **out, const struct rh_source_options *options,
		   struct rh_err *err)
{
	struct rh_source *source;
	int code = check_paths(options, err);

	if (code != RH_OK) {
		return code;
	}
	source = rh_calloc(1, sizeof(*source));
	if (source == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	source->options = *options;
	rh_arena_init(&source->join_arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_arena_init(&source->broken_texts, BROKEN_TEXT_MAX, RH_ARENA_WIPE);
	source->inputs = rh_calloc(options->path_count, sizeof(*source->inputs));
	if (source->inputs == NULL) {
		rh_source_close(source);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	source->count = options->path_count;
	for (size_t i = 0; i < source->count && code == RH_OK; i++) {
		code = open_input(source, i, err);
	}
	if (code == RH_OK) {
		code = decide_join(source, err);
	}
	if (code != RH_OK) {
		rh_source_close(source);
		return code;
	}
	*out = source;
	return RH_OK;
}

void rh_source_close(struct rh_source *source)
{
	if (source == NULL) {
		return;
	}
	for (size_t i = 0; source->inputs != NULL && i < source->count; i++) {
		rh_reader_close(source->inputs[i].reader);
		rh_spool_close(source->inputs[i].spool);
	}
	rh_free(source->inputs);
	rh_free(source->broken);
	rh_join_free(source->join);
	rh_arena_done(&source->join_arena);
	rh_arena_done(&source->broken_texts);
	rh_json_done(&source->json);
	rh_free(source);
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

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
		code = rh_reader_next(input->reader, out, err);
	}
	if (code == 1) {
		input->face.records++;
		out->record.file = index;
		out->record.shape = input->face.shape_id;
		return 1;
	}
	if (code == 0) {
		input->is_done = true;
		rh_reader_digest(input->reader, input->face.sha256, &input->face.length);
		return 0;
	}
	return rh_err_context(err, code, "reading \"%s\"", input->face.path);
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
		.raw = keep_text(source, item->raw),
	};
	return RH_OK;
}

static int load_partial(struct rh_source *source, unsigned index, struct rh_err *err)
{
	struct rh_finding_sink nowhere = {.add = ignore_finding};
	struct rh_item item;
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

/* Findings of two records that become one account: what one of them lacks and the other has is none. */
struct joint {
	struct rh_finding_sink sink; /* first: the sink is the joint */
	struct rh_finding_sink *findings;
	bool is_second;         /* the record that fills gaps */
	bool has_emails;        /* the first one says which is primary, or that none is */
	bool lacks_identifiers; /* as the first one says */
	char path[64];          /* where */
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

static int fill_from_join(struct rh_source *source, struct rh_arena *arena, struct joint *joint,
			  struct rh_account *account, struct rh_err *err)
{
	struct rh_joined joined;
	struct rh_account other;
	int code =
		rh_join_take(source->join, account->source_id, arena, &source->json, &joined, err);

	if (code != 1) {
		return code;
	}
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
	return code == RH_OK ? RH_OK : rh_err_context(err, code, "joining a record");
}

/* A record of a full shape and what the join has for it. */
static int map_jointly(struct rh_source *source, const struct rh_record *record,
		       struct rh_arena *arena, struct rh_finding_sink *findings,
		       struct rh_account *out, struct rh_err *err)
{
	struct joint joint = {.sink = {.add = add_jointly}, .findings = findings};
	int code = map_record(source, record, arena, &joint.sink, out, err);

	if (code == RH_OK && out->source_id.ptr != NULL) {
		code = fill_from_join(source, arena, &joint, out, err);
	}
	if (code == RH_OK && joint.lacks_identifiers && out->identifier_count == 0) {
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

	*out = (struct rh_source_item){
		.ordinal = ++source->ordinal,
		.file = item->record.file,
		.record = item->is_bad ? item->why.record : item->record.number,
		.line = item->is_bad ? item->why.line : item->record.line,
		.is_bad = item->is_bad,
		.why = item->why,
		.raw = item->raw,
	};
	if (item->is_bad) {
		return 1;
	}
	if (source->join != NULL) {
		code = map_jointly(source, &item->record, arena, findings, &out->account, err);
	} else {
		code = map_record(source, &item->record, arena, findings, &out->account, err);
	}
	return code == RH_OK ? 1 : code;
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
		struct rh_item item;
		if (source->inputs[index].face.is_partial) {
			source->current++;
			continue;
		}
		code = next_item(source, index, &item, err);
		if (code == 1) {
			return make_item(source, &item, arena, findings, out, err);
		}
		if (code < 0) {
			return code;
		}
		source->current++;
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
		uint8_t unused[32];
		uint64_t read = 0;
		rh_reader_digest(input->reader, unused, &read);
		*done += read;
		*total += input->size;
		is_known = is_known && input->size > 0;
	}
	if (!is_known || *done > *total) { /* packed: what will come out is not known */
		*total = 0;
	}
}
