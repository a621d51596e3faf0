/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed tenant without a socket. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "base/str.h"

void play_init(struct play *play, const struct rh_imitation *imitation, bool enforced)
{
	memset(play, 0, sizeof(*play));
	rh_clock_manual_init(&play->clock, INT64_C(1800000000) * RH_SECOND, 1);
	rh_stage_init(&play->stage, &play->clock.clock, 1);
	play->stage.limits.is_enforced = enforced;
	play->stage.tenants = &play->tenant;
	play->stage.tenant_count = 1;
	assert_int_equal(rh_tenant_init(&play->tenant, &play->stage, imitation, 0), RH_OK);
	rh_call_init(&play->call);
	play->key = "sk_test_rehearsal";
	play->host = "127.0.0.1:1";
	play->content_type = "application/json; charset=utf-8";
}

void play_done(struct play *play)
{
	json_decref(play->answer);
	rh_call_done(&play->call);
	rh_tenant_done(&play->tenant);
}

static void add_header(struct rh_call *call, const char *name, const char *value)
{
	call->headers[call->header_count++] = (struct rh_pair){
		.name = name,
		.value = rh_str_from(value),
	};
}

/* Cuts "name=value&name=value". */
static void add_query(struct rh_call *call, char *query)
{
	char *rest = query;
	char *pair;

	while ((pair = strsep(&rest, "&")) != NULL) {
		char *equals = strchr(pair, '=');

		assert_non_null(equals);
		*equals = '\0';
		call->query[call->query_count++] = (struct rh_pair){
			.name = pair,
			.value = rh_str_from(equals + 1),
		};
	}
}

unsigned play_ask(struct play *play, const char *line, const char *body)
{
	struct rh_call *call = &play->call;
	char bearer[128];
	char *target;
	char *query;

	rh_call_reset(call);
	assert_true(strlen(line) < sizeof(play->text));
	memcpy(play->text, line, strlen(line) + 1);
	target = strchr(play->text, ' ');
	assert_non_null(target);
	*target++ = '\0';
	query = strchr(target, '?');
	if (query != NULL) {
		*query++ = '\0';
		add_query(call, query);
	}
	call->method = rh_str_from(play->text);
	call->path = rh_str_from(target);
	add_header(call, "host", play->host);
	add_header(call, "content-type", play->content_type);
	if (play->extra[0] != NULL) {
		add_header(call, play->extra[0], play->extra[1]);
	}
	if (play->key != NULL) {
		(void)snprintf(bearer, sizeof(bearer), "Bearer %s", play->key);
		add_header(call, "authorization", bearer);
	}
	if (play->repeat_key != NULL) {
		add_header(call, "idempotency-key", play->repeat_key);
	}
	if (body != NULL) {
		rh_buf_add_cstr(&call->body, body);
	}
	rh_tenant_answer(&play->tenant, call);
	json_decref(play->answer);
	play->answer = call->out.len > 0
			       ? json_loadb(call->out.ptr, call->out.len, JSON_DECODE_ANY, NULL)
			       : NULL;
	return call->status;
}

unsigned play_askf(struct play *play, const char *line, const char *fmt, ...)
{
	char *body = NULL;
	unsigned status;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&body, fmt, args) >= 0);
	va_end(args);
	status = play_ask(play, line, body);
	free(body);
	return status;
}

const char *play_text(const struct play *play, const char *name)
{
	const char *text = json_string_value(json_object_get(play->answer, name));

	return text != NULL ? text : "";
}

const char *play_header(const struct play *play, const char *name)
{
	for (size_t i = 0; i < play->call.answer_header_count; i++) {
		if (strcasecmp(play->call.answer_headers[i].name, name) == 0) {
			return play->call.answer_headers[i].value.ptr;
		}
	}
	return NULL;
}
