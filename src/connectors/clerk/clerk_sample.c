/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports: the stream of records.
 *
 *  1. Person n is the same in every file of a seed, whatever the count and the form.
 *  2. Records with a trouble are people of their own, one a kind, or two where one record alone is none; they
 *     are numbered behind the last, by kind, and written just before that one.  Kinds that end a file come
 *     behind it.
 *  3. A file whose form cannot have a trouble has that person whole, so that files of one seed, count and
 *     list of troubles are about the same people.
 *  4. What is in memory is one block of records and the largest one.
 */
#include "connectors/clerk/clerk_sample.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "crypto/digest.h"

#define FLUSH_AT (256U * 1024)
#define RECORD_MAX (64U * 1024 * 1024) /* one with trouble may be larger than any that is read */

struct sample {
	const struct rh_sample_options *options;
	const struct rh_sample_out *out;
	enum rh_sample_form form;
	struct rh_buf buf;
	uint64_t written; /* records */
	bool wants[CLERK_TROUBLES];
};

static int flush(struct sample *sample, struct rh_err *err)
{
	int code = rh_buf_check(&sample->buf, "a made-up record", err);

	if (code == RH_OK && sample->buf.len > 0) {
		code = sample->out->write(sample->out->context, rh_buf_str(&sample->buf), err);
		rh_buf_reset(&sample->buf);
	}
	return code;
}

static int hash_bcrypt(const struct sample *sample, const struct clerk_person *person, char out[64],
		       struct rh_err *err)
{
	static const char letters[] = {'b', 'a', 'y'};
	unsigned cost = sample->options->cost > 0 ? sample->options->cost : 4;
	int code = sample->out->bcrypt(sample->out->context, rh_str_from(sample->options->password),
				       person->number, cost, out, err);

	/* For passwords up to 72 bytes the three letters name one function. */
	if (code == RH_OK && strlen(out) == 60 && out[2] == 'b') {
		out[2] = letters[person->bcrypt_form];
	}
	return code;
}

static void hash_sha256(const struct sample *sample, struct rh_buf *out)
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
static int make_password(const struct sample *sample, const struct clerk_person *person,
			 struct rh_buf *digest, const char **hasher, struct rh_err *err)
{
	char text[64];

	*hasher = "";
	switch (person->hasher) {
	case CLERK_SAMPLE_NO_PASSWORD:
		return RH_OK;
	case CLERK_SAMPLE_SHA256:
		*hasher = "sha256";
		hash_sha256(sample, digest);
		return RH_OK;
	case CLERK_SAMPLE_COGNITO:
		*hasher = "awscognito";
		rh_buf_printf(digest, "awscognito#eu-west-1_Example01#exampleclient#%s",
			      person->email);
		return RH_OK;
	case CLERK_SAMPLE_BCRYPT:
		break;
	}
	int code = hash_bcrypt(sample, person, text, err);
	if (code != RH_OK) {
		return code;
	}
	*hasher = person->hasher_text != NULL ? person->hasher_text : "bcrypt";
	rh_buf_add_cstr(digest, person->digest_text != NULL ? person->digest_text : text);
	return RH_OK;
}

static int write_csv(struct sample *sample, const struct clerk_person *person, struct rh_err *err)
{
	rh_autobuf digest = {0};
	const char *hasher = "";

	rh_buf_init(&digest, RECORD_MAX);
	int code = make_password(sample, person, &digest, &hasher, err);
	if (code == RH_OK) {
		code = rh_buf_check(&digest, "a made-up hash", err);
	}
	if (code == RH_OK) {
		clerk_sample_csv(person, rh_buf_str(&digest), hasher, &sample->buf);
	}
	return code;
}

static int write_person(struct sample *sample, const struct clerk_person *person,
			struct rh_err *err)
{
	if (sample->form == RH_SAMPLE_JSON && sample->written > 0) {
		rh_buf_add_cstr(&sample->buf, ",\n");
	}
	size_t from = sample->buf.len;
	if (sample->form == RH_SAMPLE_CSV) {
		int code = write_csv(sample, person, err);
		if (code != RH_OK) {
			return code;
		}
	} else {
		clerk_sample_json(person, &sample->buf);
	}
	if (person->trouble != CLERK_TROUBLE_NONE) {
		clerk_trouble_spoil(person, sample->form, &sample->buf, from);
	}
	if (sample->form == RH_SAMPLE_NDJSON && person->trouble != CLERK_TROUBLE_TRUNCATED) {
		rh_buf_add_char(&sample->buf, '\n');
	}
	sample->written++;
	return sample->buf.len >= FLUSH_AT || sample->buf.failed != 0 ? flush(sample, err) : RH_OK;
}

/* One record, or two of which the second takes from the first. */
static int write_trouble(struct sample *sample, enum clerk_trouble trouble, struct rh_err *err)
{
	uint64_t seed = sample->options->seed;
	/* By kind, not by how many are asked for: the same people in every file. */
	uint64_t number = sample->options->count + (uint64_t)trouble;
	struct clerk_person first;
	struct clerk_person second;

	clerk_person_make(&first, seed, number);
	clerk_trouble_give(&first, trouble, NULL);
	int code = write_person(sample, &first, err);
	if (code == RH_OK && clerk_trouble_is_pair(trouble)) {
		clerk_person_make(&second, seed, number + CLERK_TROUBLES);
		clerk_trouble_give(&second, trouble, &first);
		code = write_person(sample, &second, err);
	}
	return code;
}

