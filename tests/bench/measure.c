/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure RESULT COMMAND [ARGUMENT...]: runs a command and writes what it took to the file RESULT, as JSON: seconds of
 * wall time, seconds of CPU time (user and kernel), peak resident memory in MB (10^6 bytes), exit code.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: measure RESULT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	double start = now();
	pid_t child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		perror("measure");
		return 1;
	}
	double seconds = now() - start;
	FILE *result = fopen(argv[1], "w");
	if (result == NULL) {
		perror(argv[1]);
		return 1;
	}
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(result, "{\"seconds\":%.4f,\"cpu\":%.4f,\"mb\":%.1f,\"exit\":%d}\n", seconds,
		seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
		(double)usage.ru_maxrss * 1024 / 1e6, code);
	return fclose(result) == 0 ? 0 : 1;
}
