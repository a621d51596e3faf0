/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of user create and update of the rehearsed WorkOS, checked as the API description has them.
 *
 * The order: types and forms (422, all problems at once), then fields that exclude each other (400), then
 * metadata, hash and password (400 each).  Members that the description does not have are ignored.
 */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "rehearsal/form.h"

enum {
	EXTERNAL_ID_MAX = 128,
	PASSWORD_MIN = 8,
	PASSWORD_BYTES_MIN = 4, /* different ones */
	PLAIN_COST = 8, /* bcrypt of plain passwords: what a server of one thread can bear */
};

enum input {
	IN_EMAIL,
	IN_FIRST_NAME,
	IN_LAST_NAME,
	IN_NAME,
	IN_EMAIL_VERIFIED,
	IN_METADATA,
	IN_EXTERNAL_ID,
	IN_LOCALE,
	IN_PASSWORD,
	IN_HASH,
	IN_HASH_TYPE,
	IN_SALT_POSITION,
	IN_IP_ADDRESS,
	IN_USER_AGENT,
	IN_SIGNALS_ID,
	IN_COUNT,
};

enum input_flags {
	CREATE = 1 << 0, /* known to create, to update */
	UPDATE = 1 << 1,
	NULL_CREATE = 1 << 2, /* may be null there */
	NULL_UPDATE = 1 << 3,
	REQUIRED = 1 << 4, /* at create */
	BOTH = CREATE | UPDATE,
	NULL_BOTH = NULL_CREATE | NULL_UPDATE,
};

enum input_type { TEXT, TRUTH, MEMBERS };

static const struct {
	const char *name;
	enum input_type type;
	unsigned flags;
	const char *message;
} inputs[IN_COUNT] = {
	[IN_EMAIL] = {"email", TEXT, BOTH | REQUIRED, "email must be an email address"},
	[IN_FIRST_NAME] = {"first_name", TEXT, BOTH | NULL_CREATE, "first_name must be a string"},
	[IN_LAST_NAME] = {"last_name", TEXT, BOTH | NULL_CREATE, "last_name must be a string"},
	[IN_NAME] = {"name", TEXT, BOTH | NULL_CREATE, "name must be a string"},
	[IN_EMAIL_VERIFIED] = {"email_verified", TRUTH, BOTH | NULL_CREATE,
			       "email_verified must be a boolean"},
	[IN_METADATA] = {"metadata", MEMBERS, BOTH | NULL_BOTH, "metadata must be an object"},
	[IN_EXTERNAL_ID] = {"external_id", TEXT, BOTH | NULL_BOTH,
			    "external_id must be 1 to 128 ASCII characters"},
	[IN_LOCALE] = {"locale", TEXT, UPDATE | NULL_UPDATE, "locale must be a string"},
	[IN_PASSWORD] = {"password", TEXT, BOTH | NULL_CREATE, "password must be a string"},
	[IN_HASH] = {"password_hash", TEXT, BOTH, "password_hash must be a string"},
	[IN_HASH_TYPE] = {"password_hash_type", TEXT, BOTH,
			  "password_hash_type must be one of the known types"},
	[IN_SALT_POSITION] = {"password_salt_position", TEXT, BOTH,
			      "password_salt_position must be prefix or suffix, with ssha256 only"},
	[IN_IP_ADDRESS] = {"ip_address", TEXT, CREATE | NULL_CREATE, "ip_address must be a string"},
	[IN_USER_AGENT] = {"user_agent", TEXT, CREATE | NULL_CREATE, "user_agent must be a string"},
	[IN_SIGNALS_ID] = {"signals_id", TEXT, CREATE, "signals_id must be a string"},
};

/* The body's members by number; NULL: not there, or null where null means the same. */
struct given {
	const struct rh_json_node *nodes[IN_COUNT];
	struct workos_problem problems[2 * IN_COUNT];
	size_t problem_count;
};

void workos_answer_problems(struct rh_call *call, const struct workos_problem *problems,
			    size_t count)
{
	struct rh_json_writer writer;

	rh_call_json(call, 422, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, "Validation failed.");
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, "invalid_request_parameters");
	rh_json_key(&writer, "errors");
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_begin_object(&writer);
		rh_json_key(&writer, "code");
		rh_json_put_cstr(&writer, problems[i].code);
		rh_json_key(&writer, "message");
		rh_json_put_cstr(&writer, problems[i].message);
		rh_json_key(&writer, "field");
		rh_json_put_cstr(&writer, problems[i].field);
		rh_json_end_object(&writer);
	}
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
}

/* "en", "en-US", "zh-Hant-TW" */
static bool is_locale(struct rh_str text)
{
	struct rh_str rest = text;
	bool is_first = true;

	while (rest.ptr != NULL) {
		struct rh_str part = rh_str_cut(&rest, '-');

		if (!rh_form_is_label(part) || !rh_str_is_ascii(part) || part.len < 2 ||
		    part.len > (is_first ? 3 : 8)) {
			return false;
		}
		is_first = false;
	}
	return true;
}

