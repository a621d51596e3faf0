/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invitations of the rehearsed Clerk, to an organization and to the application.  No mail goes out; those that the
 * service would have sent are counted.
 */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

enum {
	DAYS_USUAL = 30,
	DAYS_MAX = 365,
};

#define DAY (24 * 3600 * RH_SECOND)

static bool is_expired(const struct rh_call *call, const struct rh_object *invitation)
{
	return invitation->numbers[CLERK_INVITATION_EXPIRES_AT] <= call->now;
}

/* Nobody accepts one here. */
static const char *status_of(const struct rh_call *call, const struct rh_object *invitation)
{
	if (invitation->numbers[CLERK_INVITATION_IS_REVOKED] != 0) {
		return "revoked";
	}
	return is_expired(call, invitation) ? "expired" : "pending";
}

size_t clerk_pending_invitations(const struct rh_call *call, struct rh_str organization_id)
{
	const struct rh_store *store = clerk_store(call, CLERK_ORGANIZATION_INVITATIONS);
	size_t row = RH_ROW_NONE;
	size_t count = 0;

	while ((row = rh_store_group_next(store, CLERK_OF_ORGANIZATION, organization_id, row)) !=
	       RH_ROW_NONE) {
		struct rh_object invitation;

		rh_store_get(store, row, &invitation);
		count += strcmp(status_of(call, &invitation), "pending") == 0 ? 1 : 0;
	}
	return count;
}

static void write_ends(struct rh_call *call, struct rh_json_writer *writer,
		       const struct rh_object *invitation)
{
	clerk_put_text(writer, "status", rh_str_from(status_of(call, invitation)));
	clerk_put_text(writer, "url", invitation->fields[CLERK_INVITATION_URL]);
	clerk_put_time(writer, "expires_at", invitation->numbers[CLERK_INVITATION_EXPIRES_AT]);
	clerk_put_time(writer, "created_at", invitation->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", invitation->numbers[CLERK_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void write_of_organization(struct rh_call *call, struct rh_json_writer *writer,
				  const struct rh_object *invitation)
{
	const struct rh_str *fields = invitation->fields;

	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("organization_invitation"));
	clerk_put_text(writer, "id", fields[CLERK_INVITATION_ID]);
	clerk_put_text(writer, "email_address", fields[CLERK_INVITATION_EMAIL]);
	clerk_write_role_of(call, writer, fields[CLERK_INVITATION_ROLE], false);
	clerk_put_text(writer, "organization_id", fields[CLERK_INVITATION_ORGANIZATION]);
	clerk_put_text(writer, "inviter_id", fields[CLERK_INVITATION_INVITER]);
	clerk_put_text(writer, "public_inviter_data", RH_STR_ABSENT);
	clerk_write_metadata(writer, "public_metadata", fields[CLERK_INVITATION_PUBLIC_METADATA]);
	clerk_write_metadata(writer, "private_metadata", fields[CLERK_INVITATION_PRIVATE_METADATA]);
	write_ends(call, writer, invitation);
}

static void write_of_application(struct rh_call *call, struct rh_json_writer *writer,
				 const struct rh_object *invitation)
{
	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("invitation"));
	clerk_put_text(writer, "id", invitation->fields[CLERK_INVITATION_ID]);
	clerk_put_text(writer, "email_address", invitation->fields[CLERK_INVITATION_EMAIL]);
	clerk_write_metadata(writer, "public_metadata",
			     invitation->fields[CLERK_INVITATION_PUBLIC_METADATA]);
	clerk_put_bool(writer, "revoked", invitation->numbers[CLERK_INVITATION_IS_REVOKED] != 0);
	write_ends(call, writer, invitation);
}

static void answer(struct rh_call *call, enum clerk_tenant_store which,
		   const struct rh_object *invitation)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	if (which == CLERK_INVITATIONS) {
		write_of_application(call, &writer, invitation);
	} else {
		write_of_organization(call, &writer, invitation);
	}
}

/* Address and days; false: the call holds the answer. */
static bool take_address(struct rh_call *call, const struct rh_json_node *email,
			 const struct rh_json_node *days_node, struct rh_object *invitation)
{
	struct clerk_errors errors = {0};
	int64_t days = DAYS_USUAL;

	if (!clerk_is_email(rh_json_string(email))) {
		clerk_add_error(&errors, "form_param_format_invalid", "email_address",
				"must be a valid email address.");
	}
	if (days_node != NULL) {
		(void)rh_str_to_i64(rh_json_text(days_node), &days); /* its type was looked at */
		if (days < 1 || days > DAYS_MAX) {
			clerk_add_error(&errors, "form_param_value_invalid", "expires_in_days",
					"must be from 1 to 365.");
			days = DAYS_USUAL;
		}
	}
	invitation->fields[CLERK_INVITATION_EMAIL] = rh_json_string(email);
	invitation->numbers[CLERK_INVITATION_EXPIRES_AT] = call->now + days * DAY;
	return !clerk_refuse_all(call, 422, &errors);
}

