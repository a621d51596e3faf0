/* SPDX-License-Identifier: Apache-2.0 */
/* Processes, the pipes to them, and the memory that they share. */
#include "plan/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"

/* Answers at a time: one in hand, and for each worker one that is done and one that is being made. */
#define ANSWERS(count) (2 * (count) + 1)
#define ANSWERS_MAX ANSWERS(RH_WORKERS_MAX)
/* Milliseconds of waiting until the caller is asked whether to go on. */
#define POLL_MS 100
/* Descriptors that a worker keeps, besides the first three and those of the spec. */
#define OWN_FDS 2
#define SPEC_FDS_MAX 64

struct worker {
	pid_t pid;
	int done; /* numbers of stretches that it has done; at its end: the worker has ended */
};

struct rh_workers {
	struct rh_workers_spec spec;
	struct worker workers[RH_WORKERS_MAX];
	unsigned count;
	unsigned answers;
	uint8_t *shared;
	uint64_t next;              /* in order */
	uint64_t handed;            /* stretches that were given out */
	bool is_ready[ANSWERS_MAX]; /* by the number modulo answers */
	int ask;                    /* numbers for whoever is free */
	int asked; /* where they come out: kept open here, so that writing to it is never a signal */
};

unsigned rh_workers_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static uint8_t *answer_of(const struct rh_workers *workers, uint64_t number)
{
	return workers->shared + (size_t)(number % workers->answers) * workers->spec.room;
}

/* ---- in a worker --------------------------------------------------------------------------------------------- */

static int compare_fds(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

/* Locks, databases and pipes of the parent must not outlive it in here. */
static void close_others(const struct rh_workers_spec *spec, int ask, int done)
{
	int kept[OWN_FDS + SPEC_FDS_MAX] = {ask, done};
	size_t count = OWN_FDS;
	unsigned from = STDERR_FILENO + 1;

	for (size_t i = 0; i < spec->fd_count; i++) {
		kept[count++] = spec->fds[i];
	}
	qsort(kept, count, sizeof(kept[0]), compare_fds);
	for (size_t i = 0; i < count; i++) {
		if ((unsigned)kept[i] > from) {
			(void)close_range(from, (unsigned)kept[i] - 1, 0); /* else they stay */
		}
		from = (unsigned)kept[i] >= from ? (unsigned)kept[i] + 1 : from;
	}
	(void)close_range(from, ~0U, 0);
}

/* The number of a stretch; false: there are no more, or the parent is gone. */
static bool read_number(int fd, uint64_t *out)
{
	ssize_t got;

	do {
		got = read(fd, out, sizeof(*out));
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*out);
}

static bool write_number(int fd, uint64_t number)
{
	ssize_t put;

	do {
		put = write(fd, &number, sizeof(number)); /* so few bytes go whole or not at all */
	} while (put < 0 && errno == EINTR);
	return put == (ssize_t)sizeof(number);
}

_Noreturn static void be_worker(struct rh_workers *workers, pid_t parent, int done)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE}; /* the parent decides */
	uint64_t number;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		(void)signal(ignored[i], SIG_IGN);
	}
	rh_close_fd(&workers->ask); /* else the end of numbers would never be seen */
	close_others(&workers->spec, workers->asked, done);
	while (getppid() == parent && read_number(workers->asked, &number)) {
		workers->spec.work(workers->spec.context, number, answer_of(workers, number));
		if (!write_number(done, number)) {
			break;
		}
	}
	_exit(0);
}

/* ---- here ---------------------------------------------------------------------------------------------------- */

static bool start_one(struct rh_workers *workers)
{
	struct worker *worker = &workers->workers[workers->count];
	const pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		return false;
	}
	worker->pid = fork();
	if (worker->pid == 0) {
		be_worker(workers, self, ends[1]);
	}
	rh_close_fd(&ends[1]);
	if (worker->pid < 0) {
		rh_close_fd(&ends[0]);
		return false;
	}
	worker->done = ends[0];
	workers->count++;
	return true;
}

/* Gives out as many stretches as there is room for their answers. */
static void hand_out(struct rh_workers *workers)
{
	while (workers->handed < workers->spec.stretches &&
	       workers->handed < workers->next + workers->answers) {
		/* The pipe has room for them, and workers that are gone are noticed elsewhere. */
		workers->is_ready[workers->handed % workers->answers] = false;
		(void)write_number(workers->ask, workers->handed);
		workers->handed++;
	}
}

