/* SPDX-License-Identifier: Apache-2.0 */
/* Files of records that did not move. */
#include "cli/reject_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/csv.h"

/* Forms that one source has: two or three; a folder full of tables with other headers has more. */
#define FILES_MAX 64
/* A file is written in pieces of about this size. */
#define PIECE (64U * 1024)

static const char *const own_names[] = {"rehome_code", "rehome_reason"};

struct file {
	char *path;
	char *temporary;
	int fd;
	bool is_broken;
	bool is_finished;
	enum rh_record_form form;
	char separator;
	char *header;  /* NULL: none */
	char *wrapper; /* NULL: none */
	bool *is_own;  /* CELLS: columns of an earlier time (J2); NULL: there are none */
	size_t column_count;
	uint64_t count;
	struct rh_buf out;
};

struct rh_reject_files {
	char *path;
	bool may_replace;
	struct rh_migration *migration;
	struct file files[FILES_MAX];
	size_t count;
	struct rh_json json;
};

/* ---- which file ------------------------------------------------------------------------------------------- */

static bool is_same(const char *left, struct rh_str right)
{
	return left == NULL ? right.ptr == NULL : rh_str_is(right, left);
}

static bool fits(const struct file *file, const struct rh_record_text *record, bool is_broken)
{
	return file->is_broken == is_broken && file->form == record->form &&
	       file->separator == record->separator && is_same(file->header, record->header) &&
	       is_same(file->wrapper,
		       record->wrapper != NULL ? rh_str_from(record->wrapper) : RH_STR_ABSENT);
}

static const char *ending_of(const struct rh_record_text *record)
{
	switch (record->form) {
	case RH_RECORD_ARRAY:
		return ".json";
	case RH_RECORD_LINES:
		return ".ndjson";
	case RH_RECORD_CELLS:
		return ".csv";
	}
	return "";
}

/* J1: "people.json", "people.2.csv", "people.broken.json", "people.broken.2.csv". */
static int name_file(const struct rh_reject_files *files, const struct rh_record_text *record,
		     bool is_broken, struct rh_buf *out, struct rh_err *err)
{
	struct rh_str stem = rh_str_from(files->path);
	const char *slash = strrchr(files->path, '/');
	const char *dot = strrchr(files->path, '.');
	unsigned number = 1;

	for (size_t i = 0; i < files->count; i++) {
		number += files->files[i].is_broken == is_broken ? 1 : 0;
	}
	if (number == 1 && !is_broken) {
		rh_buf_add_str(out, stem);
		return rh_buf_check(out, "path", err);
	}
	if (dot != NULL && dot != files->path && (slash == NULL || dot > slash + 1)) {
		stem.len = (size_t)(dot - files->path);
	}
	rh_buf_add_str(out, stem);
	rh_buf_add_cstr(out, is_broken ? ".broken" : "");
	if (number > 1) {
		rh_buf_printf(out, ".%u", number);
	}
	rh_buf_add_cstr(out, ending_of(record));
	return rh_buf_check(out, "path", err);
}

