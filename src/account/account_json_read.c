/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an account from the JSON that holds all of it. */
#include "account/account_json_internal.h"

#include "account/builder.h"
#include "account/credential_form.h"
#include "account/metadata.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

/* One account being read; the first thing that is wrong stays. */
struct taking {
	struct rh_arena *arena;
	int code;
	const char *path;
};

static void keep(struct taking *taking, int code, const char *path)
{
	if (taking->code == RH_OK && code != RH_OK) {
		taking->code = code;
		taking->path = path;
	}
}

static struct rh_str take_text(struct taking *taking, const struct rh_json_node *object,
			       const char *name)
{
	const struct rh_json_node *node = rh_json_get(object, name);

	if (!rh_json_is_null(node) && rh_json_type(node) != RH_JSON_STRING) {
		keep(taking, RH_EINPUT, name);
	}
	return rh_json_string(node);
}

static bool take_flag(struct taking *taking, const struct rh_json_node *object, const char *name)
{
	const struct rh_json_node *node = rh_json_get(object, name);
	enum rh_json_type type = rh_json_type(node);

	if (!rh_json_is_null(node) && type != RH_JSON_TRUE && type != RH_JSON_FALSE) {
		keep(taking, RH_EINPUT, name);
	}
	return type == RH_JSON_TRUE;
}

static uint64_t take_number(struct taking *taking, const struct rh_json_node *object,
			    const char *name, uint64_t max)
{
	const struct rh_json_node *node = rh_json_get(object, name);
	uint64_t number = 0;

	if (rh_json_is_null(node)) {
		return 0;
	}
	if (rh_json_type(node) != RH_JSON_NUMBER || !rh_str_to_u64(rh_json_text(node), &number) ||
	    number > max) {
		keep(taking, RH_EINPUT, name);
		return 0;
	}
	return number;
}

static rh_time take_time(struct taking *taking, const struct rh_json_node *object, const char *name)
{
	struct rh_str text = take_text(taking, object, name);
	rh_time time = 0;

	if (text.ptr != NULL && !rh_time_parse(text, &time)) {
		keep(taking, RH_EINPUT, name);
	}
	return time;
}

static struct rh_str take_bytes(struct taking *taking, const struct rh_json_node *object,
				const char *name)
{
	struct rh_str text = take_text(taking, object, name);
	struct rh_str bytes = RH_STR_ABSENT;

	if (text.ptr != NULL && !rh_base64_decode(taking->arena, text, &bytes)) {
		keep(taking, RH_EINPUT, name);
	}
	return bytes;
}

/* Index of the text among the names; 0 and an error where it is none. */
static unsigned take_name(struct taking *taking, const struct rh_json_node *object,
			  const char *name, const char *const *names, unsigned count)
{
	struct rh_str text = take_text(taking, object, name);

	for (unsigned i = 0; i < count; i++) {
		if (rh_str_is(text, names[i])) {
			return i;
		}
	}
	keep(taking, RH_EINPUT, name);
	return 0;
}

/* ---- lists ------------------------------------------------------------------------------------------------ */

typedef void take_entry(struct taking *taking, struct rh_builder *builder,
			const struct rh_json_node *entry);

static void take_list(struct taking *taking, struct rh_builder *builder,
		      const struct rh_json_node *object, const char *name, take_entry *take)
{
	const struct rh_json_node *list = rh_json_get(object, name);
	const struct rh_json_node *entry = NULL;

	if (!rh_json_is_null(list) && rh_json_type(list) != RH_JSON_ARRAY) {
		keep(taking, RH_EINPUT, name);
		return;
	}
	while (taking->code == RH_OK && (entry = rh_json_next(list, entry, NULL)) != NULL) {
		if (rh_json_type(entry) != RH_JSON_OBJECT) {
			keep(taking, RH_EINPUT, name);
			return;
		}
		take(taking, builder, entry);
	}
}

static void take_identifier(struct taking *taking, struct rh_builder *builder,
			    const struct rh_json_node *entry)
{
	struct rh_identifier identifier = {
		.kind = (enum rh_identifier_kind)take_name(taking, entry, "kind",
							   rh_identifier_names,
							   RH_IDENTIFIER_NAMES),
		.value = take_text(taking, entry, "value"),
		.is_verified = take_flag(taking, entry, "verified"),
		.is_primary = take_flag(taking, entry, "primary"),
		.is_reserved = take_flag(taking, entry, "reserved"),
		.is_second_factor = take_flag(taking, entry, "second_factor"),
		.source_ref = take_text(taking, entry, "source_ref"),
	};

	if (!rh_str_is_set(identifier.value)) {
		keep(taking, RH_EINPUT, "value");
	}
	if (taking->code == RH_OK) {
		keep(taking, rh_builder_add_identifier(builder, &identifier), "identifiers");
	}
}