static size_t shared_size(const struct rh_workers *workers)
{
	return workers->answers * workers->spec.room;
}

struct rh_workers *rh_workers_start(const struct rh_workers_spec *spec)
{
	struct rh_workers *workers = rh_calloc(1, sizeof(*workers));
	int ends[2];
	void *shared;

	if (workers == NULL || spec->fd_count > SPEC_FDS_MAX || pipe2(ends, O_CLOEXEC) != 0) {
		rh_free(workers);
		return NULL;
	}
	workers->spec = *spec;
	workers->asked = ends[0];
	workers->ask = ends[1];
	workers->answers = ANSWERS(spec->count);
	shared = mmap(NULL, shared_size(workers), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared != MAP_FAILED) {
		workers->shared = shared;
		(void)madvise(shared, shared_size(workers), MADV_DONTDUMP); /* advice */
	}
	while (workers->shared != NULL && workers->count < spec->count && start_one(workers)) {
	}
	if (workers->count == 0) {
		rh_workers_end(workers);
		return NULL;
	}
	hand_out(workers);
	return workers;
}

/* Says how a worker ended. */
static int say_ended(struct worker *worker, struct rh_err *err)
{
	int status = 0;

	(void)kill(worker->pid, SIGKILL); /* it is gone, or its pipe is */
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
	}
	worker->pid = -1;
	if (WIFSIGNALED(status)) {
		(void)rh_err_set(err, RH_EIO,
				 "a process that reads records for the plan was ended by signal %d",
				 WTERMSIG(status));
	} else {
		(void)rh_err_set(err, RH_EIO,
				 "a process that reads records for the plan ended by itself");
	}
	rh_err_hint(err, "Plan again. If that does not help, look whether the machine is out of "
			 "memory.");
	return RH_EIO;
}

/* Takes in what the workers say; RH_EIO: one has ended. */
static int listen_to(struct rh_workers *workers, int milliseconds, struct rh_err *err)
{
	struct pollfd fds[RH_WORKERS_MAX];

	for (unsigned i = 0; i < workers->count; i++) {
		fds[i] = (struct pollfd){.fd = workers->workers[i].done, .events = POLLIN};
	}
	if (poll(fds, workers->count, milliseconds) <= 0) {
		return RH_OK;
	}
	for (unsigned i = 0; i < workers->count; i++) {
		uint64_t number;
		if (fds[i].revents == 0) {
			continue;
		}
		if (!read_number(fds[i].fd, &number)) {
			return say_ended(&workers->workers[i], err);
		}
		workers->is_ready[number % workers->answers] = true;
	}
	return RH_OK;
}

int rh_workers_wait(struct rh_workers *workers, bool (*tick)(void *context), void *context,
		    const uint8_t **answer, struct rh_err *err)
{
	const bool *is_ready = &workers->is_ready[workers->next % workers->answers];
	int code = *is_ready ? RH_OK : listen_to(workers, 0, err);

	while (code == RH_OK && !*is_ready) {
		code = listen_to(workers, POLL_MS, err);
		if (code == RH_OK && !*is_ready && !tick(context)) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
		}
	}
	if (code == RH_OK) {
		*answer = answer_of(workers, workers->next);
	}
	return code;
}

uint64_t rh_workers_next(const struct rh_workers *workers)
{
	return workers->next;
}

void rh_workers_release(struct rh_workers *workers)
{
	workers->next++;
	hand_out(workers);
}

void rh_workers_end(struct rh_workers *workers)
{
	if (workers == NULL) {
		return;
	}
	for (unsigned i = 0; i < workers->count; i++) {
		struct worker *worker = &workers->workers[i];
		if (worker->pid > 0) {
			(void)kill(worker->pid, SIGKILL); /* what it makes is wanted by nobody */
			while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR) {
			}
		}
		rh_close_fd(&worker->done);
	}
	rh_close_fd(&workers->ask);
	rh_close_fd(&workers->asked);
	if (workers->shared != NULL) {
		(void)munmap(workers->shared, shared_size(workers));
	}
	rh_free(workers);
}