static bool has_type(const struct rh_json_node *node, enum input_type type)
{
	enum rh_json_type is = rh_json_type(node);

	switch (type) {
	case TEXT:
		return is == RH_JSON_STRING;
	case TRUTH:
		return is == RH_JSON_TRUE || is == RH_JSON_FALSE;
	case MEMBERS:
		return is == RH_JSON_OBJECT;
	}
	return false;
}

static void add_problem(struct given *given, enum input input, const char *code)
{
	given->problems[given->problem_count++] = (struct workos_problem){
		.field = inputs[input].name,
		.code = code,
		.message = inputs[input].message,
	};
}

static struct rh_str text_of(const struct given *given, enum input input)
{
	return rh_json_string(given->nodes[input]);
}

/* Looks every known member up and checks its type. */
static void take_members(struct given *given, const struct rh_json_node *body, bool is_create)
{
	for (int i = 0; i < IN_COUNT; i++) {
		const struct rh_json_node *node = rh_json_get(body, inputs[i].name);
		unsigned flags = inputs[i].flags;

		if ((flags & (is_create ? CREATE : UPDATE)) == 0) {
			continue;
		}
		if (node == NULL) {
			if (is_create && (flags & REQUIRED) != 0) {
				add_problem(given, (enum input)i, "required");
			}
		} else if (rh_json_is_null(node)) {
			if ((flags & (is_create ? NULL_CREATE : NULL_UPDATE)) == 0) {
				add_problem(given, (enum input)i, "invalid_type");
			} else if (!is_create) {
				given->nodes[i] = node;
			}
		} else if (!has_type(node, inputs[i].type)) {
			add_problem(given, (enum input)i, "invalid_type");
		} else {
			given->nodes[i] = node;
		}
	}
}

/* Forms that the body's validation looks at, beyond types. */
static void check_forms(struct given *given, bool is_create)
{
	struct rh_str email = text_of(given, IN_EMAIL);
	struct rh_str external_id = text_of(given, IN_EXTERNAL_ID);
	struct rh_str type = text_of(given, IN_HASH_TYPE);
	struct rh_str position = text_of(given, IN_SALT_POSITION);
	bool has_hash = given->nodes[IN_HASH] != NULL;

	if (is_create && email.ptr != NULL && !rh_form_is_email(email, NULL)) {
		add_problem(given, IN_EMAIL, "invalid_email");
	}
	if (external_id.ptr != NULL && (external_id.len == 0 || external_id.len > EXTERNAL_ID_MAX ||
					!rh_str_is_ascii(external_id))) {
		add_problem(given, IN_EXTERNAL_ID, "invalid_external_id");
	}
	if (type.ptr != NULL && !workos_is_hash_type(type)) {
		add_problem(given, IN_HASH_TYPE, "invalid_enum_value");
	}
	if (position.ptr != NULL && !rh_str_is(position, "prefix") &&
	    !rh_str_is(position, "suffix")) {
		add_problem(given, IN_SALT_POSITION, "invalid_enum_value");
	} else if (position.ptr != NULL && has_hash && type.ptr != NULL &&
		   !rh_str_is(type, "ssha256")) {
		add_problem(given, IN_SALT_POSITION, "not_supported");
	}
	if (given->nodes[IN_PASSWORD] == NULL && has_hash != (type.ptr != NULL)) {
		add_problem(given, has_hash ? IN_HASH_TYPE : IN_HASH, "required");
	}
}

/* The code of a pair that must not come together; NULL: none. */
static const char *find_exclusion(const struct given *given)
{
	if (given->nodes[IN_PASSWORD] != NULL && given->nodes[IN_HASH] != NULL) {
		return "password_and_password_hash_provided";
	}
	if (given->nodes[IN_PASSWORD] != NULL && given->nodes[IN_HASH_TYPE] != NULL) {
		return "password_and_password_hash_type_provided";
	}
	if (given->nodes[IN_SALT_POSITION] != NULL && given->nodes[IN_HASH] == NULL) {
		return "password_salt_position_requires_password_hash";
	}
	return NULL;
}

static void answer_weak(struct rh_call *call, const char *code, const char *message)
{
	struct rh_json_writer writer;

	rh_call_json(call, 400, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, "The password is not strong enough.");
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, "password_strength_error");
	rh_json_key(&writer, "errors");
	rh_json_begin_array(&writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, code);
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, message);
	rh_json_end_object(&writer);
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
}

static size_t count_different(struct rh_str text)
{
	bool seen[256] = {false};
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++) {
		count += seen[(unsigned char)text.ptr[i]] ? 0 : 1;
		seen[(unsigned char)text.ptr[i]] = true;
	}
	return count;
}

