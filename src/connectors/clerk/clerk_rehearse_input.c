/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of user create and update of the rehearsed Clerk, checked as the API description has them (rule 3). */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"
#include "crypto/digest.h"
#include "crypto/password.h"

enum {
	EXTERNAL_ID_MAX = 255,
	PASSWORD_MIN = 8,
	PASSWORD_BYTES_MAX = 72, /* what bcrypt looks at */
	PLAIN_COST = 8, /* bcrypt of plain passwords: what a server of one thread can bear */
	MISSING_MAX = 8,
};

enum input {
	IN_EXTERNAL_ID,
	IN_FIRST_NAME,
	IN_LAST_NAME,
	IN_LOCALE,
	IN_EMAIL,
	IN_EMAIL_STATUS,
	IN_PHONE,
	IN_PHONE_STATUS,
	IN_WALLET,
	IN_USERNAME,
	IN_PASSWORD,
	IN_DIGEST,
	IN_HASHER,
	IN_SKIP_PASSWORD_CHECKS,
	IN_SKIP_PASSWORD_REQUIREMENT,
	IN_TOTP,
	IN_BACKUP_CODES,
	IN_PUBLIC_METADATA,
	IN_PRIVATE_METADATA,
	IN_UNSAFE_METADATA,
	IN_DELETE_SELF,
	IN_CREATE_ORGANIZATION,
	IN_ORGANIZATIONS_LIMIT,
	IN_LEGAL_ACCEPTED_AT,
	IN_SKIP_LEGAL_CHECKS,
	IN_SKIP_USER_REQUIREMENT,
	IN_CREATED_AT,
	IN_TRUSTED,
	IN_BANNED,
	IN_LOCKED,
	IN_PRIMARY_EMAIL,
	IN_PRIMARY_PHONE,
	IN_PRIMARY_WALLET,
	IN_NOTIFY,
	IN_IMAGE,
	IN_SIGN_OUT,
	IN_COUNT,
};

#define BOTH CLERK_BOTH
#define NUL CLERK_NULL

