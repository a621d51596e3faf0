/* SPDX-License-Identifier: Apache-2.0 */
/* Acme's mapping: record to account, account to request body, and what a record says about itself. */
#include "acme/acme.h"

#include "account/builder.h"
#include "account/credential.h"
#include "account/metadata.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

const char *const acme_wire_fields[] = {
	[ACME_FIELD_EMAIL] = "email",
	[ACME_FIELD_EMAIL_VERIFIED] = "email_verified",
	[ACME_FIELD_FIRST_NAME] = "first_name",
	[ACME_FIELD_LAST_NAME] = "last_name",
	[ACME_FIELD_EXTERNAL_ID] = "external_id",
	[ACME_FIELD_METADATA] = "metadata",
	[ACME_FIELDS] = NULL,
};

static void find(struct rh_finding_sink *findings, enum rh_finding_code code, const char *path,
		 const char *note)
{
	const struct rh_finding finding = {
		.code = code,
		.path = rh_str_from(path),
		.note = rh_str_from(note),
	};

	if (findings != NULL) {
		findings->add(findings, &finding);
	}
}

/* ---- reading a record, of whatever form -------------------------------------------------------------- */

static struct rh_str cell(const struct rh_record *record, const char *name)
{
	for (size_t i = 0; i < record->columns->count; i++) {
		if (rh_str_is(record->columns->names[i], name)) {
			return record->cells[i];
		}
	}
	return RH_STR_ABSENT;
}

static struct rh_str text(const struct rh_record *record, const char *name)
{
	return record->json != NULL ? rh_json_get_string(record->json, name) : cell(record, name);
}

static bool is_true(const struct rh_record *record, const char *name)
{
	if (record->json != NULL) {
		return rh_json_get_bool(record->json, name, false);
	}
	return rh_str_is(cell(record, name), "true") || rh_str_is(cell(record, name), "1");
}

/* Microseconds, as number or as text of digits. */
static rh_time moment(const struct rh_record *record, const char *name)
{
	int64_t value = 0;

	if (record->json != NULL) {
		(void)rh_json_get_i64(record->json, name, &value);
	} else {
		(void)rh_str_to_i64(cell(record, name), &value);
	}
	return value > 0 ? value : 0;
}

static int metadata(struct rh_arena *arena, const struct rh_record *record, struct rh_str *out)
{
	if (record->json != NULL) {
		return rh_metadata_from_node(arena, rh_json_get(record->json, "metadata"), out);
	}
	return rh_metadata_from_text(arena, cell(record, "metadata"), out);
}

int acme_recognise(const struct rh_sniff *sniff)
{
	if (sniff->json != NULL) {
		return rh_json_get(sniff->json, "email_verified") != NULL ? ACME_SHAPE_API : 0;
	}
	if (sniff->columns != NULL && sniff->columns->count == 2 &&
	    rh_str_is(sniff->columns->names[0], "id") &&
	    rh_str_is(sniff->columns->names[1], "password_hash")) {
		return ACME_SHAPE_HASHES;
	}
	return 0;
}

/* ---- record to account -------------------------------------------------------------------------------- */

static int add_email(struct rh_builder *builder, const struct rh_record *record,
		     struct rh_finding_sink *findings)
{
	struct rh_identifier email = {
		.kind = RH_IDENTIFIER_EMAIL,
		.is_primary = true,
		.is_verified = is_true(record, "email_verified"),
	};
	struct rh_str given = text(record, "email");
	const char *why;

	if (!rh_str_is_set(given)) {
		return RH_OK;
	}
	if (!rh_normalise_email(builder->arena, given, &email.value, &why)) {
		find(findings, RH_FINDING_EMAIL_INVALID, "email", NULL);
		return RH_OK;
	}
	return rh_builder_add_identifier(builder, &email);
}

static int add_rest(struct rh_account *account, const struct rh_record *record,
		    struct rh_arena *arena, struct rh_finding_sink *findings)
{
	int code = metadata(arena, record, &account->metadata[RH_METADATA_PUBLIC]);

