/* SPDX-License-Identifier: Apache-2.0 */
/* Tenant: from the parsed request to the ready answer. */
#include "rehearsal/tenant.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "rehearsal/control.h"
#include "rehearsal/repeat.h"

enum { REPEAT_KEY_MAX = 255 };

static const char *const on_off[] = {"on", "off", NULL};

const struct rh_switch rh_switch_repeat = {
	.name = "idempotency",
	.values = on_off,
};

static const char proxy_page[] = "<html>\r\n<head><title>Bad gateway</title></head>\r\n<body>\r\n"
				 "<h1>The upstream server did not answer</h1>\r\n"
				 "<hr>rehearsal proxy\r\n</body>\r\n</html>\r\n";

void rh_stage_init(struct rh_stage *stage, struct rh_clock *clock, double speed)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[(RH_TOKEN_SIZE - 1) / 2];

	*stage = (struct rh_stage){
		.clock = clock != NULL ? clock : rh_clock_system(),
		.speed = speed > 0 ? speed : 1,
	};
	stage->start_now = stage->clock->now(stage->clock);
	stage->start_steady = stage->clock->steady(stage->clock);
	rh_random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		stage->token[2 * i] = digits[bytes[i] >> 4];
		stage->token[2 * i + 1] = digits[bytes[i] & 15];
	}
}

rh_time rh_stage_now(const struct rh_stage *stage)
{
	rh_time passed = stage->clock->steady(stage->clock) - stage->start_steady;

	return stage->start_now + (rh_time)((double)passed * stage->speed) + stage->advance_us;
}

/* Which of the provider's buckets count in its n-th environment. */
static uint32_t buckets_of(const struct rh_imitation *imitation, size_t environment)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < imitation->bucket_count; i++) {
		uint32_t where = imitation->buckets[i].environments;

		if (where == 0 || (where & (UINT32_C(1) << environment)) != 0) {
			mask |= UINT32_C(1) << i;
		}
	}
	return mask;
}

int rh_tenant_init(struct rh_tenant *tenant, struct rh_stage *stage,
		   const struct rh_imitation *imitation, unsigned number)
{
	assert(imitation->environment_count <= RH_ENVIRONMENTS_MAX);
	assert(imitation->schema_count <= RH_STORES_MAX);
	assert(imitation->route_count <= RH_ROUTES_MAX);
	assert(imitation->switch_count <= RH_SWITCHES_MAX);
	assert(imitation->switches[RH_SWITCH_REPEAT] == &rh_switch_repeat);
	*tenant = (struct rh_tenant){
		.stage = stage,
		.imitation = imitation,
		.number = number,
		.random_state = stage->clock->random(stage->clock),
	};
	for (size_t i = 0; i < imitation->environment_count; i++) {
		struct rh_environment *environment = &tenant->environments[i];

		environment->name = imitation->environments[i];
		environment->buckets = buckets_of(imitation, i);
		environment->repeats = rh_repeats_new();
		if (environment->repeats == NULL ||
		    rh_limits_init(&environment->limits, imitation->buckets,
				   imitation->bucket_count, &stage->limits) != RH_OK) {
			return RH_ENOMEM;
		}
		for (size_t s = 0; s < imitation->schema_count; s++) {
			environment->stores[s] = rh_store_new(imitation->schemas[s]);
			if (environment->stores[s] == NULL) {
				return RH_ENOMEM;
			}
		}
	}
	return RH_OK;
}

void rh_tenant_done(struct rh_tenant *tenant)
{
	for (size_t i = 0; i < RH_ENVIRONMENTS_MAX; i++) {
		struct rh_environment *environment = &tenant->environments[i];

		for (size_t s = 0; s < RH_STORES_MAX; s++) {
			rh_store_free(environment->stores[s]);
		}
		rh_limits_done(&environment->limits);
		rh_repeats_free(environment->repeats);
	}
	*tenant = (struct rh_tenant){0};
}

