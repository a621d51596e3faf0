/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts as requests, wire fields and findings, against tests/data/workos/target, byte by byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/limits.h"
#include "base/str.h"
#include "helper.h"

#define LISTS_MAX 8

/* One account with room for its lists. */
struct scene {
	struct workos workos;
	struct rh_mapping_policy policy;
	struct rh_account account;
	struct rh_identifier identifiers[LISTS_MAX];
	struct rh_factor factors[LISTS_MAX];
	struct rh_identity identities[LISTS_MAX];
	struct rh_arena arena;
};

static void add_identifier(struct scene *scene, struct rh_identifier identifier)
{
	assert_true(scene->account.identifier_count < LISTS_MAX);
	scene->identifiers[scene->account.identifier_count++] = identifier;
}

static void add_factor(struct scene *scene, struct rh_factor factor)
{
	assert_true(scene->account.factor_count < LISTS_MAX);
	scene->factors[scene->account.factor_count++] = factor;
}

static void add_identity(struct scene *scene, struct rh_identity identity)
{
	assert_true(scene->account.identity_count < LISTS_MAX);
	scene->identities[scene->account.identity_count++] = identity;
}

static void set_password(struct scene *scene, const char *hash)
{
	assert_int_equal(rh_credential_parse(&scene->arena, rh_str_from(hash), RH_STR_ABSENT,
					     RH_DIALECT_SHAPE, &scene->account.credential),
			 RH_OK);
	assert_int_equal(scene->account.credential.state, RH_CREDENTIAL_PRESENT);
}

/* ---- the scenes ------------------------------------------------------------------------------------------ */

static void make_plain(struct scene *scene)
{
	scene->account.source_id = RH_STR("user_ada");
	scene->account.first_name = RH_STR("Ada");
	scene->account.last_name = RH_STR("Example");
	scene->account.metadata[RH_METADATA_PUBLIC] = RH_STR(
		"{\"team\":\"blue\",\"seats\":12345678901234567890,\"beta\":true,\"gone\":null,"
		"\"tags\":[\"a\",{\"b\":1}],\"Zeta\":\"\\u00e9\\\"\"}");
	add_identifier(scene, email_of("ada@example.com", true, true));
	set_password(scene, "$2y$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW");
}

/* Everything that an account can have and this target cannot hold. */
static void make_losses(struct scene *scene)
{
	struct rh_account *account = &scene->account;

	account->source_id = RH_STR("user_grace");
	account->external_id = RH_STR("crm-77");
	account->full_name = RH_STR("Grace Brewster Example");
	account->locale = RH_STR("de-DE");
	account->image_url = RH_STR("https://img.example.com/g.png");
	account->legal_accepted_at = 1700000000000000;
	account->flags = RH_ACCOUNT_DELETE_SELF_DISABLED | RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED;
	account->metadata[RH_METADATA_PRIVATE] = RH_STR("{\"risk\":\"high\"}");
	account->metadata[RH_METADATA_UNSAFE] = RH_STR("{\"theme\":\"dark\"}");
	add_identifier(scene, email_of("old@example.net", true, false));
	add_identifier(scene, email_of("grace@example.com", false, true));
	add_identifier(scene, (struct rh_identifier){
				      .kind = RH_IDENTIFIER_PHONE,
				      .value = RH_STR("+15555550100"),
				      .is_primary = true,
			      });
	add_identifier(scene, (struct rh_identifier){
				      .kind = RH_IDENTIFIER_USERNAME,
				      .value = RH_STR("grace"),
				      .is_primary = true,
			      });
	add_factor(scene, (struct rh_factor){
				  .kind = RH_FACTOR_TOTP,
				  .has_secret = true,
				  .secret = RH_STR("JBSWY3DPEHPK3PXP"),
			  });
	add_factor(scene, (struct rh_factor){.kind = RH_FACTOR_SMS});
	add_factor(scene, (struct rh_factor){.kind = RH_FACTOR_BACKUP_CODES, .count = 10});
	add_factor(scene, (struct rh_factor){.kind = RH_FACTOR_PASSKEY, .count = 1});
	add_identity(scene, (struct rh_identity){
				    .provider = RH_STR("google"),
				    .email = RH_STR("Grace@Example.com"),
				    .email_verified = true,
			    });
	add_identity(scene, (struct rh_identity){
				    .provider = RH_STR("github"),
				    .email = RH_STR("other@example.org"),
				    .email_verified = true,
			    });
	add_identity(scene, (struct rh_identity){
				    .provider = RH_STR("apple"),
				    .email = RH_STR("grace@example.com"),
			    });
	add_identity(scene, (struct rh_identity){
				    .provider = RH_STR("https://idp.example.com"),
				    .is_enterprise = true,
			    });
	set_password(scene, "pbkdf2_sha256$1000$salt$jR7g2uAFVRDDE4hcP43NSfEwXV/awN4Pl8pb98sZ8/g=");
}

static void make_kept(struct scene *scene)
{
	make_losses(scene);
	scene->workos.sends_other_identifiers = true;
	scene->workos.sends_unsafe_metadata = true;
}

