/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory, and then in a file without a name. */
#include "plan/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"

#define FIRST_ROOM ((size_t)4096)

int rh_scratch_init(struct rh_scratch *scratch, char *path, size_t tail_max, struct rh_err *err)
{
	*scratch = (struct rh_scratch){.path = path, .tail_max = tail_max, .fd = -1};
	return rh_file_remove(path, err);
}

void rh_scratch_done(struct rh_scratch *scratch)
{
	if (scratch->path == NULL) {
		return;
	}
	rh_close_fd(&scratch->fd);
	rh_free(scratch->tail);
	rh_free(scratch->path);
	*scratch = (struct rh_scratch){0};
}

uint64_t rh_scratch_size(const struct rh_scratch *scratch)
{
	return scratch->in_file + scratch->tail_len;
}

/* A file that only this descriptor leads to. */
static int open_file(struct rh_scratch *scratch, struct rh_err *err)
{
	int code = rh_file_open(&scratch->fd, scratch->path, O_RDWR | O_CREAT | O_EXCL, err);

	return code == RH_OK ? rh_file_remove(scratch->path, err) : code;
}

static int write_out(struct rh_scratch *scratch, const void *bytes, size_t len, struct rh_err *err)
{
	int code = scratch->fd < 0 ? open_file(scratch, err) : RH_OK;

	if (code == RH_OK) {
		code = rh_fd_write(scratch->fd, bytes, len, err);
	}
	if (code != RH_OK) {
		return rh_err_context(err, code, "writing the plan's scratch file");
	}
	scratch->in_file += len;
	return RH_OK;
}

static int grow(struct rh_scratch *scratch, size_t len, struct rh_err *err)
{
	size_t room = scratch->tail_room > 0 ? scratch->tail_room : FIRST_ROOM;
	uint8_t *grown;

	while (room < scratch->tail_len + len) {
		room *= 2;
	}
	room = room < scratch->tail_max ? room : scratch->tail_max;
	grown = rh_realloc(scratch->tail, room);
	if (grown == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	scratch->tail = grown;
	scratch->tail_room = room;
	return RH_OK;
}

int rh_scratch_add(struct rh_scratch *scratch, const void *bytes, size_t len, struct rh_err *err)
{
	int code = RH_OK;

	if (len > scratch->tail_max - scratch->tail_len) {
		code = write_out(scratch, scratch->tail, scratch->tail_len, err);
		scratch->tail_len = code == RH_OK ? 0 : scratch->tail_len;
	}
	if (code == RH_OK && len > scratch->tail_max) {
		return write_out(scratch, bytes, len, err);
	}
	if (code == RH_OK && len > scratch->tail_room - scratch->tail_len) {
		code = grow(scratch, len, err);
	}
	if (code == RH_OK && len > 0) {
		memcpy(scratch->tail + scratch->tail_len, bytes, len);
		scratch->tail_len += len;
	}
	return code;
}

static int cut_short(struct rh_err *err)
{
	return rh_err_set(err, RH_EIO, "the plan's scratch file is shorter than it was");
}

static int read_file(const struct rh_scratch *scratch, uint64_t offset, uint8_t *out, size_t len,
		     struct rh_err *err)
{
	while (len > 0) {
		ssize_t got = pread(scratch->fd, out, len, (off_t)offset);
		if (got < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno,
					    "could not read the plan's scratch file");
		}
		if (got == 0) {
			return cut_short(err);
		}
		if (got > 0) {
			out += got;
			offset += (uint64_t)got;
			len -= (size_t)got;
		}
	}
	return RH_OK;
}

/* How many of `len` bytes from the offset on lie in the file. */
static size_t share_of_file(const struct rh_scratch *scratch, uint64_t offset, size_t len)
{
	if (offset >= scratch->in_file) {
		return 0;
	}
	return scratch->in_file - offset < len ? (size_t)(scratch->in_file - offset) : len;
}

int rh_scratch_read(const struct rh_scratch *scratch, uint64_t offset, void *out, size_t len,
		    struct rh_err *err)
{
	size_t share = share_of_file(scratch, offset, len);
	int code = read_file(scratch, offset, out, share, err);

	if (code != RH_OK || share == len) {
		return code;
	}
	if (offset + len > rh_scratch_size(scratch)) {
		return cut_short(err);
	}
	memcpy((uint8_t *)out + share, scratch->tail + (offset + share - scratch->in_file),
	       len - share);
	return RH_OK;
}

int rh_scratch_change(struct rh_scratch *scratch, uint64_t offset, const void *bytes, size_t len,
		      struct rh_err *err)
{
	size_t share = share_of_file(scratch, offset, len);
	const uint8_t *from = bytes;

	if (offset + len > rh_scratch_size(scratch)) {
		return cut_short(err);
	}
	for (size_t done = 0; done < share;) {
		ssize_t put =
			pwrite(scratch->fd, from + done, share - done, (off_t)(offset + done));
		if (put < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno,
					    "could not write the plan's scratch file");
		}
		done += put > 0 ? (size_t)put : 0;
	}
	if (share < len) {
		memcpy(scratch->tail + (offset + share - scratch->in_file), from + share,
		       len - share);
	}
	return RH_OK;
}
