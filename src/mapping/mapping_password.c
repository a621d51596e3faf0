/* SPDX-License-Identifier: Apache-2.0 */
/* The password hash of a record: put together, read by its label or its shape (M7). */
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "mapping/mapping_internal.h"

/* The names under which hashes are known outside, and what such a text is. */
static const struct {
	const char *name;
	enum rh_dialect dialect;
	bool joins_salt; /* a salt beside the digest goes before it, with a '$' between */
} dialects[] = {
	{"argon2i", RH_DIALECT_ARGON2I, false},
	{"argon2id", RH_DIALECT_ARGON2ID, false},
	{"awscognito", RH_DIALECT_EXTERNAL_POOL, false},
	{"bcrypt", RH_DIALECT_BCRYPT, false},
	{"bcrypt_peppered", RH_DIALECT_BCRYPT_PEPPERED, false},
	{"bcrypt_sha256_django", RH_DIALECT_BCRYPT_SHA256_DJANGO, false},
	{"hmac_sha256_utf16_b64", RH_DIALECT_HMAC_SHA256_UTF16, false},
	{"ldap_ssha", RH_DIALECT_LDAP_SSHA, false},
	{"md5", RH_DIALECT_MD5, false},
	{"md5_phpass", RH_DIALECT_PHPASS_MD5, false},
	{"md5_salted", RH_DIALECT_MD5_SALTED, true},
	{"pbkdf2_sha1", RH_DIALECT_PBKDF2_SHA1, false},
	{"pbkdf2_sha256", RH_DIALECT_PBKDF2_SHA256, false},
	{"pbkdf2_sha256_django", RH_DIALECT_PBKDF2_SHA256_DJANGO, false},
	{"pbkdf2_sha512", RH_DIALECT_PBKDF2_SHA512, false},
	{"pbkdf2_sha512_hex", RH_DIALECT_PBKDF2_SHA512_HEX, false},
	{"phpass", RH_DIALECT_PHPASS, false},
	{"scrypt", RH_DIALECT_SHAPE, false},
	{"scrypt_better_auth", RH_DIALECT_BETTER_AUTH_SCRYPT, false},
	{"scrypt_firebase", RH_DIALECT_SCRYPT_FIREBASE, false},
	{"scrypt_werkzeug", RH_DIALECT_SCRYPT_WERKZEUG, false},
	{"sha256", RH_DIALECT_SHA256, false},
	{"sha256_salted", RH_DIALECT_SHA256_SALTED, true},
	{"sha512_symfony", RH_DIALECT_SHA512_SYMFONY, false},
	{"shape", RH_DIALECT_SHAPE, false},
};

static int find_dialect(struct rh_str label)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
		if (rh_str_is_nocase(label, dialects[i].name)) {
			return (int)i;
		}
	}
	return -1;
}

bool rh_mapping_dialect(struct rh_str label, enum rh_dialect *out)
{
	int known = find_dialect(label);

	if (known >= 0) {
		*out = dialects[known].dialect;
	}
	return known >= 0;
}

/* The hash with its salt in the one text that such a label reads; absent: no memory. */
static struct rh_str join_salt(const struct rh_mapping_password *password, int known,
			       struct rh_arena *arena)
{
	struct rh_str copy = RH_STR_ABSENT;

	if (known >= 0 && dialects[known].joins_salt && rh_str_is_set(password->salt)) {
		return rh_arena_printf(arena, "%.*s$%.*s", RH_STR_ARG(password->salt),
				       RH_STR_ARG(password->hash));
	}
	return rh_arena_copy(arena, password->hash, &copy) ? copy : RH_STR_ABSENT;
}

static int read_hash(const struct rh_mapping_password *password, int known, bool is_unknown,
		     struct rh_arena *arena, struct rh_credential *out)
{
	enum rh_dialect dialect = known >= 0 ? dialects[known].dialect : RH_DIALECT_SHAPE;
	struct rh_str label = known >= 0 ? rh_str_from(dialects[known].name) : RH_STR_ABSENT;
	struct rh_str hash = join_salt(password, known, arena);

	if (hash.ptr == NULL) {
		return RH_ENOMEM;
	}
	int code = rh_credential_parse(arena, hash, label, dialect, out);
	if (code == RH_OK && is_unknown && out->state == RH_CREDENTIAL_PRESENT) {
		/* The shape says one thing, the label a thing that nobody knows: not ours to decide. */
		*out = (struct rh_credential){
			.state = RH_CREDENTIAL_MISLABELLED,
			.raw = hash,
		};
	}
	return code;
}

int rh_mapping_read_password(const struct rh_mapping_password *password, struct rh_arena *arena,
			     struct rh_credential *out, struct rh_finding *finding)
{
	struct rh_credential credential = {.state = RH_CREDENTIAL_ABSENT};
	struct rh_str label = rh_str_trim(password->label);
	int known = rh_str_is_set(label) ? find_dialect(label) : -1;
	bool is_unknown = known < 0 && rh_str_is_set(label);

