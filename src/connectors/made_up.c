/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: the stream of records, and spoiling their bytes. */
#include "connectors/made_up.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define FLUSH_AT (256U * 1024)
#define RECORD_MAX (64U * 1024 * 1024) /* one with trouble may be larger than any that is read */

/* ---- kinds of trouble ---------------------------------------------------------------------------------- */

/* "no-id" is NO_ID. */
static bool is_kind(const char *kind, const char *name)
{
	while (*kind != '\0' && *name != '\0') {
		char letter = *kind >= 'A' && *kind <= 'Z' ? (char)(*kind | 0x20) : *kind;
		if (*name != (letter == '_' ? '-' : letter)) {
			return false;
		}
		kind++;
		name++;
	}
	return *kind == *name;
}

enum made_up_trouble made_up_trouble_find(const char *name)
{
	static const char *const kinds[MADE_UP_TROUBLES] = {[MADE_UP_TROUBLE_NONE] = "",
#define NAME(name) [MADE_UP_TROUBLE_##name] = #name,
							    MADE_UP_TROUBLE_MAP(NAME)
#undef NAME
	};

	for (size_t i = 1; i < MADE_UP_TROUBLES; i++) {
		if (is_kind(kinds[i], name)) {
			return (enum made_up_trouble)i;
		}
	}
	return MADE_UP_TROUBLE_NONE;
}

/* Does no plan come of a file of this form that has it? */
static bool stops_plan(const struct rh_sample_trouble *trouble, enum rh_sample_form form)
{
	for (const struct rh_sample_effect *effect = trouble->effects; effect->forms != 0;
	     effect++) {
		if ((effect->forms & (unsigned)form) != 0 && effect->stops_plan) {
			return true;
		}
	}
	return false;
}