static const struct clerk_member inputs[IN_COUNT] = {
	[IN_EXTERNAL_ID] = {"external_id", CLERK_TEXT, BOTH | NUL, 0},
	[IN_FIRST_NAME] = {"first_name", CLERK_TEXT, BOTH | NUL, CLERK_SWITCH_NAMES},
	[IN_LAST_NAME] = {"last_name", CLERK_TEXT, BOTH | NUL, CLERK_SWITCH_NAMES},
	[IN_LOCALE] = {"locale", CLERK_TEXT, BOTH | NUL, 0},
	[IN_EMAIL] = {"email_address", CLERK_TEXTS, CLERK_CREATE, CLERK_SWITCH_EMAIL},
	[IN_EMAIL_STATUS] = {"email_address_identification_status", CLERK_TEXTS, CLERK_CREATE,
			     CLERK_SWITCH_EMAIL},
	[IN_PHONE] = {"phone_number", CLERK_TEXTS, CLERK_CREATE, CLERK_SWITCH_PHONE},
	[IN_PHONE_STATUS] = {"phone_number_identification_status", CLERK_TEXTS, CLERK_CREATE,
			     CLERK_SWITCH_PHONE},
	[IN_WALLET] = {"web3_wallet", CLERK_TEXTS, CLERK_CREATE, CLERK_SWITCH_WEB3},
	[IN_USERNAME] = {"username", CLERK_TEXT, BOTH | NUL, CLERK_SWITCH_USERNAME},
	[IN_PASSWORD] = {"password", CLERK_TEXT, BOTH | NUL, CLERK_SWITCH_PASSWORD},
	/* With passwords switched off a digest is kept for when they are switched on. */
	[IN_DIGEST] = {"password_digest", CLERK_TEXT, BOTH | CLERK_NULL_CREATE, 0},
	[IN_HASHER] = {"password_hasher", CLERK_TEXT, BOTH, 0},
	[IN_SKIP_PASSWORD_CHECKS] = {"skip_password_checks", CLERK_TRUTH, BOTH | NUL, 0},
	[IN_SKIP_PASSWORD_REQUIREMENT] = {"skip_password_requirement", CLERK_TRUTH,
					  CLERK_CREATE | NUL, 0},
	[IN_TOTP] = {"totp_secret", CLERK_TEXT, BOTH | NUL, CLERK_SWITCH_TOTP},
	[IN_BACKUP_CODES] = {"backup_codes", CLERK_TEXTS, BOTH, CLERK_SWITCH_BACKUP_CODES},
	[IN_PUBLIC_METADATA] = {"public_metadata", CLERK_OBJECT,
				BOTH | CLERK_OLD | CLERK_NULL_UPDATE, 0},
	[IN_PRIVATE_METADATA] = {"private_metadata", CLERK_OBJECT,
				 BOTH | CLERK_OLD | CLERK_NULL_UPDATE, 0},
	[IN_UNSAFE_METADATA] = {"unsafe_metadata", CLERK_OBJECT,
				BOTH | CLERK_OLD | CLERK_NULL_UPDATE, 0},
	[IN_DELETE_SELF] = {"delete_self_enabled", CLERK_TRUTH, BOTH | NUL, 0},
	[IN_CREATE_ORGANIZATION] = {"create_organization_enabled", CLERK_TRUTH, BOTH | NUL, 0},
	[IN_ORGANIZATIONS_LIMIT] = {"create_organizations_limit", CLERK_NUMBER, BOTH | NUL, 0},
	[IN_LEGAL_ACCEPTED_AT] = {"legal_accepted_at", CLERK_TEXT, BOTH | NUL, 0},
	[IN_SKIP_LEGAL_CHECKS] = {"skip_legal_checks", CLERK_TRUTH, BOTH | NUL, 0},
	[IN_SKIP_USER_REQUIREMENT] = {"skip_user_requirement", CLERK_TRUTH, CLERK_CREATE | NUL, 0},
	[IN_CREATED_AT] = {"created_at", CLERK_TEXT, BOTH | NUL, 0},
	[IN_TRUSTED] = {"bypass_client_trust", CLERK_TRUTH, BOTH | NUL, 0},
	[IN_BANNED] = {"banned", CLERK_TRUTH, CLERK_CREATE | NUL, 0},
	[IN_LOCKED] = {"locked", CLERK_TRUTH, CLERK_CREATE | NUL, 0},
	[IN_PRIMARY_EMAIL] = {"primary_email_address_id", CLERK_TEXT, CLERK_UPDATE | NUL, 0},
	[IN_PRIMARY_PHONE] = {"primary_phone_number_id", CLERK_TEXT, CLERK_UPDATE | NUL, 0},
	[IN_PRIMARY_WALLET] = {"primary_web3_wallet_id", CLERK_TEXT, CLERK_UPDATE | NUL, 0},
	[IN_NOTIFY] = {"notify_primary_email_address_changed", CLERK_TRUTH, CLERK_UPDATE | NUL, 0},
	[IN_IMAGE] = {"profile_image_id", CLERK_TEXT, CLERK_UPDATE | NUL, 0},
	[IN_SIGN_OUT] = {"sign_out_of_other_sessions", CLERK_TRUTH, CLERK_UPDATE | NUL, 0},
};

/* A body by the numbers above. */
struct given {
	const struct rh_json_node *nodes[IN_COUNT]; /* NULL: not there, or null */
	bool is_set[IN_COUNT];                      /* there, be it null */
	struct clerk_errors errors;
};

static struct rh_str text_of(const struct given *given, enum input input)
{
	return rh_json_string(given->nodes[input]);
}

static bool truth_of(const struct given *given, enum input input)
{
	return rh_json_type(given->nodes[input]) == RH_JSON_TRUE;
}

static void add_error(struct given *given, enum input input, const char *code, const char *message)
{
	clerk_add_error(&given->errors, code, inputs[input].name, message);
}

/* A text that is there and not empty. */
static bool is_given(const struct given *given, enum input input)
{
	return rh_str_is_set(text_of(given, input));
}

/* null and "" take the field away. */
static void take_text(const struct given *given, enum input from, struct rh_str *to)
{
	if (given->is_set[from]) {
		*to = is_given(given, from) ? text_of(given, from) : RH_STR_ABSENT;
	}
}