static int write_troubles(struct sample *sample, bool are_last, struct rh_err *err)
{
	for (int i = CLERK_TROUBLE_NONE + 1; i < CLERK_TROUBLES; i++) {
		enum clerk_trouble trouble = (enum clerk_trouble)i;

		if (sample->wants[i] && clerk_trouble_is_last(trouble) == are_last) {
			int code = write_trouble(sample, trouble, err);
			if (code != RH_OK) {
				return code;
			}
		}
	}
	return RH_OK;
}

static int write_people(struct sample *sample, struct rh_err *err)
{
	const struct rh_sample_options *options = sample->options;
	/* Something whole stands before the troubles (the kind of file is seen from the first record), and
	 * behind them (reading goes on). */
	uint64_t last = options->count > 1 ? options->count : 2;

	for (uint64_t number = 1; number <= last; number++) {
		struct clerk_person person;

		if (number == last) {
			int code = write_troubles(sample, false, err);
			if (code != RH_OK) {
				return code;
			}
		}
		if (number <= options->count) {
			clerk_person_make(&person, options->seed, number);
			int code = write_person(sample, &person, err);
			if (code != RH_OK) {
				return code;
			}
		}
	}
	return write_troubles(sample, true, err);
}

static int read_form(struct sample *sample, struct rh_err *err)
{
	struct rh_str format = rh_str_from(sample->options->format);

	if (rh_str_is(format, "json")) {
		sample->form = RH_SAMPLE_JSON;
	} else if (rh_str_is(format, "ndjson")) {
		sample->form = RH_SAMPLE_NDJSON;
	} else if (rh_str_is(format, "csv")) {
		sample->form = RH_SAMPLE_CSV;
	} else {
		return rh_err_set(err, RH_EUSAGE, "the format of a sample is json, ndjson or csv");
	}
	return RH_OK;
}

static int read_troubles(struct sample *sample, struct rh_err *err)
{
	struct rh_str rest = rh_str_from(sample->options->trouble);

	while (rest.ptr != NULL) {
		struct rh_str name = rh_str_trim(rh_str_cut(&rest, ','));
		bool is_all = rh_str_is(name, "all");
		bool is_known = is_all || name.len == 0;

		for (int i = CLERK_TROUBLE_NONE + 1; i < CLERK_TROUBLES; i++) {
			enum clerk_trouble trouble = (enum clerk_trouble)i;
			bool is_named = rh_str_is(name, clerk_sample_troubles[i - 1].name);
			if (is_named ||
			    (is_all && !clerk_trouble_stops_plan(trouble, sample->form))) {
				sample->wants[i] = true;
			}
			is_known = is_known || is_named;
		}
		if (!is_known) {
			return rh_err_set(err, RH_EUSAGE, "no trouble has the name %.*s",
					  RH_STR_ARG(rh_str_clip(name, 60)));
		}
	}
	return RH_OK;
}

/* Records of one more thing of which there are lists. */
static int write_something_else(struct sample *sample, struct rh_err *err)
{
	bool is_array = sample->form == RH_SAMPLE_JSON;

	rh_buf_add_cstr(&sample->buf, sample->form == RH_SAMPLE_CSV ? "article,price\nchair,20\n"
				      : is_array ? "[{\"article\":\"chair\",\"price\":20}]\n"
						 : "{\"article\":\"chair\",\"price\":20}\n");
	return flush(sample, err);
}

static int write_all(struct sample *sample, struct rh_err *err)
{
	if (sample->wants[CLERK_TROUBLE_EMPTY]) {
		return RH_OK;
	}
	if (sample->wants[CLERK_TROUBLE_WRONG_KIND]) {
		return write_something_else(sample, err);
	}
	if (sample->form == RH_SAMPLE_CSV) {
		/* The rows have a cell less than such a header, but nobody reads them. */
		rh_buf_add_cstr(&sample->buf,
				sample->wants[CLERK_TROUBLE_COLUMN_TWICE] ? "id," : "");
		clerk_sample_csv_header(&sample->buf);
	} else if (sample->form == RH_SAMPLE_JSON) {
		rh_buf_add_cstr(&sample->buf, "[\n");
	}
	int code = write_people(sample, err);
	if (code != RH_OK) {
		return code;
	}
	if (sample->form == RH_SAMPLE_JSON && !sample->wants[CLERK_TROUBLE_TRUNCATED]) {
		rh_buf_add_cstr(&sample->buf, "\n]\n");
	}
	return flush(sample, err);
}

int clerk_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		 struct rh_err *err)
{
	struct sample sample = {.options = options, .out = out};
	int code = read_form(&sample, err);

	if (code == RH_OK) {
		code = read_troubles(&sample, err);
	}
	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&sample.buf, RECORD_MAX);
	code = write_all(&sample, err);
	rh_buf_done(&sample.buf);
	return code;
}