void rh_tenant_enter(struct rh_tenant *tenant)
{
	struct rh_figures *figures = &tenant->figures;

	figures->in_flight++;
	if (figures->in_flight > figures->peak_in_flight) {
		figures->peak_in_flight = figures->in_flight;
	}
}

void rh_tenant_leave(struct rh_tenant *tenant)
{
	/* A reset in between has set it to 0. */
	tenant->figures.in_flight -= tenant->figures.in_flight > 0 ? 1 : 0;
}

bool rh_tenant_is_control(struct rh_str path)
{
	return rh_str_starts(path, "/_rehearsal/");
}

/* The route's parts against the path's; fills in the call's params. */
static bool route_matches(const struct rh_route *route, struct rh_call *call)
{
	struct rh_str pattern = rh_str_from(route->pattern);
	struct rh_str path = call->path;
	size_t param_count = 0;

	for (;;) {
		struct rh_str wanted = rh_call_part(&pattern);
		struct rh_str part = rh_call_part(&path);

		if (wanted.ptr == NULL || part.ptr == NULL) {
			return wanted.ptr == NULL && part.ptr == NULL;
		}
		if (wanted.ptr[0] != '{') {
			if (!rh_str_eq(wanted, part)) {
				return false;
			}
		} else if (part.len == 0 || param_count == RH_CALL_PARAMS ||
			   !rh_url_decode(&call->arena, part, &call->params[param_count++])) {
			return false;
		}
	}
}

static const struct rh_route *find_route(const struct rh_tenant *tenant, struct rh_call *call)
{
	for (size_t i = 0; i < tenant->imitation->route_count; i++) {
		const struct rh_route *route = &tenant->imitation->routes[i];

		if (rh_str_is(call->method, route->method) && route_matches(route, call)) {
			return route;
		}
	}
	return NULL;
}

/* Only names of this machine: whoever has another name pointed at 127.0.0.1 is refused. */
static bool is_loopback_host(struct rh_str host)
{
	struct rh_str name = host;
	ptrdiff_t colon;

	if (rh_str_starts(host, "[::1]")) {
		return true;
	}
	colon = rh_str_index(host, ':');
	if (colon >= 0) {
		name = rh_str_sub(host, 0, (size_t)colon);
	}
	return rh_str_is(name, "127.0.0.1") || rh_str_is_nocase(name, "localhost") ||
	       rh_str_ends(name, ".localhost");
}

/* Draws from the rate windows; false: the call holds the 429. */
static bool pass_limits(struct rh_tenant *tenant, struct rh_call *call)
{
	uint32_t buckets = call->route->buckets & call->environment->buckets;
	int64_t wait;

	if (rh_limits_draw(&call->environment->limits, buckets, call->now, &wait)) {
		return true;
	}
	tenant->imitation->refuse(call, RH_REFUSAL_RATE);
	rh_call_retry_after(call, wait);
	return false;
}

/* The handler, or the answer that the same request had before. */
static void run_handler(struct rh_tenant *tenant, struct rh_call *call,
			const uint8_t digest[RH_DIGEST_LEN])
{
	struct rh_str key = rh_call_header(call, "Idempotency-Key");
	bool is_kept = (call->route->flags & RH_ROUTE_REPEAT) != 0 && rh_str_is_set(key) &&
		       key.len <= REPEAT_KEY_MAX && rh_call_switch(call, RH_SWITCH_REPEAT) == 0;

	if (is_kept) {
		switch (rh_repeats_find(call->environment->repeats, key, digest, call)) {
		case RH_REPEAT_SAME:
			tenant->figures.repeats++;
			return;
		case RH_REPEAT_OTHER:
			tenant->imitation->refuse(call, RH_REFUSAL_REPEAT);
			return;
		case RH_REPEAT_NEW:
			break;
		}
	}
	call->route->answer(call);
	if ((call->route->flags & RH_ROUTE_WRITE) != 0 && call->status < 300) {
		tenant->figures.writes_done++;
		tenant->stage->is_changed = true;
	}
	if (is_kept && call->status < 500 && call->out.failed == 0) {
		rh_repeats_keep(call->environment->repeats, key, digest, call);
	}
}

