/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes behind the inputs: files, standard input and its spool, and whether they are those of a plan. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "plan/live.h"
#include "plan/source_internal.h"
#include "plan/workspace.h"

/* Marks of all inputs together: 16 bytes for each 256 KiB. */
#define MARKS_MAX (256U * 1024 * 1024)
/* In front of them: what this is, and the number of inputs; of each input how it looked, then its marks. */
#define MARKS_MAGIC "rehome marks 3\n"
/* Older than this a file's times are not those of a write that may be followed by another with the same (S6). */
#define SETTLED_SECONDS 2

/* It is kept and compared as bytes. */
_Static_assert(sizeof(struct looks) == 8 * sizeof(uint64_t), "there are no gaps");

/* ---- opening ---------------------------------------------------------------------------------------------- */

/* The sealed copy of standard input: one per input position, replaced by the next plan. */
static int spool_path(const struct rh_source_options *options, size_t index, char **out,
		      struct rh_err *err)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "input-%zu.sealed", index + 1);
	return rh_workspace_file(options->workspace, "snapshot", name, out, err);
}

/* S3: first reading spools, later readings come from the spool. */
static int open_stdin(const struct rh_source_options *options, size_t index,
		      struct rh_spool **spool, struct rh_bytes **out, struct rh_err *err)
{
	const uint8_t *key = options->workspace->snapshot_key;
	struct rh_spool_writer *writer;
	struct rh_bytes *raw;
	rh_autofree char *path = NULL;
	int code = spool_path(options, index, &path, err);

	if (code != RH_OK) {
		return code;
	}
	if (options->is_replay) {
		code = rh_spool_open(spool, path, key, err);
		return code == RH_OK ? rh_spool_bytes(out, *spool, err) : code;
	}
	code = rh_bytes_open(&raw, "-", options->stop, err);
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

/* To run again does not help against these, unlike a table of descriptors that is full. */
static bool is_permanent(int number)
{
	switch (number) {
	case 0: /* not the system's but ours: a folder */
	case EACCES:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case ENOENT:
	case ENOTDIR:
	case ENXIO:
	case EPERM:
		return true;
	default:
		return false;
	}
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int open_file(const struct rh_source_options *options, size_t index, struct rh_bytes **out,
		     struct rh_err *err)
{
	const char *path = options->paths[index];
	struct rh_err own = {0};
	int code = options->open_folder != NULL && is_folder(path)
			   ? options->open_folder(options->folder_context, path, out, &own)
			   : rh_bytes_open(out, path, options->stop, &own);

	if (code == RH_EIO && is_permanent(own.system)) {
		code = own.code = RH_EINPUT;
	}
	if (code != RH_OK && err != NULL) {
		*err = own;
	}
	return code;
}

int rh_source_open_bytes(const struct rh_source_options *options, size_t index,
			 struct rh_spool **spool, struct rh_bytes **out, struct rh_err *err)
{
	struct rh_bytes *raw;
	enum rh_kind kind;
	int code;

	if (rh_live_is(options->paths[index], &kind)) {
		return rh_live_bytes(options->workspace, kind, out, err);
	}
	code = strcmp(options->paths[index], "-") == 0
		       ? open_stdin(options, index, spool, &raw, err)
		       : open_file(options, index, &raw, err);

	return code == RH_OK ? rh_bytes_inflate(out, raw, err) : code;
}

/* ---- a file that changes under the reader ------------------------------------------------------------------ */

static bool look_at_file(const char *path, struct stat *out)
{
	return strcmp(path, "-") != 0 && !rh_live_is(path, NULL) && stat(path, out) == 0 &&
	       S_ISREG(out->st_mode);
}

static struct looks looks_of(const struct stat *status)
{
	return (struct looks){
		.device = (uint64_t)status->st_dev,
		.inode = (uint64_t)status->st_ino,
		.size = (uint64_t)status->st_size,
		.modified = {status->st_mtim.tv_sec, status->st_mtim.tv_nsec},
		.changed = {status->st_ctim.tv_sec, status->st_ctim.tv_nsec},
	};
}

void rh_source_look(struct input *input, struct rh_clock *clock)
{
	input->has_status = look_at_file(input->face.path, &input->status);
	if (input->has_status) {
		int64_t settled =
			clock != NULL ? clock->now(clock) / RH_SECOND - SETTLED_SECONDS : INT64_MIN;

		input->looks = looks_of(&input->status);
		input->looks.is_telling =
			input->looks.modified[0] < settled && input->looks.changed[0] < settled;
	}
}

/* S6 */
static bool looks_the_same(const char *path, const struct looks *then)
{
	struct stat status;
	struct looks now;

	if (then->is_telling != 1 || !look_at_file(path, &status)) {
		return false;
	}
	now = looks_of(&status);
	now.is_telling = 1;
	return memcmp(&now, then, sizeof(now)) == 0;
}

bool rh_source_is_steady(const struct input *input)
{
	const struct stat *then = &input->status;
	struct stat now;

	if (!input->has_status) {
		return true;
	}
	return stat(input->face.path, &now) == 0 && now.st_dev == then->st_dev &&
	       now.st_ino == then->st_ino && now.st_size == then->st_size &&
	       now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* ---- marks -------------------------------------------------------------------------------------------------- */

static int marks_path(const struct rh_workspace *workspace, int64_t revision, char **out,
		      struct rh_err *err)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "%lld.marks", (long long)revision);
	return rh_workspace_file(workspace, "plans", name, out, err);
}

int rh_source_keep_marks(const struct rh_source *source, int64_t revision, struct rh_err *err)
{
	uint64_t count = source->count;
	rh_autofree char *path = NULL;
	rh_autobuf content = {0};
	int code = marks_path(source->options.workspace, revision, &path, err);

	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&content, MARKS_MAX);
	rh_buf_add_cstr(&content, MARKS_MAGIC);
	rh_buf_add(&content, &count, sizeof(count));
	for (size_t i = 0; i < source->count; i++) {
		rh_buf_add(&content, &source->inputs[i].looks, sizeof(source->inputs[i].looks));
		rh_marks_put(&source->inputs[i].marks, &content);
	}
	code = rh_buf_check(&content, "the marks of the inputs", err);
	return code == RH_OK ? rh_file_write(path, rh_buf_str(&content), err) : code;
}

