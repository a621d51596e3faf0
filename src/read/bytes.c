/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of bytes with nothing behind them but a file, standard input or memory. */
#include "read/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

/* Milliseconds until a request to stop is looked for again; a signal is noticed at once. */
enum { LOOK_EVERY_MS = 250 };

struct file_bytes {
	struct rh_bytes bytes; /* first, so that the one is the other */
	int fd;
	bool is_standard_input;   /* not ours to close */
	char *path;               /* for messages */
	const volatile int *stop; /* NULL: reading is not waiting, or cannot be stopped */
};

/* A stretch of a file; where it is read does not depend on who else reads it through the same descriptor. */
struct stretch_bytes {
	struct rh_bytes bytes; /* first */
	int fd;                /* borrowed */
	const char *path;      /* borrowed, for messages */
	uint64_t at;
	uint64_t end;
};

struct memory_bytes {
	struct rh_bytes bytes; /* first */
	struct rh_str left;
};

/* Until there is something to read, or somebody asks to stop. */
static int wait_for_bytes(const struct file_bytes *file, struct rh_err *err)
{
	struct pollfd fd = {.fd = file->fd, .events = POLLIN};
	int ready = 0;

	while (ready == 0) {
		if (*file->stop != 0) {
			return rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
		}
		ready = poll(&fd, 1, LOOK_EVERY_MS);
		if (ready < 0 && errno == EINTR) {
			ready = 0;
		}
	}
	return RH_OK; /* what poll cannot tell, read will */
}

static ptrdiff_t file_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct file_bytes *file = (struct file_bytes *)bytes;
	ssize_t got;

	if (file->stop != NULL) {
		int status = wait_for_bytes(file, err);

		if (status != RH_OK) {
			return status;
		}
	}
	do {
		got = read(file->fd, out, len);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"", file->path);
	}
	return got;
}

static void file_close(struct rh_bytes *bytes)
{
	struct file_bytes *file = (struct file_bytes *)bytes;

	if (!file->is_standard_input) {
		rh_close_fd(&file->fd);
	}
	rh_free(file->path);
	rh_free(file);
}

/* A folder opens well and fails at the first read with a text that helps nobody. */
static int look_at_file(struct file_bytes *file, struct rh_err *err)
{
	struct stat info;

	if (fstat(file->fd, &info) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not look at \"%s\"", file->path);
	}
	if (S_ISDIR(info.st_mode)) {
		return rh_err_set(err, RH_EIO, "cannot read \"%s\": it is a folder", file->path);
	}
	if (S_ISREG(info.st_mode)) {
		file->stop = NULL;
	}
	(void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice: a pipe refuses it */
	return RH_OK;
}

int rh_bytes_open(struct rh_bytes **out, const char *path, const volatile int *stop,
		  struct rh_err *err)
{
	bool is_standard_input = strcmp(path, "-") == 0;
	struct file_bytes *file = rh_calloc(1, sizeof(*file));
	int status = RH_OK;

	if (file == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
	}
	*file = (struct file_bytes){
		.bytes.read = file_read,
		.bytes.close = file_close,
		.fd = is_standard_input ? STDIN_FILENO : -1,
		.is_standard_input = is_standard_input,
		.stop = stop,
		.path = rh_strdup(is_standard_input ? "standard input" : path),
	};
	if (file->path == NULL) {
		status = rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
	} else if (!is_standard_input) {
		status = rh_file_open(&file->fd, file->path, O_RDONLY, err);
	}
	if (status == RH_OK) {
		status = look_at_file(file, err);
	}
	if (status != RH_OK) {
		file_close(&file->bytes);
		return status;
	}
	*out = &file->bytes;
	return RH_OK;
}

static ptrdiff_t memory_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct memory_bytes *memory = (struct memory_bytes *)bytes;
	struct rh_str part = rh_str_sub(memory->left, 0, len);

	(void)err; /* memory does not fail */
	if (part.len > 0) {
		memcpy(out, part.ptr, part.len);
		memory->left.ptr += part.len;
		memory->left.len -= part.len;
	}
	return (ptrdiff_t)part.len;
}

static void memory_close(struct rh_bytes *bytes)
{
	rh_free(bytes);
}

int rh_bytes_memory(struct rh_bytes **out, struct rh_str content, struct rh_err *err)
{
	struct memory_bytes *memory = rh_calloc(1, sizeof(*memory));

	if (memory == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read bytes of memory");
	}
	*memory = (struct memory_bytes){
		.bytes.read = memory_read,
		.bytes.close = memory_close,
		.left = content,
	};
	*out = &memory->bytes;
	return RH_OK;
}

/* As many bytes as are asked for, unless the stretch or the file ends before. */
static ptrdiff_t stretch_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct stretch_bytes *stretch = (struct stretch_bytes *)bytes;
	uint64_t left = stretch->end - stretch->at;
	size_t done = 0;

	len = left < len ? (size_t)left : len;
	while (done < len) {
		ssize_t got =
			pread(stretch->fd, (char *)out + done, len - done, (off_t)stretch->at);

		if (got < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"",
					    stretch->path);
		}
		if (got == 0) {
			break;
		}
		done += got > 0 ? (size_t)got : 0;
		stretch->at += got > 0 ? (uint64_t)got : 0;
	}
	return (ptrdiff_t)done;
}

static void stretch_close(struct rh_bytes *bytes)
{
	rh_free(bytes);
}

int rh_bytes_stretch(struct rh_bytes **out, const struct rh_file_stretch *stretch,
		     struct rh_err *err)
{
	struct stretch_bytes *own = rh_calloc(1, sizeof(*own));

	if (own == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", stretch->path);
	}
	*own = (struct stretch_bytes){
		.bytes.read = stretch_read,
		.bytes.close = stretch_close,
		.fd = stretch->fd,
		.path = stretch->path,
		.at = stretch->from,
		.end = stretch->end,
	};
	*out = &own->bytes;
	return RH_OK;
}