/* A plain password is kept as bcrypt. */
static bool take_password(struct rh_call *call, struct rh_str password, struct rh_object *user)
{
	uint8_t salt[16];
	char hash[64];

	if (rh_str_points(password) < PASSWORD_MIN) {
		answer_weak(call, "password_too_short", "It has less than 8 characters.");
		return false;
	}
	if (count_different(password) < PASSWORD_BYTES_MIN) {
		answer_weak(call, "password_too_weak",
			    "It is made of too few different characters.");
		return false;
	}
	rh_random_bytes(salt, sizeof(salt));
	if (rh_password_bcrypt(password, salt, PLAIN_COST, hash, NULL) != RH_OK ||
	    !rh_arena_copy(&call->arena, rh_str_from(hash), &user->fields[WORKOS_USER_HASH])) {
		call->status = 0; /* becomes 500 */
		return false;
	}
	user->fields[WORKOS_USER_HASH_TYPE] = RH_STR("bcrypt");
	user->fields[WORKOS_USER_SALT_POSITION] = RH_STR_ABSENT;
	return true;
}

static bool take_hash(struct rh_call *call, const struct given *given, struct rh_object *user)
{
	struct rh_str hash = text_of(given, IN_HASH);
	struct rh_str type = text_of(given, IN_HASH_TYPE);
	struct rh_str position = text_of(given, IN_SALT_POSITION);
	struct rh_credential credential;
	enum workos_firebase_form form =
		(enum workos_firebase_form)rh_call_switch(call, WORKOS_SWITCH_FIREBASE_FORM);

	if (!workos_parse_hash(&call->arena, type, hash, position, form, &credential)) {
		rh_call_message(
			call, 400, "invalid_password_hash",
			"The password hash has not the form of its type, or is out of range.");
		return false;
	}
	user->fields[WORKOS_USER_HASH] = hash;
	user->fields[WORKOS_USER_HASH_TYPE] = type;
	user->fields[WORKOS_USER_SALT_POSITION] = position;
	return true;
}

static void take_texts(const struct given *given, struct rh_object *user)
{
	static const struct {
		enum input from;
		enum workos_user_field to;
	} fields[] = {
		{IN_FIRST_NAME, WORKOS_USER_FIRST_NAME},
		{IN_LAST_NAME, WORKOS_USER_LAST_NAME},
		{IN_NAME, WORKOS_USER_NAME},
		{IN_EXTERNAL_ID, WORKOS_USER_EXTERNAL_ID},
		{IN_LOCALE, WORKOS_USER_LOCALE},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (given->nodes[fields[i].from] != NULL) {
			/* null gives absent */
			user->fields[fields[i].to] = text_of(given, fields[i].from);
		}
	}
}

/* The address and whether it is verified; an address that changes is no longer. */
static bool take_email(struct rh_call *call, const struct given *given, bool is_create,
		       struct rh_object *user)
{
	struct rh_str email = text_of(given, IN_EMAIL);
	bool is_said = given->nodes[IN_EMAIL_VERIFIED] != NULL;
	bool is_true = rh_json_type(given->nodes[IN_EMAIL_VERIFIED]) == RH_JSON_TRUE;
	bool is_verified = user->numbers[WORKOS_USER_EMAIL_VERIFIED] != 0;

	if (email.ptr != NULL && !is_create && !rh_form_is_email(email, NULL)) {
		rh_call_message(call, 400, "invalid_email", "This is not an email address.");
		return false;
	}
	if (email.ptr != NULL && !rh_str_eq(email, user->fields[WORKOS_USER_EMAIL])) {
		user->fields[WORKOS_USER_EMAIL] = email;
		is_verified = false;
	}
	if (is_said && !is_true && is_verified) {
		rh_call_message(call, 400, "email_already_verified",
				"The email address is verified already.");
		return false;
	}
	user->numbers[WORKOS_USER_EMAIL_VERIFIED] = is_said ? is_true : is_verified;
	return true;
}

bool workos_read_user(struct rh_call *call, bool is_create, struct rh_object *user)
{
	struct given given = {0};
	const struct rh_json_node *metadata;
	struct rh_str locale;
	const char *exclusion;

	take_members(&given, call->input, is_create);
	check_forms(&given, is_create);
	if (given.problem_count > 0) {
		workos_answer_problems(call, given.problems, given.problem_count);
		return false;
	}
	exclusion = find_exclusion(&given);
	if (exclusion != NULL) {
		rh_call_message(call, 400, exclusion, "These parameters exclude each other.");
		return false;
	}
	metadata = given.nodes[IN_METADATA];
	if (metadata != NULL &&
	    !workos_merge_metadata(call, metadata, is_create, user->fields[WORKOS_USER_METADATA],
				   &user->fields[WORKOS_USER_METADATA])) {
		rh_call_message(
			call, 400, "invalid_metadata",
			"Metadata is at most 50 strings, keys 40 and values 600 characters.");
		return false;
	}
	locale = text_of(&given, IN_LOCALE);
	if (locale.ptr != NULL && !is_locale(locale)) {
		rh_call_message(call, 400, "invalid_locale", "This is not a locale.");
		return false;
	}
	if (given.nodes[IN_HASH] != NULL && !take_hash(call, &given, user)) {
		return false;
	}
	if (given.nodes[IN_PASSWORD] != NULL &&
	    !take_password(call, text_of(&given, IN_PASSWORD), user)) {
		return false;
	}
	take_texts(&given, user);
	return take_email(call, &given, is_create, user);
}
