/* SPDX-License-Identifier: Apache-2.0 */
/* The event log: its lines byte for byte, its file, and what a crash or a full disk leaves. */
#include "events/events.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

/* 2026-11-24T02:10:11.123Z */
#define NOW INT64_C(1795486211123000)

struct place {
	char *folder; /* of the log */
	char *above;
	struct rh_clock_manual clock;
	struct rh_err err;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	place->above = test_folder_new();
	place->folder = test_folder_path(place->above, "events");
	rh_clock_manual_init(&place->clock, NOW, 1);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	free(place->folder);
	test_folder_free(place->above);
	free(place);
	return 0;
}

static struct rh_events *open_log(struct place *place)
{
	struct rh_events *events = NULL;

	if (rh_events_open(&events, place->folder, "apply", &place->clock.clock, &place->err) !=
	    RH_OK) {
		fail_msg("%s", place->err.message);
	}
	return events;
}

static void content_of(struct place *place, const char *name, struct rh_buf *out)
{
	char *path = test_folder_path(place->folder, name);

	rh_buf_init(out, 16U << 20);
	assert_int_equal(rh_file_read(path, out, &place->err), RH_OK);
	free(path);
}

#define RUN "\"run\":\"2026-11-24T02-10-11.123Z\""
#define AT "\"at\":\"2026-11-24T02:10:11.123Z\""

static void lines_are_as_people_know_them(void **state)
{
	static const char expected[] =
		"{\"event\":\"version\"," RUN ",\"seq\":1," AT
		",\"format\":1,\"tool\":\"" RH_VERSION "\",\"command\":\"apply\"}\n"
		"{\"event\":\"account\"," RUN ",\"seq\":2," AT
		",\"status\":\"success\",\"userId\":\"user_1\",\"targetId\":\"t_1\","
		"\"what\":\"created\",\"identifier\":\"0123abcd\"}\n"
		"{\"event\":\"account\"," RUN ",\"seq\":3," AT
		",\"status\":\"fail\",\"userId\":\"user_2\",\"code\":\"RH0205\","
		"\"error\":\"no address\",\"path\":\"email_addresses\",\"row\":7}\n"
		"{\"event\":\"account\"," RUN ",\"seq\":4," AT
		",\"status\":\"error\",\"userId\":null,\"code\":\"taken\",\"row\":8}\n"
		"{\"event\":\"account\"," RUN ",\"seq\":5," AT
		",\"status\":\"skipped\",\"userId\":\"a\\\"b\\n\"}\n"
		"{\"event\":\"end\"," RUN ",\"seq\":6," AT ",\"created\":1,\"left\":-1}\n";
	static const struct rh_account_event accounts[] = {
		{.status = RH_EVENT_SUCCESS,
		 .source_id = RH_STR("user_1"),
		 .target_id = RH_STR("t_1"),
		 .what = "created",
		 .identifier = RH_STR("0123abcd")},
		{.status = RH_EVENT_FAIL,
		 .source_id = RH_STR("user_2"),
		 .code = "RH0205",
		 .error = "no address",
		 .path = RH_STR("email_addresses"),
		 .row = 7},
		{.status = RH_EVENT_ERROR, .code = "taken", .row = 8}, /* a record without id */
		{.status = RH_EVENT_SKIPPED, .source_id = RH_STR("a\"b\n")},
	};
	static const struct rh_event_number numbers[] = {{"created", 1}, {"left", -1}};
	struct place *place = *state;
	struct rh_events *events = open_log(place);
	rh_autobuf text = {0};

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(rh_events_account(events, &accounts[i], &place->err), RH_OK);
	}
	assert_int_equal(rh_events_run(events, "end", numbers, 2, &place->err), RH_OK);
	rh_events_close(events);
	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	assert_string_equal(text.ptr, expected);
}

/* Most of a moment's text is kept from line to line. */
static void every_line_has_its_own_moment(void **state)
{
	static const int64_t steps[] = {0,
					1,
					999,
					RH_MILLISECOND,
					8 * RH_MILLISECOND,
					868 * RH_MILLISECOND,
					RH_MILLISECOND,
					RH_SECOND,
					-RH_MILLISECOND,
					48 * RH_SECOND,
					-3 * RH_SECOND,
					INT64_C(86400) * RH_SECOND};
	struct place *place = *state;
	struct rh_events *events = open_log(place);
	rh_autobuf text = {0};
	rh_autobuf expected = {0};
	const char *at;

	rh_buf_init(&expected, 1U << 16);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct rh_account_event event = {.status = RH_EVENT_SUCCESS};
		char moment[RH_TIME_TEXT_SIZE];

		place->clock.now_at += steps[i];
		rh_time_format(place->clock.now_at, moment);
		rh_buf_printf(&expected, "%s ", moment);
		assert_int_equal(rh_events_account(events, &event, &place->err), RH_OK);
	}
	rh_events_close(events);
	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	at = strchr(text.ptr, '\n'); /* behind the head */
	for (const char *word = expected.ptr; *word != '\0'; word += RH_TIME_TEXT_SIZE) {
		at = strstr(at, "\"at\":\"");
		assert_non_null(at);
		at += strlen("\"at\":\"");
		assert_memory_equal(at, word, RH_TIME_TEXT_SIZE - 1);
	}
	assert_null(strstr(at, "\"at\":\""));
}

