/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the inputs: what kind of file each is, which are joined. */
#include <string.h>
#include <strings.h>

#include <rehome/rehome.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/options.h"
#include "plan/live.h"
#include "plan/source_internal.h"
#include "plan/source_stretch.h"
#include "plan/workspace.h"

static const struct rh_shape *find_shape(const struct rh_connector *connector, int id)
{
	for (const struct rh_shape *shape = connector->shapes; shape->id != 0; shape++) {
		if (shape->id == id) {
			return shape;
		}
	}
	return NULL;
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
	struct rh_bytes *bytes;
	int code;

	rh_source_look(input, source->options.clock);
	code = rh_source_open_bytes(&source->options, index, &input->spool, &bytes, err);
	if (code == RH_OK) {
		code = rh_reader_open_marked(&input->reader, bytes, &input->marks, err);
	}
	if (code != RH_OK) {
		return code;
	}
	input->face.header = rh_reader_header(input->reader, &input->face.separator);
	input->face.is_lines = rh_reader_form(input->reader) == RH_FORM_NDJSON;
	input->face.wrapper = rh_reader_wrapper(input->reader);
	return keep_names(input->reader, err);
}

struct rh_str rh_source_keep_text(struct rh_source *source, struct rh_str text)
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
		item.raw = rh_source_keep_text(source, item.raw);
		input->early[input->early_count++] = item;
	}
}

/* Whose file it is, where our own names could be anybody's; NULL: nobody else knows it. */
static const struct rh_connector *find_owner(const struct rh_connector *own,
					     const struct rh_sniff *sniff)
{
	const struct rh_connector *other;

	for (size_t i = 0; (other = rh_connector_at(i)) != NULL; i++) {
		if (other == own || other->recognise == NULL || other->shapes == NULL) {
			continue;
		}
		const struct rh_shape *shape = find_shape(other, other->recognise(sniff));
		if (shape != NULL && !shape->is_guess) {
			return other;
		}
	}
	return NULL;
}

static int refuse_unknown(const struct rh_connector *connector, struct rh_err *err)
{
	bool is_mappable = rh_option_find(connector->options, "mapping") != NULL;

	(void)rh_err_set(err, RH_EINPUT,
			 is_mappable ? "none of the columns or members is known as an id, or the "
				       "mapping document is for another file"
				     : "not an export that provider \"%s\" is known to make",
			 connector->name);
	if (is_mappable) {
		rh_err_hint(err,
			    "`rehome mapping draft FILE` writes a mapping document to begin with; "
			    "--%s-mapping takes it.",
			    connector->name);
	} else {
		rh_err_hint(err,
			    "Check --from, and that the file is the whole export. `rehome "
			    "providers %s` lists "
			    "what is recognised.",
			    connector->name);
	}
	return RH_EINPUT;
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

	if (sniff.json == NULL && rh_live_is(input->face.path, NULL)) { /* nobody is there */
		input->face.shape_id = connector->shapes->id;
		input->face.shape = connector->shapes->title;
		return RH_OK;
	}
	if (sniff.json == NULL && sniff.columns == NULL) {
		return rh_err_set(err, RH_EINPUT, "there is no well-formed record");
	}
	shape = find_shape(connector,
			   connector->recognise_as != NULL
				   ? connector->recognise_as(source->options.instance, &sniff)
				   : connector->recognise(&sniff));
	const struct rh_connector *owner =
		shape == NULL || shape->is_guess ? find_owner(connector, &sniff) : NULL;
	if (owner != NULL) {
		(void)rh_err_set(err, RH_EINPUT, "this looks like an export of %s", owner->title);
		rh_err_hint(err, "Use --from %s.", owner->name);
		return RH_EINPUT;
	}
	if (shape == NULL) {
		return refuse_unknown(connector, err);
	}
	input->face.shape_id = shape->id;
	input->face.shape = shape->title;
	input->face.is_partial = shape->is_partial;
	input->face.ends_at = shape->ends_at;
	input->face.is_many = shape->is_many;
	return RH_OK;
}

int rh_source_fail(const struct input *input, int code, struct rh_err *err)
{
	/* What a file that changes says of itself is not to be trusted. */
	if (!input->marks.is_check && code != RH_ENOMEM && code != RH_EINTERRUPTED &&
	    !rh_source_is_steady(input)) {
		code = rh_err_set(err, RH_EIO, "the file changed while it was read");
		rh_err_hint(err, "Wait until it is whole, then plan again.");
	}
	return rh_err_context(err, code, "reading \"%s\"", input->face.path);
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
	return code == RH_OK ? RH_OK : rh_source_fail(input, code, err);
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

int rh_source_refuse_twice(const char *path, const char *other, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EUSAGE, "\"%s\" and \"%s\" are the same file, or hold the same",
			 other, path);
	rh_err_hint(err, "Name each file once.");
	return RH_EUSAGE;
}

/* Every record of a file that is given twice would be a duplicate. */
static int check_same(const struct rh_source_options *options, struct rh_err *err)
{
	for (size_t i = 1; i < options->path_count; i++) {
		for (size_t before = 0; before < i; before++) {
			if (rh_file_is_same(options->paths[i], options->paths[before])) {
				return rh_source_refuse_twice(options->paths[i],
							      options->paths[before], err);
			}
		}
	}
	return RH_OK;
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
		       : check_same(options, err);
}

/* To be made, or those of the plan. */
static int open_marks(struct rh_source *source, struct rh_err *err)
{
	rh_autofree struct rh_marks *marks = NULL;
	int code;

	for (size_t i = 0; i < source->count; i++) {
		rh_marks_init(&source->inputs[i].marks, source->options.workspace->digest_key);
	}
	if (source->options.revision == 0) {
		return RH_OK;
	}
	marks = rh_calloc(source->count, sizeof(*marks));
	if (marks == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_source_load_marks(&source->options, marks, NULL, err);
	for (size_t i = 0; i < source->count; i++) { /* closing the source frees what there is */
		source->inputs[i].marks = marks[i];
	}
	return code;
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
	rh_arena_init(&source->mended, RH_BATCH_MAX, RH_ARENA_WIPE);
	source->inputs = rh_calloc(options->path_count, sizeof(*source->inputs));
	if (source->inputs == NULL) {
		rh_source_close(source);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	source->count = options->path_count;
	for (size_t i = 0; i < source->count; i++) {
		source->inputs[i].stretch_fd = -1;
	}
	code = open_marks(source, err);
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
		rh_marks_done(&source->inputs[i].marks);
	}
	for (size_t i = 0; i < source->count; i++) {
		rh_source_stretch_close(source, i);
	}
	rh_free(source->inputs);
	rh_free(source->broken);
	rh_join_free(source->join);
	rh_arena_done(&source->join_arena);
	rh_arena_done(&source->broken_texts);
	rh_arena_done(&source->mended);
	rh_json_done(&source->json);
	rh_free(source);
}