	if (code == RH_EINPUT) {
		find(findings, RH_FINDING_FIELD_TYPE, "metadata", NULL);
		code = RH_OK;
	}
	if (code != RH_OK) {
		return code;
	}
	account->external_id = text(record, "external_id");
	account->first_name = text(record, "first_name");
	account->last_name = text(record, "last_name");
	account->created_at = moment(record, "created_at");
	return rh_credential_parse(arena, text(record, "password_hash"), RH_STR("bcrypt"),
				   RH_DIALECT_BCRYPT, &account->credential);
}

int acme_from_record(const void *instance, const struct rh_record *record,
		     const struct rh_mapping_policy *policy, struct rh_arena *arena,
		     struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	struct rh_builder builder;
	struct rh_account account = {0};
	int code;

	(void)instance;
	(void)policy;
	rh_builder_init(&builder, arena, &account);
	account.source_id = text(record, "id");
	if (!rh_str_is_set(account.source_id)) {
		account.source_id = RH_STR_ABSENT;
		find(findings, RH_FINDING_SOURCE_ID_MISSING, "id", NULL);
		*out = account;
		return RH_OK;
	}
	code = add_email(&builder, record, findings);
	if (code == RH_OK) {
		code = add_rest(&account, record, arena, findings);
	}
	if (code != RH_OK) {
		return rh_err_set(err, code, "the record could not be taken");
	}
	if (account.identifier_count == 0 && record->shape != ACME_SHAPE_HASHES) {
		find(findings, RH_FINDING_IDENTIFIER_MISSING, "email", NULL);
	}
	*out = account;
	return RH_OK;
}

/* ---- account to request ------------------------------------------------------------------------------- */

unsigned acme_parts(const void *instance, const struct rh_account *account)
{
	unsigned parts = RH_PART_IDENTITY | RH_PART_EXTERNAL_ID;

	(void)instance;
	if (account->credential.state == RH_CREDENTIAL_PRESENT &&
	    account->credential.scheme == RH_SCHEME_BCRYPT) {
		parts |= RH_PART_CREDENTIAL;
	}
	if (account->metadata[RH_METADATA_PUBLIC].ptr != NULL) {
		parts |= RH_PART_METADATA;
	}
	return parts;
}

static void expect(struct rh_wire *wire, enum acme_field field, struct rh_str value)
{
	wire->present |= UINT32_C(1) << field;
	wire->value[field] = value;
}

static struct rh_str external_id_of(const struct rh_account *account,
				    const struct rh_mapping_policy *policy)
{
	bool keeps = policy == NULL || !rh_str_is(policy->external_id, "source-id");

	return keeps && rh_str_is_set(account->external_id) ? account->external_id
							    : account->source_id;
}

static void tell_losses(const struct rh_account *account, struct rh_finding_sink *findings)
{
	if (account->metadata[RH_METADATA_PRIVATE].ptr != NULL) {
		find(findings, RH_FINDING_METADATA_PRIVATE_KEPT_BACK, "private_metadata", NULL);
	}
	if (rh_account_count(account, RH_IDENTIFIER_EMAIL) > 1) {
		find(findings, RH_FINDING_EMAILS_DROPPED, "emails", NULL);
	}
	if (account->credential.state == RH_CREDENTIAL_PRESENT &&
	    account->credential.scheme != RH_SCHEME_BCRYPT) {
		find(findings, RH_FINDING_HASH_UNSUPPORTED, "password_hash",
		     rh_scheme_name(account->credential.scheme));
	}
}

static void fill_wire(const struct acme *acme, const struct rh_account *account, unsigned parts,
		      struct rh_str external_id, struct rh_wire *wire)
{
	const struct rh_identifier *email = rh_account_primary(account, RH_IDENTIFIER_EMAIL);

	*wire = (struct rh_wire){0};
	if (email != NULL) {
		expect(wire, ACME_FIELD_EMAIL, email->value);
		expect(wire, ACME_FIELD_EMAIL_VERIFIED,
		       email->is_verified ? RH_STR("true") : RH_STR("false"));
	}
	if (acme->sends_names) {
		expect(wire, ACME_FIELD_FIRST_NAME, account->first_name);
		expect(wire, ACME_FIELD_LAST_NAME, account->last_name);
	}
	if ((parts & RH_PART_EXTERNAL_ID) != 0) {
		expect(wire, ACME_FIELD_EXTERNAL_ID, external_id);
	}
	if ((parts & RH_PART_METADATA) != 0) {
		expect(wire, ACME_FIELD_METADATA, account->metadata[RH_METADATA_PUBLIC]);
	}
}

