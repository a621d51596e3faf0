/* SPDX-License-Identifier: Apache-2.0 */
/* Domains of organizations of the rehearsed Clerk.  A verified one is one organization's alone. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"
#include "rehearsal/form.h"

static void write_verification(struct rh_json_writer *writer, const char *name, bool is_verified)
{
	rh_json_key(writer, name);
	rh_json_put_raw(writer, is_verified
					? RH_STR("{\"status\":\"verified\",\"strategy\":\"admin\","
						 "\"attempts\":null,\"expire_at\":null}")
					: RH_STR("null"));
}

static void write_domain(struct rh_call *call, struct rh_json_writer *writer,
			 const struct rh_object *domain)
{
	bool is_verified = domain->numbers[CLERK_DOMAIN_IS_VERIFIED] != 0;

	(void)call;
	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("organization_domain"));
	clerk_put_text(writer, "id", domain->fields[CLERK_DOMAIN_ID]);
	clerk_put_text(writer, "organization_id", domain->fields[CLERK_DOMAIN_ORGANIZATION]);
	clerk_put_text(writer, "name", domain->fields[CLERK_DOMAIN_NAME]);
	clerk_put_text(writer, "enrollment_mode", domain->fields[CLERK_DOMAIN_MODE]);
	clerk_put_text(writer, "affiliation_email_address", RH_STR_ABSENT);
	write_verification(writer, "affiliation_verification", is_verified);
	write_verification(writer, "ownership_verification", false);
	write_verification(writer, "verification", is_verified);
	rh_json_key(writer, "total_pending_invitations");
	rh_json_put_u64(writer, 0);
	rh_json_key(writer, "total_pending_suggestions");
	rh_json_put_u64(writer, 0);
	clerk_put_time(writer, "created_at", domain->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", domain->numbers[CLERK_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void answer(struct rh_call *call, const struct rh_object *domain)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	write_domain(call, &writer, domain);
}

/* Labels with dots between them, two at least. */
static bool is_domain(struct rh_str text)
{
	struct rh_str rest = text;
	size_t labels = 0;

	while (rest.ptr != NULL) {
		if (!rh_form_is_label(rh_str_cut(&rest, '.'))) {
			return false;
		}
		labels++;
	}
	return labels >= 2 && text.len <= 253;
}

/* Stand for the list of hosts where anybody has an address. */
static bool is_common(struct rh_str name)
{
	static const char *const hosts[] = {"gmail.com",  "yahoo.com", "outlook.com", "hotmail.com",
					    "icloud.com", "gmx.de",    "proton.me",   "aol.com"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (rh_str_is_nocase(name, hosts[i])) {
			return true;
		}
	}
	return false;
}

static bool is_mode(struct rh_str mode)
{
	static const char *const modes[] = {"manual_invitation", "automatic_invitation",
					    "automatic_suggestion", "enterprise_sso"};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (rh_str_is(mode, modes[i])) {
			return true;
		}
	}
	return false;
}

static bool has_domains(struct rh_call *call)
{
	if (rh_call_switch(call, CLERK_SWITCH_DOMAINS) == CLERK_IS_ON) {
		return true;
	}
	clerk_refuse(call, 403, "feature_not_enabled", NULL,
		     "Domains of organizations are not enabled for this instance.");
	return false;
}

/* Is the name this organization's already, or verified for another?  Then the call holds the answer. */
static bool is_taken(struct rh_call *call, const struct rh_object *domain, size_t row)
{
	struct rh_store *store = clerk_store(call, CLERK_DOMAINS);
	struct rh_str seats[2] = {
		domain->fields[CLERK_DOMAIN_NAME],
		rh_arena_printf(&call->arena, "%.*s %.*s",
				RH_STR_ARG(domain->fields[CLERK_DOMAIN_ORGANIZATION]),
				RH_STR_ARG(domain->fields[CLERK_DOMAIN_NAME])),
	};

	for (size_t i = 0; i < 2; i++) {
		size_t found = rh_store_find(store, CLERK_DOMAIN_BY_SEAT, seats[i]);

		if (found != RH_ROW_NONE && found != row) {
			clerk_refuse(call, 422, "organization_domain_already_exists", "name",
				     "This domain is in use by an organization already.");
			return true;
		}
	}
	return false;
}