/* An expired one gives its seat up; false: the seat is taken, or there is no memory. */
static bool take_seat(struct rh_call *call, enum clerk_tenant_store which,
		      struct rh_object *invitation)
{
	struct rh_store *store = clerk_store(call, which);
	struct rh_str seat =
		rh_arena_printf(&call->arena, "%.*s %.*s",
				RH_STR_ARG(invitation->fields[CLERK_INVITATION_ORGANIZATION]),
				RH_STR_ARG(invitation->fields[CLERK_INVITATION_EMAIL]));
	size_t row = rh_store_find(store, CLERK_INVITATION_BY_SEAT, seat);

	if (row != RH_ROW_NONE) {
		struct rh_object other;

		rh_store_get(store, row, &other);
		if (!is_expired(call, &other)) {
			return false;
		}
		other.fields[CLERK_INVITATION_SEAT] = RH_STR_ABSENT;
		if (!clerk_save(call, which, row, &other)) {
			return false;
		}
	}
	invitation->fields[CLERK_INVITATION_SEAT] = seat;
	return seat.ptr != NULL;
}

/* Keeps it, counts the mail unless notify is false, and answers. */
static void keep(struct rh_call *call, enum clerk_tenant_store which, const char *prefix,
		 const struct rh_json_node *notify, struct rh_object *invitation)
{
	invitation->fields[CLERK_INVITATION_URL] =
		RH_STR("https://accounts.rehearsal.dev/sign-up?__clerk_ticket=rehearsal");
	if (clerk_add(call, which, prefix, invitation)) {
		if (rh_json_type(notify) != RH_JSON_FALSE) {
			rh_call_count_mail(call);
		}
		answer(call, which, invitation);
	}
}

static bool is_admin(struct rh_call *call, struct rh_str user_id)
{
	struct rh_str pair = rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(call->params[0]),
					     RH_STR_ARG(user_id));
	size_t row =
		rh_store_find(clerk_store(call, CLERK_MEMBERSHIPS), CLERK_MEMBERSHIP_BY_PAIR, pair);
	struct rh_object membership;

	if (row == RH_ROW_NONE) {
		return false;
	}
	rh_store_get(clerk_store(call, CLERK_MEMBERSHIPS), row, &membership);
	return rh_str_eq(membership.fields[CLERK_MEMBERSHIP_ROLE],
			 clerk_role_id(call, RH_STR("org:admin")));
}

/* Role and inviter; false: the call holds the answer. */
static bool take_role(struct rh_call *call, const struct rh_json_node *role,
		      const struct rh_json_node *inviter, struct rh_object *invitation)
{
	invitation->fields[CLERK_INVITATION_ROLE] = clerk_role_id(call, rh_json_string(role));
	invitation->fields[CLERK_INVITATION_INVITER] = rh_json_string(inviter);
	if (invitation->fields[CLERK_INVITATION_ROLE].ptr == NULL) {
		clerk_refuse(call, 404, "resource_not_found", "role",
			     "The role was not found in this organization.");
		return false;
	}
	if (inviter != NULL && !is_admin(call, rh_json_string(inviter))) {
		clerk_refuse(call, 403, "authorization_invalid", "inviter_user_id",
			     "The inviter must be an administrator of the organization.");
		return false;
	}
	return true;
}

/* Has somebody with this address joined already? */
static bool is_in(struct rh_call *call, struct rh_str email)
{
	size_t row = clerk_idn_claim(call, CLERK_EMAILS, email);
	struct rh_object idn;

	if (row == RH_ROW_NONE) {
		return false;
	}
	rh_store_get(clerk_store(call, CLERK_EMAILS), row, &idn);
	return clerk_is_member(call, call->params[0], idn.fields[CLERK_IDN_USER_ID]);
}

