/* SPDX-License-Identifier: Apache-2.0 */
/* Reading streams: one block in the open at a time. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "snapshot/stream_internal.h"

const char rh_stream_magic[STREAM_MAGIC_LEN] = "rehome pages 1\n"; /* the last byte is a NUL */

void rh_stream_put(struct rh_buf *out, uint64_t number)
{
	uint8_t bytes[STREAM_NUMBER_LEN];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(number >> (8 * i));
	}
	rh_buf_add(out, bytes, sizeof(bytes));
}

bool rh_stream_get(struct rh_str *from, uint64_t *out)
{
	if (from->len < STREAM_NUMBER_LEN) {
		return false;
	}
	*out = 0;
	for (size_t i = 0; i < STREAM_NUMBER_LEN; i++) {
		*out |= (uint64_t)(uint8_t)from->ptr[i] << (8 * i);
	}
	*from = rh_str_sub(*from, STREAM_NUMBER_LEN, SIZE_MAX);
	return true;
}

static int say_cut(const struct rh_stream_file *file, struct rh_err *err)
{
	return rh_err_set(err, RH_EINPUT, "\"%s\" is cut: its end is missing", file->path);
}

static int say_changed(const struct rh_stream_file *file, struct rh_err *err)
{
	return rh_err_set(err, RH_EMISMATCH, "\"%s\" was changed, or sealed with another key",
			  file->path);
}

/* Bytes [at, at + len) of the file into file->sealed.  1; 0: it does not reach so far; < 0 error. */
static int read_file(struct rh_stream_file *file, uint64_t at, size_t len, struct rh_err *err)
{
	char *room;

	if (at > file->size || len > file->size - at) {
		return 0;
	}
	rh_buf_reset(&file->sealed);
	room = rh_buf_reserve(&file->sealed, len);
	if (room == NULL) {
		return rh_buf_check(&file->sealed, "a sealed page", err);
	}
	while (file->sealed.len < len) {
		ssize_t got = pread(file->fd, room + file->sealed.len, len - file->sealed.len,
				    (off_t)(at + file->sealed.len));
		if (got < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"",
					    file->path);
		}
		if (got == 0) {
			return 0;
		}
		file->sealed.len += got > 0 ? (size_t)got : 0;
	}
	return 1;
}

int rh_stream_file_open(struct rh_stream_file *file, const char *path, const uint8_t key[32],
			int flags, struct rh_err *err)
{
	struct stat status;
	int code;

	*file = (struct rh_stream_file){.fd = -1, .path = path, .at = STREAM_HEAD_LEN};
	memcpy(file->key, key, sizeof(file->key));
	rh_buf_init(&file->sealed, STREAM_BLOCK_MAX + RH_SEAL_OVERHEAD);
	rh_buf_init_secret(&file->content, STREAM_BLOCK_MAX);
	code = rh_file_open(&file->fd, path, flags, err);
	if (code == RH_OK && fstat(file->fd, &status) != 0) {
		code = rh_err_errno(err, RH_EIO, errno, "could not look at \"%s\"", path);
	}
	if (code != RH_OK) {
		return code;
	}
	file->size = (uint64_t)status.st_size;
	code = read_file(file, 0, STREAM_HEAD_LEN, err);
	if (code != 1) {
		return code < 0 ? code : say_cut(file, err);
	}
	if (memcmp(file->sealed.ptr, rh_stream_magic, STREAM_MAGIC_LEN) != 0) {
		return rh_err_set(err, RH_EMISMATCH, "\"%s\" is not a snapshot of this version",
				  path);
	}
	memcpy(file->name, file->sealed.ptr + STREAM_MAGIC_LEN, STREAM_NAME_LEN);
	return RH_OK;
}

void rh_stream_file_close(struct rh_stream_file *file)
{
	rh_close_fd(&file->fd);
	rh_buf_done(&file->sealed);
	rh_buf_done(&file->content);
	explicit_bzero(file->key, sizeof(file->key));
}

int rh_stream_block(struct rh_stream_file *file, uint64_t position, struct rh_str *out,
		    struct rh_err *err)
{
	size_t len = 0;
	int code = read_file(file, file->at, STREAM_LENGTH_LEN, err);

