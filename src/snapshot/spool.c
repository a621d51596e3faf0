/* SPDX-License-Identifier: Apache-2.0 */
/* Writes, reads and checks sealed spools; only one chunk of content is in the open at a time. */
#include "snapshot/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

enum {
	HEAD_LEN = 16,
	LENGTH_LEN = 4,
	TOTAL_LEN = 8,
	TRAILER_LEN = TOTAL_LEN + RH_DIGEST_LEN,
	SEALED_TRAILER_LEN = LENGTH_LEN + RH_SEAL_OVERHEAD + TRAILER_LEN,
};

/* A full chunk in the file. */
#define SEALED_CHUNK_LEN (LENGTH_LEN + RH_SEAL_OVERHEAD + (uint64_t)RH_SPOOL_CHUNK)
#define TRAILER_POSITION (UINT64_C(1) << 63)

static const char head[HEAD_LEN] = "rehome spool 1\n"; /* the last byte is a NUL */

struct rh_spool_writer {
	int fd;
	char *path;
	char *part; /* path + ".part" */
	uint8_t key[RH_KEY_LEN];
	struct rh_buf content; /* of the chunk that is not full yet */
	struct rh_buf sealed;  /* bytes for the file */
	uint64_t chunks;       /* written */
	uint64_t total;        /* bytes of content */
	struct rh_sha256 sha;
	int failed; /* a chunk is lost: nothing more is taken */
};

struct rh_spool {
	int fd;
	char *path;
	uint8_t key[RH_KEY_LEN];
	uint64_t total;
	uint8_t digest[RH_DIGEST_LEN];
	bool has_chunk;
	uint64_t chunk;        /* number of the chunk in `content` */
	struct rh_buf content; /* unsealed */
	struct rh_buf sealed;
};

static void put_le(uint8_t *out, size_t size, uint64_t number)
{
	for (size_t i = 0; i < size; i++) {
		out[i] = (uint8_t)(number >> (8 * i));
	}
}

static uint64_t get_le(const uint8_t *in, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++) {
		number |= (uint64_t)in[i] << (8 * i);
	}
	return number;
}

/* ---- writing --------------------------------------------------------------------------------------- */

static void free_writer(struct rh_spool_writer *writer)
{
	rh_close_fd(&writer->fd);
	rh_buf_done(&writer->content);
	rh_buf_done(&writer->sealed);
	explicit_bzero(writer->key, sizeof(writer->key));
	rh_free(writer->path);
	rh_free(writer->part);
	rh_free(writer);
}

void rh_spool_abandon(struct rh_spool_writer *writer)
{
	if (writer == NULL) {
		return;
	}
	if (writer->fd >= 0) {
		(void)unlink(writer->part); /* nothing that anybody reads */
	}
	free_writer(writer);
}

static char *part_of(const char *path)
{
	struct rh_buf text;

	rh_buf_init(&text, SIZE_MAX / 2);
	rh_buf_add_cstr(&text, path);
	rh_buf_add_cstr(&text, ".part");
	if (text.failed != RH_OK) {
		rh_buf_done(&text);
	}
	return text.ptr; /* its memory is from the one gate, and there is a NUL behind it */
}

int rh_spool_create(struct rh_spool_writer **out, const char *path, const uint8_t key[32],
		    struct rh_err *err)
{
	struct rh_spool_writer *writer = rh_calloc(1, sizeof(*writer));
	int status;

