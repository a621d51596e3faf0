/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders by plain system calls. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { READ_CHUNK = 64 * 1024 };

void rh_close_fd(int *fd)
{
	if (*fd >= 0) {
		(void)close(*fd); /* nothing to lose: writers sync before they come here */
		*fd = -1;
	}
}

bool rh_file_is_same(const char *path, const char *other)
{
	struct stat one;
	struct stat two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 && S_ISREG(one.st_mode) &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

bool rh_file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *rh_path_join(const char *folder, const char *name)
{
	size_t folder_len = strlen(folder);
	size_t name_size = strlen(name) + 1;
	bool needs_slash = folder_len > 0 && folder[folder_len - 1] != '/';
	char *path = rh_malloc(folder_len + (needs_slash ? 1 : 0) + name_size);
	char *at = path;

	if (path == NULL) {
		return NULL;
	}
	memcpy(at, folder, folder_len);
	at += folder_len;
	if (needs_slash) {
		*at = '/';
		at++;
	}
	memcpy(at, name, name_size);
	return path;
}

int rh_dir_make(const char *path, struct rh_err *err)
{
	rh_autofree char *part = rh_strdup(path);
	struct stat info;

	if (part == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to create folder \"%s\"", path);
	}
	for (char *at = part; *at != '\0'; at++) {
		if (*at != '/' || at == part) {
			continue;
		}
		*at = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST) {
			return rh_err_errno(err, RH_EIO, errno, "could not create folder \"%s\"",
					    part);
		}
		*at = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		return rh_err_errno(err, RH_EIO, errno, "could not create folder \"%s\"", path);
	}
	if (stat(path, &info) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not look at folder \"%s\"", path);
	}
	if (!S_ISDIR(info.st_mode)) {
		return rh_err_errno(err, RH_EIO, ENOTDIR, "cannot use \"%s\" as a folder", path);
	}
	return RH_OK;
}

/* read(2), retried after a signal. */
static ssize_t read_some(int fd, char *out, size_t len)
{
	ssize_t got;

	do {
		got = read(fd, out, len);
	} while (got < 0 && errno == EINTR);
	return got;
}

static int read_all(int fd, const char *path, struct rh_buf *buf, struct rh_err *err)
{
	for (;;) {
		size_t left = buf->max > buf->len ? buf->max - buf->len : 0;
		size_t want = left < READ_CHUNK ? left : READ_CHUNK;
		char probe;
		char *at = want > 0 ? rh_buf_reserve(buf, want) : &probe;
		ssize_t got;

		if (at == NULL) {
			return rh_buf_check(buf, path, err);
		}
		got = read_some(fd, at, want > 0 ? want : 1);
		if (got < 0) {
			return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"", path);
		}
		if (got == 0) {
			return RH_OK;
		}
		if (want == 0) {
			return rh_err_set(err, RH_ELIMIT,
					  "\"%s\" is larger than the limit of %zu bytes", path,
					  buf->max);
		}
		buf->len += (size_t)got;
	}
}

int rh_file_read(const char *path, struct rh_buf *buf, struct rh_err *err)
{
	rh_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t before = buf->len;
	int status;

	if (fd < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not open \"%s\"", path);
	}
	rh_buf_add(buf, "", 0); /* an empty file still gives a text with its NUL */
	status = read_all(fd, path, buf, err);
	if (status != RH_OK) {
		buf->len = before;
	}
	if (buf->ptr != NULL) {
		buf->ptr[buf->len] = '\0';
	}
	return status;
}

int rh_file_open(int *out, const char *path, int flags, struct rh_err *err)
{
	int fd;

	do {
		fd = open(path, flags | O_CLOEXEC, 0600);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not open \"%s\"", path);
	}
	*out = fd;
	return RH_OK;
}

int rh_fd_write(int fd, const void *bytes, size_t len, struct rh_err *err)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t done = write(fd, at, len);

		if (done < 0) {
			if (errno == EINTR) {
				continue;
			}
			return rh_err_errno(err, RH_EIO, errno, "could not write");
		}
		at += done;
		len -= (size_t)done;
	}
	return RH_OK;
}