static void make_ssha256(struct scene *scene)
{
	scene->account.source_id = RH_STR("user_alan");
	scene->account.first_name = RH_STR("Alan");
	add_identifier(scene, email_of("alan@example.com", true, true));
	set_password(scene, "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==");
}

static void make_username_only(struct scene *scene)
{
	scene->account.source_id = RH_STR("user_nobody");
	add_identifier(scene, (struct rh_identifier){
				      .kind = RH_IDENTIFIER_USERNAME,
				      .value = RH_STR("nobody"),
				      .is_primary = true,
			      });
}

static void make_blocked(struct scene *scene)
{
	make_plain(scene);
	scene->account.flags |= RH_ACCOUNT_BANNED;
}

/* ---- comparing -------------------------------------------------------------------------------------------- */

static void write_findings(struct rh_json_writer *writer, const struct found *found)
{
	rh_json_begin_array(writer);
	for (size_t i = 0; i < found->count; i++) {
		rh_json_begin_array(writer);
		rh_json_put_cstr(writer, finding_name(found->at[i].code));
		rh_json_put_cstr(writer, found->at[i].path);
		rh_json_put_cstr(writer, found->at[i].note);
		rh_json_end_array(writer);
	}
	rh_json_end_array(writer);
}

static void write_wire(struct rh_json_writer *writer, const struct rh_wire *wire)
{
	rh_json_begin_object(writer);
	for (size_t i = 0; rh_connector_workos.wire_fields[i] != NULL; i++) {
		if ((wire->present >> i & 1) != 0) {
			rh_json_member(writer, rh_connector_workos.wire_fields[i], wire->value[i]);
		}
	}
	rh_json_end_object(writer);
}

/* One JSON object, a line for each of its members. */
static void render(struct scene *scene, struct rh_buf *out)
{
	struct rh_json_writer writer;
	struct rh_wire wire = {0};
	struct rh_err err = {0};
	struct found found;
	struct rh_buf body;

	found_init(&found);
	rh_buf_init(&body, RH_REQUEST_MAX);
	assert_int_equal(rh_connector_workos.to_wire(
				 &scene->workos, &scene->account, &scene->policy,
				 rh_connector_workos.parts(&scene->workos, &scene->account),
				 &scene->arena, &found.sink, &body, &wire, &err),
			 RH_OK);
	rh_buf_add_cstr(out, "{\"body\":");
	rh_buf_add_cstr(out, body.len > 0 ? body.ptr : "null");
	rh_buf_add_cstr(out, ",\n\"wire\":");
	rh_json_writer_init(&writer, out);
	write_wire(&writer, &wire);
	rh_buf_add_cstr(out, ",\n\"findings\":");
	rh_json_writer_init(&writer, out);
	write_findings(&writer, &found);
	rh_buf_add_cstr(out, "}\n");
	rh_buf_done(&body);
}

static const struct golden {
	const char *name;
	void (*make)(struct scene *scene);
} goldens[] = {
	{"plain", make_plain},     {"losses", make_losses},   {"kept", make_kept},
	{"ssha256", make_ssha256}, {"blocked", make_blocked}, {"username-only", make_username_only},
};

static void read_golden(const char *name, struct rh_buf *out)
{
	char path[4096];
	FILE *file;
	int byte;

	(void)snprintf(path, sizeof(path), "%s/workos/target/%s.json", getenv("REHOME_DATA"), name);
	file = fopen(path, "re");
	if (file == NULL) {
		return;
	}
	while ((byte = getc(file)) != EOF) {
		rh_buf_add_char(out, (char)byte);
	}
	(void)fclose(file);
}

/* On a difference what came out is printed, in the form of the file. */
static void test_golden(void **state)
{
	const struct golden *golden = *state;
	struct scene scene = {.workos = workos_instance()};
	struct rh_buf expected;
	struct rh_buf actual;

	rh_arena_init(&scene.arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_buf_init(&expected, RH_REQUEST_MAX);
	rh_buf_init(&actual, RH_REQUEST_MAX);
	scene.account.identifiers = scene.identifiers;
	scene.account.factors = scene.factors;
	scene.account.identities = scene.identities;
	golden->make(&scene);
	render(&scene, &actual);
	read_golden(golden->name, &expected);
	if (!rh_str_eq(rh_buf_str(&actual), rh_buf_str(&expected))) {
		(void)fprintf(stderr, "%s", actual.ptr);
		fail_msg("%s is not what its file says", golden->name);
	}
	rh_buf_done(&expected);
	rh_buf_done(&actual);
	rh_arena_done(&scene.arena);
}

#define GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

int main(void)
{
	struct CMUnitTest tests[GOLDENS];

	for (size_t i = 0; i < GOLDENS; i++) {
		tests[i] = (struct CMUnitTest){
			.name = goldens[i].name,
			.test_func = test_golden,
			.initial_state = (void *)(uintptr_t)&goldens[i],
		};
	}
	return cmocka_run_group_tests_name("workos golden", tests, NULL, NULL);
}