	if (writer == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	writer->fd = -1;
	writer->path = rh_strdup(path);
	writer->part = part_of(path);
	memcpy(writer->key, key, sizeof(writer->key));
	rh_buf_init_secret(&writer->content, RH_SPOOL_CHUNK);
	rh_buf_init(&writer->sealed, SEALED_CHUNK_LEN);
	rh_sha256_init(&writer->sha);
	if (writer->path == NULL || writer->part == NULL) {
		free_writer(writer);
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	(void)unlink(writer->part); /* a left-over of a crash; open tells if it stays */
	status = rh_file_open(&writer->fd, writer->part, O_WRONLY | O_CREAT | O_EXCL, err);
	if (status == RH_OK) {
		status = rh_fd_write(writer->fd, head, sizeof(head), err);
	}
	if (status != RH_OK) {
		rh_spool_abandon(writer);
		return status;
	}
	*out = writer;
	return RH_OK;
}

/* Writes `length` and the sealed content. */
static int write_sealed(struct rh_spool_writer *writer, uint64_t length, uint64_t position,
			struct rh_str content, struct rh_err *err)
{
	uint8_t prefix[LENGTH_LEN];
	int status;

	put_le(prefix, sizeof(prefix), length);
	rh_buf_reset(&writer->sealed);
	rh_buf_add(&writer->sealed, prefix, sizeof(prefix));
	rh_seal_chunk(writer->key, position, content, &writer->sealed);
	status = rh_buf_check(&writer->sealed, "a sealed chunk", err);
	if (status == RH_OK) {
		status = rh_fd_write(writer->fd, writer->sealed.ptr, writer->sealed.len, err);
	}
	if (status != RH_OK) {
		return rh_err_context(err, status, "writing \"%s\"", writer->part);
	}
	return RH_OK;
}

static int write_chunk(struct rh_spool_writer *writer, struct rh_err *err)
{
	int status = write_sealed(writer, writer->content.len, writer->chunks,
				  rh_buf_str(&writer->content), err);

	writer->chunks++;
	rh_buf_reset(&writer->content);
	writer->failed = status;
	return status;
}

int rh_spool_write(struct rh_spool_writer *writer, const void *bytes, size_t len,
		   struct rh_err *err)
{
	const char *at = bytes;

	if (writer->failed != RH_OK) {
		return rh_err_set(err, writer->failed, "\"%s\" could not be written before",
				  writer->part);
	}
	rh_sha256_add(&writer->sha, bytes, len);
	writer->total += len;
	while (len > 0) {
		size_t room = RH_SPOOL_CHUNK - writer->content.len;
		size_t part = len < room ? len : room;
		int status;

		rh_buf_add(&writer->content, at, part);
		status = rh_buf_check(&writer->content, "a chunk of the snapshot", err);
		if (status == RH_OK && part == room) {
			status = write_chunk(writer, err);
		}
		if (status != RH_OK) {
			writer->failed = status;
			return status;
		}
		at += part;
		len -= part;
	}
	return RH_OK;
}

static int write_end(struct rh_spool_writer *writer, struct rh_err *err)
{
	uint8_t trailer[TRAILER_LEN];
	int status = writer->failed;

	if (status != RH_OK) {
		return rh_err_set(err, status, "\"%s\" could not be written before", writer->part);
	}
	if (writer->content.len > 0) {
		status = write_chunk(writer, err);
	}
	if (status != RH_OK) {
		return status;
	}
	put_le(trailer, TOTAL_LEN, writer->total);
	rh_sha256_finish(&writer->sha, trailer + TOTAL_LEN);
	status = write_sealed(writer, 0, writer->chunks | TRAILER_POSITION,
			      (struct rh_str){(const char *)trailer, sizeof(trailer)}, err);
	if (status == RH_OK && fsync(writer->fd) != 0) {
		status = rh_err_errno(err, RH_EIO, errno, "could not sync \"%s\"", writer->part);
	}
	return status;
}

int rh_spool_finish(struct rh_spool_writer *writer, struct rh_err *err)
{
	int status = write_end(writer, err);

	if (status != RH_OK) {
		rh_spool_abandon(writer);
		return status;
	}
	status = rh_file_replace(writer->part, writer->path, err);
	free_writer(writer);
	return status;
}

/* ---- reading --------------------------------------------------------------------------------------- */

void rh_spool_close(struct rh_spool *spool)
{
	if (spool == NULL) {
		return;
	}
	rh_close_fd(&spool->fd);
	rh_buf_done(&spool->content);
	rh_buf_done(&spool->sealed);
	explicit_bzero(spool->key, sizeof(spool->key));
	rh_free(spool->path);
	rh_free(spool);
}

static int say_cut(const struct rh_spool *spool, struct rh_err *err)
{
	return rh_err_set(err, RH_EINPUT, "\"%s\" is cut: its end is missing", spool->path);
}

static int say_changed(const struct rh_spool *spool, struct rh_err *err)
{
	return rh_err_set(err, RH_EMISMATCH, "\"%s\" was changed, or sealed with another key",
			  spool->path);
}

/* Bytes [offset, offset + len) of the file into spool->sealed. */
static int read_file(struct rh_spool *spool, uint64_t offset, size_t len, struct rh_err *err)
{
	char *at;

	rh_buf_reset(&spool->sealed);
	at = rh_buf_reserve(&spool->sealed, len);
	if (at == NULL) {
		return rh_buf_check(&spool->sealed, "a sealed chunk", err);
	}
	while (spool->sealed.len < len) {
		ssize_t got = pread(spool->fd, at + spool->sealed.len, len - spool->sealed.len,
				    (off_t)(offset + spool->sealed.len));

		if (got < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"",
					    spool->path);
		}
		if (got == 0) {
			return say_cut(spool, err);
		}
		spool->sealed.len += got > 0 ? (size_t)got : 0;
	}
	return RH_OK;
}

/* Reads and unseals one piece of the file, which begins with `length` and whose content has `len` bytes,
 * into spool->content. */
static int read_sealed(struct rh_spool *spool, uint64_t offset, uint64_t position, uint64_t length,
		       size_t len, struct rh_err *err)
{
	int status = read_file(spool, offset, LENGTH_LEN + RH_SEAL_OVERHEAD + len, err);
	struct rh_str sealed;

	spool->has_chunk = false;
	if (status != RH_OK) {
		return status;
	}
	if (get_le((const uint8_t *)spool->sealed.ptr, LENGTH_LEN) != length) {
		return say_changed(spool, err);
	}
	sealed = rh_str_sub(rh_buf_str(&spool->sealed), LENGTH_LEN, SIZE_MAX);
	rh_buf_reset(&spool->content);
	if (!rh_unseal_chunk(spool->key, position, sealed, &spool->content)) {
		status = rh_buf_check(&spool->content, "a chunk of the snapshot", err);
		return status != RH_OK ? status : say_changed(spool, err);
	}
	return RH_OK;
}

static int read_head(struct rh_spool *spool, struct rh_err *err)
{
	int status = read_file(spool, 0, HEAD_LEN, err);

	if (status == RH_OK && memcmp(spool->sealed.ptr, head, sizeof(head)) != 0) {
		status = rh_err_set(err, RH_EMISMATCH, "\"%s\" is not a snapshot of this version",
				    spool->path);
	}
	return status;
}

/* Finds the trailer by the file's size, which must be the one that the trailer's total asks for. */
static int read_trailer(struct rh_spool *spool, uint64_t size, struct rh_err *err)
{
	uint64_t body;
	uint64_t chunks;
	int status;

	if (size < HEAD_LEN + SEALED_TRAILER_LEN) {
		return say_cut(spool, err);
	}
	body = size - HEAD_LEN - SEALED_TRAILER_LEN;
	chunks = (body + SEALED_CHUNK_LEN - 1) / SEALED_CHUNK_LEN;
	status = read_file(spool, size - SEALED_TRAILER_LEN, SEALED_TRAILER_LEN, err);
	if (status == RH_OK && get_le((const uint8_t *)spool->sealed.ptr, LENGTH_LEN) != 0) {
		status = say_cut(spool, err);
	}
	if (status == RH_OK) {
		status = read_sealed(spool, size - SEALED_TRAILER_LEN, chunks | TRAILER_POSITION, 0,
				     TRAILER_LEN, err);
	}
	if (status != RH_OK) {
		return status;
	}
	spool->total = get_le((const uint8_t *)spool->content.ptr, TOTAL_LEN);
	memcpy(spool->digest, spool->content.ptr + TOTAL_LEN, sizeof(spool->digest));
	if (body != spool->total + chunks * (LENGTH_LEN + RH_SEAL_OVERHEAD)) {
		return say_changed(spool, err);
	}
	return RH_OK;
}

static int open_spool(struct rh_spool *spool, struct rh_err *err)
{
	struct stat info;
	int status = rh_file_open(&spool->fd, spool->path, O_RDONLY, err);

	if (status == RH_OK && fstat(spool->fd, &info) != 0) {
		status = rh_err_errno(err, RH_EIO, errno, "could not look at \"%s\"", spool->path);
	}
	if (status == RH_OK) {
		status = read_head(spool, err);
	}
	if (status == RH_OK) {
		status = read_trailer(spool, (uint64_t)info.st_size, err);
	}
	return status;
}

int rh_spool_open(struct rh_spool **out, const char *path, const uint8_t key[32],
		  struct rh_err *err)
{
	struct rh_spool *spool = rh_calloc(1, sizeof(*spool));
	int status;