void clerk_organization_invitation_create(struct rh_call *call)
{
	enum { EMAIL, ROLE, INVITER, PUBLIC, PRIVATE, REDIRECT, DAYS, NOTIFY, COUNT };
	static const struct clerk_member members[COUNT] = {
		[EMAIL] = {"email_address", CLERK_TEXT, CLERK_CREATE | CLERK_NEEDED, 0},
		[ROLE] = {"role", CLERK_TEXT, CLERK_CREATE | CLERK_NEEDED, 0},
		[INVITER] = {"inviter_user_id", CLERK_TEXT, CLERK_CREATE | CLERK_NULL, 0},
		[PUBLIC] = {"public_metadata", CLERK_OBJECT, CLERK_CREATE | CLERK_NULL, 0},
		[PRIVATE] = {"private_metadata", CLERK_OBJECT, CLERK_CREATE | CLERK_NULL, 0},
		[REDIRECT] = {"redirect_url", CLERK_TEXT, CLERK_CREATE | CLERK_NULL, 0},
		[DAYS] = {"expires_in_days", CLERK_NUMBER, CLERK_CREATE | CLERK_NULL, 0},
		[NOTIFY] = {"notify", CLERK_TRUTH, CLERK_CREATE | CLERK_NULL, 0},
	};
	const struct rh_json_node *nodes[COUNT];
	struct rh_object invitation = {0};

	if (!clerk_pass_rate(call, CLERK_BUCKET_ORGANIZATION_INVITATIONS, RH_STR("")) ||
	    clerk_organization_of_path(call) == RH_ROW_NONE ||
	    !clerk_read_members(call, &(struct clerk_form){members, COUNT, false}, CLERK_CREATE,
				nodes, NULL)) {
		return;
	}
	invitation.fields[CLERK_INVITATION_ORGANIZATION] = call->params[0];
	if (!take_address(call, nodes[EMAIL], nodes[DAYS], &invitation) ||
	    !take_role(call, nodes[ROLE], nodes[INVITER], &invitation) ||
	    !clerk_take_both_metadata(call, nodes[PUBLIC], nodes[PRIVATE],
				      &invitation.fields[CLERK_INVITATION_PUBLIC_METADATA])) {
		return;
	}
	if (is_in(call, invitation.fields[CLERK_INVITATION_EMAIL])) {
		clerk_refuse(call, 422, "form_already_exists", "email_address",
			     "This person is a member of the organization already.");
	} else if (!take_seat(call, CLERK_ORGANIZATION_INVITATIONS, &invitation)) {
		clerk_refuse(call, 400, "organization_invitation_not_unique", "email_address",
			     "There is a pending invitation for this address already.");
	} else {
		keep(call, CLERK_ORGANIZATION_INVITATIONS, "orginv_", nodes[NOTIFY], &invitation);
	}
}

void clerk_invitation_create(struct rh_call *call)
{
	enum { EMAIL, PUBLIC, REDIRECT, NOTIFY, IGNORE, DAYS, TEMPLATE, COUNT };
	static const struct clerk_member members[COUNT] = {
		[EMAIL] = {"email_address", CLERK_TEXT, CLERK_CREATE | CLERK_NEEDED, 0},
		[PUBLIC] = {"public_metadata", CLERK_OBJECT, CLERK_CREATE, 0},
		[REDIRECT] = {"redirect_url", CLERK_TEXT, CLERK_CREATE, 0},
		[NOTIFY] = {"notify", CLERK_TRUTH, CLERK_CREATE | CLERK_NULL, 0},
		[IGNORE] = {"ignore_existing", CLERK_TRUTH, CLERK_CREATE | CLERK_NULL, 0},
		[DAYS] = {"expires_in_days", CLERK_NUMBER, CLERK_CREATE | CLERK_NULL, 0},
		[TEMPLATE] = {"template_slug", CLERK_TEXT, CLERK_CREATE, 0},
	};
	const struct rh_json_node *nodes[COUNT];
	struct rh_object invitation = {0};
	struct rh_str email;
	bool may_be_there;

	if (!clerk_pass_rate(call, CLERK_BUCKET_INVITATIONS, RH_STR("")) ||
	    !clerk_read_members(call, &(struct clerk_form){members, COUNT, true}, CLERK_CREATE,
				nodes, NULL) ||
	    !take_address(call, nodes[EMAIL], nodes[DAYS], &invitation) ||
	    !clerk_take_both_metadata(call, nodes[PUBLIC], NULL,
				      &invitation.fields[CLERK_INVITATION_PUBLIC_METADATA])) {
		return;
	}
	email = invitation.fields[CLERK_INVITATION_EMAIL];
	may_be_there = rh_json_type(nodes[IGNORE]) == RH_JSON_TRUE;
	if (!may_be_there && clerk_idn_claim(call, CLERK_EMAILS, email) != RH_ROW_NONE) {
		clerk_refuse(call, 422, "form_identifier_exists", "email_address",
			     "That email address is taken. Please try another.");
	} else if (!take_seat(call, CLERK_INVITATIONS, &invitation) && !may_be_there) {
		clerk_refuse(call, 400, "duplicate_record", "email_address",
			     "There is a pending invitation for this address already.");
	} else {
		keep(call, CLERK_INVITATIONS, "inv_", nodes[NOTIFY], &invitation);
	}
}

/* The invitation of the path, `id`, of this organization if it has one; RH_ROW_NONE: the call holds the answer. */
static size_t invitation_of_path(struct rh_call *call, enum clerk_tenant_store which,
				 struct rh_str id, struct rh_object *out)
{
	struct rh_store *store = clerk_store(call, which);
	size_t row = rh_store_find(store, CLERK_INVITATION_BY_ID, id);

