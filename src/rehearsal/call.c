/* SPDX-License-Identifier: Apache-2.0 */
/* Call: looking into a request, building its answer, new ids. */
#include "rehearsal/call.h"

#include <stdio.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "rehearsal/tenant.h"

enum { CALL_ARENA_MAX = 64 * 1024 * 1024 };

void rh_call_init(struct rh_call *call)
{
	*call = (struct rh_call){0};
	rh_arena_init(&call->arena, CALL_ARENA_MAX, RH_ARENA_WIPE);
	rh_buf_init_secret(&call->body, RH_REQUEST_MAX);
	/* The state of a tenant with a million people is one answer as well. */
	rh_buf_init(&call->out, SIZE_MAX / 2);
}

void rh_call_reset(struct rh_call *call)
{
	struct rh_arena arena = call->arena;
	struct rh_buf body = call->body;
	struct rh_buf out = call->out;
	struct rh_json json = call->json;

	rh_arena_reset(&arena);
	rh_buf_reset(&body);
	rh_buf_reset(&out);
	call->header_count = 0;
	call->query_count = 0;
	call->answer_header_count = 0;
	call->method = RH_STR_ABSENT;
	call->path = RH_STR_ABSENT;
	call->tenant = NULL;
	call->environment = NULL;
	call->route = NULL;
	call->input = NULL;
	call->status = 0;
	call->content_type = NULL;
	call->effect = RH_EFFECT_NONE;
	call->delay_us = 0;
	call->arena = arena;
	call->body = body;
	call->out = out;
	call->json = json;
}

void rh_call_done(struct rh_call *call)
{
	rh_arena_done(&call->arena);
	rh_buf_done(&call->body);
	rh_buf_done(&call->out);
	rh_json_done(&call->json);
}

struct rh_str rh_call_header(const struct rh_call *call, const char *name)
{
	for (size_t i = 0; i < call->header_count; i++) {
		if (strcasecmp(call->headers[i].name, name) == 0) {
			return call->headers[i].value;
		}
	}
	return RH_STR_ABSENT;
}

struct rh_str rh_call_query(struct rh_call *call, const char *name)
{
	size_t at = 0;

	return rh_call_query_next(call, name, &at);
}

struct rh_str rh_call_query_next(struct rh_call *call, const char *name, size_t *at)
{
	while (*at < call->query_count) {
		struct rh_str value = call->query[*at].value;

		if (strcmp(call->query[(*at)++].name, name) == 0) {
			(void)rh_url_decode(&call->arena, value, &value); /* else as it was sent */
			return value;
		}
	}
	return RH_STR_ABSENT;
}

struct rh_str rh_call_bearer(const struct rh_call *call)
{
	struct rh_str value = rh_call_header(call, "Authorization");

	if (value.len < 7 || strncasecmp(value.ptr, "Bearer ", 7) != 0) {
		return RH_STR_ABSENT;
	}
	return rh_str_trim(rh_str_sub(value, 7, value.len - 7));
}

struct rh_str rh_call_part(struct rh_str *path)
{
	struct rh_str rest = *path;
	ptrdiff_t slash;
	size_t len;

	if (rest.len == 0 || rest.ptr[0] != '/') {
		*path = RH_STR_ABSENT;
		return RH_STR_ABSENT;
	}
	rest = rh_str_sub(rest, 1, rest.len - 1);
	slash = rh_str_index(rest, '/');
	len = slash < 0 ? rest.len : (size_t)slash;
	*path = slash < 0 ? RH_STR_ABSENT : rh_str_sub(rest, len, rest.len - len);
	return rh_str_sub(rest, 0, len);
}

void rh_call_add_header(struct rh_call *call, const char *name, struct rh_str value)
{
	struct rh_str copy;

	if (value.ptr == NULL || call->answer_header_count == RH_CALL_HEADERS ||
	    !rh_arena_copy(&call->arena, value, &copy)) {
		return;
	}
	call->answer_headers[call->answer_header_count++] = (struct rh_pair){
		.name = name,
		.value = copy,
	};
}

void rh_call_json(struct rh_call *call, unsigned status, struct rh_json_writer *writer)
{
	const char *type = call->tenant->imitation->json_type;

	call->status = status;
	call->content_type = type != NULL ? type : "application/json; charset=utf-8";
	rh_buf_reset(&call->out);
	rh_json_writer_init(writer, &call->out);
}

void rh_call_message(struct rh_call *call, unsigned status, const char *code, const char *message)
{
	struct rh_json_writer writer;

	rh_call_json(call, status, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, message);
	rh_json_member(&writer, "code", rh_str_from(code));
	rh_json_end_object(&writer);
}

void rh_call_count_mail(struct rh_call *call)
{
	call->tenant->figures.mails++;
}

void rh_call_count_sign_in(struct rh_call *call, bool is_successful)
{
	if (is_successful) {
		call->tenant->figures.sign_ins++;
	} else {
		call->tenant->figures.sign_ins_refused++;
	}
}

unsigned rh_call_switch(const struct rh_call *call, size_t number)
{
	return call->tenant->switches[number];
}

bool rh_call_draw_key(struct rh_call *call, size_t bucket, struct rh_str key, int64_t *out_wait)
{
	return rh_limits_draw_key(&call->environment->limits, bucket, key, call->now, out_wait);
}

void rh_call_retry_after(struct rh_call *call, int64_t wait_us)
{
	double real_us = (double)wait_us / call->tenant->stage->speed;
	int64_t seconds = ((int64_t)real_us + RH_SECOND - 1) / RH_SECOND;

	rh_call_add_header(call, "Retry-After",
			   rh_arena_printf(&call->arena, "%lld",
					   seconds > 1 ? (long long)seconds : 1LL));
}

/* splitmix64 */
uint64_t rh_call_random(struct rh_call *call)
{
	uint64_t mixed = call->tenant->random_state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

/* A ULID (48 bits of milliseconds, 80 random ones) in Crockford's Base32.  Within one millisecond, or when
 * the clock went back, it is the last one plus one. */
struct rh_str rh_call_new_id(struct rh_call *call, const char *prefix)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct rh_tenant *tenant = call->tenant;
	uint64_t now_ms = (uint64_t)(call->now / RH_MILLISECOND);
	unsigned __int128 bits;
	char text[27] = {0};

	if (now_ms > tenant->last_id_ms) {
		tenant->last_id_ms = now_ms;
		tenant->last_id_high = rh_call_random(call) & 0x7fff; /* room to count up */
		tenant->last_id_low = rh_call_random(call);
	} else {
		tenant->last_id_low++;
		tenant->last_id_high += tenant->last_id_low == 0 ? 1 : 0;
	}
	bits = (unsigned __int128)tenant->last_id_ms << 80 |
	       (unsigned __int128)(tenant->last_id_high & 0xffff) << 64 | tenant->last_id_low;
	for (size_t i = 26; i-- > 0;) {
		text[i] = digits[(unsigned)bits & 31];
		bits >>= 5;
	}
	return rh_arena_printf(&call->arena, "%s%s", prefix, text);
}
