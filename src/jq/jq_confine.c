/* SPDX-License-Identifier: Apache-2.0 */
/* What the child may not do (J1, J2): limits of the kernel, and a filter over its calls. */
#include "jq/jq_internal.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static bool limit(int resource, rlim_t value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

/* A fork begins with all the pages of its parent, a new process with those of the program: growth counts from there. */
static bool limit_memory(void)
{
	rh_autobuf text = {0};
	struct rh_str first;
	uint64_t pages;
	long page = sysconf(_SC_PAGESIZE);

	rh_buf_init(&text, 256);
	if (rh_file_read("/proc/self/statm", &text, NULL) != RH_OK) {
		return false;
	}
	first = rh_buf_str(&text);
	for (size_t i = 0; i < first.len; i++) {
		if (first.ptr[i] == ' ') {
			first.len = i;
		}
	}
	return rh_str_to_u64(first, &pages) && page > 0 &&
	       limit(RLIMIT_AS, pages * (uint64_t)page + RH_JQ_MEMORY);
}

#ifdef OWN_ARCHITECTURE

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* The lower half of an argument: flags stand in it. */
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)
#define ALLOW_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), ALLOW

static bool filter_calls(void)
{
	struct sock_filter steps[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		ALLOW_CALL(SYS_read),
		ALLOW_CALL(SYS_write),
		ALLOW_CALL(SYS_brk),
		ALLOW_CALL(SYS_munmap),
		ALLOW_CALL(SYS_mremap),
		ALLOW_CALL(SYS_madvise),
		ALLOW_CALL(SYS_futex),
		ALLOW_CALL(SYS_setitimer),
		ALLOW_CALL(SYS_clock_gettime),
		ALLOW_CALL(SYS_gettimeofday),
		ALLOW_CALL(SYS_getrandom),
		ALLOW_CALL(SYS_rt_sigreturn),
		ALLOW_CALL(SYS_rt_sigprocmask),
		ALLOW_CALL(SYS_exit),
		ALLOW_CALL(SYS_exit_group),
		/* Memory, but of no file, and no code. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 6),
		LOAD_ARGUMENT(3),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 3),
		LOAD_ARGUMENT(2),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
		ALLOW,
		REFUSE,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		LOAD_ARGUMENT(2),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
		ALLOW,
		REFUSE,
	};
	const struct sock_fprog filter = {
		.len = sizeof(steps) / sizeof(steps[0]),
		.filter = steps,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

#else

static bool filter_calls(void)
{
	return false; /* J1: nobody has written down the calls of this machine */
}

#endif

void rh_jq_outlive_interrupts(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		(void)signal(ignored[i], SIG_IGN);
	}
}

bool rh_jq_confine(int fd)
{
	static char *nothing[] = {NULL};

	rh_jq_outlive_interrupts();
	(void)signal(SIGPROF, SIG_DFL);
	environ = nothing;
	return limit_memory() && (fd == STDIN_FILENO || dup2(fd, STDIN_FILENO) == STDIN_FILENO) &&
	       close_range(STDIN_FILENO + 1, ~0U, 0) == 0 && limit(RLIMIT_CORE, 0) &&
	       limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_NOFILE, 0) &&
	       prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       filter_calls();
}

void rh_jq_allow(unsigned milliseconds)
{
	const struct itimerval burnt = {
		.it_value = {
			.tv_sec = milliseconds / 1000,
			.tv_usec = (suseconds_t)(milliseconds % 1000) * 1000,
		}};

	(void)setitimer(ITIMER_PROF, &burnt, NULL); /* fails for what is no time alone */
}
