/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of a role: flock, and in the locked file who holds it.
 *
 * The file stays when the lock goes: removing it would let two processes lock two files of one name.  On a
 * file system without locks two processes that start within the same instant may both see a lapsed
 * heartbeat and both go on: there the heartbeat keeps out who comes later, not who comes together.
 */
#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

/* A holder that beats every 5 s and missed five beats is gone, or so slow that it is as good as gone. */
#define BEAT_EVERY (5 * RH_SECOND)
#define BEAT_LAPSES (30 * RH_SECOND)

enum {
	HOLDER_MAX = 512, /* bytes of the file that say who holds it */
	HOST_SIZE = 65,   /* HOST_NAME_MAX and NUL */
	BOOT_SIZE = 37,   /* a UUID and NUL */
};

struct rh_lock {
	int fd;
	rh_time taken_at;
	rh_time beat_at;
	char host[HOST_SIZE];
	char boot[BOOT_SIZE];
};

/* What stands in the file; texts point into the buffer that was read. */
struct holder {
	struct rh_str host; /* absent: nobody has written */
	struct rh_str process;
	struct rh_str boot;
	struct rh_str taken;
	struct rh_str beat;
};

static void learn_host(struct rh_lock *lock)
{
	if (gethostname(lock->host, sizeof(lock->host) - 1) != 0) {
		lock->host[0] = '-';
	}
}

static void learn_boot(struct rh_lock *lock)
{
	rh_autobuf text = {0};
	struct rh_str boot = RH_STR("-");

	rh_buf_init(&text, 4096);
	if (rh_file_read("/proc/sys/kernel/random/boot_id", &text, NULL) == RH_OK) {
		boot = rh_str_clip(rh_str_trim(rh_buf_str(&text)), BOOT_SIZE - 1);
	}
	memcpy(lock->boot, boot.ptr, boot.len);
}

/* The whole file in one write.  Its length does not change as long as the holder does not. */
static int write_holder(struct rh_lock *lock, rh_time now, struct rh_err *err)
{
	rh_autobuf text = {0};
	char taken[RH_TIME_TEXT_SIZE];
	char beat[RH_TIME_TEXT_SIZE];

	rh_time_format(lock->taken_at, taken);
	rh_time_format(now, beat);
	rh_buf_init(&text, HOLDER_MAX);
	rh_buf_printf(&text, "host=%s\nprocess=%" PRIdMAX "\nboot=%s\ntaken=%s\nbeat=%s\n",
		      lock->host, (intmax_t)getpid(), lock->boot, taken, beat);
	if (rh_buf_check(&text, "the holder of a lock", err) != RH_OK) {
		return text.failed;
	}
	/* A disk that takes a part of so few bytes has no room for the rest. */
	ssize_t done = pwrite(lock->fd, text.ptr, text.len, 0);
	if (done != (ssize_t)text.len || ftruncate(lock->fd, (off_t)text.len) != 0) {
		return rh_err_errno(err, RH_EIO,
				    done >= 0 && done < (ssize_t)text.len ? ENOSPC : errno,
				    "could not write who holds the lock");
	}
	lock->beat_at = now;
	return RH_OK;
}

static struct holder read_holder(int fd, char buffer[HOLDER_MAX])
{
	struct holder holder = {0};
	ssize_t len = pread(fd, buffer, HOLDER_MAX, 0);
	struct rh_str rest = {
		.ptr = buffer,
		.len = len > 0 ? (size_t)len : 0,
	};

	while (rest.ptr != NULL) {
		struct rh_str value = rh_str_cut(&rest, '\n');
		struct rh_str name = rh_str_cut(&value, '=');

		if (rh_str_is(name, "host")) {
			holder.host = value;
		} else if (rh_str_is(name, "boot")) {
			holder.boot = value;
		} else if (rh_str_is(name, "process")) {
			holder.process = value;
		} else if (rh_str_is(name, "taken")) {
			holder.taken = value;
		} else if (rh_str_is(name, "beat")) {
			holder.beat = value;
		}
	}
	return holder;
}

static int refuse(const char *path, const struct holder *holder, struct rh_err *err)
{
	if (holder->host.ptr == NULL) {
		return rh_err_set(err, RH_EMISMATCH,
				  "\"%s\" is held by a process that has not said yet who it is",
				  path);
	}
	(void)rh_err_set(err, RH_EMISMATCH,
			 "\"%s\" is held by process %.*s on host \"%.*s\" since %.*s"
			 " (last sign of life %.*s)",
			 path, RH_STR_ARG(holder->process), RH_STR_ARG(holder->host),
			 RH_STR_ARG(holder->taken), RH_STR_ARG(holder->beat));
	return RH_EMISMATCH;
}