/* A body of another type is not looked at, as with the usual server frameworks. */
static bool is_json_body(const struct rh_call *call)
{
	struct rh_str type = rh_call_header(call, "Content-Type");

	type = rh_str_trim(rh_str_cut(&type, ';'));
	return rh_str_is_nocase(type, "application/json");
}

/* What the provider itself would answer. */
static void work(struct rh_tenant *tenant, struct rh_call *call)
{
	const struct rh_imitation *imitation = tenant->imitation;
	uint8_t digest[RH_DIGEST_LEN] = {0};
	bool is_json = true;
	int environment;

	if (call->body.failed != 0) {
		imitation->refuse(call, RH_REFUSAL_TOO_LARGE);
		return;
	}
	if (call->body.len > 0 && is_json_body(call)) {
		struct rh_sha256 sha;

		/* Before parsing, which unescapes in place. */
		rh_sha256_init(&sha);
		rh_sha256_add(&sha, call->body.ptr, call->body.len);
		rh_sha256_finish(&sha, digest);
		is_json = rh_json_parse(&call->json, call->body.ptr, call->body.len, NULL) == RH_OK;
		call->input = is_json ? rh_json_root(&call->json) : NULL;
	}
	environment = imitation->environment_of(call);
	if (environment < 0) {
		tenant->figures.unauthorized++;
		imitation->refuse(call, RH_REFUSAL_UNAUTHORIZED);
	} else if (call->route == NULL) {
		imitation->refuse(call, RH_REFUSAL_NOT_FOUND);
	} else {
		call->environment = &tenant->environments[environment];
		if (pass_limits(tenant, call) &&
		    (imitation->admit == NULL || imitation->admit(call))) {
			if (is_json) {
				run_handler(tenant, call, digest);
			} else {
				imitation->refuse(call, RH_REFUSAL_SYNTAX);
			}
		}
	}
	if (call->out.failed != 0 || call->status == 0) {
		imitation->refuse(call, RH_REFUSAL_INTERNAL);
	}
}

static bool fault_replaces(const struct rh_fault *fault)
{
	switch (fault->kind) {
	case RH_FAULT_STATUS:
	case RH_FAULT_RETRY_AFTER_NONE:
	case RH_FAULT_RETRY_AFTER_DATE:
	case RH_FAULT_HTML:
	case RH_FAULT_EMPTY:
	case RH_FAULT_RESET_BEFORE:
		return true;
	case RH_FAULT_RESET_AFTER:
	case RH_FAULT_SLOW:
	case RH_FAULT_CUT:
	case RH_FAULT_KINDS:
		break;
	}
	return false;
}

/* The body that the fault brought with it, if it did. */
static void put_body(struct rh_call *call, const struct rh_fault *fault)
{
	if (fault->body[0] != '\0') {
		rh_buf_reset(&call->out);
		rh_buf_add_cstr(&call->out, fault->body);
	}
}

static void word_fault(struct rh_tenant *tenant, struct rh_call *call, const struct rh_fault *fault)
{
	if (tenant->imitation->fail != NULL && fault->body[0] == '\0') {
		tenant->imitation->fail(call, fault->status);
		return;
	}
	rh_call_message(call, fault->status, NULL, "This answer is a fault of the rehearsal.");
	put_body(call, fault);
}