static void take_names(struct given *given, struct rh_object *user)
{
	static const struct {
		enum input from;
		enum clerk_user_field to;
	} names[] = {
		{IN_FIRST_NAME, CLERK_USER_FIRST_NAME},
		{IN_LAST_NAME, CLERK_USER_LAST_NAME},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_given(given, names[i].from) &&
		    !clerk_is_name(text_of(given, names[i].from))) {
			add_error(given, names[i].from, "form_param_value_invalid",
				  "is too long, or contains a URL, HTML or a phone number.");
		}
		take_text(given, names[i].from, &user->fields[names[i].to]);
	}
	if (is_given(given, IN_LOCALE) && !clerk_is_locale(text_of(given, IN_LOCALE))) {
		add_error(given, IN_LOCALE, "form_param_format_invalid", "is not a locale.");
	}
	take_text(given, IN_LOCALE, &user->fields[CLERK_USER_LOCALE]);
	if (text_of(given, IN_EXTERNAL_ID).len > EXTERNAL_ID_MAX) {
		add_error(given, IN_EXTERNAL_ID, "form_param_max_length_exceeded",
			  "should not exceed 255 characters.");
	}
	take_text(given, IN_EXTERNAL_ID, &user->fields[CLERK_USER_EXTERNAL_ID]);
}

/* Usernames are kept in lower case. */
static void take_username(struct rh_call *call, struct given *given, struct rh_object *user)
{
	struct rh_str text = text_of(given, IN_USERNAME);
	const char *fault;

	if (!rh_str_is_set(text)) {
		take_text(given, IN_USERNAME, &user->fields[CLERK_USER_USERNAME]);
		return;
	}
	fault = clerk_username_fault(call, text);
	if (fault != NULL) {
		add_error(given, IN_USERNAME, fault, "is not a valid username.");
	}
	user->fields[CLERK_USER_USERNAME] = rh_str_lower(&call->arena, text);
}

static void take_time(struct rh_call *call, struct given *given, enum input input, rh_time *out)
{
	rh_time time;

	if (!given->is_set[input] || (input == IN_CREATED_AT && given->nodes[input] == NULL)) {
		return;
	}
	if (given->nodes[input] == NULL) {
		*out = 0;
	} else if (!clerk_read_time(text_of(given, input), &time)) {
		add_error(given, input, "form_param_invalid_time",
			  "must be a valid RFC 3339 date and time.");
	} else if (time > call->now) {
		add_error(given, input, "form_disallow_future_date", "must be a date in the past.");
	} else {
		*out = time;
	}
}

static void set_flag(struct rh_object *user, int64_t flag, bool value)
{
	int64_t flags = user->numbers[CLERK_USER_FLAGS];

	user->numbers[CLERK_USER_FLAGS] = value ? flags | flag : flags & ~flag;
}

static void take_permissions(struct given *given, struct rh_object *user)
{
	int64_t limit = 0;

	if (given->nodes[IN_DELETE_SELF] != NULL) {
		set_flag(user, CLERK_FLAG_NO_DELETE_SELF, !truth_of(given, IN_DELETE_SELF));
	}
	if (given->nodes[IN_CREATE_ORGANIZATION] != NULL) {
		set_flag(user, CLERK_FLAG_NO_ORGANIZATION,
			 !truth_of(given, IN_CREATE_ORGANIZATION));
	}
	if (given->nodes[IN_TRUSTED] != NULL) {
		set_flag(user, CLERK_FLAG_TRUSTED, truth_of(given, IN_TRUSTED));
	}
	if (given->nodes[IN_ORGANIZATIONS_LIMIT] != NULL) {
		/* The type was looked at. */
		(void)rh_str_to_i64(rh_json_text(given->nodes[IN_ORGANIZATIONS_LIMIT]), &limit);
		if (limit < 0 || limit > INT32_MAX) {
			add_error(given, IN_ORGANIZATIONS_LIMIT, "form_param_value_invalid",
				  "must be 0 or more.");
		}
		user->numbers[CLERK_USER_ORGANIZATIONS_LIMIT] = limit + 1;
	} else if (given->is_set[IN_ORGANIZATIONS_LIMIT]) {
		user->numbers[CLERK_USER_ORGANIZATIONS_LIMIT] = 0;
	}
}

/* Which rule of plain passwords is broken; NULL: none. */
static const char *password_fault(struct rh_str password)
{
	/* Stand for the lists of passwords that were stolen. */
	static const char *const stolen[] = {"password", "12345678", "123456789", "qwertyuiop",
					     "password1"};

	if (rh_str_points(password) < PASSWORD_MIN) {
		return "form_password_length_too_short";
	}
	for (size_t i = 0; i < sizeof(stolen) / sizeof(stolen[0]); i++) {
		if (rh_str_is_nocase(password, stolen[i])) {
			return "form_password_pwned";
		}
	}
	return NULL;
}