/* The seat that its state asks for; false: no memory. */
static bool take_seat(struct rh_call *call, struct rh_object *domain)
{
	domain->fields[CLERK_DOMAIN_SEAT] =
		domain->numbers[CLERK_DOMAIN_IS_VERIFIED] != 0
			? domain->fields[CLERK_DOMAIN_NAME]
			: rh_arena_printf(&call->arena, "%.*s %.*s",
					  RH_STR_ARG(domain->fields[CLERK_DOMAIN_ORGANIZATION]),
					  RH_STR_ARG(domain->fields[CLERK_DOMAIN_NAME]));
	return domain->fields[CLERK_DOMAIN_SEAT].ptr != NULL;
}

static void check_name(struct rh_str name, struct clerk_errors *errors)
{
	if (name.ptr == NULL) {
		clerk_add_error(errors, "form_param_missing", "name", "must be included.");
	} else if (!is_domain(name)) {
		clerk_add_error(errors, "form_param_format_invalid", "name", "is not a domain.");
	} else if (is_common(name)) {
		clerk_add_error(errors, "organization_domain_common", "name",
				"is a common domain of an email provider.");
	}
}

static void check_mode(struct rh_str mode, struct clerk_errors *errors)
{
	if (mode.ptr != NULL && !is_mode(mode)) {
		clerk_add_error(errors, "form_param_value_invalid", "enrollment_mode",
				"is not an enrollment mode.");
	}
}

void clerk_organization_domain_create(struct rh_call *call)
{
	static const struct clerk_member members[] = {
		{"name", CLERK_TEXT, CLERK_CREATE, 0},
		{"enrollment_mode", CLERK_TEXT, CLERK_CREATE, 0},
		{"verified", CLERK_TRUTH, CLERK_CREATE | CLERK_NULL, 0},
	};
	const struct rh_json_node *nodes[3];
	struct clerk_errors errors = {0};
	struct rh_object domain = {0};
	struct rh_str *fields = domain.fields;

	if (clerk_organization_of_path(call) == RH_ROW_NONE || !has_domains(call) ||
	    !clerk_read_members(call, &(struct clerk_form){members, 3, true}, CLERK_CREATE, nodes,
				NULL)) {
		return;
	}
	fields[CLERK_DOMAIN_ORGANIZATION] = call->params[0];
	fields[CLERK_DOMAIN_MODE] =
		nodes[1] != NULL ? rh_json_string(nodes[1]) : RH_STR("manual_invitation");
	domain.numbers[CLERK_DOMAIN_IS_VERIFIED] = rh_json_type(nodes[2]) != RH_JSON_FALSE;
	check_name(rh_json_string(nodes[0]), &errors);
	check_mode(fields[CLERK_DOMAIN_MODE], &errors);
	if (clerk_refuse_all(call, 422, &errors)) {
		return;
	}
	fields[CLERK_DOMAIN_NAME] = rh_str_lower(&call->arena, rh_json_string(nodes[0]));
	if (!is_taken(call, &domain, RH_ROW_NONE) && take_seat(call, &domain) &&
	    clerk_add(call, CLERK_DOMAINS, "orgdmn_", &domain)) {
		answer(call, &domain);
	}
}

/* The domain of the path; RH_ROW_NONE: the call holds the answer. */
static size_t domain_of_path(struct rh_call *call, struct rh_object *out)
{
	struct rh_store *store = clerk_store(call, CLERK_DOMAINS);
	size_t row;

	if (clerk_organization_of_path(call) == RH_ROW_NONE || !has_domains(call)) {
		return RH_ROW_NONE;
	}
	row = rh_store_find(store, CLERK_DOMAIN_BY_ID, call->params[1]);
	if (row != RH_ROW_NONE) {
		rh_store_get(store, row, out);
		if (rh_str_eq(out->fields[CLERK_DOMAIN_ORGANIZATION], call->params[0])) {
			return row;
		}
	}
	clerk_refuse_not_found(call);
	return RH_ROW_NONE;
}

