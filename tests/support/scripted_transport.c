/* SPDX-License-Identifier: Apache-2.0 */
/* A transport that plays from a script, on a clock moved by hand. */
#include "scripted_transport.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#define BODY_MAX (8U * 1024 * 1024)

/* An answer on its way. */
struct scripted_flight {
	struct scripted_flight *next;
	void *tag;
	rh_time due; /* steady */
	enum rh_delivery delivery;
	int status;
	char *body; /* NULL: none */
	size_t body_len;
	bool is_foreign;
	int64_t retry_after_us;
	uint64_t snapshot_ref;
};

static struct scripted *scripted_of(struct rh_transport *transport)
{
	return (struct scripted *)transport;
}

static char *copy(struct rh_str text)
{
	return text.ptr != NULL ? scripted_body(text) : NULL;
}

char *scripted_body(struct rh_str text)
{
	char *bytes = malloc(text.len + 1);

	assert_non_null(bytes);
	if (text.len > 0) {
		memcpy(bytes, text.ptr, text.len);
	}
	bytes[text.len] = '\0';
	return bytes;
}

/* ---- the record ------------------------------------------------------------------------------------ */

static void record(struct scripted *scripted, const struct rh_request *request, struct rh_str key,
		   bool was_hit)
{
	bool is_sql = request->form == RH_REQUEST_SQL;
	struct scripted_record *one;

	scripted->records = realloc(scripted->records,
				    (scripted->record_count + 1) * sizeof(*scripted->records));
	assert_non_null(scripted->records);
	one = &scripted->records[scripted->record_count++];
	*one = (struct scripted_record){
		.at = scripted->clock.steady_at,
		.method = copy(rh_str_from(is_sql ? "SQL" : request->method)),
		.path = copy(is_sql ? rh_str_from(request->sql) : request->path),
		.body = copy(request->body),
		.key = request->auth == RH_AUTH_INSTANCE ? copy(key) : NULL,
		.idempotency = copy(request->idempotency_key),
		.is_writing = request->is_writing,
		.buckets = request->buckets,
		.in_flight = scripted->in_flight + 1,
		.was_hit = was_hit,
	};
}

static bool fits(const char *pattern, const char *text)
{
	return pattern == NULL || strncmp(pattern, text, strlen(pattern)) == 0;
}

size_t scripted_count(const struct scripted *scripted, const char *method, const char *path)
{
	size_t count = 0;

	for (size_t i = 0; i < scripted->record_count; i++) {
		if (fits(method, scripted->records[i].method) &&
		    fits(path, scripted->records[i].path)) {
			count++;
		}
	}
	return count;
}

/* ---- answering ------------------------------------------------------------------------------------- */

/* The rule that hits this request; NULL: none. */
static const struct scripted_rule *rule_for(struct scripted *scripted,
					    const struct rh_request *request)
{
	for (size_t i = 0; i < scripted->rule_count; i++) {
		struct scripted_rule *rule = &scripted->rules[i];
		unsigned number;
		if (!fits(rule->method, request->method) || !fits(rule->path, request->path.ptr)) {
			continue;
		}
		number = rule->seen++;
		if (number >= rule->skip &&
		    (rule->count == 0 || number < rule->skip + rule->count)) {
			return rule;
		}
	}
	return NULL;
}

static void keep_download(struct scripted *scripted, struct scripted_flight *flight,
			  struct rh_buf *body)
{
	scripted->downloads = realloc(scripted->downloads, (scripted->download_count + 1) *
								   sizeof(*scripted->downloads));
	assert_non_null(scripted->downloads);
	scripted->downloads[scripted->download_count++] = *body;
	*body = (struct rh_buf){0};
	flight->snapshot_ref = scripted->download_count;
}

/* The provider does what is asked; its answer is the flight's. */
static void ask(struct scripted *scripted, const struct rh_request *request, struct rh_str key,
		struct scripted_flight *flight)
{
	struct scripted_answer answer = {.retry_after_us = -1};