	if (code != 1) {
		return code;
	}
	for (size_t i = 0; i < STREAM_LENGTH_LEN; i++) {
		len |= (size_t)(uint8_t)file->sealed.ptr[i] << (8 * i);
	}
	if (len > STREAM_BLOCK_MAX + RH_SEAL_OVERHEAD) {
		return 0;
	}
	code = read_file(file, file->at + STREAM_LENGTH_LEN, len, err);
	if (code != 1) {
		return code;
	}
	rh_buf_reset(&file->content);
	if (!rh_unseal_chunk(file->key, position, rh_buf_str(&file->sealed), &file->content)) {
		code = rh_buf_check(&file->content, "a page of the snapshot", err);
		return code != RH_OK ? code : 0;
	}
	*out = rh_buf_str(&file->content);
	if (out->len < STREAM_NAME_LEN || memcmp(out->ptr, file->name, STREAM_NAME_LEN) != 0) {
		return 0;
	}
	*out = rh_str_sub(*out, STREAM_NAME_LEN, SIZE_MAX);
	file->at += STREAM_LENGTH_LEN + len;
	file->blocks++;
	return 1;
}

bool rh_stream_take_page(struct rh_str content, struct rh_stream_page *out)
{
	uint64_t mark_len;

	if (!rh_stream_get(&content, &out->lines) || !rh_stream_get(&content, &mark_len) ||
	    mark_len > content.len) {
		return false;
	}
	out->mark = rh_str_sub(content, 0, (size_t)mark_len);
	out->text = rh_str_sub(content, (size_t)mark_len, SIZE_MAX);
	return true;
}

/* ---- a finished one --------------------------------------------------------------------------------------- */

struct stream_bytes {
	struct rh_bytes bytes; /* first, so that the one is the other */
	struct rh_stream_file file;
	char *path;
	struct rh_stream_end end;
	uint64_t *left_out;  /* numbers of lines */
	uint64_t next_left;  /* index into it */
	uint64_t ends_at;    /* where the last block begins */
	uint64_t line;       /* lines of the pages before */
	uint64_t page_lines; /* of the page in hand */
	struct rh_str rest;  /* of the page in hand */
};

/* Totals and the lines that are left out, from the last block. */
static int take_end(struct stream_bytes *stream, struct rh_str content, struct rh_err *err)
{
	struct rh_stream_end *end = &stream->end;

	if (!rh_stream_get(&content, &end->pages) || !rh_stream_get(&content, &end->lines) ||
	    !rh_stream_get(&content, &end->left_out) ||
	    end->left_out != content.len / STREAM_NUMBER_LEN) {
		return say_changed(&stream->file, err);
	}
	stream->left_out = rh_calloc((size_t)end->left_out + 1, sizeof(*stream->left_out));
	if (stream->left_out == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", stream->path);
	}
	for (size_t i = 0; i < end->left_out; i++) {
		(void)rh_stream_get(&content, &stream->left_out[i]); /* counted above */
	}
	return RH_OK;
}

/* The end is looked at first: without it there is no stream, only a part of one. */
static int read_end(struct stream_bytes *stream, struct rh_err *err)
{
	struct rh_stream_file *file = &stream->file;
	struct rh_str place;
	struct rh_str content = RH_STR_ABSENT;
	uint64_t start = file->at;
	int code = file->size >= STREAM_NUMBER_LEN
			   ? read_file(file, file->size - STREAM_NUMBER_LEN, STREAM_NUMBER_LEN, err)
			   : 0;

	if (code != 1) {
		return code < 0 ? code : say_cut(file, err);
	}
	place = rh_buf_str(&file->sealed);
	(void)rh_stream_get(&place, &stream->ends_at); /* 8 bytes were read */
	if (stream->ends_at < start || stream->ends_at > file->size) {
		return say_cut(file, err);
	}
	file->at = stream->ends_at;
	code = rh_stream_block(file, STREAM_END, &content, err);
	if (code == 1) {
		code = file->at + STREAM_NUMBER_LEN == file->size ? take_end(stream, content, err)
								  : say_changed(file, err);
		file->at = start;
		file->blocks = 0;
		return code;
	}
	return code < 0 ? code : say_changed(file, err);
}

static void free_stream(struct stream_bytes *stream)
{
	rh_stream_file_close(&stream->file);
	rh_free(stream->left_out);
	rh_free(stream->path);
	rh_free(stream);
}

static int open_stream(struct stream_bytes **out, const char *path, const uint8_t key[32],
		       struct rh_str *head, struct rh_err *err)
{
	struct stream_bytes *stream = rh_calloc(1, sizeof(*stream));
	int code;

