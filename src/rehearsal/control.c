/* SPDX-License-Identifier: Apache-2.0 */
/* Control: figures out, wishes in. */
#include "rehearsal/control.h"

#include <string.h>

#include "base/str.h"
#include "crypto/digest.h"
#include "rehearsal/fill.h"
#include "rehearsal/repeat.h"
#include "rehearsal/state.h"
#include "rehearsal/tenant.h"

/* A figure of struct rh_figures, by name. */
static const struct {
	const char *name;
	size_t offset;
} figure_names[] = {
	{"requests", offsetof(struct rh_figures, requests)},
	{"reads", offsetof(struct rh_figures, reads)},
	{"writes", offsetof(struct rh_figures, writes)},
	{"writes_done", offsetof(struct rh_figures, writes_done)},
	{"first_write", offsetof(struct rh_figures, first_write)},
	{"last_write", offsetof(struct rh_figures, last_write)},
	{"repeats", offsetof(struct rh_figures, repeats)},
	{"too_many_requests", offsetof(struct rh_figures, too_many)},
	{"unauthorized", offsetof(struct rh_figures, unauthorized)},
	{"mails", offsetof(struct rh_figures, mails)},
	{"sign_ins", offsetof(struct rh_figures, sign_ins)},
	{"sign_ins_refused", offsetof(struct rh_figures, sign_ins_refused)},
	{"faults", offsetof(struct rh_figures, faults)},
	{"in_flight", offsetof(struct rh_figures, in_flight)},
	{"peak_in_flight", offsetof(struct rh_figures, peak_in_flight)},
};

static void put_number(struct rh_json_writer *writer, const char *name, uint64_t number)
{
	rh_json_key(writer, name);
	rh_json_put_u64(writer, number);
}

static void write_routes(const struct rh_tenant *tenant, struct rh_json_writer *writer)
{
	rh_json_begin_array(writer);
	for (size_t i = 0; i <= RH_ROUTES_MAX; i++) {
		const struct rh_route_figures *figures = &tenant->routes[i];
		const struct rh_route *route = &tenant->imitation->routes[i];
		bool is_known = i < tenant->imitation->route_count;

		if (figures->requests == 0) {
			continue;
		}
		rh_json_begin_object(writer);
		rh_json_key(writer, "method");
		rh_json_put_cstr(writer, is_known ? route->method : NULL);
		rh_json_key(writer, "route");
		rh_json_put_cstr(writer, is_known ? route->pattern : NULL);
		put_number(writer, "requests", figures->requests);
		put_number(writer, "not_sent", figures->by_class[0]);
		put_number(writer, "2xx", figures->by_class[2]);
		put_number(writer, "3xx", figures->by_class[3]);
		put_number(writer, "4xx", figures->by_class[4]);
		put_number(writer, "5xx", figures->by_class[5]);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void write_windows(const struct rh_environment *environment, struct rh_json_writer *writer)
{
	rh_json_begin_array(writer);
	for (size_t i = 0; i < environment->limits.count; i++) {
		const struct rh_limit *limit = &environment->limits.limits[i];

		if ((environment->buckets & (UINT32_C(1) << i)) == 0) {
			continue;
		}
		rh_json_begin_object(writer);
		rh_json_key(writer, "bucket");
		rh_json_put_cstr(writer, limit->bucket->name);
		rh_json_key(writer, "enforced");
		rh_json_put_bool(writer, limit->is_enforced);
		put_number(writer, "limit", limit->limit);
		put_number(writer, "window_ms", (uint64_t)limit->window_us / 1000);
		put_number(writer, "most_in_a_window", limit->most);
		put_number(writer, "refused", limit->refused);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void get_counters(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_json_writer writer;
	const struct rh_imitation *imitation = tenant->imitation;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < sizeof(figure_names) / sizeof(figure_names[0]); i++) {
		uint64_t number;

		memcpy(&number, (const char *)&tenant->figures + figure_names[i].offset,
		       sizeof(number));
		put_number(&writer, figure_names[i].name, number);
	}
	rh_json_key(&writer, "routes");
	write_routes(tenant, &writer);
	rh_json_key(&writer, "environments");
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < imitation->environment_count; i++) {
		const struct rh_environment *environment = &tenant->environments[i];

		rh_json_key(&writer, environment->name);
		rh_json_begin_object(&writer);
		for (size_t s = 0; s < imitation->schema_count; s++) {
			put_number(&writer, imitation->schemas[s]->kind,
				   rh_store_count(environment->stores[s]));
		}
		rh_json_key(&writer, "windows");
		write_windows(environment, &writer);
		rh_json_end_object(&writer);
	}
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
}

static void answer_ok(struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "ok");
	rh_json_put_bool(&writer, true);
	rh_json_end_object(&writer);
}

static void get_faults(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_faults_write(&tenant->faults, &writer);
}

static void post_faults(struct rh_tenant *tenant, struct rh_call *call)
{
	const struct rh_json_node *node = NULL;
	struct rh_err err = {0};
	int status = RH_OK;

	if (rh_json_type(call->input) != RH_JSON_ARRAY) {
		status = rh_faults_add(&tenant->faults, call->input, &err);
	} else {
		while (status == RH_OK && (node = rh_json_next(call->input, node, NULL)) != NULL) {
			status = rh_faults_add(&tenant->faults, node, &err);
		}
	}
	if (status != RH_OK) {
		rh_call_message(call, 422, "fault", err.message);
		return;
	}
	get_faults(tenant, call);
}

static void get_switches(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < tenant->imitation->switch_count; i++) {
		const struct rh_switch *one = tenant->imitation->switches[i];

		rh_json_key(&writer, one->name);
		rh_json_put_cstr(&writer, one->values[tenant->switches[i]]);
	}
	rh_json_end_object(&writer);
}

