/* SPDX-License-Identifier: Apache-2.0 */
/* The only writer of the event log. */
#include "events/events.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

#define BUFFER_MAX (1024U * 1024)
#define FLUSH_AT (64U * 1024)
#define NAME_TRIES 1000
#define HEAD_MAX 256

struct rh_events {
	int fd;
	struct rh_clock *clock;
	struct rh_buf lines;
	struct rh_buf head; /* of an account's line, up to its number */
	char run[RH_TIME_TEXT_SIZE];
	uint64_t seq;
	rh_time at_ms; /* whose text `at` is: many lines fall into one millisecond, thousands into a second */
	char at[RH_TIME_TEXT_SIZE];
};

static const char *status_name(enum rh_event_status status)
{
	switch (status) {
	case RH_EVENT_SUCCESS:
		return "success";
	case RH_EVENT_FAIL:
		return "fail";
	case RH_EVENT_ERROR:
		return "error";
	case RH_EVENT_SKIPPED:
		return "skipped";
	}
	return "error";
}

/* "2026-11-24T02-10-11.123Z": a name that sorts by time and has no colon, which some systems refuse. */
static void run_name(struct rh_clock *clock, int64_t later_ms, char out[RH_TIME_TEXT_SIZE])
{
	rh_time_format(clock->now(clock) + later_ms * RH_MILLISECOND, out);
	for (char *at = out; *at != '\0'; at++) {
		if (*at == ':') {
			*at = '-';
		}
	}
}

static void stamp(struct rh_events *events)
{
	rh_time ms = events->clock->now(events->clock) / RH_MILLISECOND;

	if (ms == events->at_ms && events->at[0] != '\0') {
		return;
	}
	if (ms / 1000 == events->at_ms / 1000 && ms > 0 && events->at[0] != '\0') {
		char *digits = events->at + sizeof("2026-11-24T02:10:11.") - 1;
		digits[0] = (char)('0' + ms / 100 % 10);
		digits[1] = (char)('0' + ms / 10 % 10);
		digits[2] = (char)('0' + ms % 10);
	} else {
		rh_time_format(ms * RH_MILLISECOND, events->at);
	}
	events->at_ms = ms;
}

/* All that is the same in the lines of accounts, of which there are thousands a second. */
static void begin_account_line(struct rh_events *events, struct rh_json_writer *json)
{
	stamp(events);
	rh_buf_add_str(&events->lines, rh_buf_str(&events->head));
	rh_buf_add_u64(&events->lines, ++events->seq);
	rh_buf_add(&events->lines, ",\"at\":\"", 7);
	rh_buf_add_cstr(&events->lines, events->at);
	rh_buf_add_char(&events->lines, '"');
	rh_json_writer_init(json, &events->lines);
	json->needs_comma = true;
}

static void begin_line(struct rh_events *events, struct rh_json_writer *json, const char *event)
{
	stamp(events);
	rh_json_writer_init(json, &events->lines);
	rh_json_begin_object(json);
	rh_json_key(json, "event");
	rh_json_put_cstr(json, event);
	rh_json_key(json, "run");
	rh_json_put_cstr(json, events->run);
	rh_json_key(json, "seq");
	rh_json_put_u64(json, ++events->seq);
	rh_json_key(json, "at");
	rh_json_put_cstr(json, events->at);
}

static int end_line(struct rh_events *events, struct rh_json_writer *json, struct rh_err *err)
{
	rh_json_end_object(json);
	rh_buf_add_char(&events->lines, '\n');
	if (events->lines.failed != 0) {
		return rh_buf_check(&events->lines, "event log", err);
	}
	return events->lines.len >= FLUSH_AT ? rh_events_flush(events, err) : RH_OK;
}

static int create_file(struct rh_events *events, const char *folder, struct rh_err *err)
{
	int code = RH_EIO;

	/* Two runs in one millisecond: the second takes the next free name. */
	for (int64_t later = 0; later < NAME_TRIES && code != RH_OK; later++) {
		rh_autobuf path = {0};
		rh_buf_init(&path, 4096);
		run_name(events->clock, later, events->run);
		rh_buf_printf(&path, "%s/%s.ndjson", folder, events->run);
		if (rh_buf_check(&path, "path", err) != RH_OK) {
			return path.failed;
		}
		if (!rh_file_exists(path.ptr)) {
			code = rh_file_open(&events->fd, path.ptr,
					    O_WRONLY | O_CREAT | O_EXCL | O_APPEND, err);
			if (code != RH_OK && !rh_file_exists(path.ptr)) {
				return code;
			}
		}
	}
	return code == RH_OK ? RH_OK : rh_err_set(err, code, "no free name for the event log");
}

