/* SPDX-License-Identifier: Apache-2.0 */
/* Acme's made-up exports. */
#include "acme/acme.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

const struct rh_sample_trouble acme_troubles[] = {
	{
		.name = "no-email",
		.help = "a record without address",
		.effects =
			(const struct rh_sample_effect[]){
				{.forms = RH_SAMPLE_JSON,
				 .findings = {RH_FINDING_IDENTIFIER_MISSING}},
				{0}},
	},
	{
		.name = "no-id",
		.help = "a record without id",
		.effects =
			(const struct rh_sample_effect[]){
				{.forms = RH_SAMPLE_JSON,
				 .findings = {RH_FINDING_SOURCE_ID_MISSING}},
				{0}},
	},
	{.name = NULL},
};

static bool has_trouble(const struct rh_sample_options *options, const char *name)
{
	return options->trouble != NULL &&
	       (strcmp(options->trouble, "all") == 0 || strstr(options->trouble, name) != NULL);
}

static void put_person(struct rh_buf *text, const struct rh_sample_options *options, uint64_t n,
		       const char *hash)
{
	bool is_first = n % 10 == 1;
	bool is_second = n % 10 == 2;

	rh_buf_add_char(text, '{');
	if (!is_first || !has_trouble(options, "no-id")) {
		rh_buf_printf(text, "\"id\":\"acme_%llu\",", (unsigned long long)n);
	}
	if (!is_second || !has_trouble(options, "no-email")) {
		rh_buf_printf(text, "\"email\":\"person%llu@example.com\",", (unsigned long long)n);
	}
	rh_buf_printf(text,
		      "\"email_verified\":%s,\"first_name\":\"Ada\",\"last_name\":\"Example %llu\","
		      "\"password_hash\":\"%s\",\"metadata\":{\"n\":%llu},\"created_at\":%llu}",
		      n % 2 == 0 ? "true" : "false", (unsigned long long)n, hash,
		      (unsigned long long)n, 1600000000000000ULL + (unsigned long long)n);
}

int acme_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		struct rh_err *err)
{
	bool is_csv = strcmp(options->format, "csv") == 0;
	bool is_array = strcmp(options->format, "json") == 0;
	rh_autobuf text;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_buf_add_cstr(&text, is_csv ? "id,password_hash\r\n" : is_array ? "[" : "");
	for (uint64_t n = 1; n <= options->count; n++) {
		char hash[64];
		int code = out->bcrypt(out->context, rh_str_from(options->password),
				       n + options->seed, options->cost, hash, err);
		if (code != RH_OK) {
			return code;
		}
		if (is_csv) {
			rh_buf_printf(&text, "acme_%llu,%s\r\n", (unsigned long long)n, hash);
			continue;
		}
		rh_buf_add_cstr(&text, is_array && n > 1 ? "," : "");
		put_person(&text, options, n, hash);
		rh_buf_add_cstr(&text, is_array ? "" : "\n");
	}
	rh_buf_add_cstr(&text, is_array ? "]" : "");
	if (rh_buf_check(&text, "sample", err) != RH_OK) {
		return text.failed;
	}
	return out->write(out->context, rh_buf_str(&text), err);
}