void clerk_organization_domain_update(struct rh_call *call)
{
	static const struct clerk_member members[] = {
		{"enrollment_mode", CLERK_TEXT, CLERK_UPDATE | CLERK_NULL, 0},
		{"verified", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
	};
	const struct rh_json_node *nodes[2];
	struct clerk_errors errors = {0};
	struct rh_object domain;
	size_t row = domain_of_path(call, &domain);

	if (row == RH_ROW_NONE || !clerk_read_members(call, &(struct clerk_form){members, 2, false},
						      CLERK_UPDATE, nodes, NULL)) {
		return;
	}
	check_mode(rh_json_string(nodes[0]), &errors);
	if (clerk_refuse_all(call, 422, &errors)) {
		return;
	}
	if (nodes[0] != NULL) {
		domain.fields[CLERK_DOMAIN_MODE] = rh_json_string(nodes[0]);
	}
	if (nodes[1] != NULL) {
		domain.numbers[CLERK_DOMAIN_IS_VERIFIED] = rh_json_type(nodes[1]) == RH_JSON_TRUE;
	}
	if (!is_taken(call, &domain, row) && take_seat(call, &domain) &&
	    clerk_save(call, CLERK_DOMAINS, row, &domain)) {
		answer(call, &domain);
	}
}

void clerk_organization_domain_delete(struct rh_call *call)
{
	struct rh_object domain;
	size_t row = domain_of_path(call, &domain);

	if (row != RH_ROW_NONE) {
		rh_store_remove(clerk_store(call, CLERK_DOMAINS), row);
		clerk_answer_deleted(call, "organization_domain", call->params[1], RH_STR_ABSENT);
	}
}

struct wish {
	struct clerk_values organizations;
	struct clerk_values modes;
	struct clerk_values names;
	struct rh_str verified;
	struct rh_str query;
};

static bool passes(const struct rh_call *call, const struct rh_object *domain, const void *context)
{
	const struct wish *wish = context;
	bool is_verified = domain->numbers[CLERK_DOMAIN_IS_VERIFIED] != 0;

	(void)call;
	return clerk_passes_values(&wish->organizations,
				   domain->fields[CLERK_DOMAIN_ORGANIZATION]) &&
	       clerk_passes_values(&wish->modes, domain->fields[CLERK_DOMAIN_MODE]) &&
	       clerk_passes_values(&wish->names, domain->fields[CLERK_DOMAIN_NAME]) &&
	       (wish->verified.ptr == NULL || rh_str_is(wish->verified, "true") == is_verified) &&
	       (wish->query.ptr == NULL ||
		clerk_contains(domain->fields[CLERK_DOMAIN_NAME], wish->query));
}

/* of absent: of all organizations. */
static void answer_list(struct rh_call *call, struct rh_str of)
{
	static const struct clerk_order orders[] = {
		{.name = "created_at", .number = clerk_created_at},
		{0},
	};
	struct wish *wish = rh_arena_calloc(&call->arena, 1, sizeof(*wish));
	struct clerk_errors errors = {0};

	if (wish == NULL || !has_domains(call)) {
		return;
	}
	clerk_read_values(call, "organization_id", false, &wish->organizations, &errors);
	clerk_read_values(call, "enrollment_mode", false, &wish->modes, &errors);
	clerk_read_values(call, "domains", false, &wish->names, &errors);
	wish->verified = rh_call_query(call, "verified");
	wish->query = rh_call_query(call, "query");
	if (!clerk_refuse_all(call, 422, &errors)) {
		clerk_answer_page(call, &(struct clerk_page){
						.store = CLERK_DOMAINS,
						.orders = orders,
						.group = CLERK_OF_ORGANIZATION,
						.of = of,
						.passes = passes,
						.wish = wish,
						.write = write_domain,
					});
	}
}

void clerk_organization_domain_list(struct rh_call *call)
{
	if (clerk_organization_of_path(call) != RH_ROW_NONE) {
		answer_list(call, call->params[0]);
	}
}

void clerk_organization_domain_list_all(struct rh_call *call)
{
	if (clerk_has_organizations(call)) {
		answer_list(call, RH_STR_ABSENT);
	}
}
