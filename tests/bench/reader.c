/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader FILE [undigested]: the bare reader (form, splitter, strict parser, digest of the text; or without the digest),
 * without any mapping.  Prints, as JSON, the form, records, those that are bad, bytes, seconds, CPU seconds, and
 * records per CPU second.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "read/marks.h"
#include "read/reader.h"

static const char *const forms[] = {
	[RH_FORM_JSON_ARRAY] = "array",
	[RH_FORM_JSON_WRAPPED] = "wrapped",
	[RH_FORM_NDJSON] = "ndjson",
	[RH_FORM_CSV] = "csv",
};

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int read_all(struct rh_reader *reader, struct rh_err *err)
{
	double start = now();
	double start_cpu = cpu();
	unsigned long long records = 0;
	unsigned long long bad = 0;
	struct rh_item item;
	int more;

	while ((more = rh_reader_next(reader, &item, err)) > 0) {
		records++;
		bad += item.is_bad;
	}
	if (more < 0) {
		return more;
	}
	double used = cpu() - start_cpu;
	printf("{\"form\":\"%s\",\"records\":%llu,\"bad\":%llu,\"bytes\":%llu,\"seconds\":%.4f,"
	       "\"cpu\":%.4f,\"per_cpu_second\":%.0f}\n",
	       forms[rh_reader_form(reader)], records, bad,
	       (unsigned long long)rh_reader_length(reader), now() - start, used,
	       (double)records / used);
	return RH_OK;
}

int main(int argc, char **argv)
{
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_marks marks;
	struct rh_err err = {0};
	bool is_digested = argc == 2;

	if (argc != 2 && (argc != 3 || strcmp(argv[2], "undigested") != 0)) {
		fprintf(stderr, "usage: reader FILE [undigested]\n");
		return 2;
	}
	int code = rh_bytes_open(&bytes, argv[1], NULL, &err);
	rh_marks_init(&marks, (const uint8_t[RH_KEY_LEN]){1});
	if (code == RH_OK) {
		code = rh_reader_open_marked(&reader, bytes, is_digested ? &marks : NULL, &err);
	}
	code = code == RH_OK ? read_all(reader, &err) : code;
	rh_reader_close(reader);
	rh_marks_done(&marks);
	if (code != RH_OK) {
		fprintf(stderr, "reader: %s\n", err.message);
		return 1;
	}
	return 0;
}