static void only_accounts_have_a_status_and_grep_counts_them(void **state)
{
	struct place *place = *state;
	struct rh_events *events = open_log(place);
	rh_autobuf text = {0};
	size_t found = 0;

	for (int i = 0; i < 3000; i++) { /* more than is buffered */
		const struct rh_account_event event = {
			.status = i % 3 == 0 ? RH_EVENT_FAIL : RH_EVENT_SUCCESS,
			.source_id = RH_STR("user_1"),
			.error = i % 3 == 0 ? "\"status\":\"success\"" : NULL,
		};
		assert_int_equal(rh_events_account(events, &event, &place->err), RH_OK);
	}
	assert_int_equal(rh_events_run(events, "status", NULL, 0, &place->err), RH_OK);
	rh_events_close(events);
	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	for (const char *at = text.ptr; (at = strstr(at, "\"status\":\"success\"")) != NULL; at++) {
		found++;
	}
	assert_int_equal(found, 2000); /* a quoted one is escaped and does not count */
	for (struct rh_str rest = rh_buf_str(&text); rest.ptr != NULL;) {
		struct rh_str line = rh_str_cut(&rest, '\n');
		if (line.len > 0) {
			json_t *json = json_loadb(line.ptr, line.len, 0, NULL);
			assert_non_null(json);
			json_decref(json);
		}
	}
}

static void the_file_is_private_and_never_another_run_s(void **state)
{
	struct place *place = *state;
	struct rh_events *first = open_log(place);
	struct rh_events *second = open_log(place); /* in the same millisecond */
	char *path = test_folder_path(place->folder, "2026-11-24T02-10-11.124Z.ndjson");
	struct stat status;
	rh_autobuf text = {0};

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat(place->folder, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(rh_events_run(second, "begin", NULL, 0, &place->err), RH_OK);
	rh_events_close(second);
	rh_events_close(first);
	rh_events_close(NULL);
	content_of(place, "2026-11-24T02-10-11.124Z.ndjson", &text);
	assert_non_null(strstr(text.ptr, "\"run\":\"2026-11-24T02-10-11.124Z\",\"seq\":2"));
	free(path);
}

static void the_first_line_is_there_before_anything_happens(void **state)
{
	struct place *place = *state;
	struct rh_events *events = open_log(place);
	rh_autobuf text = {0};

	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	assert_true(rh_str_starts(rh_buf_str(&text), "{\"event\":\"version\","));
	assert_int_equal(text.ptr[text.len - 1], '\n');
	/* What is written later waits for the flush, and then is whole. */
	assert_int_equal(rh_events_run(events, "pause", NULL, 0, &place->err), RH_OK);
	size_t before = text.len;
	rh_buf_done(&text);
	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	assert_int_equal(text.len, before);
	assert_int_equal(rh_events_flush(events, &place->err), RH_OK);
	rh_buf_done(&text);
	content_of(place, "2026-11-24T02-10-11.123Z.ndjson", &text);
	assert_true(text.len > before);
	assert_int_equal(text.ptr[text.len - 1], '\n');
	rh_events_close(events);
}

static void a_log_that_cannot_be_written_is_an_error(void **state)
{
	struct place *place = *state;
	struct rh_events *events = NULL;
	struct rlimit before;
	struct rlimit limit;

	/* A file where the folder should be. */
	assert_int_equal(rh_file_write(place->folder, RH_STR("x"), &place->err), RH_OK);
	assert_int_equal(rh_events_open(&events, place->folder, "apply", &place->clock.clock,
					&place->err),
			 RH_EIO);
	assert_null(events);
	assert_int_equal(unlink(place->folder), 0);
	/* A disk that is full: no file may grow beyond the first line. */
	events = open_log(place);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){.rlim_cur = 150, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(rh_events_run(events, "a-line-that-does-not-fit-any-more", NULL, 0,
				       &place->err),
			 RH_OK);
	int code = rh_events_flush(events, &place->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(code, RH_EIO);
	assert_non_null(strstr(place->err.message, "writing the event log"));
	rh_events_close(events);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(lines_are_as_people_know_them),
		CASE(every_line_has_its_own_moment),
		CASE(only_accounts_have_a_status_and_grep_counts_them),
		CASE(the_file_is_private_and_never_another_run_s),
		CASE(the_first_line_is_there_before_anything_happens),
		CASE(a_log_that_cannot_be_written_is_an_error),
	};

	(void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit answers with an error */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