	if (spool == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
	}
	spool->fd = -1;
	spool->path = rh_strdup(path);
	memcpy(spool->key, key, sizeof(spool->key));
	rh_buf_init_secret(&spool->content, RH_SPOOL_CHUNK);
	rh_buf_init(&spool->sealed, SEALED_CHUNK_LEN);
	status = spool->path != NULL ? open_spool(spool, err)
				     : rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
	if (status != RH_OK) {
		rh_spool_close(spool);
		return status;
	}
	*out = spool;
	return RH_OK;
}

uint64_t rh_spool_length(const struct rh_spool *spool)
{
	return spool->total;
}

/* The content at `offset` (below the total) as far as its chunk goes, borrowed. */
static int find_content(struct rh_spool *spool, uint64_t offset, struct rh_str *out,
			struct rh_err *err)
{
	uint64_t chunk = offset / RH_SPOOL_CHUNK;
	uint64_t left = spool->total - chunk * RH_SPOOL_CHUNK;
	size_t len = left < RH_SPOOL_CHUNK ? (size_t)left : RH_SPOOL_CHUNK;

	if (!spool->has_chunk || spool->chunk != chunk) {
		int status = read_sealed(spool, HEAD_LEN + chunk * SEALED_CHUNK_LEN, chunk, len,
					 len, err);

		if (status != RH_OK) {
			return status;
		}
		spool->has_chunk = true;
		spool->chunk = chunk;
	}
	*out = rh_str_sub(rh_buf_str(&spool->content), (size_t)(offset % RH_SPOOL_CHUNK), SIZE_MAX);
	return RH_OK;
}

int rh_spool_read_at(struct rh_spool *spool, uint64_t offset, size_t len, struct rh_buf *out,
		     struct rh_err *err)
{
	if (offset > spool->total || len > spool->total - offset) {
		return rh_err_set(err, RH_EINVAL, "\"%s\" does not reach that far", spool->path);
	}
	while (len > 0) {
		struct rh_str part;
		int status = find_content(spool, offset, &part, err);

		if (status != RH_OK) {
			return status;
		}
		part = rh_str_sub(part, 0, len);
		rh_buf_add_str(out, part);
		offset += part.len;
		len -= part.len;
	}
	return rh_buf_check(out, "content of the snapshot", err);
}

/* ---- streams --------------------------------------------------------------------------------------- */

struct tee_bytes {
	struct rh_bytes bytes; /* first, so that the one is the other */
	struct rh_bytes *inner;
	struct rh_spool_writer *writer; /* NULL: finished */
};

static ptrdiff_t tee_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct tee_bytes *tee = (struct tee_bytes *)bytes;
	ptrdiff_t got = tee->inner->read(tee->inner, out, len, err);
	int status = RH_OK;

