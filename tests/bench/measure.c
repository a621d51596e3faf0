/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure RESULT COMMAND [ARGUMENT...]: runs a command and writes what it took to the file RESULT, as JSON: seconds of
 * wall time, seconds of CPU time (user and kernel), peak resident memory in MB (10^6 bytes) of its largest process, and
 * of all its processes together, exit code.
 *
 * "Together" is looked at twenty times a second: what they share is counted once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 50000000

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What processes have, in KiB: memory of their own, which a fork shares and the kernel divides among them; and of files,
 * programs and libraries, which all of them map. */
struct memory {
	unsigned long own;
	unsigned long files;
};

/* The number behind this name in a line; 0: it is another line. */
static unsigned long number_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	return strncmp(line, name, len) == 0 ? strtoul(line + len, NULL, 10) : 0;
}

static void add_process(struct memory *memory, pid_t process)
{
	char path[64];
	char line[256];
	unsigned long resident = 0;
	unsigned long anonymous = 0;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", (long)process);
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		resident += number_of(line, "Rss:");
		anonymous += number_of(line, "Anonymous:");
		memory->own += number_of(line, "Pss_Anon:");
	}
	if (file != NULL) {
		fclose(file);
	}
	if (resident - anonymous > memory->files) {
		memory->files = resident - anonymous;
	}
}

/* The process and all that it started. */
static void add_all(struct memory *memory, pid_t process)
{
	char path[64];
	long child;

	add_process(memory, process);
	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)process, (long)process);
	FILE *file = fopen(path, "r");
	while (file != NULL && fscanf(file, "%ld", &child) == 1) {
		add_all(memory, (pid_t)child);
	}
	if (file != NULL) {
		fclose(file);
	}
}

/* Waits for the end of the command; returns the most that its processes had together, in MB. */
static double wait_for(pid_t child, const sigset_t *ended, int *status, struct rusage *usage)
{
	const struct timespec patience = {.tv_nsec = LOOK_NS};
	unsigned long most = 0;
	pid_t waited;

	while ((waited = wait4(child, status, WNOHANG, usage)) == 0) {
		if (sigtimedwait(ended, NULL, &patience) < 0) {
			struct memory memory = {0};
			add_all(&memory, child);
			most = memory.own + memory.files > most ? memory.own + memory.files : most;
		}
	}
	return waited == child ? (double)most * 1024 / 1e6 : -1;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	sigset_t ended;
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: measure RESULT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	double start = now();
	pid_t child = fork();
	if (child == 0) {
		sigprocmask(SIG_UNBLOCK, &ended, NULL);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	double together = child > 0 ? wait_for(child, &ended, &status, &usage) : -1;
	if (together < 0) {
		perror("measure");
		return 1;
	}
	double seconds = now() - start;
	double largest = (double)usage.ru_maxrss * 1024 / 1e6;
	FILE *result = fopen(argv[1], "w");
	if (result == NULL) {
		perror(argv[1]);
		return 1;
	}
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(result,
		"{\"seconds\":%.4f,\"cpu\":%.4f,\"mb\":%.1f,\"together_mb\":%.1f,\"exit\":%d}\n",
		seconds, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), largest,
		together > largest ? together : largest, code);
	return fclose(result) == 0 ? 0 : 1;
}