/* What can be said of password, digest and hasher before anything is computed. */
static void check_password(struct rh_call *call, struct given *given)
{
	struct rh_str password = text_of(given, IN_PASSWORD);
	struct rh_str digest = text_of(given, IN_DIGEST);
	struct rh_str hasher = text_of(given, IN_HASHER);
	struct rh_credential credential;
	const char *fault = NULL;

	if (password.ptr != NULL && digest.ptr != NULL) {
		add_error(given, IN_PASSWORD, "form_conditional_param_disallowed",
			  "cannot be set together with password_digest.");
	}
	if (digest.ptr != NULL && hasher.ptr == NULL) {
		add_error(given, IN_HASHER, "form_conditional_param_missing",
			  "must be included with password_digest.");
	} else if (digest.ptr == NULL && hasher.ptr != NULL) {
		add_error(given, IN_DIGEST, "form_conditional_param_missing",
			  "must be included with password_hasher.");
	} else if (hasher.ptr != NULL && !clerk_is_hasher(hasher)) {
		add_error(given, IN_HASHER, "form_param_value_invalid",
			  "is not one of the supported hashers.");
	} else if (digest.ptr != NULL &&
		   !clerk_parse_digest(&call->arena, hasher, digest, &credential)) {
		add_error(given, IN_DIGEST, "form_password_digest_invalid_code",
			  "does not match the provided hasher.");
	}
	if (password.len > PASSWORD_BYTES_MAX) {
		fault = "form_password_size_in_bytes_exceeded";
	} else if (password.ptr != NULL && !truth_of(given, IN_SKIP_PASSWORD_CHECKS)) {
		fault = password_fault(password);
	}
	if (fault != NULL) {
		add_error(given, IN_PASSWORD, fault, "is not a good password.");
	}
}

/* false: memory out. */
static bool take_password(struct rh_call *call, const struct given *given, struct rh_object *user)
{
	struct rh_str password = text_of(given, IN_PASSWORD);
	struct rh_str digest = text_of(given, IN_DIGEST);
	uint8_t salt[16];
	char hash[64];

	if (password.ptr == NULL && digest.ptr == NULL) {
		return true;
	}
	user->numbers[CLERK_USER_PASSWORD_AT] = call->now;
	set_flag(user, CLERK_FLAG_COMPROMISED, false);
	if (digest.ptr != NULL) {
		user->fields[CLERK_USER_DIGEST] = digest;
		user->fields[CLERK_USER_HASHER] = text_of(given, IN_HASHER);
		return true;
	}
	rh_random_bytes(salt, sizeof(salt));
	user->fields[CLERK_USER_HASHER] = RH_STR("bcrypt");
	return rh_password_bcrypt(password, salt, PLAIN_COST, hash, NULL) == RH_OK &&
	       rh_arena_copy(&call->arena, rh_str_from(hash), &user->fields[CLERK_USER_DIGEST]);
}

/* Plain codes, or bcrypt digests of them. */
static bool are_backup_codes(struct rh_call *call, const struct rh_json_node *codes)
{
	const struct rh_json_node *code = NULL;
	struct rh_credential credential;

	while ((code = rh_json_next(codes, code, NULL)) != NULL) {
		struct rh_str text = rh_json_string(code);

		if (text.len == 0 ||
		    (rh_str_starts(text, "$2") &&
		     !clerk_parse_digest(&call->arena, RH_STR("bcrypt"), text, &credential))) {
			return false;
		}
	}
	return true;
}