	rh_buf_init(&answer.body, BODY_MAX);
	scripted->play(scripted->context, request, key, scripted->clock.now_at, &answer);
	assert_int_equal(answer.body.failed, 0);
	flight->status = answer.status;
	flight->is_foreign = answer.is_foreign;
	flight->retry_after_us = answer.retry_after_us;
	if (request->sink == RH_SINK_SNAPSHOT && answer.status >= 200 && answer.status <= 299) {
		keep_download(scripted, flight, &answer.body);
	} else if (answer.body.len > 0) {
		flight->body = scripted_body(rh_buf_str(&answer.body));
		flight->body_len = answer.body.len;
	}
	rh_buf_done(&answer.body);
}

static void spoil(struct scripted_flight *flight, const struct scripted_rule *rule)
{
	switch (rule->fault) {
	case SCRIPTED_STATUS:
	case SCRIPTED_DONE_THEN:
		free(flight->body);
		flight->body = rule->body != NULL ? scripted_body(rh_str_from(rule->body)) : NULL;
		flight->body_len = rule->body != NULL ? strlen(rule->body) : 0;
		flight->status = rule->status;
		flight->is_foreign = rule->is_foreign;
		flight->retry_after_us = rule->wait_us > 0 ? rule->wait_us : -1;
		break;
	case SCRIPTED_NOT_SENT:
		flight->delivery = RH_DELIVERY_NOT_SENT;
		break;
	case SCRIPTED_CUT_BEFORE:
	case SCRIPTED_CUT_AFTER:
		free(flight->body);
		flight->body = NULL;
		flight->body_len = 0;
		flight->status = 0;
		flight->delivery = RH_DELIVERY_CUT;
		break;
	case SCRIPTED_SLOW:
		flight->due += rule->wait_us;
		break;
	case SCRIPTED_FULL:
	case SCRIPTED_BROKEN:
		break;
	}
}

static bool is_done(const struct scripted_rule *rule)
{
	return rule == NULL || rule->fault == SCRIPTED_DONE_THEN ||
	       rule->fault == SCRIPTED_CUT_AFTER || rule->fault == SCRIPTED_SLOW;
}

static void launch(struct scripted *scripted, struct scripted_flight *flight)
{
	struct scripted_flight **at = &scripted->flying;

	while (*at != NULL && (*at)->due <= flight->due) {
		at = &(*at)->next;
	}
	flight->next = *at;
	*at = flight;
}

static int scripted_start(struct rh_transport *transport, const struct rh_request *request,
			  const char *origin, struct rh_str key, void *tag, struct rh_err *err)
{
	struct scripted *scripted = scripted_of(transport);
	const struct scripted_rule *rule;
	struct scripted_flight *flight;

	assert_int_equal(request->form, RH_REQUEST_HTTP);
	assert_non_null(origin);
	if (scripted->room != 0 && scripted->in_flight >= scripted->room) {
		return rh_err_set(err, RH_ESTATE, "full");
	}
	rule = rule_for(scripted, request);
	if (rule != NULL && rule->fault == SCRIPTED_FULL) {
		return rh_err_set(err, RH_ESTATE, "full");
	}
	if (rule != NULL && rule->fault == SCRIPTED_BROKEN) {
		return rh_err_set(err, rule->status, "broken by the script");
	}
	record(scripted, request, key, rule != NULL);
	flight = calloc(1, sizeof(*flight));
	assert_non_null(flight);
	*flight = (struct scripted_flight){
		.tag = tag,
		.due = scripted->clock.steady_at + scripted->latency_us,
		.retry_after_us = -1,
	};
	if (is_done(rule)) {
		ask(scripted, request, key, flight);
	}
	if (rule != NULL) {
		spoil(flight, rule);
	}
	launch(scripted, flight);
	if (++scripted->in_flight > scripted->peak) {
		scripted->peak = scripted->in_flight;
	}
	return RH_OK;
}

