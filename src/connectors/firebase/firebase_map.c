/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a record of Firebase to the canonical account: what the document (firebase_users.json) does not say.
 *
 *  1. Whoever has neither an address, nor a number, nor a provider is an anonymous visitor, and left out.  An address or
 *     number that is none does not make one of somebody.
 *  2. Firebase does not say of each provider whether its address is proved: it is where it is the account's own,
 *     and that is.
 *  3. The hash is put together with the parameters of the project (firebase_password.c).
 */
#include "account/builder.h"
#include "account/credential.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/firebase/firebase.h"

static void find_out(struct rh_finding_sink *findings, enum rh_finding_code code, const char *path,
		     const char *note)
{
	if (findings != NULL) {
		findings->add(findings, &(struct rh_finding){
						.code = code,
						.path = rh_str_from(path),
						.note = rh_str_from(note),
					});
	}
}

/* Of whom it is said that they are left out it need not be said that they have no identifier. */
struct filter {
	struct rh_finding_sink sink; /* first: the sink is the filter */
	struct rh_finding_sink *findings;
	bool is_left_out;
};

static void add_filtered(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct filter *filter = (struct filter *)sink;

	filter->is_left_out = filter->is_left_out || finding->code == RH_FINDING_KIND_LEFT_OUT;
	if (filter->findings != NULL &&
	    (finding->code != RH_FINDING_IDENTIFIER_MISSING || !filter->is_left_out)) {
		filter->findings->add(filter->findings, finding);
	}
}

static struct rh_str first_of(const struct rh_record *record, const char *const *names)
{
	struct rh_str text = RH_STR_ABSENT;

	for (size_t i = 0; names[i] != NULL && !rh_str_is_set(text); i++) {
		text = mapped_text(record, names[i]);
	}
	return text;
}

/* Phones by their number; of an authenticator app no export has the secret. */
static int take_factors(struct rh_builder *builder, const struct rh_json_node *list)
{
	const struct rh_json_node *node = NULL;
	int code = RH_OK;

	while (code == RH_OK && (node = rh_json_next(list, node, NULL)) != NULL) {
		struct rh_factor factor = {.kind = RH_FACTOR_TOTP};
		struct rh_str phone = mapped_member(node, "phoneInfo");
		const char *why = NULL;

		if (rh_str_is_set(phone)) {
			factor.kind = RH_FACTOR_SMS;
			(void)rh_normalise_phone(builder->arena, phone, &factor.phone, &why);
		}
		code = rh_builder_add_factor(builder, &factor);
	}
	return code;
}

int firebase_complete(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
		      struct rh_builder *builder)
{
	static const char *const emails[] = {"email", "column_2", NULL};
	static const char *const phones[] = {"phoneNumber", "column_26", NULL};
	const struct rh_account *account = builder->account;

	(void)instance;
	(void)policy;
	if (account->identifier_count == 0 && account->identity_count == 0 &&
	    !rh_str_is_set(first_of(record, emails)) && !rh_str_is_set(first_of(record, phones))) {
		find_out(findings, RH_FINDING_KIND_LEFT_OUT, "localId", "anonymous"); /* 1 */
	}
	return take_factors(builder, mapped_value(record, "mfaInfo").node);
}

/* 2 */
static void prove_identities(struct rh_account *account)
{
	const struct rh_identifier *email = rh_account_primary(account, RH_IDENTIFIER_EMAIL);

	for (size_t i = 0; i < account->identity_count; i++) {
		struct rh_identity *identity = &account->identities[i];
		identity->is_enterprise =
			identity->is_enterprise || rh_str_starts(identity->provider, "oidc.");
		identity->email_verified = email != NULL && email->is_verified &&
					   rh_str_eq(identity->email, email->value);
	}
}

/* 3 */
static int map_password(const struct firebase_instance *firebase, const struct rh_record *record,
			struct rh_arena *arena, struct rh_finding_sink *findings,
			struct rh_account *account, struct rh_err *err)
{
	static const char *const hashes[] = {"passwordHash", "column_4", NULL};
	static const char *const salts[] = {"salt", "passwordSalt", "column_5", NULL};
	struct rh_str version = mapped_text(record, "version");
	const struct firebase_password password = {
		.hash = rh_str_trim(first_of(record, hashes)),
		.salt = rh_str_trim(first_of(record, salts)),
		.around = record->around,
		.is_foreign = rh_str_is_set(version) && !rh_str_is(version, "0"),
	};
	const char *why = NULL;
	int code =
		firebase_read_password(firebase, &password, arena, &account->credential, &why, err);

	if (code == RH_OK) {
		enum rh_finding_code finding = rh_credential_finding(account->credential.state);
		if (finding != 0) {
			find_out(findings, finding, "passwordHash", why);
		}
	}
	return code;
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int firebase_from_record(const void *instance, const struct rh_record *record,
			 const struct rh_mapping_policy *policy, struct rh_arena *arena,
			 struct rh_finding_sink *findings, struct rh_account *out,
			 struct rh_err *err)
{
	struct filter filter = {.sink = {.add = add_filtered}, .findings = findings};
	int code = mapped_from_record(instance, record, policy, arena, &filter.sink, out, err);

	if (code != RH_OK ||
	    (record->json != NULL && rh_json_type(record->json) != RH_JSON_OBJECT)) {
		return code;
	}
	prove_identities(out);
	return map_password(instance, record, arena, findings, out, err);
}