	if (tee->writer == NULL || got < 0) {
		return got;
	}
	if (got > 0) {
		status = rh_spool_write(tee->writer, out, (size_t)got, err);
	} else {
		status = rh_spool_finish(rh_take(&tee->writer), err);
	}
	return status != RH_OK ? status : got;
}

static void tee_close(struct rh_bytes *bytes)
{
	struct tee_bytes *tee = (struct tee_bytes *)bytes;

	rh_spool_abandon(tee->writer);
	tee->inner->close(tee->inner);
	rh_free(tee);
}

int rh_spool_tee(struct rh_bytes **out, struct rh_bytes *inner, struct rh_spool_writer *writer,
		 struct rh_err *err)
{
	struct tee_bytes *tee = rh_calloc(1, sizeof(*tee));

	if (tee == NULL) {
		rh_spool_abandon(writer);
		inner->close(inner);
		return rh_err_set(err, RH_ENOMEM, "no memory to keep the input");
	}
	*tee = (struct tee_bytes){
		.bytes.read = tee_read,
		.bytes.close = tee_close,
		.inner = inner,
		.writer = writer,
	};
	*out = &tee->bytes;
	return RH_OK;
}

struct spool_bytes {
	struct rh_bytes bytes;  /* first, so that the one is the other */
	struct rh_spool *spool; /* borrowed */
	uint64_t at;
	struct rh_sha256 sha; /* of what was read */
	bool is_checked;
};

/* The chunks are sealed one by one; that they are those of one writing says the digest. */
static int check_digest(struct spool_bytes *stream, struct rh_err *err)
{
	uint8_t digest[RH_DIGEST_LEN];

	if (stream->is_checked) {
		return RH_OK;
	}
	rh_sha256_finish(&stream->sha, digest);
	if (memcmp(digest, stream->spool->digest, sizeof(digest)) != 0) {
		return say_changed(stream->spool, err);
	}
	stream->is_checked = true;
	return RH_OK;
}

static ptrdiff_t spool_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct spool_bytes *stream = (struct spool_bytes *)bytes;
	struct rh_str part;
	int status;

	if (stream->at == stream->spool->total) {
		return check_digest(stream, err);
	}
	status = find_content(stream->spool, stream->at, &part, err);
	if (status != RH_OK) {
		return status;
	}
	part = rh_str_sub(part, 0, len);
	memcpy(out, part.ptr, part.len);
	rh_sha256_add(&stream->sha, part.ptr, part.len);
	stream->at += part.len;
	return (ptrdiff_t)part.len;
}

static void spool_close(struct rh_bytes *bytes)
{
	rh_free(bytes);
}

int rh_spool_bytes(struct rh_bytes **out, struct rh_spool *spool, struct rh_err *err)
{
	struct spool_bytes *stream = rh_calloc(1, sizeof(*stream));

	if (stream == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read the snapshot");
	}
	*stream = (struct spool_bytes){
		.bytes.read = spool_read,
		.bytes.close = spool_close,
		.spool = spool,
	};
	rh_sha256_init(&stream->sha);
	*out = &stream->bytes;
	return RH_OK;
}