static int scripted_wait(struct rh_transport *transport, int timeout_ms, int wake_fd,
			 struct rh_err *err)
{
	struct scripted *scripted = scripted_of(transport);
	int64_t wait_us = timeout_ms * RH_MILLISECOND;

	(void)wake_fd;
	scripted->waits++;
	if (scripted->flying != NULL &&
	    scripted->flying->due - scripted->clock.steady_at < wait_us) {
		wait_us = scripted->flying->due - scripted->clock.steady_at;
	}
	if (wait_us > 0) {
		rh_clock_manual_advance(&scripted->clock, wait_us);
	}
	return scripted->wait_code == RH_OK
		       ? RH_OK
		       : rh_err_set(err, scripted->wait_code, "wait is broken");
}

static void free_flight(struct scripted_flight *flight)
{
	if (flight != NULL) {
		free(flight->body);
		free(flight);
	}
}

static const char *reason_of(enum rh_delivery delivery)
{
	switch (delivery) {
	case RH_DELIVERY_ANSWERED:
		return NULL;
	case RH_DELIVERY_NOT_SENT:
		return "connection refused";
	case RH_DELIVERY_CUT:
		return "connection reset";
	}
	return NULL;
}

static bool scripted_next(struct rh_transport *transport, struct rh_delivered *out)
{
	struct scripted *scripted = scripted_of(transport);
	struct scripted_flight *flight = scripted->flying;

	free_flight(scripted->delivered);
	scripted->delivered = NULL;
	if (flight == NULL || flight->due > scripted->clock.steady_at) {
		return false;
	}
	scripted->flying = flight->next;
	scripted->delivered = flight;
	scripted->in_flight--;
	*out = (struct rh_delivered){
		.tag = flight->tag,
		.reason = reason_of(flight->delivery),
		.response =
			{
				.delivery = flight->delivery,
				.status = flight->status,
				.body = flight->body,
				.body_len = flight->body_len,
				.is_json = flight->body != NULL && !flight->is_foreign,
				.retry_after_us = flight->retry_after_us,
				.date = scripted->says_date && flight->status != 0
						? scripted->clock.now_at + scripted->date_off
						: 0,
				.snapshot_ref = flight->snapshot_ref,
			},
	};
	return true;
}

static void scripted_free(struct rh_transport *transport)
{
	struct scripted *scripted = scripted_of(transport);

	assert_false(scripted->is_freed);
	scripted->is_freed = true;
}

/* ---- making --------------------------------------------------------------------------------------- */

void scripted_init(struct scripted *scripted, scripted_play_fn *play, void *context)
{
	*scripted = (struct scripted){
		.face =
			{
				.start = scripted_start,
				.wait = scripted_wait,
				.next = scripted_next,
				.free = scripted_free,
			},
		.play = play,
		.context = context,
		.latency_us = SCRIPTED_LATENCY,
	};
	rh_clock_manual_init(&scripted->clock, SCRIPTED_START, 1);
}

void scripted_done(struct scripted *scripted)
{
	while (scripted->flying != NULL) {
		struct scripted_flight *flight = scripted->flying;
		scripted->flying = flight->next;
		free_flight(flight);
	}
	free_flight(scripted->delivered);
	for (size_t i = 0; i < scripted->record_count; i++) {
		struct scripted_record *one = &scripted->records[i];
		free(one->method);
		free(one->path);
		free(one->body);
		free(one->key);
		free(one->idempotency);
	}
	free(scripted->records);
	for (size_t i = 0; i < scripted->download_count; i++) {
		rh_buf_done(&scripted->downloads[i]);
	}
	free(scripted->downloads);
	*scripted = (struct scripted){0};
}

void scripted_add(struct scripted *scripted, struct scripted_rule rule)
{
	assert_true(scripted->rule_count < sizeof(scripted->rules) / sizeof(scripted->rules[0]));
	scripted->rules[scripted->rule_count++] = rule;
}
