/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Clerk. */
#include "connectors/clerk/clerk_sample.h"

#include <stdio.h>

#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "crypto/digest.h"

static void hash_sha256(const struct made_up_sample *sample, struct rh_buf *out)
{
	uint8_t digest[RH_DIGEST_LEN];
	struct rh_sha256 sha;
	struct rh_str password = rh_str_from(sample->options->password);

	rh_sha256_init(&sha);
	rh_sha256_add(&sha, password.ptr, password.len);
	rh_sha256_finish(&sha, digest);
	rh_hex_encode(out, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
}

/* The cells password_digest and password_hasher. */
static int make_password(const struct made_up_sample *sample, const struct made_up_person *person,
			 struct rh_buf *digest, const char **hasher, struct rh_err *err)
{
	char text[64];

	*hasher = "";
	switch (person->hasher) {
	case MADE_UP_NO_PASSWORD:
		return RH_OK;
	case MADE_UP_SHA256:
		*hasher = "sha256";
		hash_sha256(sample, digest);
		return RH_OK;
	case MADE_UP_COGNITO:
		*hasher = "awscognito";
		rh_buf_printf(digest, "awscognito#eu-west-1_Example01#exampleclient#%s",
			      person->email);
		return RH_OK;
	case MADE_UP_BCRYPT:
		break;
	}
	int code = made_up_bcrypt(sample, person, text, err);
	if (code != RH_OK) {
		return code;
	}
	*hasher = person->hasher_text != NULL ? person->hasher_text : "bcrypt";
	rh_buf_add_cstr(digest, person->digest_text != NULL ? person->digest_text : text);
	return RH_OK;
}

static int write_csv(struct made_up_sample *sample, const struct made_up_person *person,
		     struct rh_buf *out, struct rh_err *err)
{
	rh_autobuf digest = {0};
	const char *hasher = "";

	rh_buf_init(&digest, 4096);
	int code = make_password(sample, person, &digest, &hasher, err);
	if (code == RH_OK) {
		code = rh_buf_check(&digest, "a made-up hash", err);
	}
	if (code == RH_OK) {
		clerk_sample_csv(person, rh_buf_str(&digest), hasher, out);
	}
	return code;
}

static int write_record(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_buf *out, struct rh_err *err)
{
	if (sample->form == RH_SAMPLE_CSV) {
		return write_csv(sample, person, out, err);
	}
	clerk_sample_json(person, out);
	return RH_OK;
}

static void identify(struct made_up_person *person)
{
	char letters[CLERK_ID_LETTERS + 1];

	made_up_person_letters(person, "user", letters, CLERK_ID_LETTERS);
	(void)snprintf(person->id, sizeof(person->id), "user_%s", letters);
}

int clerk_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		 struct rh_err *err)
{
	const struct made_up_provider provider = {
		.troubles = clerk_sample_troubles,
		.spoilings = clerk_sample_spoilings,
		.spoiling_count = clerk_sample_spoiling_count,
		.opening = "[\n",
		.closing = "\n]\n",
		.column_twice = "id,",
		.header = clerk_sample_csv_header,
		.identify = identify,
		.give = clerk_sample_give,
		.write = write_record,
	};

	return made_up_export(&provider, options, out, err);
}
