/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader FILE [undigested|scan]: the bare reader (form, splitter, strict parser, digest of the text; or without the
 * digest), without any mapping; or, what no reader can beat, read(2) of 256 KiB at a time and memchr for newlines.
 * Prints, as JSON, the form, records, those that are bad, bytes, seconds, CPU seconds, and records per CPU second.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/bytes.h"
#include "base/limits.h"
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

struct figures {
	const char *form;
	unsigned long long records;
	unsigned long long bad;
	unsigned long long bytes;
	double start;
	double start_cpu;
};

static void print(const struct figures *figures)
{
	double used = cpu() - figures->start_cpu;

	printf("{\"form\":\"%s\",\"records\":%llu,\"bad\":%llu,\"bytes\":%llu,\"seconds\":%.4f,"
	       "\"cpu\":%.4f,\"per_cpu_second\":%.0f}\n",
	       figures->form, figures->records, figures->bad, figures->bytes,
	       now() - figures->start, used, (double)figures->records / used);
}

static int scan(struct rh_bytes *bytes, struct rh_err *err)
{
	static _Alignas(4096) char chunk[RH_READ_CHUNK];
	struct figures figures = {.form = "scan", .start = now(), .start_cpu = cpu()};
	ptrdiff_t got;

	while ((got = bytes->read(bytes, chunk, sizeof(chunk), err)) > 0) {
		const char *at = chunk;
		const char *end = chunk + got;

		while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
			figures.records++;
			at++;
		}
		figures.bytes += (unsigned long long)got;
	}
	if (got < 0) {
		return (int)got;
	}
	print(&figures);
	return RH_OK;
}

static int read_all(struct rh_reader *reader, struct rh_err *err)
{
	struct figures figures = {.start = now(), .start_cpu = cpu()};
	struct rh_item item;
	int more;

	while ((more = rh_reader_next(reader, &item, err)) > 0) {
		figures.records++;
		figures.bad += item.is_bad;
	}
	if (more < 0) {
		return more;
	}
	figures.form = forms[rh_reader_form(reader)];
	figures.bytes = rh_reader_length(reader);
	print(&figures);
	return RH_OK;
}

int main(int argc, char **argv)
{
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_marks marks;
	struct rh_err err = {0};
	bool is_digested = argc == 2;
	bool is_scan = argc == 3 && strcmp(argv[2], "scan") == 0;

	if (argc != 2 && !is_scan && (argc != 3 || strcmp(argv[2], "undigested") != 0)) {
		fprintf(stderr, "usage: reader FILE [undigested|scan]\n");
		return 2;
	}
	int code = rh_bytes_open(&bytes, argv[1], NULL, &err);
	rh_marks_init(&marks, (const uint8_t[RH_KEY_LEN]){1});
	if (code == RH_OK && is_scan) {
		code = scan(bytes, &err);
		bytes->close(bytes);
	} else if (code == RH_OK) {
		code = rh_reader_open_marked(&reader, bytes, is_digested ? &marks : NULL, &err);
	}
	code = code == RH_OK && !is_scan ? read_all(reader, &err) : code;
	rh_reader_close(reader);
	rh_marks_done(&marks);
	if (code != RH_OK) {
		fprintf(stderr, "reader: %s\n", err.message);
		return 1;
	}
	return 0;
}