static void take_factors(struct rh_call *call, struct given *given, struct rh_object *user)
{
	struct rh_str totp = text_of(given, IN_TOTP);
	struct rh_str bytes;
	struct rh_json_writer writer;
	rh_autobuf codes = {0};

	if (totp.ptr != NULL) {
		/* Exactly the digits of RFC 4648: the decoder would look past blanks and dashes. */
		for (size_t i = 0; i < totp.len; i++) {
			if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", totp.ptr[i]) == NULL) {
				totp.len = 0;
			}
		}
		if (totp.len < 8 || !rh_base32_decode(&call->arena, totp, &bytes)) {
			add_error(given, IN_TOTP, "invalid_totp_secret_code",
				  "is not a valid Base32 secret.");
		}
		user->fields[CLERK_USER_TOTP] = totp;
		user->numbers[CLERK_USER_MFA_ENABLED_AT] = call->now;
	}
	if (given->nodes[IN_BACKUP_CODES] == NULL) {
		return;
	}
	if (!are_backup_codes(call, given->nodes[IN_BACKUP_CODES])) {
		add_error(given, IN_BACKUP_CODES, "form_param_value_invalid",
			  "must be codes or their bcrypt digests.");
	}
	rh_buf_init_secret(&codes, 65536);
	rh_json_writer_init(&writer, &codes);
	rh_json_put_node(&writer, given->nodes[IN_BACKUP_CODES]);
	if (codes.failed != 0 || !rh_arena_copy(&call->arena, rh_buf_str(&codes),
						&user->fields[CLERK_USER_BACKUP_CODES])) {
		add_error(given, IN_BACKUP_CODES, "form_param_array_size_exceeded",
			  "are too many.");
	}
	if (rh_json_count(given->nodes[IN_BACKUP_CODES]) == 0) {
		user->fields[CLERK_USER_BACKUP_CODES] = RH_STR_ABSENT;
	}
}

static bool take_all_metadata(struct rh_call *call, const struct given *given,
			      struct rh_object *user)
{
	static const enum clerk_user_field fields[] = {
		CLERK_USER_PUBLIC_METADATA,
		CLERK_USER_PRIVATE_METADATA,
		CLERK_USER_UNSAFE_METADATA,
	};

	for (unsigned i = 0; i < 3; i++) {
		const struct rh_json_node *node = given->nodes[IN_PUBLIC_METADATA + i];

		if (node != NULL &&
		    !clerk_take_metadata(call, inputs[IN_PUBLIC_METADATA + i].name, RH_STR_ABSENT,
					 node, &user->fields[fields[i]])) {
			return false;
		}
	}
	return true;
}

/* The forms of all that a user has at create and at update. */
static void take_forms(struct rh_call *call, struct given *given, struct rh_object *user)
{
	take_names(given, user);
	take_username(call, given, user);
	take_permissions(given, user);
	take_time(call, given, IN_CREATED_AT, &user->numbers[CLERK_USER_CREATED_AT]);
	take_time(call, given, IN_LEGAL_ACCEPTED_AT, &user->numbers[CLERK_USER_LEGAL_ACCEPTED_AT]);
	take_factors(call, given, user);
	check_password(call, given);
}

static bool is_form(enum clerk_store which, struct rh_str text)
{
	switch (which) {
	case CLERK_EMAILS:
		return clerk_is_email(text);
	case CLERK_PHONES:
		return clerk_is_phone(text);
	case CLERK_WALLETS:
		return clerk_is_wallet(text);
	case CLERK_USERS:
	case CLERK_STORES:
		break;
	}
	return false;
}

static bool is_twice(const struct clerk_new_idn *idns, size_t count, struct rh_str value)
{
	for (size_t i = 0; i < count; i++) {
		if (rh_str_eq(idns[i].value, value)) {
			return true;
		}
	}
	return false;
}

/* The addresses of one kind, without what they are said to be. */
static void take_values(struct rh_call *call, struct given *given, enum clerk_store which,
			enum input input, struct clerk_new_user *out)
{
	const struct rh_json_node *node = NULL;
	size_t *count = &out->idn_counts[which];

	while ((node = rh_json_next(given->nodes[input], node, NULL)) != NULL) {
		struct rh_str value = rh_str_lower(&call->arena, rh_json_string(node));

		if (*count == CLERK_IDNS_MAX) {
			add_error(given, input, "form_param_array_size_exceeded", "are too many.");
			return;
		}
		if (value.ptr == NULL || !is_form(which, value)) {
			add_error(given, input, "form_param_format_invalid",
				  which == CLERK_EMAILS   ? "must be a valid email address."
				  : which == CLERK_PHONES ? "must be a valid phone number "
							    "according to E.164 international "
							    "standard."
							  : "must be a valid web3 wallet.");
		} else if (is_twice(out->idns[which], *count, value)) {
			add_error(given, input, "form_param_duplicate",
				  "has the same value several times.");
		}
		out->idns[which][(*count)++] = (struct clerk_new_idn){
			.value = value,
			.state = CLERK_IDN_VERIFIED,
		};
	}
}

/* The parallel list; none, or one word for each address. */
static void take_states(struct given *given, enum clerk_store which, enum input input,
			struct clerk_new_user *out)
{
	const struct rh_json_node *node = NULL;
	size_t count = rh_json_count(given->nodes[input]);
	size_t place = 0;