static void put_body(const struct rh_account *account, unsigned parts, const struct rh_wire *wire,
		     struct rh_buf *body)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, body);
	rh_json_begin_object(&writer);
	for (unsigned i = 0; i < ACME_FIELDS; i++) {
		if ((wire->present & UINT32_C(1) << i) == 0 || wire->value[i].ptr == NULL) {
			continue;
		}
		rh_json_key(&writer, acme_wire_fields[i]);
		if (i == ACME_FIELD_METADATA || i == ACME_FIELD_EMAIL_VERIFIED) {
			rh_json_put_raw(&writer, wire->value[i]);
		} else {
			rh_json_put_string(&writer, wire->value[i]);
		}
	}
	if ((parts & RH_PART_CREDENTIAL) != 0) {
		rh_autobuf hash;
		rh_buf_init_secret(&hash, RH_TEXT_MAX);
		rh_credential_write(&hash, &account->credential);
		rh_json_key(&writer, "password_hash");
		rh_json_put_string(&writer, rh_buf_str(&hash));
	}
	rh_json_end_object(&writer);
}

int acme_to_wire(const void *instance, const struct rh_account *account,
		 const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		 struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		 struct rh_err *err)
{
	(void)arena;
	fill_wire(instance, account, parts, external_id_of(account, policy), out);
	tell_losses(account, findings);
	if (body == NULL) {
		return RH_OK;
	}
	put_body(account, parts, out, body);
	return rh_buf_check(body, "request body", err);
}

int acme_body(const struct acme *acme, const struct rh_row *row, struct rh_arena *arena,
	      struct rh_str *out)
{
	struct rh_wire wire;
	rh_autobuf body;
	int code;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	code = acme_to_wire(acme, row->account, row->policy, row->parts, arena, NULL, &body, &wire,
			    NULL);
	if (code == RH_OK && !rh_arena_copy(arena, rh_buf_str(&body), out)) {
		code = RH_ENOMEM;
	}
	return code;
}

/* ---- what a record says about itself -------------------------------------------------------------------- */

/* Absent stays absent; false: memory out. */
static bool keep(struct rh_arena *arena, const struct rh_record *record, const char *name,
		 struct rh_str *out)
{
	return rh_arena_copy(arena, text(record, name), out);
}

int acme_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		 struct rh_observed *out, struct rh_err *err)
{
	struct rh_observed seen = {
		.created_at = moment(record, "created_at"),
		.last_sign_in_at = moment(record, "signed_in_at"),
	};
	struct rh_wire *wire = &seen.wire;
	int code;

	(void)instance;
	if (!rh_str_is_set(text(record, "id")) || !rh_str_is_set(text(record, "email"))) {
		return rh_err_set(err, RH_EINPUT, "not a user");
	}
	code = metadata(arena, record, &wire->value[ACME_FIELD_METADATA]);
	if (code != RH_OK) {
		return code;
	}
	if (!keep(arena, record, "id", &seen.target_id) ||
	    !keep(arena, record, "email", &seen.email) ||
	    !keep(arena, record, "external_id", &seen.external_id) ||
	    !keep(arena, record, "first_name", &wire->value[ACME_FIELD_FIRST_NAME]) ||
	    !keep(arena, record, "last_name", &wire->value[ACME_FIELD_LAST_NAME])) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	wire->value[ACME_FIELD_EMAIL] = seen.email;
	wire->value[ACME_FIELD_EXTERNAL_ID] = seen.external_id;
	wire->value[ACME_FIELD_EMAIL_VERIFIED] =
		is_true(record, "email_verified") ? RH_STR("true") : RH_STR("false");
	wire->present = (UINT32_C(1) << ACME_FIELDS) - 1;
	*out = seen;
	return RH_OK;
}
