/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders: private modes, whole reads, atomic durable writes.  Every descriptor is close-on-exec. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <rehome/types.h>

struct rh_buf;

/* Creates the folder and its parents, mode 0700; an existing folder is fine. */
RH_NODISCARD int rh_dir_make(const char *path, struct rh_err *err);
/* Whole file into buf (appended), at most buf->max bytes. */
RH_NODISCARD int rh_file_read(const char *path, struct rh_buf *buf, struct rh_err *err);
/* Writes path + ".tmp" mode 0600, syncs, renames over path, syncs the folder. */
RH_NODISCARD int rh_file_write(const char *path, struct rh_str content, struct rh_err *err);
/* Renames a file that is synced over path and syncs the folder; a failure removes it. */
RH_NODISCARD int rh_file_replace(const char *temporary, const char *path, struct rh_err *err);
/* open(2) with these flags, close-on-exec, a new file with mode 0600; the descriptor is the caller's. */
RH_NODISCARD int rh_file_open(int *out, const char *path, int flags, struct rh_err *err);
/* write(2) until all is out; EINTR is retried. */
RH_NODISCARD int rh_fd_write(int fd, const void *bytes, size_t len, struct rh_err *err);
/* "a/b" from parts; allocated, NULL: memory out. */
char *rh_path_join(const char *folder, const char *name);
bool rh_file_exists(const char *path);
/* Two names of one plain file that is there? */
bool rh_file_is_same(const char *path, const char *other);
/* May everybody on this machine read it: the file itself, and through each folder above it? */
bool rh_file_is_public(const char *path);
/* Removes the file; one that is not there is fine. */
RH_NODISCARD int rh_file_remove(const char *path, struct rh_err *err);
/* Syncs `from`, renames it over `to`, syncs the folder. */
RH_NODISCARD int rh_file_rename(const char *from, const char *to, struct rh_err *err);
/* The same, over nothing: RH_ESTATE when `to` is there. */
RH_NODISCARD int rh_file_rename_new(const char *from, const char *to, struct rh_err *err);
/* Closes *fd unless negative and sets -1; the cleanup function behind rh_autoclose. */
void rh_close_fd(int *fd);
#define rh_autoclose __attribute__((cleanup(rh_close_fd)))

#endif