	if (given->nodes[input] == NULL || count == 0) {
		return;
	}
	if (count != out->idn_counts[which]) {
		add_error(given, input, "form_param_value_invalid",
			  "must have exactly one item for each identification.");
		return;
	}
	while ((node = rh_json_next(given->nodes[input], node, NULL)) != NULL) {
		struct rh_str word = rh_json_string(node);

		if (rh_str_is(word, "reserved")) {
			out->idns[which][place].state = CLERK_IDN_RESERVED;
		} else if (!rh_str_is(word, "verified")) {
			add_error(given, input, "form_param_value_invalid",
				  "must be verified or reserved.");
		}
		place++;
	}
}

static bool is_required(const struct rh_call *call, enum clerk_switch feature)
{
	return rh_call_switch(call, feature) == CLERK_FEATURE_REQUIRED;
}

/* Is the password missed?  skip_password_requirement does not help where there is no other way to sign in. */
static bool is_password_missing(const struct rh_call *call, const struct given *given)
{
	if (given->nodes[IN_PASSWORD] != NULL || given->nodes[IN_DIGEST] != NULL) {
		return false;
	}
	switch (rh_call_switch(call, CLERK_SWITCH_PASSWORD)) {
	case CLERK_PASSWORD_REQUIRED:
		return !truth_of(given, IN_SKIP_PASSWORD_REQUIREMENT);
	case CLERK_PASSWORD_ONLY:
		return true;
	default:
		return false;
	}
}

/* What the instance asks for and the body does not have; false: the call holds the answer. */
static bool check_requirements(struct rh_call *call, const struct given *given,
			       const struct clerk_new_user *out)
{
	const char *missing[MISSING_MAX];
	size_t count = 0;
	bool is_skipped = truth_of(given, IN_SKIP_USER_REQUIREMENT);
	bool has_email = out->idn_counts[CLERK_EMAILS] > 0;
	bool has_phone = out->idn_counts[CLERK_PHONES] > 0;
	bool has_username = is_given(given, IN_USERNAME);

	if (!has_email && is_required(call, CLERK_SWITCH_EMAIL) && !is_skipped) {
		missing[count++] = "email_address";
	}
	if (!has_phone && is_required(call, CLERK_SWITCH_PHONE) && !is_skipped) {
		missing[count++] = "phone_number";
	}
	if (!has_username && is_required(call, CLERK_SWITCH_USERNAME) && !is_skipped) {
		missing[count++] = "username";
	}
	if (is_required(call, CLERK_SWITCH_NAMES)) {
		if (!is_given(given, IN_FIRST_NAME)) {
			missing[count++] = "first_name";
		}
		if (!is_given(given, IN_LAST_NAME)) {
			missing[count++] = "last_name";
		}
	}
	if (is_password_missing(call, given)) {
		missing[count++] = "password";
	}
	if (rh_call_switch(call, CLERK_SWITCH_LEGAL_CONSENT) == CLERK_SET_ON &&
	    given->nodes[IN_LEGAL_ACCEPTED_AT] == NULL && !truth_of(given, IN_SKIP_LEGAL_CHECKS)) {
		missing[count++] = "legal_accepted_at";
	}
	if (count == 0 && !has_email && !has_phone && !has_username &&
	    out->idn_counts[CLERK_WALLETS] == 0) {
		missing[count++] = "email_address";
	}
	if (count > 0) {
		clerk_refuse_missing(call, missing, count);
	}
	return count == 0;
}

/* Plan, lockout, countries; false: the call holds the answer. */
static bool check_instance(struct rh_call *call, const struct given *given,
			   const struct clerk_new_user *out)
{
	if (truth_of(given, IN_BANNED) &&
	    rh_call_switch(call, CLERK_SWITCH_BAN_PLAN) == CLERK_IS_OFF) {
		clerk_refuse(call, 402, "unsupported_subscription_plan_features", "banned",
			     "Banning users is not part of the plan.");
		return false;
	}
	if (truth_of(given, IN_LOCKED) &&
	    rh_call_switch(call, CLERK_SWITCH_LOCKOUT) == CLERK_IS_OFF) {
		clerk_refuse(call, 403, "feature_not_enabled", "locked",
			     "User lockout is not enabled.");
		return false;
	}
	for (size_t i = 0; i < out->idn_counts[CLERK_PHONES]; i++) {
		if (!clerk_check_country(call, out->idns[CLERK_PHONES][i].value)) {
			return false;
		}
	}
	return true;
}