/* Where the file system has locks: they alone decide. */
static int refuse_locked(const char *path, int fd, struct rh_err *err)
{
	char buffer[HOLDER_MAX];
	struct holder holder = read_holder(fd, buffer);
	int status = refuse(path, &holder, err);

	rh_err_hint(err, "Wait for it to end, or end it; the lock ends with its process.");
	return status;
}

/* Where it has none.  A heartbeat from the future is a clock that differs, and held. */
static int check_heartbeat(const char *path, int fd, rh_time now, struct rh_err *err)
{
	char buffer[HOLDER_MAX];
	struct holder holder = read_holder(fd, buffer);
	rh_time beat = 0;
	int status;

	if (holder.host.ptr == NULL || !rh_time_parse(holder.beat, &beat) ||
	    now - beat >= BEAT_LAPSES) {
		return RH_OK;
	}
	status = refuse(path, &holder, err);
	rh_err_hint(err,
		    "This file system has no locks.  If that process is gone, try again 30 s after "
		    "its last sign of life.");
	return status;
}

static int take(struct rh_lock *lock, const char *path, rh_time now, struct rh_err *err)
{
	int number;

	do {
		number = flock(lock->fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
	} while (number == EINTR);
	switch (number) {
	case 0:
		return RH_OK;
	case EWOULDBLOCK:
		return refuse_locked(path, lock->fd, err);
	case EINVAL:
	case ENOLCK:
	case ENOSYS:
	case EOPNOTSUPP:
		return check_heartbeat(path, lock->fd, now, err);
	default:
		return rh_err_errno(err, RH_EIO, number, "could not lock \"%s\"", path);
	}
}

/* "<workspace>/<role>.lock"; NULL: memory out. */
static char *lock_path(const char *workspace, const char *role)
{
	rh_autobuf name = {0};

	rh_buf_init(&name, 256);
	rh_buf_printf(&name, "%s.lock", role);
	return name.failed == 0 ? rh_path_join(workspace, name.ptr) : NULL;
}

int rh_lock_take(struct rh_lock **out, const char *workspace, const char *role, rh_time now,
		 struct rh_err *err)
{
	rh_autofree char *path = lock_path(workspace, role);
	struct rh_lock *lock = rh_calloc(1, sizeof(*lock));
	int status;

	if (path == NULL || lock == NULL) {
		rh_free(lock);
		return rh_err_set(err, RH_ENOMEM, "no memory for the lock of \"%s\"", workspace);
	}
	lock->taken_at = now;
	learn_host(lock);
	learn_boot(lock);
	status = rh_file_open(&lock->fd, path, O_RDWR | O_CREAT, err);
	if (status != RH_OK) {
		rh_free(lock);
		return status;
	}
	status = take(lock, path, now, err);
	if (status == RH_OK) {
		status = write_holder(lock, now, err);
	}
	if (status != RH_OK) {
		rh_close_fd(&lock->fd);
		rh_free(lock);
		return status;
	}
	*out = lock;
	return RH_OK;
}

/* On this machine, since it was started, and gone? */
static bool is_gone(const struct holder *holder)
{
	struct rh_lock here = {0};
	uint64_t process;

	learn_host(&here);
	learn_boot(&here);
	return rh_str_is(holder->host, here.host) && rh_str_is(holder->boot, here.boot) &&
	       rh_str_to_u64(holder->process, &process) && process > 0 && process <= INT32_MAX &&
	       kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* No lock is taken for it, not even a shared one: an apply that begins in this moment would be refused. */
bool rh_lock_peek(const char *workspace, const char *role, rh_time now, struct rh_buf *out)
{
	rh_autofree char *path = lock_path(workspace, role);
	char buffer[HOLDER_MAX];
	struct holder holder;
	rh_time beat = 0;
	int fd = -1;

	if (path == NULL || rh_file_open(&fd, path, O_RDONLY, NULL) != RH_OK) {
		return false;
	}
	holder = read_holder(fd, buffer);
	rh_close_fd(&fd);
	if (holder.host.ptr == NULL || !rh_time_parse(holder.beat, &beat) ||
	    now - beat >= BEAT_LAPSES || is_gone(&holder)) {
		return false;
	}
	rh_buf_printf(out, "process %.*s on host \"%.*s\" since %.*s", RH_STR_ARG(holder.process),
		      RH_STR_ARG(holder.host), RH_STR_ARG(holder.taken));
	return out->failed == 0;
}

void rh_lock_beat(struct rh_lock *lock, rh_time now)
{
	if (now - lock->beat_at > BEAT_EVERY) {
		(void)!write_holder(lock, now, NULL); /* the next beat tries again */
	}
}

void rh_lock_release(struct rh_lock *lock)
{
	if (lock == NULL) {
		return;
	}
	(void)!ftruncate(lock->fd, 0); /* only tells who held it; closing gives the lock back */
	rh_close_fd(&lock->fd);
	rh_free(lock);
}