/* Backup codes; they are texts, each of them. */
static void take_codes(struct taking *taking, const struct rh_json_node *entry,
		       struct rh_factor *factor)
{
	const struct rh_json_node *list = rh_json_get(entry, "codes");
	const struct rh_json_node *code = NULL;
	size_t count = rh_json_count(list);
	struct rh_str *codes;

	if (rh_json_is_null(list) || count == 0) {
		return;
	}
	codes = rh_arena_calloc(taking->arena, count, sizeof(*codes));
	if (codes == NULL) {
		keep(taking, RH_ENOMEM, "codes");
		return;
	}
	while ((code = rh_json_next(list, code, NULL)) != NULL) {
		codes[factor->code_count] = rh_json_string(code);
		if (rh_json_type(list) != RH_JSON_ARRAY ||
		    !rh_str_is_set(codes[factor->code_count])) {
			keep(taking, RH_EINPUT, "codes");
		}
		factor->code_count++;
	}
	factor->codes = codes;
}

static void take_factor(struct taking *taking, struct rh_builder *builder,
			const struct rh_json_node *entry)
{
	struct rh_factor factor = {
		.kind = (enum rh_factor_kind)take_name(taking, entry, "kind", rh_factor_names,
						       RH_FACTOR_NAMES),
		.has_secret = take_flag(taking, entry, "has_secret"),
		.secret = take_text(taking, entry, "secret"),
		.phone = take_text(taking, entry, "phone"),
		.count = (uint32_t)take_number(taking, entry, "count", UINT32_MAX),
	};

	take_codes(taking, entry, &factor);
	if (factor.has_secret && factor.kind == RH_FACTOR_TOTP && !rh_str_is_set(factor.secret)) {
		keep(taking, RH_EINPUT, "secret");
	}
	if (taking->code == RH_OK) {
		keep(taking, rh_builder_add_factor(builder, &factor), "factors");
	}
}

static void take_identity(struct taking *taking, struct rh_builder *builder,
			  const struct rh_json_node *entry)
{
	struct rh_identity identity = {
		.provider = take_text(taking, entry, "provider"),
		.subject = take_text(taking, entry, "subject"),
		.email = take_text(taking, entry, "email"),
		.email_verified = take_flag(taking, entry, "email_verified"),
		.is_enterprise = take_flag(taking, entry, "enterprise"),
	};

	if (taking->code == RH_OK) {
		keep(taking, rh_builder_add_identity(builder, &identity), "identities");
	}
}

/* ---- the credential --------------------------------------------------------------------------------------- */

static enum rh_credential_state take_state(struct taking *taking, const struct rh_json_node *node)
{
	struct rh_str text = take_text(taking, node, "state");

	for (int state = RH_CREDENTIAL_ABSENT; state <= RH_CREDENTIAL_NOT_TOLD; state++) {
		if (rh_str_is(text, rh_credential_state_name((enum rh_credential_state)state))) {
			return (enum rh_credential_state)state;
		}
	}
	keep(taking, RH_EINPUT, "state");
	return RH_CREDENTIAL_ABSENT;
}

static enum rh_scheme take_scheme(struct taking *taking, const struct rh_json_node *node)
{
	struct rh_str text = take_text(taking, node, "scheme");
	enum rh_scheme scheme = rh_scheme_find(text);

	if (text.ptr != NULL && scheme == RH_SCHEME_NONE) {
		keep(taking, RH_EINPUT, "scheme");
	}
	return scheme;
}

static void take_hash(struct taking *taking, const struct rh_json_node *node,
		      struct rh_credential *out)
{
	struct rh_str minor = take_text(taking, node, "bcrypt_minor");

