/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare loop that apply and verify are compared with: libcurl's multi interface and nothing else.
 *
 *   curl_loop post URL KEY CONNECTIONS FILE  sends each line of FILE as a body, CONNECTIONS at a time
 *   curl_loop walk URL KEY                   reads a list page after page, each asking for what is behind the last
 *
 * Prints, as JSON: requests, those not answered 2xx, seconds from the first request to the last answer, CPU seconds.
 * Handles are reused, connections kept alive, headers those of the tool.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
	CONNECTIONS_MAX = 256,
	HEADER_MAX = 512,
};

/* One request at a time; what it receives. */
struct slot {
	CURL *easy;
	struct curl_slist *headers;
	char *answer;
	size_t len;
	size_t cap;
};

struct loop {
	CURLM *multi;
	struct slot slots[CONNECTIONS_MAX];
	size_t slot_count;
	const char *url;
	const char *key;
	char *bodies; /* what is left of them */
	char *end;
	unsigned long long requests;
	unsigned long long refused;
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

static void fail(const char *what)
{
	fprintf(stderr, "curl_loop: %s\n", what);
	exit(1);
}

static size_t keep_answer(char *bytes, size_t size, size_t count, void *user)
{
	struct slot *slot = user;
	size_t len = size * count;

	if (slot->len + len + 1 > slot->cap) {
		slot->cap = (slot->len + len + 1) * 2;
		slot->answer = realloc(slot->answer, slot->cap);
		if (slot->answer == NULL) {
			fail("no memory");
		}
	}
	memcpy(slot->answer + slot->len, bytes, len);
	slot->len += len;
	slot->answer[slot->len] = '\0';
	return len;
}

static void prepare(struct loop *loop, struct slot *slot, bool is_post)
{
	char line[HEADER_MAX];

	slot->len = 0;
	curl_slist_free_all(slot->headers);
	snprintf(line, sizeof(line), "Authorization: Bearer %s", loop->key);
	slot->headers = curl_slist_append(NULL, line);
	slot->headers = curl_slist_append(slot->headers, "Accept: application/json");
	if (is_post) {
		snprintf(line, sizeof(line), "Idempotency-Key: %016llx%016llx", loop->requests,
			 loop->requests * 0x9e3779b97f4a7c15ULL);
		slot->headers = curl_slist_append(slot->headers, line);
		slot->headers = curl_slist_append(slot->headers, "Content-Type: application/json");
		slot->headers = curl_slist_append(slot->headers, "Expect:");
	}
	curl_easy_reset(slot->easy);
	curl_easy_setopt(slot->easy, CURLOPT_URL, loop->url);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
	curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_NOPROXY, "*");
	loop->requests++;
}

/* The next line as body of a new request; false: there is none left. */
static bool send_next(struct loop *loop, struct slot *slot)
{
	char *line = loop->bodies;
	char *end = loop->bodies < loop->end
			    ? memchr(line, '\n', (size_t)(loop->end - loop->bodies))
			    : NULL;

	if (end == NULL) {
		return false;
	}
	loop->bodies = end + 1;
	prepare(loop, slot, true);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, line);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(end - line));
	return curl_multi_add_handle(loop->multi, slot->easy) == CURLM_OK;
}

static size_t take_answers(struct loop *loop, size_t in_flight)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
		struct slot *slot = NULL;
		long status = 0;
		if (message->msg != CURLMSG_DONE) {
			continue;
		}
		if (message->data.result != CURLE_OK) {
			fail(curl_easy_strerror(message->data.result));
		}
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		loop->refused += status < 200 || status > 299;
		curl_multi_remove_handle(loop->multi, slot->easy);
		in_flight -= send_next(loop, slot) ? 0 : 1;
	}
	return in_flight;
}

static void post_all(struct loop *loop)
{
	size_t in_flight = 0;

	for (size_t i = 0; i < loop->slot_count; i++) {
		in_flight += send_next(loop, &loop->slots[i]) ? 1 : 0;
	}
	while (in_flight > 0) {
		int running = 0;
		if (curl_multi_perform(loop->multi, &running) != CURLM_OK) {
			fail("libcurl failed");
		}
		in_flight = take_answers(loop, in_flight);
		if (in_flight > 0 &&
		    curl_multi_poll(loop->multi, NULL, 0, 1000, NULL) != CURLM_OK) {
			fail("libcurl failed");
		}
	}
}

/* The cursor stands at the end of the page: "after":"ID", or null. */
static bool read_cursor(const struct slot *slot, char *out, size_t size)
{
	static const char mark[] = "\"after\":\"";
	const char *found = NULL;

	for (const char *at = slot->answer; (at = strstr(at, mark)) != NULL; at++) {
		found = at + strlen(mark);
	}
	const char *end = found != NULL ? strchr(found, '"') : NULL;
	if (end == NULL || (size_t)(end - found) >= size) {
		return false;
	}
	memcpy(out, found, (size_t)(end - found));
	out[end - found] = '\0';
	return true;
}

static void walk(struct loop *loop)
{
	struct slot *slot = &loop->slots[0];
	const char *base = loop->url;
	char cursor[128] = "";
	char url[1024];
	long status = 0;

	do {
		snprintf(url, sizeof(url), "%s?limit=100&order=asc%s%s", base,
			 cursor[0] != '\0' ? "&after=" : "", cursor);
		loop->url = url;
		prepare(loop, slot, false);
		if (curl_easy_perform(slot->easy) != CURLE_OK) {
			fail("the page could not be read");
		}
		curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
		loop->refused += status != 200;
	} while (read_cursor(slot, cursor, sizeof(cursor)));
}

static void read_bodies(struct loop *loop, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		fail("the bodies cannot be read");
	}
	long size = ftell(file);
	rewind(file);
	loop->bodies = malloc((size_t)size + 1);
	if (loop->bodies == NULL || fread(loop->bodies, 1, (size_t)size, file) != (size_t)size) {
		fail("the bodies cannot be read");
	}
	loop->end = loop->bodies + size;
	fclose(file);
}

int main(int argc, char **argv)
{
	struct loop loop = {.slot_count = 1};
	bool is_post = argc == 6 && strcmp(argv[1], "post") == 0;

	if (!is_post && !(argc == 4 && strcmp(argv[1], "walk") == 0)) {
		fprintf(stderr, "usage: curl_loop post URL KEY CONNECTIONS FILE\n"
				"       curl_loop walk URL KEY\n");
		return 2;
	}
	loop.url = argv[2];
	loop.key = argv[3];
	if (is_post) {
		loop.slot_count = strtoul(argv[4], NULL, 10);
		read_bodies(&loop, argv[5]);
	}
	if (loop.slot_count < 1 || loop.slot_count > CONNECTIONS_MAX ||
	    curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fail("1 to 256 connections");
	}
	loop.multi = curl_multi_init();
	for (size_t i = 0; i < loop.slot_count; i++) {
		loop.slots[i].easy = curl_easy_init();
	}
	curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, (long)loop.slot_count);
	double start = now();
	double start_cpu = cpu();
	if (is_post) {
		post_all(&loop);
	} else {
		walk(&loop);
	}
	printf("{\"requests\":%llu,\"refused\":%llu,\"seconds\":%.4f,\"cpu\":%.4f}\n",
	       loop.requests, loop.refused, now() - start, cpu() - start_cpu);
	return 0;
}