/* An answer in place of the provider's. */
static void replace_answer(struct rh_tenant *tenant, struct rh_call *call,
			   const struct rh_fault *fault)
{
	char date[30];

	call->answer_header_count = 0;
	if (fault->kind == RH_FAULT_RESET_BEFORE) {
		call->effect = RH_EFFECT_RESET;
	} else if (fault->kind == RH_FAULT_HTML) {
		rh_buf_reset(&call->out);
		rh_buf_add_cstr(&call->out, proxy_page);
		call->status = fault->status;
		call->content_type = "text/html";
	} else if (fault->kind == RH_FAULT_EMPTY) {
		rh_buf_reset(&call->out);
		call->status = fault->status;
		call->content_type = NULL;
	} else if (fault->status != 429) {
		word_fault(tenant, call, fault);
	} else {
		tenant->imitation->refuse(call, RH_REFUSAL_RATE);
		put_body(call, fault);
		if (fault->kind == RH_FAULT_STATUS) {
			rh_call_add_header(
				call, "Retry-After",
				rh_arena_printf(&call->arena, "%llu",
						(unsigned long long)fault->retry_after_s));
		} else if (fault->kind == RH_FAULT_RETRY_AFTER_DATE) {
			rh_time_format_http(call->now + (rh_time)fault->retry_after_s * RH_SECOND,
					    date);
			rh_call_add_header(call, "Retry-After", rh_str_from(date));
		}
	}
}

static void answer_with_fault(struct rh_tenant *tenant, struct rh_call *call,
			      const struct rh_fault *fault)
{
	tenant->figures.faults++;
	call->delay_us = fault->delay_us;
	if (!fault_replaces(fault) || fault->is_done) {
		work(tenant, call);
	}
	if (fault_replaces(fault)) {
		replace_answer(tenant, call, fault);
	} else if (fault->kind == RH_FAULT_RESET_AFTER) {
		call->effect = RH_EFFECT_RESET;
	} else if (fault->kind == RH_FAULT_CUT) {
		call->effect = RH_EFFECT_CUT;
	}
}

static void count_call(struct rh_tenant *tenant, const struct rh_call *call)
{
	size_t place = call->route != NULL ? (size_t)(call->route - tenant->imitation->routes)
					   : RH_ROUTES_MAX;
	unsigned class = call->effect == RH_EFFECT_RESET ? 0 : call->status / 100;

	tenant->routes[place].requests++;
	tenant->routes[place].by_class[class < 6 ? class : 0]++;
	if (call->status == 429 && call->effect != RH_EFFECT_RESET) {
		tenant->figures.too_many++;
	}
}

/* A request that no route knows is taken for what its method says. */
static bool is_write(const struct rh_call *call)
{
	if (call->route != NULL) {
		return (call->route->flags & RH_ROUTE_WRITE) != 0;
	}
	return !rh_str_is(call->method, "GET") && !rh_str_is(call->method, "HEAD");
}

/* X-Request-ID and Date, as on every answer. */
static void add_usual_headers(struct rh_call *call)
{
	uint64_t high = rh_call_random(call);
	uint64_t low = rh_call_random(call);
	char date[30];

	rh_call_add_header(call, "X-Request-ID",
			   rh_arena_printf(&call->arena, "%08x-%04x-4%03x-%04x-%012llx",
					   (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffff,
					   (unsigned)high & 0xfff,
					   ((unsigned)(low >> 48) & 0x3fff) | 0x8000,
					   (unsigned long long)(low & UINT64_C(0xffffffffffff))));
	rh_time_format_http(call->now, date);
	rh_call_add_header(call, "Date", rh_str_from(date));
}

static void count_write(struct rh_figures *figures, rh_time now)
{
	figures->last_write = (uint64_t)(now / RH_MILLISECOND);
	if (figures->writes++ == 0) {
		figures->first_write = figures->last_write;
	}
}

void rh_tenant_answer(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_fault fault;

	call->tenant = tenant;
	call->now = rh_stage_now(tenant->stage);
	if (!is_loopback_host(rh_call_header(call, "Host"))) {
		rh_call_message(call, 421, NULL,
				"The rehearsal answers to names of this machine only.");
	} else if (rh_tenant_is_control(call->path)) {
		rh_control_answer(tenant, call);
	} else {
		call->route = find_route(tenant, call);
		tenant->figures.requests++;
		if (is_write(call)) {
			count_write(&tenant->figures, call->now);
		} else {
			tenant->figures.reads++;
		}
		if (rh_faults_take(&tenant->faults, call->method, call->path, &fault)) {
			answer_with_fault(tenant, call, &fault);
		} else {
			work(tenant, call);
		}
		count_call(tenant, call);
	}
	add_usual_headers(call);
}