bool clerk_read_create(struct rh_call *call, struct clerk_new_user *out)
{
	struct given given = {0};

	if (!clerk_read_members(call, &(struct clerk_form){inputs, IN_COUNT, true}, CLERK_CREATE,
				given.nodes, given.is_set)) {
		return false;
	}
	out->user.numbers[CLERK_USER_CREATED_AT] = call->now;
	take_forms(call, &given, &out->user);
	take_values(call, &given, CLERK_EMAILS, IN_EMAIL, out);
	take_states(&given, CLERK_EMAILS, IN_EMAIL_STATUS, out);
	take_values(call, &given, CLERK_PHONES, IN_PHONE, out);
	take_states(&given, CLERK_PHONES, IN_PHONE_STATUS, out);
	take_values(call, &given, CLERK_WALLETS, IN_WALLET, out);
	if (clerk_refuse_all(call, 422, &given.errors) ||
	    !take_all_metadata(call, &given, &out->user) ||
	    !check_requirements(call, &given, out) || !check_instance(call, &given, out)) {
		return false;
	}
	set_flag(&out->user, CLERK_FLAG_BANNED, truth_of(&given, IN_BANNED));
	if (truth_of(&given, IN_LOCKED)) {
		out->user.numbers[CLERK_USER_LOCKED_UNTIL] =
			call->now + CLERK_LOCK_SECONDS * RH_SECOND;
	}
	return take_password(call, &given, &out->user);
}

/* A primary identification must be a verified one of the user. */
static void take_primary(struct rh_call *call, struct given *given, enum input input,
			 enum clerk_store which, struct rh_object *user,
			 enum clerk_user_field field)
{
	const struct rh_store *store = clerk_store(call, which);
	struct rh_str id = text_of(given, input);
	size_t row = rh_store_find(store, CLERK_IDN_BY_ID, id);
	struct rh_object idn = {0};

	if (!rh_str_is_set(id)) {
		return; /* null changes nothing */
	}
	if (row != RH_ROW_NONE) {
		rh_store_get(store, row, &idn);
	}
	if (!rh_str_eq(idn.fields[CLERK_IDN_USER_ID], user->fields[CLERK_USER_ID]) ||
	    idn.numbers[CLERK_IDN_STATE] != CLERK_IDN_VERIFIED) {
		add_error(given, input, "form_param_value_invalid",
			  "must be a verified identification of the user.");
		return;
	}
	user->fields[field] = id;
}

/* A username goes only if it may, and something else is left to sign in with. */
static void check_username_gone(struct rh_call *call, struct given *given,
				const struct rh_object *user)
{
	bool is_gone = given->is_set[IN_USERNAME] && !is_given(given, IN_USERNAME);

	if (is_gone && (is_required(call, CLERK_SWITCH_USERNAME) ||
			(user->fields[CLERK_USER_EMAILS].ptr == NULL &&
			 user->fields[CLERK_USER_PHONES].ptr == NULL &&
			 user->fields[CLERK_USER_WALLETS].ptr == NULL))) {
		add_error(given, IN_USERNAME, "form_param_value_invalid", "cannot be removed.");
	}
}

bool clerk_read_update(struct rh_call *call, struct rh_object *user)
{
	struct given given = {0};

	if (!clerk_read_members(call, &(struct clerk_form){inputs, IN_COUNT, true}, CLERK_UPDATE,
				given.nodes, given.is_set)) {
		return false;
	}
	take_forms(call, &given, user);
	check_username_gone(call, &given, user);
	take_primary(call, &given, IN_PRIMARY_EMAIL, CLERK_EMAILS, user, CLERK_USER_PRIMARY_EMAIL);
	take_primary(call, &given, IN_PRIMARY_PHONE, CLERK_PHONES, user, CLERK_USER_PRIMARY_PHONE);
	take_primary(call, &given, IN_PRIMARY_WALLET, CLERK_WALLETS, user,
		     CLERK_USER_PRIMARY_WALLET);
	if (truth_of(&given, IN_NOTIFY) && is_given(&given, IN_PRIMARY_EMAIL)) {
		rh_call_count_mail(call);
	}
	return !clerk_refuse_all(call, 422, &given.errors) &&
	       take_all_metadata(call, &given, user) && take_password(call, &given, user);
}