	if (row != RH_ROW_NONE) {
		rh_store_get(store, row, out);
		if (which == CLERK_INVITATIONS ||
		    rh_str_eq(out->fields[CLERK_INVITATION_ORGANIZATION], call->params[0])) {
			return row;
		}
	}
	clerk_refuse_not_found(call);
	return RH_ROW_NONE;
}

static void end_invitation(struct rh_call *call, enum clerk_tenant_store which, struct rh_str id)
{
	struct rh_object invitation;
	size_t row = invitation_of_path(call, which, id, &invitation);

	if (row == RH_ROW_NONE) {
		return;
	}
	if (strcmp(status_of(call, &invitation), "pending") != 0) {
		clerk_refuse(call, 400, "bad_request", NULL, "This invitation is not pending.");
		return;
	}
	invitation.fields[CLERK_INVITATION_SEAT] = RH_STR_ABSENT;
	invitation.numbers[CLERK_INVITATION_IS_REVOKED] = 1;
	if (clerk_save(call, which, row, &invitation)) {
		answer(call, which, &invitation);
	}
}

void clerk_organization_invitation_revoke(struct rh_call *call)
{
	if (clerk_organization_of_path(call) != RH_ROW_NONE) {
		end_invitation(call, CLERK_ORGANIZATION_INVITATIONS, call->params[1]);
	}
}

void clerk_invitation_revoke(struct rh_call *call)
{
	end_invitation(call, CLERK_INVITATIONS, call->params[0]);
}

void clerk_organization_invitation_get(struct rh_call *call)
{
	struct rh_object invitation;

	if (clerk_organization_of_path(call) != RH_ROW_NONE &&
	    invitation_of_path(call, CLERK_ORGANIZATION_INVITATIONS, call->params[1],
			       &invitation) != RH_ROW_NONE) {
		answer(call, CLERK_ORGANIZATION_INVITATIONS, &invitation);
	}
}

struct wish {
	struct clerk_values statuses;
	struct rh_str email;
	struct rh_str query;
	bool hides_revoked;
};

static bool passes(const struct rh_call *call, const struct rh_object *invitation,
		   const void *context)
{
	const struct wish *wish = context;
	struct rh_str email = invitation->fields[CLERK_INVITATION_EMAIL];
	struct rh_str status = rh_str_from(status_of(call, invitation));

	return clerk_passes_values(&wish->statuses, status) &&
	       !(wish->hides_revoked && rh_str_is(status, "revoked")) &&
	       (wish->email.ptr == NULL ||
		(email.len == wish->email.len && clerk_contains(email, wish->email))) &&
	       (wish->query.ptr == NULL || clerk_contains(email, wish->query) ||
		rh_str_eq(invitation->fields[CLERK_INVITATION_ID], wish->query));
}

/* of absent: all. */
static void answer_list(struct rh_call *call, enum clerk_tenant_store which, struct rh_str of)
{
	static const struct clerk_order orders[] = {
		{.name = "created_at", .number = clerk_created_at},
		{.name = "email_address", .text = clerk_name_of},
		{0},
	};
	struct wish *wish = rh_arena_calloc(&call->arena, 1, sizeof(*wish));
	struct clerk_errors errors = {0};
	bool is_application = which == CLERK_INVITATIONS;

	if (wish == NULL) {
		return;
	}
	clerk_read_values(call, "status", false, &wish->statuses, &errors);
	wish->email = rh_call_query(call, "email_address");
	wish->query = rh_call_query(call, "query");
	/* The application's revoked ones are shown to those who ask for them only. */
	wish->hides_revoked = is_application && wish->statuses.count == 0;
	if (!clerk_refuse_all(call, 422, &errors)) {
		clerk_answer_page(call,
				  &(struct clerk_page){
					  .store = which,
					  .orders = orders,
					  .group = CLERK_OF_ORGANIZATION,
					  .of = of,
					  .passes = passes,
					  .wish = wish,
					  .write = is_application ? write_of_application
								  : write_of_organization,
					  .is_array = is_application &&
						      !rh_str_is(rh_call_query(call, "paginated"),
								 "true"),
				  });
	}
}

void clerk_organization_invitation_list(struct rh_call *call)
{
	if (clerk_organization_of_path(call) != RH_ROW_NONE) {
		answer_list(call, CLERK_ORGANIZATION_INVITATIONS, call->params[0]);
	}
}

void clerk_organization_invitation_list_all(struct rh_call *call)
{
	if (clerk_has_organizations(call)) {
		answer_list(call, CLERK_ORGANIZATION_INVITATIONS, RH_STR_ABSENT);
	}
}

void clerk_invitation_list(struct rh_call *call)
{
	answer_list(call, CLERK_INVITATIONS, RH_STR_ABSENT);
}