	if (rh_str_is_set(password->hash)) {
		int code = read_hash(password, known, is_unknown, arena, &credential);
		if (code != RH_OK) {
			return code;
		}
	} else if (password->is_set) {
		credential.state = RH_CREDENTIAL_NOT_EXPORTED;
	}
	enum rh_finding_code code = rh_credential_finding(credential.state);
	if (code != 0) {
		finding->code = code;
		finding->path = is_unknown ? password->label_path : password->hash_path;
		finding->note = known >= 0 ? rh_str_from(dialects[known].name) : RH_STR_ABSENT;
	}
	*out = credential;
	return RH_OK;
}

/* ---- from the record ----------------------------------------------------------------------------------- */

static struct rh_str path_of(const struct mapping_view *view, const struct mapping_found *found)
{
	if (found->rule == NULL || found->rule->place == MAPPING_NOWHERE) {
		return RH_STR_ABSENT;
	}
	return view->scope->places[found->rule->place].path;
}

/* The hash by its form; absent: something of it is not there. */
static struct rh_str put_together(struct mapping_run *run, struct rh_str *path)
{
	const struct rh_mapping *mapping = run->mapping;
	const struct mapping_password *password = &mapping->password;
	rh_autobuf made = {0};

	rh_buf_init_secret(&made, RH_RECORD_MAX);
	for (size_t i = 0; i < password->part_count; i++) {
		const struct mapping_part *part = &mapping->parts[password->part_first + i];
		struct rh_str text = part->text;
		if (part->place != MAPPING_NOWHERE) {
			const struct mapping_value *value = &run->view.values[part->place];
			text = value->node != NULL ? rh_json_text(value->node) : value->cell;
			*path = run->view.scope->places[part->place].path;
			if (!rh_str_is_set(text)) {
				return RH_STR_ABSENT;
			}
		}
		rh_buf_add_str(&made, text);
	}
	if (made.failed != 0) {
		rh_mapping_keep_status(run, RH_ENOMEM);
		return RH_STR_ABSENT;
	}
	return rh_mapping_keep(run, rh_buf_str(&made));
}

/* M7: what stands in a column for passwords is one, unless it has the shape of a hash.  True: it was one. */
static bool is_clear(struct mapping_run *run, const struct mapping_found *found, struct rh_str text)
{
	struct rh_credential credential = {0};

	int code = rh_credential_parse(run->call->arena, text, RH_STR_ABSENT, RH_DIALECT_SHAPE,
				       &credential);
	rh_mapping_keep_status(run, code);
	if (code != RH_OK || credential.state != RH_CREDENTIAL_UNRECOGNISED) {
		return false;
	}
	if (!run->call->passes_clear_passwords) {
		rh_mapping_report(run, &run->view, found, RH_FINDING_PASSWORD_CLEAR, NULL);
	}
	return true;
}

static void take_clear(struct mapping_run *run, struct rh_mapping_password *password)
{
	struct mapping_found found;
	struct rh_str text =
		rh_mapping_borrow(run, &run->view, run->mapping->password.clear, &found);

	if (!rh_str_is_set(text) || rh_str_is_set(password->hash)) {
		return;
	}
	password->hash_path = path_of(&run->view, &found);
	if (is_clear(run, &found, text)) {
		password->is_set = run->call->passes_clear_passwords;
	} else {
		password->hash = text;
	}
}

void rh_mapping_password(struct mapping_run *run)
{
	const struct mapping_password *rules = &run->mapping->password;
	const struct rh_mapping_hooks *hooks = run->call->hooks;
	struct rh_mapping_password password = {0};
	struct rh_finding finding = {0};
	struct mapping_found found;

	password.hash = rh_mapping_borrow(run, &run->view, rules->hash, &found);
	password.hash_path = path_of(&run->view, &found);
	if (rules->part_count > 0) {
		password.hash = put_together(run, &password.hash_path);
	}
	password.salt = rh_mapping_borrow(run, &run->view, rules->salt, &found);
	password.label = rh_mapping_borrow(run, &run->view, rules->label, &found);
	password.label_path = path_of(&run->view, &found);
	password.is_set = rh_mapping_bool(run, &run->view, rules->set, false, false);
	if (rh_mapping_can_give(&run->view, rules->clear)) {
		take_clear(run, &password);
	}
	if (run->status != RH_OK) {
		return;
	}
	int code = hooks != NULL && hooks->password != NULL
			   ? hooks->password(run->call->instance, &password, run->call->arena,
					     &run->account->credential, &finding)
			   : rh_mapping_read_password(&password, run->call->arena,
						      &run->account->credential, &finding);
	rh_mapping_keep_status(run, code);
	if (code == RH_OK && finding.code != 0 && run->call->findings != NULL) {
		run->call->findings->add(run->call->findings, &finding);
	}
}