/* Makes the renamed entry durable.  File systems that cannot sync a folder say EINVAL. */
static int sync_folder_of(const char *path, struct rh_err *err)
{
	rh_autofree char *folder = rh_strdup(path);
	rh_autoclose int fd = -1;
	char *slash;

	if (folder == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	slash = strrchr(folder, '/');
	if (slash == folder) {
		slash[1] = '\0';
	} else if (slash != NULL) {
		*slash = '\0';
	}
	fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)) {
		return rh_err_errno(err, RH_EIO, errno, "could not sync the folder of \"%s\"",
				    path);
	}
	return RH_OK;
}

int rh_file_replace(const char *temporary, const char *path, struct rh_err *err)
{
	if (rename(temporary, path) != 0) {
		int status = rh_err_errno(err, RH_EIO, errno, "could not replace \"%s\"", path);

		(void)unlink(temporary); /* the first error is the one to tell */
		return status;
	}
	return sync_folder_of(path, err);
}

static int write_new(const char *path, struct rh_str content, struct rh_err *err)
{
	rh_autoclose int fd = -1;
	int status;

	(void)unlink(path); /* a left-over of a crash; open tells if it stays */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not create \"%s\"", path);
	}
	status = rh_fd_write(fd, content.ptr, content.len, err);
	if (status != RH_OK) {
		return rh_err_context(err, status, "\"%s\"", path);
	}
	if (fsync(fd) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not sync \"%s\"", path);
	}
	return RH_OK;
}

int rh_file_write(const char *path, struct rh_str content, struct rh_err *err)
{
	size_t path_len = strlen(path);
	rh_autofree char *temporary = rh_malloc(path_len + sizeof(".tmp"));
	int status;

	if (temporary == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to write \"%s\"", path);
	}
	memcpy(temporary, path, path_len);
	memcpy(temporary + path_len, ".tmp", sizeof(".tmp"));
	status = write_new(temporary, content, err);
	if (status != RH_OK) {
		(void)unlink(temporary); /* the first error is the one to tell */
		return status;
	}
	return rh_file_replace(temporary, path, err);
}

bool rh_file_is_public(const char *path)
{
	char whole[PATH_MAX];
	struct stat file;
	bool is_public = realpath(path, whole) != NULL && stat(whole, &file) == 0 &&
			 S_ISREG(file.st_mode) && (file.st_mode & S_IROTH) != 0;

	while (is_public && whole[0] != '\0') {
		struct stat folder;
		*strrchr(whole, '/') = '\0';
		is_public = stat(whole[0] != '\0' ? whole : "/", &folder) == 0 &&
			    (folder.st_mode & S_IXOTH) != 0;
	}
	return is_public;
}

int rh_file_remove(const char *path, struct rh_err *err)
{
	if (unlink(path) != 0 && errno != ENOENT) {
		return rh_err_errno(err, RH_EIO, errno, "could not remove \"%s\"", path);
	}
	return RH_OK;
}

static int sync_file(const char *path, struct rh_err *err)
{
	rh_autoclose int fd = -1;
	int code = rh_file_open(&fd, path, O_RDWR, err);

	if (code == RH_OK && fsync(fd) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not sync \"%s\"", path);
	}
	return code;
}

int rh_file_rename_new(const char *from, const char *to, struct rh_err *err)
{
	int code = sync_file(from, err);

	if (code != RH_OK) {
		return code;
	}
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
		return sync_folder_of(to, err);
	}
	if (errno == EEXIST || rh_file_exists(to)) {
		return rh_err_set(err, RH_ESTATE, "\"%s\" is there already", to);
	}
	if (errno != EINVAL && errno != ENOSYS) {
		return rh_err_errno(err, RH_EIO, errno, "could not rename \"%s\"", from);
	}
	return rh_file_rename(from, to, err); /* a file system that knows no such renaming */
}

int rh_file_rename(const char *from, const char *to, struct rh_err *err)
{
	int code = sync_file(from, err);

	if (code != RH_OK) {
		return code;
	}
	if (rename(from, to) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not rename \"%s\"", from);
	}
	return sync_folder_of(to, err);
}
