/* SPDX-License-Identifier: Apache-2.0 */
/* Writing streams, and going on with one that was interrupted. */
#include "snapshot/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "snapshot/stream_internal.h"

#define PATH_LIMIT 8192

struct rh_stream_writer {
	int fd;
	char *path;
	char *part; /* path + ".part" */
	uint8_t key[RH_KEY_LEN];
	uint8_t name[STREAM_NAME_LEN];
	uint64_t blocks; /* written, the head with them */
	uint64_t lines;
	uint64_t length;       /* of the file */
	struct rh_buf content; /* of the block in hand */
	struct rh_buf sealed;
	int failed; /* a block is lost: nothing more is taken */
};

static void free_writer(struct rh_stream_writer *writer)
{
	rh_close_fd(&writer->fd);
	rh_buf_done(&writer->content);
	rh_buf_done(&writer->sealed);
	explicit_bzero(writer->key, sizeof(writer->key));
	rh_free(writer->path);
	rh_free(writer->part);
	rh_free(writer);
}

void rh_stream_leave(struct rh_stream_writer *writer)
{
	if (writer != NULL) {
		free_writer(writer);
	}
}

void rh_stream_abandon(struct rh_stream_writer *writer)
{
	if (writer == NULL) {
		return;
	}
	(void)unlink(writer->part); /* nothing that anybody reads */
	free_writer(writer);
}

static char *part_of(const char *path)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, PATH_LIMIT);
	rh_buf_add_cstr(&text, path);
	rh_buf_add_cstr(&text, ".part");
	return text.failed == 0 ? rh_strdup(text.ptr) : NULL;
}

static struct rh_stream_writer *new_writer(const char *path, const uint8_t key[32])
{
	struct rh_stream_writer *writer = rh_calloc(1, sizeof(*writer));

	if (writer == NULL) {
		return NULL;
	}
	writer->fd = -1;
	writer->path = rh_strdup(path);
	writer->part = part_of(path);
	memcpy(writer->key, key, sizeof(writer->key));
	rh_buf_init_secret(&writer->content, STREAM_BLOCK_MAX);
	rh_buf_init(&writer->sealed, STREAM_BLOCK_MAX + STREAM_LENGTH_LEN + RH_SEAL_OVERHEAD);
	if (writer->path == NULL || writer->part == NULL) {
		free_writer(writer);
		return NULL;
	}
	return writer;
}

/* Starts the content of a block. */
static void begin_block(struct rh_stream_writer *writer)
{
	rh_buf_reset(&writer->content);
	rh_buf_add(&writer->content, writer->name, sizeof(writer->name));
}

/* Seals what stands in `content` and writes it. */
static int write_block(struct rh_stream_writer *writer, uint64_t position, struct rh_err *err)
{
	uint8_t length[STREAM_LENGTH_LEN];
	size_t sealed_len = writer->content.len + RH_SEAL_OVERHEAD;
	int code = rh_buf_check(&writer->content, "a page of the snapshot", err);

	if (code == RH_OK && writer->failed != RH_OK) {
		code = rh_err_set(err, writer->failed, "\"%s\" could not be written before",
				  writer->part);
	}
	if (code != RH_OK) {
		return code;
	}
	for (size_t i = 0; i < sizeof(length); i++) {
		length[i] = (uint8_t)(sealed_len >> (8 * i));
	}
	rh_buf_reset(&writer->sealed);
	rh_buf_add(&writer->sealed, length, sizeof(length));
	rh_seal_chunk(writer->key, position, rh_buf_str(&writer->content), &writer->sealed);
	code = rh_buf_check(&writer->sealed, "a sealed page", err);
	if (code == RH_OK) {
		code = rh_fd_write(writer->fd, writer->sealed.ptr, writer->sealed.len, err);
	}
	if (code != RH_OK) {
		writer->failed = code;
		return rh_err_context(err, code, "writing \"%s\"", writer->part);
	}
	writer->blocks++;
	writer->length += writer->sealed.len;
	return RH_OK;
}

int rh_stream_create(struct rh_stream_writer **out, const char *path, const uint8_t key[32],
		     struct rh_str head, struct rh_err *err)
{
	struct rh_stream_writer *writer = new_writer(path, key);
	int code;

	if (writer == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	rh_random_bytes(writer->name, sizeof(writer->name));
	(void)unlink(writer->part); /* left unfinished; open tells if it stays */
	code = rh_file_open(&writer->fd, writer->part, O_WRONLY | O_CREAT | O_EXCL, err);
	if (code == RH_OK) {
		code = rh_fd_write(writer->fd, rh_stream_magic, STREAM_MAGIC_LEN, err);
	}
	if (code == RH_OK) {
		code = rh_fd_write(writer->fd, writer->name, sizeof(writer->name), err);
	}
	if (code == RH_OK) {
		writer->length = STREAM_HEAD_LEN;
		begin_block(writer);
		rh_buf_add_str(&writer->content, head);
		code = write_block(writer, 0, err);
	}
	if (code != RH_OK) {
		rh_stream_abandon(writer);
		return code;
	}
	*out = writer;
	return RH_OK;
}

int rh_stream_add(struct rh_stream_writer *writer, const struct rh_stream_page *page,
		  struct rh_err *err)
{
	int code;

