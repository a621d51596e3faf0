/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of the rehearsed Clerk, and the members that a body may have. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

void clerk_add_error(struct clerk_errors *errors, const char *code, const char *param,
		     const char *message)
{
	if (errors->count < CLERK_ERRORS_MAX) {
		errors->list[errors->count++] = (struct clerk_error){
			.code = code,
			.param = param,
			.message = message,
		};
	}
}

static void begin_envelope(struct rh_call *call, unsigned status, struct rh_json_writer *writer)
{
	rh_call_json(call, status, writer);
	rh_json_begin_object(writer);
	rh_json_key(writer, "errors");
	rh_json_begin_array(writer);
}

/* What the provider's support asks for. */
static void end_envelope(struct rh_call *call, struct rh_json_writer *writer)
{
	uint64_t high = rh_call_random(call);
	uint64_t low = rh_call_random(call);

	rh_json_end_array(writer);
	clerk_put_text(writer, "clerk_trace_id",
		       rh_arena_printf(&call->arena, "%016llx%016llx", (unsigned long long)high,
				       (unsigned long long)low));
	rh_json_end_object(writer);
}

static void begin_error(struct rh_json_writer *writer, const char *code, struct rh_str message)
{
	rh_json_begin_object(writer);
	clerk_put_text(writer, "message", message);
	clerk_put_text(writer, "long_message", message);
	clerk_put_text(writer, "code", rh_str_from(code));
}

bool clerk_refuse_all(struct rh_call *call, unsigned status, const struct clerk_errors *errors)
{
	struct rh_json_writer writer;

	if (errors->count == 0) {
		return false;
	}
	begin_envelope(call, status, &writer);
	for (size_t i = 0; i < errors->count; i++) {
		const struct clerk_error *error = &errors->list[i];

		begin_error(&writer, error->code, rh_str_from(error->message));
		if (error->param != NULL) {
			rh_json_key(&writer, "meta");
			rh_json_begin_object(&writer);
			clerk_put_text(&writer, "param_name", rh_str_from(error->param));
			rh_json_end_object(&writer);
		}
		rh_json_end_object(&writer);
	}
	end_envelope(call, &writer);
	return true;
}

void clerk_refuse(struct rh_call *call, unsigned status, const char *code, const char *param,
		  const char *message)
{
	struct clerk_errors errors = {0};

	clerk_add_error(&errors, code, param, message);
	(void)clerk_refuse_all(call, status, &errors); /* there is one */
}

void clerk_refuse_not_found(struct rh_call *call)
{
	clerk_refuse(call, 404, "resource_not_found", NULL, "The resource was not found.");
}

/* The real service prints such a list in the order of a hash table. */
void clerk_refuse_missing(struct rh_call *call, const char *const *names, size_t count)
{
	struct rh_json_writer writer;
	rh_autobuf message = {0};
	size_t first = (size_t)(rh_call_random(call) % count);

	rh_buf_init(&message, 4096);
	for (size_t i = 0; i < count; i++) {
		rh_buf_printf(&message, "%s\"%s\"", i == 0 ? "[" : " ", names[(first + i) % count]);
	}
	rh_buf_add_cstr(&message, "] data doesn't match user requirements set for this instance");
	begin_envelope(call, 422, &writer);
	begin_error(&writer, "form_data_missing", rh_buf_str(&message));
	rh_json_key(&writer, "meta");
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "param_names");
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_put_cstr(&writer, names[(first + i) % count]);
	}
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
	end_envelope(call, &writer);
}

bool clerk_check_country(struct rh_call *call, struct rh_str phone)
{
	static const struct {
		const char *prefix;
		const char *alpha2;
	} countries[] = {
		{"+44", "GB"}, {"+49", "DE"}, {"+33", "FR"}, {"+39", "IT"},  {"+34", "ES"},
		{"+31", "NL"}, {"+43", "AT"}, {"+41", "CH"}, {"+351", "PT"}, {"+91", "IN"},
	};
	const char *alpha2 = "ZZ";
	const char *prefix = "+0";
	struct rh_json_writer writer;

	if (rh_call_switch(call, CLERK_SWITCH_COUNTRIES) == 0 || rh_str_starts(phone, "+1")) {
		return true;
	}
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		if (rh_str_starts(phone, countries[i].prefix)) {
			alpha2 = countries[i].alpha2;
			prefix = countries[i].prefix;
		}
	}
	begin_envelope(call, 403, &writer);
	begin_error(&writer, "unsupported_country_code",
		    RH_STR("Phone numbers from this country are currently not supported."));
	rh_json_key(&writer, "meta");
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "alpha2", rh_str_from(alpha2));
	clerk_put_text(&writer, "country_code", rh_str_from(prefix + 1));
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
	end_envelope(call, &writer);
	return false;
}