	out->scheme = take_scheme(taking, node);
	if (!rh_json_is_null(rh_json_get(node, "salt_place"))) {
		out->salt_place = (enum rh_salt_place)take_name(taking, node, "salt_place",
								rh_salt_names, RH_SALT_NAMES);
	}
	out->is_utf16 = take_flag(taking, node, "utf16");
	out->bcrypt_minor = '\0';
	if (minor.len == 1) {
		out->bcrypt_minor = minor.ptr[0];
	} else if (minor.ptr != NULL) {
		keep(taking, RH_EINPUT, "bcrypt_minor");
	}
	out->version = (uint32_t)take_number(taking, node, "version", UINT32_MAX);
	out->cost = take_number(taking, node, "cost", UINT64_MAX);
	out->memory = (uint32_t)take_number(taking, node, "memory", UINT32_MAX);
	out->parallelism = (uint32_t)take_number(taking, node, "parallelism", UINT32_MAX);
	out->salt = take_bytes(taking, node, "salt");
	out->digest = take_bytes(taking, node, "digest");
	out->salt2 = take_bytes(taking, node, "salt2");
	out->key = take_bytes(taking, node, "key");
	out->sep = take_bytes(taking, node, "separator");
	out->raw = take_bytes(taking, node, "raw");
	out->label = take_text(taking, node, "label");
}

/* What says that it is there is measured again: a file may have been written by anybody. */
static void take_credential(struct taking *taking, const struct rh_json_node *object,
			    struct rh_credential *out)
{
	const struct rh_json_node *node = rh_json_get(object, "credential");
	struct rh_credential draft = {0};
	int code;

	*out = (struct rh_credential){0};
	if (rh_json_is_null(node)) {
		return;
	}
	if (rh_json_type(node) != RH_JSON_OBJECT) {
		keep(taking, RH_EINPUT, "credential");
		return;
	}
	draft.state = take_state(taking, node);
	take_hash(taking, node, &draft);
	if (taking->code != RH_OK || draft.state != RH_CREDENTIAL_PRESENT) {
		*out = draft;
		return;
	}
	code = rh_credential_compose(taking->arena, &draft, out);
	keep(taking, code, "credential");
	out->raw = draft.raw;
	out->label = draft.label;
}

/* ---- the account ------------------------------------------------------------------------------------------ */

static void take_metadata(struct taking *taking, const struct rh_json_node *node,
			  struct rh_account *out)
{
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		keep(taking,
		     rh_metadata_from_node(taking->arena, rh_json_get(node, rh_metadata_names[i]),
					   &out->metadata[i]),
		     rh_metadata_names[i]);
	}
}

static void take_flags(struct taking *taking, const struct rh_json_node *node,
		       struct rh_account *out)
{
	for (const struct rh_flag_name *at = rh_account_flag_names; at->name != NULL; at++) {
		out->flags |= take_flag(taking, node, at->name) ? at->flag : 0;
	}
	if (!rh_json_is_null(rh_json_get(node, "organizations_limit"))) {
		out->flags |= RH_ACCOUNT_ORGANIZATIONS_LIMITED;
		out->organizations_limit =
			(uint32_t)take_number(taking, node, "organizations_limit", UINT32_MAX);
	}
}

int rh_account_json_take(const struct rh_json_node *node, struct rh_arena *arena,
			 struct rh_account *out, const char **path)
{
	struct taking taking = {.arena = arena};
	struct rh_builder builder;

	*out = (struct rh_account){0};
	rh_builder_init(&builder, arena, out);
	out->source_id = take_text(&taking, node, "source_id");
	out->external_id = take_text(&taking, node, "external_id");
	out->first_name = take_text(&taking, node, "first_name");
	out->last_name = take_text(&taking, node, "last_name");
	out->full_name = take_text(&taking, node, "full_name");
	out->locale = take_text(&taking, node, "locale");
	out->image_url = take_text(&taking, node, "image_url");
	take_list(&taking, &builder, node, "identifiers", take_identifier);
	take_credential(&taking, node, &out->credential);
	take_list(&taking, &builder, node, "factors", take_factor);
	take_list(&taking, &builder, node, "identities", take_identity);
	take_metadata(&taking, node, out);
	take_flags(&taking, node, out);
	out->created_at = take_time(&taking, node, "created_at");
	out->updated_at = take_time(&taking, node, "updated_at");
	out->last_sign_in_at = take_time(&taking, node, "last_sign_in_at");
	out->legal_accepted_at = take_time(&taking, node, "legal_accepted_at");
	*path = taking.path;
	return taking.code;
}