	begin_block(writer);
	rh_stream_put(&writer->content, page->lines);
	rh_stream_put(&writer->content, page->mark.len);
	rh_buf_add_str(&writer->content, page->mark);
	rh_buf_add_str(&writer->content, page->text);
	code = write_block(writer, writer->blocks, err);
	writer->lines += code == RH_OK ? page->lines : 0;
	return code;
}

int rh_stream_sync(struct rh_stream_writer *writer, struct rh_err *err)
{
	if (fdatasync(writer->fd) != 0) {
		writer->failed = RH_EIO;
		return rh_err_errno(err, RH_EIO, errno, "could not sync \"%s\"", writer->part);
	}
	return RH_OK;
}

static int write_end(struct rh_stream_writer *writer, const uint64_t *left_out, size_t count,
		     struct rh_err *err)
{
	rh_autobuf place = {0};
	int code;

	rh_buf_init(&place, STREAM_NUMBER_LEN);
	rh_stream_put(&place, writer->length);
	begin_block(writer);
	rh_stream_put(&writer->content, writer->blocks - 1);
	rh_stream_put(&writer->content, writer->lines);
	rh_stream_put(&writer->content, count);
	for (size_t i = 0; i < count; i++) {
		rh_stream_put(&writer->content, left_out[i]);
	}
	code = write_block(writer, STREAM_END, err);
	if (code == RH_OK) {
		code = rh_buf_check(&place, "the end of a snapshot", err);
	}
	if (code == RH_OK) {
		code = rh_fd_write(writer->fd, place.ptr, place.len, err);
	}
	return code == RH_OK ? rh_stream_sync(writer, err) : code;
}

int rh_stream_finish(struct rh_stream_writer *writer, const uint64_t *left_out, size_t count,
		     struct rh_err *err)
{
	int code = write_end(writer, left_out, count, err);

	if (code == RH_OK) {
		code = rh_file_replace(writer->part, writer->path, err);
	}
	free_writer(writer);
	return code;
}

/* ---- going on -------------------------------------------------------------------------------------------- */

/* The pages that are there; file->at is then behind the last whole one.  1; 0: not even a head; < 0. */
static int read_pages(struct rh_stream_file *file, struct rh_stream_writer *writer,
		      rh_stream_page_fn *each, void *context, struct rh_err *err)
{
	struct rh_stream_page page;
	struct rh_str content;
	int code = rh_stream_block(file, 0, &content, err);

	if (code == 1) {
		code = each(context, content, NULL, err);
		code = code == RH_OK ? 1 : code;
	}
	if (code != 1) {
		return code;
	}
	while ((code = rh_stream_block(file, file->blocks, &content, err)) == 1 &&
	       rh_stream_take_page(content, &page)) {
		writer->lines += page.lines;
		code = each(context, RH_STR_ABSENT, &page, err);
		if (code != RH_OK) {
			return code;
		}
	}
	return code < 0 ? code : 1;
}

/* Behind the last whole page. */
static int stand_behind(struct rh_stream_writer *writer, const struct rh_stream_file *file,
			struct rh_err *err)
{
	if (ftruncate(writer->fd, (off_t)file->at) != 0 ||
	    lseek(writer->fd, (off_t)file->at, SEEK_SET) < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not go on with \"%s\"",
				    writer->part);
	}
	memcpy(writer->name, file->name, sizeof(writer->name));
	writer->blocks = file->blocks;
	writer->length = file->at;
	return RH_OK;
}

int rh_stream_resume(struct rh_stream_writer **out, const char *path, const uint8_t key[32],
		     rh_stream_page_fn *each, void *context, struct rh_err *err)
{
	struct rh_stream_writer *writer = new_writer(path, key);
	struct rh_stream_file file;
	int code;

	if (writer == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	if (!rh_file_exists(writer->part)) {
		free_writer(writer);
		return 0;
	}
	code = rh_stream_file_open(&file, writer->part, key, O_RDWR, err);
	if (code == RH_EMISMATCH || code == RH_EINPUT) {
		code = 0; /* another version's, or cut within its first bytes */
	} else if (code == RH_OK) {
		code = read_pages(&file, writer, each, context, err);
	}
	if (code == 1) {
		writer->fd = file.fd;
		file.fd = -1;
		code = stand_behind(writer, &file, err);
		code = code == RH_OK ? 1 : code;
	}
	rh_stream_file_close(&file);
	if (code != 1) {
		free_writer(writer);
		return code;
	}
	*out = writer;
	return 1;
}