static bool has_type(const struct rh_json_node *node, enum clerk_type type)
{
	enum rh_json_type is = rh_json_type(node);
	const struct rh_json_node *item = NULL;
	int64_t number;

	switch (type) {
	case CLERK_TEXT:
		return is == RH_JSON_STRING;
	case CLERK_TRUTH:
		return is == RH_JSON_TRUE || is == RH_JSON_FALSE;
	case CLERK_NUMBER:
		return is == RH_JSON_NUMBER && rh_str_to_i64(rh_json_text(node), &number);
	case CLERK_OBJECT:
		return is == RH_JSON_OBJECT;
	case CLERK_TEXTS:
		while (is == RH_JSON_ARRAY && (item = rh_json_next(node, item, NULL)) != NULL) {
			if (rh_json_type(item) != RH_JSON_STRING) {
				return false;
			}
		}
		return is == RH_JSON_ARRAY;
	}
	return false;
}

static bool is_off(const struct rh_call *call, unsigned feature)
{
	const struct rh_switch *one = call->tenant->imitation->switches[feature];

	return feature != 0 && strcmp(one->values[rh_call_switch(call, feature)], "off") == 0;
}

static bool is_known(struct rh_call *call, const struct clerk_member *member, unsigned use)
{
	bool is_gone = use == CLERK_UPDATE && (member->flags & CLERK_OLD) != 0 &&
		       clerk_version(call) >= 20260512;

	return (member->flags & use) != 0 && !is_gone && !is_off(call, member->feature);
}

static bool has_member(struct rh_call *call, const struct clerk_form *form, unsigned use,
		       struct rh_str name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (rh_str_is(name, form->members[i].name)) {
			return is_known(call, &form->members[i], use);
		}
	}
	return false;
}

/* The members that the table does not have.  Their names are the body's, so they live as long as it. */
static void find_unknown(struct rh_call *call, const struct clerk_form *form, unsigned use,
			 struct clerk_errors *errors)
{
	const struct rh_json_node *node = NULL;
	struct rh_str name;
	struct rh_str copy;

	while ((node = rh_json_next(call->input, node, &name)) != NULL) {
		if (!has_member(call, form, use, name) &&
		    rh_arena_copy(&call->arena, name, &copy)) {
			clerk_add_error(errors, "form_param_unknown", copy.ptr,
					"is not a valid parameter for this request.");
		}
	}
}

/* One member: its presence and type. */
static void check_member(const struct clerk_member *member, unsigned use, bool is_there,
			 const struct rh_json_node *node, struct clerk_errors *errors)
{
	unsigned may_be_null = use == CLERK_CREATE ? CLERK_NULL_CREATE : CLERK_NULL_UPDATE;

	if (!is_there) {
		if ((member->flags & CLERK_NEEDED) != 0) {
			clerk_add_error(errors, "form_param_missing", member->name,
					"must be included.");
		}
	} else if (rh_json_is_null(node)) {
		if ((member->flags & may_be_null) == 0) {
			clerk_add_error(errors, "form_param_nil", member->name, "cannot be nil.");
		}
	} else if (!has_type(node, member->type)) {
		clerk_add_error(errors, "form_param_type_invalid", member->name,
				"has the wrong type.");
	}
}

bool clerk_read_members(struct rh_call *call, const struct clerk_form *form, unsigned use,
			const struct rh_json_node **nodes, bool *is_set)
{
	struct clerk_errors errors = {0};

	if (call->input != NULL && rh_json_type(call->input) != RH_JSON_OBJECT) {
		clerk_refuse(call, 400, "request_body_invalid", NULL,
			     "The request body is not an object.");
		return false;
	}
	if (form->is_closed) {
		find_unknown(call, form, use, &errors);
		if (clerk_refuse_all(call, 422, &errors)) {
			return false;
		}
	}
	for (size_t i = 0; i < form->count; i++) {
		const struct clerk_member *member = &form->members[i];
		const struct rh_json_node *node = rh_json_get(call->input, member->name);
		bool is_there = node != NULL && is_known(call, member, use);

		nodes[i] = is_there && !rh_json_is_null(node) ? node : NULL;
		if (is_set != NULL) {
			is_set[i] = is_there;
		}
		check_member(member, use, is_there, node, &errors);
	}
	return !clerk_refuse_all(call, 422, &errors);
}

void clerk_read_number(struct rh_call *call, const char *name, uint64_t min, uint64_t max,
		       uint64_t *out, struct clerk_errors *errors)
{
	struct rh_str text = rh_call_query(call, name);

	if (text.ptr == NULL) {
		return;
	}
	if (!rh_str_to_u64(text, out) || *out < min) {
		clerk_add_error(errors, "form_param_value_invalid", name, "is not a valid number.");
	} else if (*out > max) {
		clerk_add_error(errors, "form_param_value_too_large", name, "is too large.");
	}
}

bool clerk_pass_rate(struct rh_call *call, enum clerk_bucket bucket, struct rh_str key)
{
	int64_t wait;

	if (rh_call_draw_key(call, bucket, key, &wait)) {
		return true;
	}
	call->tenant->imitation->refuse(call, RH_REFUSAL_RATE);
	rh_call_retry_after(call, wait);
	return false;
}
