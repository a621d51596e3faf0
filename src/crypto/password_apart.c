/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A password check in a process of its own: it blocks and burns, and the caller has a terminal to answer.
 *
 *  1. The child computes one check, writes one byte, and ends; what it knew dies with it.
 *  2. It may burn RLIMIT_CPU seconds and RLIMIT_DATA bytes and leaves no core.  Where it ends in any other way than
 *     by its byte, nothing is known: UNCHECKABLE, never a match.
 *  3. The caller is asked every tenth of a second whether to go on; else the child is killed.
 */
#include "crypto/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

#define CPU_SECONDS 60U
#define DATA_BYTES (1024UL * 1024 * 1024)
#define POLL_MS 100
#define WAITS_MAX (3 * 60 * 1000 / POLL_MS) /* on a machine that is busy with other things */

static void limit(int resource, rlim_t value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	(void)setrlimit((__rlimit_resource_t)resource,
			&both); /* without it the bounds still hold */
}

_Noreturn static void be_child(int out, const struct rh_credential *cred, struct rh_str password)
{
	enum rh_password_result result = RH_PASSWORD_UNCHECKABLE;
	unsigned char byte = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail */
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
#ifndef __SANITIZE_ADDRESS__ /* which maps far more than it uses */
	limit(RLIMIT_DATA, DATA_BYTES);
#endif
	if (rh_password_check(cred, password, &result, NULL) != RH_OK) {
		result = RH_PASSWORD_UNCHECKABLE;
	}
	byte = (unsigned char)result;
	_exit(write(out, &byte, 1) == 1 ? 0 : 1);
}

/* Waits for the byte; false: the caller gave up. */
static bool wait_for(int in, bool (*tick)(void *context), void *context, unsigned char *byte,
		     bool *is_answered)
{
	*is_answered = false;
	for (int waits = 0; waits < WAITS_MAX; waits++) {
		struct pollfd ready = {.fd = in, .events = POLLIN};
		int count = poll(&ready, 1, POLL_MS);

		if (count > 0) {
			*is_answered = read(in, byte, 1) == 1;
			return true;
		}
		if (tick != NULL && !tick(context)) {
			return false;
		}
	}
	return true;
}

int rh_password_check_apart(const struct rh_credential *cred, struct rh_str password,
			    bool (*tick)(void *context), void *context,
			    enum rh_password_result *out, struct rh_err *err)
{
	unsigned char byte = 0;
	bool is_answered;
	bool goes_on;
	int ends[2];
	pid_t child;
	int status;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "no pipe to a password check");
	}
	child = fork();
	if (child < 0) {
		int number = errno;

		(void)close(ends[0]);
		(void)close(ends[1]);
		return rh_err_errno(err, RH_EIO, number, "no process for a password check");
	}
	if (child == 0) {
		be_child(ends[1], cred, password);
	}
	(void)close(ends[1]);
	goes_on = wait_for(ends[0], tick, context, &byte, &is_answered);
	(void)close(ends[0]);
	if (!is_answered) {
		(void)kill(child, SIGKILL); /* it may be gone already */
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (!goes_on) {
		return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
	*out = is_answered && byte <= RH_PASSWORD_UNCHECKABLE ? (enum rh_password_result)byte
							      : RH_PASSWORD_UNCHECKABLE;
	return RH_OK;
}
