/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports: the stream of records.
 *
 * Records with a trouble are people of their own, one a kind, numbered behind the last and written just
 * before it.  A file whose form cannot have a trouble has that person whole, so that files of one seed, count
 * and list of troubles are about the same people.
 */
#include "connectors/clerk/clerk_sample.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "crypto/digest.h"

#define FLUSH_AT (256U * 1024)
#define RECORD_MAX (4U * 1024 * 1024)

const char *const clerk_sample_troubles[] = {
#define CLERK_TROUBLE_NAME(name, text) text,
	CLERK_TROUBLE_MAP(CLERK_TROUBLE_NAME)
#undef CLERK_TROUBLE_NAME
		NULL,
};

enum sample_form {
	FORM_JSON,
	FORM_NDJSON,
	FORM_CSV,
};

struct sample {
	const struct rh_sample_options *options;
	const struct rh_sample_out *out;
	enum sample_form form;
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
	*hasher = "bcrypt";
	if (person->trouble == CLERK_TROUBLE_UNKNOWN_HASHER) {
		*hasher = "rot13";
	} else if (person->trouble == CLERK_TROUBLE_MISLABELLED_HASH) {
		*hasher = "md5";
	} else if (person->trouble == CLERK_TROUBLE_BROKEN_HASH) {
		text[40] = '\0';
	}
	rh_buf_add_cstr(digest, text);
	return RH_OK;
}

/* Spoils the record that starts at `from`, where that is a matter of its bytes. */
static void spoil(struct sample *sample, const struct clerk_person *person, size_t from)
{
	struct rh_buf *buf = &sample->buf;
	char *letter = NULL;

	if (buf->failed != 0) {
		return;
	}
	if (person->trouble == CLERK_TROUBLE_BAD_UTF8) {
		letter = memmem(buf->ptr + from, buf->len - from, "Trudé", strlen("Trudé"));
		if (letter != NULL) {
			letter[strlen("Trud")] = (char)0xff;
		}
	} else if (person->trouble == CLERK_TROUBLE_BROKEN_RECORD && sample->form != FORM_CSV) {
		buf->len = from;
		rh_buf_printf(buf, "{\"id\":\"%s\",\"object\":}", person->id);
	} else if (person->trouble == CLERK_TROUBLE_SHORT_ROW && sample->form == FORM_CSV) {
		letter = memrchr(buf->ptr + from, ',', buf->len - from);
		if (letter != NULL) {
			buf->len = (size_t)(letter - buf->ptr);
			rh_buf_add_char(buf, '\n');
		}
	} else if (person->trouble == CLERK_TROUBLE_LONG_ROW && sample->form == FORM_CSV) {
		buf->len--;
		rh_buf_add_cstr(buf, ",surplus\n");
	}
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
	if (sample->form == FORM_JSON && sample->written > 0) {
		rh_buf_add_cstr(&sample->buf, ",\n");
	}
	size_t from = sample->buf.len;
	if (sample->form == FORM_CSV) {
		int code = write_csv(sample, person, err);
		if (code != RH_OK) {
			return code;
		}
	} else {
		clerk_sample_json(person, &sample->buf);
	}
	spoil(sample, person, from);
	if (sample->form == FORM_NDJSON) {
		rh_buf_add_char(&sample->buf, '\n');
	}
	sample->written++;
	return sample->buf.len >= FLUSH_AT || sample->buf.failed != 0 ? flush(sample, err) : RH_OK;
}

static int write_troubles(struct sample *sample, struct rh_err *err)
{
	const struct rh_sample_options *options = sample->options;
	uint64_t number = options->count;

	for (int i = CLERK_TROUBLE_NONE + 1; i < CLERK_TROUBLES; i++) {
		struct clerk_person other;
		struct clerk_person person;
		enum clerk_trouble trouble = (enum clerk_trouble)i;

		/* Numbered by kind, not by how many are asked for: the same people in every file. */
		number++;
		if (!sample->wants[i]) {
			continue;
		}
		/* Person 1 stays whole as long as there is another one. */
		clerk_person_make(&other, options->seed,
				  options->count > 2 ? (uint64_t)i % 2 + 2 : options->count);
		clerk_person_make(&person, options->seed, number);
		clerk_person_trouble(&person, trouble, &other);
		int code = write_person(sample, &person, err);
		if (code != RH_OK) {
			return code;
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
			int code = write_troubles(sample, err);
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
	return RH_OK;
}

static int read_form(struct sample *sample, struct rh_err *err)
{
	struct rh_str format = rh_str_from(sample->options->format);

	if (rh_str_is(format, "json")) {
		sample->form = FORM_JSON;
	} else if (rh_str_is(format, "ndjson")) {
		sample->form = FORM_NDJSON;
	} else if (rh_str_is(format, "csv")) {
		sample->form = FORM_CSV;
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
			if (is_all || rh_str_is(name, clerk_sample_troubles[i - 1])) {
				sample->wants[i] = true;
				is_known = true;
			}
		}
		if (!is_known) {
			return rh_err_set(err, RH_EUSAGE, "no trouble has the name %.*s",
					  RH_STR_ARG(rh_str_clip(name, 60)));
		}
	}
	return RH_OK;
}

static int write_all(struct sample *sample, struct rh_err *err)
{
	if (sample->form == FORM_CSV) {
		clerk_sample_csv_header(&sample->buf);
	} else if (sample->form == FORM_JSON) {
		rh_buf_add_cstr(&sample->buf, "[\n");
	}
	int code = write_people(sample, err);
	if (code != RH_OK) {
		return code;
	}
	if (sample->form == FORM_JSON) {
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