/* Run names and times need no escape. */
static int make_head(struct rh_events *events, struct rh_err *err)
{
	rh_buf_add_cstr(&events->head, "{\"event\":\"account\",\"run\":\"");
	rh_buf_add_cstr(&events->head, events->run);
	rh_buf_add_cstr(&events->head, "\",\"seq\":");
	return rh_buf_check(&events->head, "event log", err);
}

int rh_events_open(struct rh_events **out, const char *folder, const char *command,
		   struct rh_clock *clock, struct rh_err *err)
{
	struct rh_events *events = rh_calloc(1, sizeof(*events));
	struct rh_json_writer json;
	int code;

	if (events == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	events->fd = -1;
	events->clock = clock;
	rh_buf_init(&events->lines, BUFFER_MAX);
	rh_buf_init(&events->head, HEAD_MAX);
	code = rh_dir_make(folder, err);
	if (code == RH_OK) {
		code = create_file(events, folder, err);
	}
	if (code == RH_OK) {
		code = make_head(events, err);
	}
	if (code == RH_OK) {
		begin_line(events, &json, "version");
		rh_json_key(&json, "format");
		rh_json_put_u64(&json, RH_EVENTS_FORMAT);
		rh_json_key(&json, "tool");
		rh_json_put_cstr(&json, RH_VERSION);
		rh_json_key(&json, "command");
		rh_json_put_cstr(&json, command);
		code = end_line(events, &json, err);
	}
	if (code == RH_OK) {
		code = rh_events_flush(events, err);
	}
	if (code != RH_OK) {
		rh_events_close(events);
		return rh_err_context(err, code, "opening the event log");
	}
	*out = events;
	return RH_OK;
}

int rh_events_flush(struct rh_events *events, struct rh_err *err)
{
	int code = rh_fd_write(events->fd, events->lines.ptr, events->lines.len, err);

	rh_buf_reset(&events->lines);
	return code == RH_OK ? RH_OK : rh_err_context(err, code, "writing the event log");
}

void rh_events_close(struct rh_events *events)
{
	if (events == NULL) {
		return;
	}
	if (events->fd >= 0 && events->lines.len > 0 && rh_events_flush(events, NULL) != RH_OK) {
		events->lines.len = 0; /* the ledger is the truth; nobody is left to be told */
	}
	rh_close_fd(&events->fd);
	rh_buf_done(&events->lines);
	rh_buf_done(&events->head);
	rh_free(events);
}

int rh_events_account(struct rh_events *events, const struct rh_account_event *event,
		      struct rh_err *err)
{
	struct rh_json_writer json;

	begin_account_line(events, &json);
	rh_json_key(&json, "status");
	rh_json_put_cstr(&json, status_name(event->status));
	rh_json_key(&json, "userId");
	rh_json_put_string(&json, event->source_id);
	rh_json_member(&json, "targetId", event->target_id);
	rh_json_member(&json, "what", rh_str_from(event->what));
	rh_json_member(&json, "code", rh_str_from(event->code));
	rh_json_member(&json, "error", rh_str_from(event->error));
	rh_json_member(&json, "path", event->path);
	if (event->row > 0) {
		rh_json_key(&json, "row");
		rh_json_put_u64(&json, event->row);
	}
	rh_json_member(&json, "identifier", event->identifier);
	return end_line(events, &json, err);
}

int rh_events_run(struct rh_events *events, const char *event,
		  const struct rh_event_number *numbers, size_t count, struct rh_err *err)
{
	struct rh_json_writer json;

	begin_line(events, &json, event);
	for (size_t i = 0; i < count; i++) {
		rh_json_key(&json, numbers[i].name);
		rh_json_put_i64(&json, numbers[i].value);
	}
	return end_line(events, &json, err);
}