/* Does it stand behind the last person? */
static bool is_last(enum made_up_trouble trouble)
{
	return trouble == MADE_UP_TROUBLE_OPEN_QUOTE || trouble == MADE_UP_TROUBLE_TRUNCATED;
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

static void add_times(struct rh_buf *buf, const char *text, size_t times)
{
	size_t len = strlen(text);
	char *room = rh_buf_reserve(buf, len * times);

	for (size_t i = 0; room != NULL && i < times; i++) {
		memcpy(room + i * len, text, len);
	}
	buf->len += room != NULL ? len * times : 0;
}

static void spoil(const struct made_up_spoiling *spoiling, struct rh_buf *buf, size_t from)
{
	rh_autobuf rest = {0};
	const char *at =
		memmem(buf->ptr + from, buf->len - from, spoiling->piece.ptr, spoiling->piece.len);

	if (at == NULL) {
		return;
	}
	size_t begin = (size_t)(at - buf->ptr);
	size_t end = begin + spoiling->piece.len;
	rh_buf_init(&rest, buf->len);
	rh_buf_add(&rest, buf->ptr + end, buf->len - end);
	buf->len = begin;
	rh_buf_add_str(buf, spoiling->before);
	if (spoiling->times > 0) {
		add_times(buf, spoiling->open, spoiling->times);
		add_times(buf, spoiling->close, spoiling->times);
	}
	rh_buf_add_cstr(buf, spoiling->after != NULL ? spoiling->after : "");
	rh_buf_add_str(buf, rh_buf_str(&rest));
	if (rest.failed != RH_OK && buf->failed == RH_OK) {
		buf->failed = rest.failed;
	}
}

/* Spoils the record that starts at `from`, where that is a matter of its bytes. */
static void spoil_record(struct made_up_sample *sample, const struct made_up_person *person,
			 size_t from)
{
	const struct made_up_provider *provider = sample->provider;
	struct rh_buf *buf = &sample->buf;

	if (buf->failed != RH_OK) {
		return;
	}
	for (size_t i = 0; i < provider->spoiling_count; i++) {
		const struct made_up_spoiling *spoiling = &provider->spoilings[i];
		if (spoiling->trouble == person->trouble &&
		    (spoiling->forms & (unsigned)sample->form) != 0) {
			spoil(spoiling, buf, from);
		}
	}
	if (person->trouble == MADE_UP_TROUBLE_TRUNCATED && buf->failed == RH_OK) {
		buf->len = from + (buf->len - from) / 2;
	} else if (person->trouble == MADE_UP_TROUBLE_HEADER_TWICE &&
		   sample->form == RH_SAMPLE_CSV && provider->header != NULL) {
		buf->len = from;
		provider->header(buf);
	}
}

/* ---- records ------------------------------------------------------------------------------------------- */

static int flush(struct made_up_sample *sample, struct rh_err *err)
{
	int code = rh_buf_check(&sample->buf, "a made-up record", err);

	if (code == RH_OK && sample->buf.len > 0) {
		code = sample->out->write(sample->out->context, rh_buf_str(&sample->buf), err);
		rh_buf_reset(&sample->buf);
	}
	return code;
}

int made_up_bcrypt(const struct made_up_sample *sample, const struct made_up_person *person,
		   char out[64], struct rh_err *err)
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

static int write_person(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_err *err)
{
	if (sample->form == RH_SAMPLE_JSON && sample->written > 0) {
		rh_buf_add_cstr(&sample->buf, ",\n");
	}
	size_t from = sample->buf.len;
	int code = sample->provider->write(sample, person, &sample->buf, err);
	if (code != RH_OK) {
		return code;
	}
	if (person->trouble != MADE_UP_TROUBLE_NONE) {
		spoil_record(sample, person, from);
	}
	if (sample->form == RH_SAMPLE_NDJSON && person->trouble != MADE_UP_TROUBLE_TRUNCATED) {
		rh_buf_add_char(&sample->buf, '\n');
	}
	sample->written++;
	return sample->buf.len >= FLUSH_AT || sample->buf.failed != 0 ? flush(sample, err) : RH_OK;
}

static void make_person(const struct made_up_sample *sample, struct made_up_person *person,
			uint64_t number, enum made_up_trouble trouble,
			const struct made_up_person *twin)
{
	const struct made_up_provider *provider = sample->provider;

	made_up_person_make(person, sample->options->seed, number);
	provider->identify(person);
	if (trouble != MADE_UP_TROUBLE_NONE) {
		made_up_trouble_give(person, trouble, twin);
	}
	if (provider->give != NULL) {
		provider->give(person);
	}
}

/* One record, or two of which the second takes from the first. */
static int write_trouble(struct made_up_sample *sample, enum made_up_trouble trouble,
			 struct rh_err *err)
{
	/* By kind, not by how many are asked for: the same people in every file. */
	uint64_t number = sample->options->count + (uint64_t)trouble;
	struct made_up_person first;
	struct made_up_person second;

	make_person(sample, &first, number, trouble, NULL);
	int code = write_person(sample, &first, err);
	if (code == RH_OK && made_up_trouble_is_pair(trouble)) {
		make_person(sample, &second, number + MADE_UP_TROUBLES, trouble, &first);
		code = write_person(sample, &second, err);
	}
	return code;
}

static int write_troubles(struct made_up_sample *sample, bool are_last, struct rh_err *err)
{
	for (int i = MADE_UP_TROUBLE_NONE + 1; i < MADE_UP_TROUBLES; i++) {
		enum made_up_trouble trouble = (enum made_up_trouble)i;

		if (sample->wants[i] && is_last(trouble) == are_last) {
			int code = write_trouble(sample, trouble, err);
			if (code != RH_OK) {
				return code;
			}
		}
	}
	return RH_OK;
}

static int write_people(struct made_up_sample *sample, struct rh_err *err)
{
	const struct rh_sample_options *options = sample->options;
	/* Something whole stands before the troubles (the kind of file is seen from the first record), and
	 * behind them (reading goes on). */
	uint64_t last = options->count > 1 ? options->count : 2;

	for (uint64_t number = 1; number <= last; number++) {
		struct made_up_person person;

		if (number == last) {
			int code = write_troubles(sample, false, err);
			if (code != RH_OK) {
				return code;
			}
		}
		if (number <= options->count) {
			make_person(sample, &person, number, MADE_UP_TROUBLE_NONE, NULL);
			int code = write_person(sample, &person, err);
			if (code != RH_OK) {
				return code;
			}
		}
	}
	return write_troubles(sample, true, err);
}

static int read_form(struct made_up_sample *sample, struct rh_err *err)
{
	struct rh_str format = rh_str_from(sample->options->format);

	if (rh_str_is(format, "json")) {
		sample->form = RH_SAMPLE_JSON;
	} else if (rh_str_is(format, "ndjson")) {
		sample->form = RH_SAMPLE_NDJSON;
	} else if (rh_str_is(format, "csv")) {
		sample->form = RH_SAMPLE_CSV;
	} else if (rh_str_is(format, "csv-old")) {
		sample->form = RH_SAMPLE_CSV;
		sample->is_old_csv = true;
		if (!sample->provider->has_old_csv) {
			return rh_err_set(err, RH_EUSAGE, "there is no older CSV of this provider");
		}
	} else {
		return rh_err_set(err, RH_EUSAGE,
				  "the format of a sample is json, ndjson, csv or csv-old");
	}
	return RH_OK;
}

static int read_troubles(struct made_up_sample *sample, struct rh_err *err)
{
	const struct rh_sample_trouble *troubles = sample->provider->troubles;
	struct rh_str rest = rh_str_from(sample->options->trouble);

	while (rest.ptr != NULL) {
		struct rh_str name = rh_str_trim(rh_str_cut(&rest, ','));
		bool is_all = rh_str_is(name, "all");
		bool is_known = is_all || name.len == 0;

		for (size_t i = 0; troubles[i].name != NULL; i++) {
			bool is_named = rh_str_is(name, troubles[i].name);
			if (is_named || (is_all && !stops_plan(&troubles[i], sample->form))) {
				sample->wants[made_up_trouble_find(troubles[i].name)] = true;
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
static int write_something_else(struct made_up_sample *sample, struct rh_err *err)
{
	bool is_array = sample->form == RH_SAMPLE_JSON;

	rh_buf_add_cstr(&sample->buf, sample->form == RH_SAMPLE_CSV ? "article,price\nchair,20\n"
				      : is_array ? "[{\"article\":\"chair\",\"price\":20}]\n"
						 : "{\"article\":\"chair\",\"price\":20}\n");
	return flush(sample, err);
}

static int write_all(struct made_up_sample *sample, struct rh_err *err)
{
	const struct made_up_provider *provider = sample->provider;

	if (sample->wants[MADE_UP_TROUBLE_EMPTY]) {
		return RH_OK;
	}
	if (sample->wants[MADE_UP_TROUBLE_WRONG_KIND]) {
		return write_something_else(sample, err);
	}
	if (sample->form == RH_SAMPLE_CSV && provider->header != NULL) {
		/* The rows have a cell less than such a header, but nobody reads them. */
		rh_buf_add_cstr(&sample->buf, sample->wants[MADE_UP_TROUBLE_COLUMN_TWICE]
						      ? provider->column_twice
						      : "");
		provider->header(&sample->buf);
	} else if (sample->form == RH_SAMPLE_JSON) {
		rh_buf_add_cstr(&sample->buf, provider->opening);
	}
	int code = write_people(sample, err);
	if (code != RH_OK) {
		return code;
	}
	if (sample->form == RH_SAMPLE_JSON && !sample->wants[MADE_UP_TROUBLE_TRUNCATED]) {
		rh_buf_add_cstr(&sample->buf, provider->closing);
	}
	return flush(sample, err);
}

int made_up_export(const struct made_up_provider *provider, const struct rh_sample_options *options,
		   const struct rh_sample_out *out, struct rh_err *err)
{
	struct made_up_sample sample = {.provider = provider, .options = options, .out = out};
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