	if (stream == NULL || (stream->path = rh_strdup(path)) == NULL) {
		rh_free(stream);
		(void)rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
		return RH_ENOMEM;
	}
	code = rh_stream_file_open(&stream->file, stream->path, key, O_RDONLY, err);
	if (code == RH_OK) {
		code = read_end(stream, err);
	}
	if (code == RH_OK) {
		code = rh_stream_block(&stream->file, 0, head, err);
		code = code == 1 ? RH_OK : code == 0 ? say_changed(&stream->file, err) : code;
	}
	if (code != RH_OK) {
		free_stream(stream);
		return code;
	}
	*out = stream;
	return RH_OK;
}

int rh_stream_look(const char *path, const uint8_t key[32], struct rh_buf *head,
		   struct rh_stream_end *out, struct rh_err *err)
{
	struct stream_bytes *stream;
	struct rh_str text;
	int code = open_stream(&stream, path, key, &text, err);

	if (code != RH_OK) {
		return code;
	}
	*out = stream->end;
	rh_buf_add_str(head, text);
	free_stream(stream);
	return rh_buf_check(head, "the head of a snapshot", err);
}

/* The next page into `rest`.  1; 0: that was the last one; < 0 error. */
static int next_page(struct stream_bytes *stream, struct rh_err *err)
{
	struct rh_stream_file *file = &stream->file;
	struct rh_stream_page page;
	struct rh_str content;
	int code;

	stream->line += stream->page_lines;
	stream->page_lines = 0;
	if (file->at == stream->ends_at) {
		bool is_whole = stream->line == stream->end.lines &&
				file->blocks == stream->end.pages + 1 &&
				stream->next_left == stream->end.left_out;
		return is_whole ? 0 : say_changed(file, err);
	}
	code = rh_stream_block(file, file->blocks, &content, err);
	if (code == 1 && rh_stream_take_page(content, &page)) {
		stream->page_lines = page.lines;
		stream->rest = page.text;
		return 1;
	}
	return code < 0 ? code : say_changed(file, err);
}

/* How much of `rest` goes out before the next line that is left out; steps over those that stand in front. */
static size_t ready(struct stream_bytes *stream)
{
	size_t len = 0;
	uint64_t line = 0;

	if (stream->next_left == stream->end.left_out ||
	    stream->left_out[stream->next_left] > stream->line + stream->page_lines) {
		return stream->rest.len;
	}
	while (len < stream->rest.len) {
		const char *end = memchr(stream->rest.ptr + len, '\n', stream->rest.len - len);
		size_t behind =
			end != NULL ? (size_t)(end - stream->rest.ptr) + 1 : stream->rest.len;
		if (stream->line + line + 1 != stream->left_out[stream->next_left]) {
			len = behind;
			line++;
			continue;
		}
		if (len > 0) {
			break;
		}
		stream->rest = rh_str_sub(stream->rest, behind, SIZE_MAX);
		stream->line++;
		stream->page_lines--;
		stream->next_left++;
		if (stream->next_left == stream->end.left_out) {
			return stream->rest.len;
		}
	}
	return len;
}

static ptrdiff_t stream_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct stream_bytes *stream = (struct stream_bytes *)bytes;
	size_t part = ready(stream);

	while (part == 0) {
		int code = next_page(stream, err);
		if (code != 1) {
			return code;
		}
		part = ready(stream);
	}
	part = part < len ? part : len;
	memcpy(out, stream->rest.ptr, part);
	for (size_t i = 0; stream->next_left < stream->end.left_out && i < part; i++) {
		/* lines that are out are counted only where some are to be left out */
		bool is_end = stream->rest.ptr[i] == '\n';
		stream->line += is_end ? 1 : 0;
		stream->page_lines -= is_end ? 1 : 0;
	}
	stream->rest = rh_str_sub(stream->rest, part, SIZE_MAX);
	return (ptrdiff_t)part;
}

static void stream_close(struct rh_bytes *bytes)
{
	free_stream((struct stream_bytes *)bytes);
}

int rh_stream_bytes(struct rh_bytes **out, const char *path, const uint8_t key[32],
		    struct rh_err *err)
{
	struct stream_bytes *stream;
	struct rh_str unused;
	int code = open_stream(&stream, path, key, &unused, err);

	if (code != RH_OK) {
		return code;
	}
	stream->bytes = (struct rh_bytes){.read = stream_read, .close = stream_close};
	*out = &stream->bytes;
	return RH_OK;
}