/* J2: which columns of the header are ours already. */
static int find_own(struct file *file, struct rh_err *err)
{
	rh_autofree char *row = rh_strdup(file->header);
	size_t len = strlen(file->header);
	rh_autofree struct rh_str *cells = rh_calloc(len + 1, sizeof(*cells));
	bool has_own = false;
	int code;

	file->is_own = rh_calloc(len + 1, sizeof(*file->is_own));
	if (row == NULL || cells == NULL || file->is_own == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_csv_split(row, len, file->separator, cells, NULL, len + 1, &file->column_count,
			    err);
	for (size_t i = 0; i < file->column_count && code == RH_OK; i++) {
		file->is_own[i] =
			rh_str_is(cells[i], own_names[0]) || rh_str_is(cells[i], own_names[1]);
		has_own = has_own || file->is_own[i];
	}
	if (!has_own) {
		rh_free(file->is_own);
		file->is_own = NULL;
	}
	return code;
}

/* ---- records ---------------------------------------------------------------------------------------------- */

static int flush(struct file *file, size_t from, struct rh_err *err)
{
	int code = rh_buf_check(&file->out, "a record", err);

	if (code == RH_OK && file->out.len > from) {
		code = rh_fd_write(file->fd, file->out.ptr, file->out.len, err);
		rh_buf_reset(&file->out);
	}
	return code == RH_OK ? RH_OK : rh_err_context(err, code, "writing \"%s\"", file->path);
}

/* J4: is this the id that belongs to somebody else? */
static bool is_taken(struct rh_str value, const struct rh_reject_note *note, bool has_been)
{
	return !has_been && note->taken_id != NULL && rh_str_is(rh_str_trim(value), note->taken_id);
}

static int not_found(struct rh_err *err)
{
	return rh_err_set(err, RH_EINPUT, "a record does not hold the id that it was read with");
}

/* The cells of the input, without ours of an earlier time. */
static int add_cells(struct file *file, struct rh_str text, const struct rh_reject_note *note,
		     struct rh_err *err)
{
	rh_autofree struct rh_str *cells = NULL;
	rh_autofree char *row = NULL;
	bool has_been = false;
	bool is_first = true;
	size_t count;
	int code;

	if (file->is_own == NULL && note->taken_id == NULL) {
		rh_buf_add_str(&file->out, text);
		return RH_OK;
	}
	cells = rh_calloc(file->column_count, sizeof(*cells));
	row = rh_malloc(text.len + 1);
	if (cells == NULL || row == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	memcpy(row, text.ptr, text.len);
	row[text.len] = '\0';
	code = rh_csv_split(row, text.len, file->separator, cells, NULL, file->column_count, &count,
			    err);
	for (size_t i = 0; i < file->column_count && code == RH_OK; i++) {
		bool is_blank = is_taken(cells[i], note, has_been);
		if (file->is_own == NULL || !file->is_own[i]) {
			rh_csv_put(&file->out, is_blank ? RH_STR("") : cells[i], file->separator,
				   is_first);
			is_first = false;
		}
		has_been = has_been || is_blank;
	}
	return code == RH_OK && note->taken_id != NULL && !has_been ? not_found(err) : code;
}

static int add_row(struct file *file, struct rh_str text, const struct rh_reject_note *note,
		   struct rh_err *err)
{
	int code = add_cells(file, text, note, err);

	if (code == RH_OK) {
		rh_csv_put(&file->out, rh_str_from(note->code), file->separator, false);
		rh_csv_put(&file->out, rh_str_from(note->reason), file->separator, false);
		rh_buf_add_char(&file->out, '\n');
	}
	return code;
}

/* The members of the input, without ours of an earlier time. */
static int add_members(struct rh_reject_files *files, struct rh_json_writer *json,
		       const struct rh_reject_note *note, struct rh_err *err)
{
	const struct rh_json_node *member = NULL;
	bool has_been = false;
	struct rh_str name;

	while ((member = rh_json_next(rh_json_root(&files->json), member, &name)) != NULL) {
		if (rh_str_is(name, own_names[0]) || rh_str_is(name, own_names[1])) {
			continue;
		}
		rh_json_key_str(json, name);
		if (is_taken(rh_json_text(member), note, has_been)) {
			rh_json_put_cstr(json, "");
			has_been = true;
		} else {
			rh_json_put_node(json, member);
		}
	}
	return note->taken_id != NULL && !has_been ? not_found(err) : RH_OK;
}

static int add_value(struct rh_reject_files *files, struct file *file, struct rh_str text,
		     const struct rh_reject_note *note, struct rh_err *err)
{
	rh_autofree char *copy = rh_malloc(text.len + 1); /* the parser writes to it */
	struct rh_json_writer json;
	int code;

	if (copy == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	code = rh_json_parse(&files->json, copy, text.len, err);
	if (code != RH_OK) {
		return code;
	}
	if (file->form == RH_RECORD_ARRAY) {
		rh_buf_add_cstr(&file->out, file->count > 0 ? ",\n" : "\n");
	}
	rh_json_writer_init(&json, &file->out);
	rh_json_begin_object(&json);
	code = add_members(files, &json, note, err);
	rh_json_member(&json, own_names[0], rh_str_from(note->code));
	rh_json_member(&json, own_names[1], rh_str_from(note->reason));
	rh_json_end_object(&json);
	rh_buf_add_cstr(&file->out, file->form == RH_RECORD_LINES ? "\n" : "");
	explicit_bzero(copy, text.len);
	return code;
}

/* ---- files ------------------------------------------------------------------------------------------------ */

static int begin_text(struct file *file, struct rh_err *err)
{
	if (file->form == RH_RECORD_CELLS) {
		struct rh_str header = rh_str_from(file->header);
		if (file->is_broken) {
			rh_buf_add_str(&file->out, header);
			rh_buf_add_char(&file->out, '\n');
			return RH_OK;
		}
		return add_row(file, header,
			       &(struct rh_reject_note){.code = own_names[0],
							.reason = own_names[1]},
			       err);
	}
	if (file->form == RH_RECORD_ARRAY && !file->is_broken) {
		if (file->wrapper != NULL) {
			rh_buf_printf(&file->out, "{\"%s\":", file->wrapper);
		}
		rh_buf_add_char(&file->out, '[');
	}
	return RH_OK;
}

static void end_text(struct file *file)
{
	if (file->form == RH_RECORD_ARRAY && !file->is_broken) {
		rh_buf_add_cstr(&file->out, file->wrapper != NULL ? "\n]}\n" : "\n]\n");
	}
}

/* J3. */
static int check_path(const struct rh_reject_files *files, const char *path, struct rh_err *err)
{
	return files->migration != NULL ? rh_migration_check_out(files->migration, path, err)
					: RH_OK;
}

static int refuse_there(const char *path, struct rh_err *err)
{
	(void)rh_err_set(err, RH_ESTATE, "\"%s\" is there already", path);
	rh_err_hint(err, "Name another file with --out, or replace it with --yes.");
	return RH_ESTATE;
}

static int open_file(struct rh_reject_files *files, struct file *file, struct rh_err *err)
{
	rh_autobuf path = {0};
	int code = check_path(files, file->path, err);

	if (code != RH_OK) {
		return code;
	}
	if (!files->may_replace && rh_file_exists(file->path)) {
		return refuse_there(file->path, err);
	}
	rh_buf_init(&path, RH_TEXT_MAX);
	rh_buf_printf(&path, "%s.part", file->path);
	code = rh_buf_check(&path, "path", err);
	if (code == RH_OK && (file->temporary = rh_strdup(path.ptr)) == NULL) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code == RH_OK) {
		code = check_path(files, path.ptr, err);
	}
	if (code == RH_OK) {
		code = rh_file_remove(file->temporary, err); /* of a run that was killed */
	}
	if (code == RH_OK) {
		code = rh_file_open(&file->fd, file->temporary, O_WRONLY | O_CREAT | O_EXCL, err);
	}
	return code == RH_OK ? begin_text(file, err) : code;
}

static char *copy_text(struct rh_str text)
{
	char *copy = text.ptr != NULL ? rh_malloc(text.len + 1) : NULL;

	if (copy != NULL) {
		memcpy(copy, text.ptr, text.len);
		copy[text.len] = '\0';
	}
	return copy;
}

static int add_file(struct rh_reject_files *files, const struct rh_record_text *record,
		    bool is_broken, struct rh_err *err)
{
	struct file *file = &files->files[files->count];
	rh_autobuf path = {0};
	int code;

	if (files->count == FILES_MAX) {
		return rh_err_set(err, RH_ELIMIT, "more than %d forms of input", FILES_MAX);
	}
	rh_buf_init(&path, RH_TEXT_MAX);
	code = name_file(files, record, is_broken, &path, err);
	if (code != RH_OK) {
		return code;
	}
	*file = (struct file){
		.path = rh_strdup(path.ptr),
		.fd = -1,
		.is_broken = is_broken,
		.form = record->form,
		.separator = record->separator,
		.header = copy_text(record->header),
		.wrapper = record->wrapper != NULL ? rh_strdup(record->wrapper) : NULL,
	};
	rh_buf_init_secret(&file->out, 4 * RH_RECORD_MAX);
	files->count++;
	if (file->path == NULL || (record->header.ptr != NULL && file->header == NULL) ||
	    (record->wrapper != NULL && file->wrapper == NULL)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (file->form == RH_RECORD_CELLS && !is_broken) {
		code = find_own(file, err);
	}
	return code == RH_OK ? open_file(files, file, err) : code;
}

/* ---- the face --------------------------------------------------------------------------------------------- */

int rh_reject_files_new(struct rh_reject_files **out, const char *path, bool may_replace,
			struct rh_migration *migration, struct rh_err *err)
{
	struct rh_reject_files *files;
	int code = migration != NULL ? rh_migration_check_out(migration, path, err) : RH_OK;

	if (code != RH_OK) {
		return code;
	}
	if (!may_replace && rh_file_exists(path)) {
		return refuse_there(path, err); /* told before much is read */
	}
	files = rh_calloc(1, sizeof(*files));
	if (files == NULL || (files->path = rh_strdup(path)) == NULL) {
		rh_free(files);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	files->may_replace = may_replace;
	files->migration = migration;
	*out = files;
	return RH_OK;
}

void rh_reject_files_free(struct rh_reject_files *files)
{
	if (files == NULL) {
		return;
	}
	for (size_t i = 0; i < files->count; i++) {
		struct file *file = &files->files[i];
		if (file->fd >= 0 && !file->is_finished) {
			(void)unlink(file->temporary); /* half of it is none */
		}
		rh_close_fd(&file->fd);
		rh_buf_done(&file->out);
		rh_free(file->path);
		rh_free(file->temporary);
		rh_free(file->header);
		rh_free(file->wrapper);
		rh_free(file->is_own);
	}
	rh_json_done(&files->json);
	rh_free(files->path);
	rh_free(files);
}

int rh_reject_files_add(struct rh_reject_files *files, const struct rh_record_text *record,
			bool is_broken, const struct rh_reject_note *note, struct rh_err *err)
{
	size_t index = 0;
	struct file *file;
	int code = RH_OK;

	while (index < files->count && !fits(&files->files[index], record, is_broken)) {
		index++;
	}
	if (index == files->count) {
		code = add_file(files, record, is_broken, err);
	}
	if (code != RH_OK) {
		return code;
	}
	file = &files->files[index];
	if (is_broken) {
		rh_buf_add_str(&file->out, record->text);
		rh_buf_add_char(&file->out, '\n');
	} else if (file->form == RH_RECORD_CELLS) {
		code = add_row(file, record->text, note, err);
	} else {
		code = add_value(files, file, record->text, note, err);
	}
	file->count++;
	return code == RH_OK ? flush(file, PIECE, err) : code;
}

int rh_reject_files_finish(struct rh_reject_files *files, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < files->count && code == RH_OK; i++) {
		struct file *file = &files->files[i];
		end_text(file);
		code = flush(file, 0, err);
	}
	for (size_t i = 0; i < files->count && code == RH_OK; i++) {
		struct file *file = &files->files[i];
		code = files->may_replace ? rh_file_rename(file->temporary, file->path, err)
					  : rh_file_rename_new(file->temporary, file->path, err);
		file->is_finished = code == RH_OK;
		if (code == RH_ESTATE) {
			code = refuse_there(file->path, err);
		}
	}
	return code;
}

bool rh_reject_files_at(const struct rh_reject_files *files, size_t index,
			struct rh_reject_file *out)
{
	if (index >= files->count) {
		return false;
	}
	*out = (struct rh_reject_file){
		.path = files->files[index].path,
		.is_broken = files->files[index].is_broken,
		.count = files->files[index].count,
	};
	return true;
}