/* Sets the named switch; false: no such switch or value. */
static bool set_switch(struct rh_tenant *tenant, struct rh_str name, struct rh_str value)
{
	for (size_t i = 0; i < tenant->imitation->switch_count; i++) {
		const struct rh_switch *one = tenant->imitation->switches[i];

		if (!rh_str_is(name, one->name)) {
			continue;
		}
		for (unsigned char v = 0; one->values[v] != NULL; v++) {
			if (rh_str_is(value, one->values[v])) {
				tenant->switches[i] = v;
				return true;
			}
		}
	}
	return false;
}

static void post_switches(struct rh_tenant *tenant, struct rh_call *call)
{
	const struct rh_json_node *node = NULL;
	struct rh_str name;

	if (rh_json_type(call->input) == RH_JSON_OBJECT) {
		while ((node = rh_json_next(call->input, node, &name)) != NULL) {
			if (!set_switch(tenant, name, rh_json_string(node))) {
				rh_call_message(call, 422, "switch", "no such switch or value");
				return;
			}
		}
	}
	get_switches(tenant, call);
}

static void reset_environments(struct rh_tenant *tenant, bool objects, bool limits)
{
	for (size_t i = 0; i < tenant->imitation->environment_count; i++) {
		struct rh_environment *environment = &tenant->environments[i];

		if (limits) {
			rh_limits_reset(&environment->limits);
		}
		if (!objects) {
			continue;
		}
		rh_repeats_reset(environment->repeats);
		for (size_t s = 0; s < tenant->imitation->schema_count; s++) {
			rh_store_clear(environment->stores[s]);
		}
		tenant->stage->is_changed = true;
	}
}

static void post_reset(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_str only = rh_json_get_string(call->input, "only");
	bool objects = only.ptr == NULL || rh_str_is(only, "objects");
	bool counters = only.ptr == NULL || rh_str_is(only, "counters");
	bool faults = only.ptr == NULL || rh_str_is(only, "faults");
	bool limits = only.ptr == NULL || rh_str_is(only, "limits");

	if (!objects && !counters && !faults && !limits) {
		rh_call_message(call, 422, "reset",
				"only is none of objects, counters, faults, limits");
		return;
	}
	reset_environments(tenant, objects, limits);
	if (counters) {
		tenant->figures = (struct rh_figures){0};
		memset(tenant->routes, 0, sizeof(tenant->routes));
	}
	if (faults) {
		rh_faults_reset(&tenant->faults);
	}
	answer_ok(call);
}

static void post_clock(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_json_writer writer;
	char text[RH_TIME_TEXT_SIZE];
	int64_t advance_ms;

	/* Backwards is refused: ids and windows rely on it.  A thousand years are enough. */
	if (!rh_json_get_i64(call->input, "advance_ms", &advance_ms) || advance_ms < 0 ||
	    advance_ms > INT64_C(31536000000000)) {
		rh_call_message(call, 422, "clock", "advance_ms is missing or out of range");
		return;
	}
	tenant->stage->advance_us += advance_ms * RH_MILLISECOND;
	rh_time_format(rh_stage_now(tenant->stage), text);
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "now");
	rh_json_put_cstr(&writer, text);
	rh_json_end_object(&writer);
}

static void get_state(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_state_write_tenant(tenant, &writer);
}

static void post_save(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_err err = {0};

	if (tenant->stage->state_path == NULL) {
		rh_call_message(call, 409, "save",
				"the rehearsal was started without a state file");
	} else if (rh_state_save(tenant->stage, &err) != RH_OK) {
		rh_call_message(call, 500, "save", err.message);
	} else {
		answer_ok(call);
	}
}

static const struct {
	const char *method;
	const char *path;
	void (*answer)(struct rh_tenant *tenant, struct rh_call *call);
} control_routes[] = {
	{"GET", "/_rehearsal/counters", get_counters},
	{"GET", "/_rehearsal/faults", get_faults},
	{"POST", "/_rehearsal/faults", post_faults},
	{"GET", "/_rehearsal/switches", get_switches},
	{"POST", "/_rehearsal/switches", post_switches},
	{"POST", "/_rehearsal/reset", post_reset},
	{"POST", "/_rehearsal/clock", post_clock},
	{"GET", "/_rehearsal/state", get_state},
	{"POST", "/_rehearsal/save", post_save},
	{"POST", "/_rehearsal/fill", rh_fill_answer},
};

static bool has_token(const struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_str token = rh_call_header(call, "X-Rehearsal-Token");

	if (token.ptr == NULL) {
		token = rh_call_query(call, "token");
	}
	return token.len == RH_TOKEN_SIZE - 1 &&
	       rh_equal_secret(token.ptr, tenant->stage->token, RH_TOKEN_SIZE - 1);
}

void rh_control_answer(struct rh_tenant *tenant, struct rh_call *call)
{
	struct rh_err err = {0};

	if (!has_token(tenant, call)) {
		rh_call_message(call, 401, "token",
				"X-Rehearsal-Token is missing or not the one of this start");
		return;
	}
	if (call->body.failed != 0 ||
	    (call->body.len > 0 &&
	     rh_json_parse(&call->json, call->body.ptr, call->body.len, &err) != RH_OK)) {
		rh_call_message(call, 400, "json", "the body is not JSON, or too long");
		return;
	}
	call->input = call->body.len > 0 ? rh_json_root(&call->json) : NULL;
	for (size_t i = 0; i < sizeof(control_routes) / sizeof(control_routes[0]); i++) {
		if (rh_str_is(call->method, control_routes[i].method) &&
		    rh_str_is(call->path, control_routes[i].path)) {
			control_routes[i].answer(tenant, call);
			return;
		}
	}
	rh_call_message(call, 404, "route", "no such control route");
}