static int parse_marks(const struct rh_source_options *options, struct rh_str content,
		       struct rh_marks *marks, struct looks *looks, struct rh_err *err)
{
	const struct rh_str magic = RH_STR(MARKS_MAGIC);
	uint64_t stored = 0;

	if (!rh_str_starts(content, MARKS_MAGIC) || content.len < magic.len + sizeof(stored)) {
		return rh_err_set(err, RH_EMISMATCH, "the marks of the inputs are damaged");
	}
	memcpy(&stored, content.ptr + magic.len, sizeof(stored));
	if (stored != options->path_count) {
		return rh_err_set(err, RH_EMISMATCH, "the plan is of %llu inputs, not of %zu",
				  (unsigned long long)stored, options->path_count);
	}
	content = rh_str_sub(content, magic.len + sizeof(stored), content.len);
	for (size_t i = 0; i < options->path_count; i++) {
		int code;
		if (content.len < sizeof(*looks)) {
			return rh_err_set(err, RH_EMISMATCH, "the marks of the inputs are damaged");
		}
		if (looks != NULL) {
			memcpy(&looks[i], content.ptr, sizeof(*looks));
		}
		content = rh_str_sub(content, sizeof(*looks), content.len);
		code = rh_marks_get(&marks[i], options->workspace->digest_key, &content, err);
		if (code != RH_OK) {
			return code;
		}
	}
	return RH_OK;
}

int rh_source_load_marks(const struct rh_source_options *options, struct rh_marks *marks,
			 struct looks *looks, struct rh_err *err)
{
	rh_autofree char *path = NULL;
	rh_autobuf content = {0};
	int code = marks_path(options->workspace, options->revision, &path, err);

	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&content, MARKS_MAX);
	if (!rh_file_exists(path)) {
		code = rh_err_set(err, RH_EMISMATCH,
				  "what plan %lld was made from is not known any more",
				  (long long)options->revision);
	} else {
		code = rh_file_read(path, &content, err);
	}
	if (code == RH_OK) {
		code = parse_marks(options, rh_buf_str(&content), marks, looks, err);
	}
	if (code == RH_EMISMATCH) {
		rh_err_hint(err, "Plan again: the new plan goes on where this one stands.");
	}
	return code;
}

/* ---- checking ------------------------------------------------------------------------------------------------ */

/* One text to its end, in pieces that fit `chunk`. */
static int check_text(struct rh_bytes *bytes, char chunk[RH_READ_CHUNK], struct rh_marks *marks,
		      rh_source_tick_fn *tick, void *context, struct rh_err *err)
{
	for (;;) {
		ptrdiff_t got = bytes->read(bytes, chunk, RH_READ_CHUNK, err);
		int code;
		if (got <= 0) {
			return got < 0 ? (int)got : rh_marks_end(marks, err);
		}
		code = rh_marks_add(marks, chunk, (size_t)got, err);
		if (code != RH_OK) {
			return code;
		}
		if (tick != NULL && !tick(context, marks->position)) {
			return rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
		}
	}
}

static int check_input(const struct rh_source_options *options, size_t index,
		       struct rh_marks *marks, rh_source_tick_fn *tick, void *context,
		       struct rh_err *err)
{
	struct rh_spool *spool = NULL;
	struct rh_bytes *bytes = NULL;
	char *chunk = rh_malloc(RH_READ_CHUNK);
	int code;

	if (chunk == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_source_open_bytes(options, index, &spool, &bytes, err);
	if (code == RH_OK) {
		code = check_text(bytes, chunk, marks, tick, context, err);
		bytes->close(bytes);
	}
	rh_spool_close(spool);
	explicit_bzero(chunk, RH_READ_CHUNK); /* exports hold digests of passwords */
	rh_free(chunk);
	return code == RH_OK ? RH_OK
			     : rh_err_context(err, code, "reading \"%s\"", options->paths[index]);
}

int rh_source_check(const struct rh_source_options *options, rh_source_tick_fn *tick, void *context,
		    struct rh_err *err)
{
	rh_autofree struct rh_marks *marks = rh_calloc(options->path_count, sizeof(*marks));
	rh_autofree struct looks *looks = rh_calloc(options->path_count, sizeof(*looks));
	int code;

	if (marks == NULL || looks == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_source_load_marks(options, marks, looks, err);
	for (size_t i = 0; i < options->path_count && code == RH_OK; i++) {
		if (!looks_the_same(options->paths[i], &looks[i])) {
			code = check_input(options, i, &marks[i], tick, context, err);
		}
	}
	for (size_t i = 0; i < options->path_count; i++) {
		rh_marks_done(&marks[i]);
	}
	return code;
}
