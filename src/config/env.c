/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the process, and .env files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "config/options.h"

#define FILE_MAX (1U * 1024 * 1024)

/* Names and values as "name\0value\0" one behind the other, in the order of the file. */
struct rh_env {
	struct rh_buf pairs;
};

/* Where the reader stands. */
struct cursor {
	const char *at;
	const char *end;
	uint64_t line;
};

const char *rh_environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t')) {
		cursor->at++;
	}
}

static void skip_line(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at != '\n') {
		cursor->at++;
	}
	if (cursor->at < cursor->end) {
		cursor->at++;
		cursor->line++;
	}
}

static bool is_name_byte(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '.';
}

/* "export NAME =" up to behind the '='; absent: the line is no assignment. */
static struct rh_str read_name(struct cursor *cursor)
{
	struct rh_str name = RH_STR_ABSENT;

	for (int words = 0; words < 2; words++) {
		skip_blanks(cursor);
		name.ptr = cursor->at;
		while (cursor->at < cursor->end && is_name_byte(*cursor->at)) {
			cursor->at++;
		}
		name.len = (size_t)(cursor->at - name.ptr);
		skip_blanks(cursor);
		if (cursor->at < cursor->end && *cursor->at == '=') {
			cursor->at++;
			return name.len > 0 ? name : RH_STR_ABSENT;
		}
		if (!rh_str_is(name, "export")) {
			break;
		}
	}
	return RH_STR_ABSENT;
}

static char unescape(char byte)
{
	switch (byte) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return byte;
	}
	return '\0';
}

/* From behind the opening quote; false: it is not closed. */
static bool read_quoted(struct cursor *cursor, char quote, struct rh_buf *out)
{
	while (cursor->at < cursor->end && *cursor->at != quote) {
		char byte = *cursor->at;

		cursor->at++;
		if (byte == '\n') {
			cursor->line++;
		}
		if (byte == '\\' && quote == '"' && cursor->at < cursor->end &&
		    unescape(*cursor->at) != '\0') {
			byte = unescape(*cursor->at);
			cursor->at++;
		}
		rh_buf_add_char(out, byte);
	}
	return cursor->at < cursor->end;
}

static void read_bare(struct cursor *cursor, struct rh_buf *out)
{
	struct rh_str value = {.ptr = cursor->at, .len = 0};

	while (cursor->at < cursor->end && *cursor->at != '\n') {
		bool is_after_blank = cursor->at[-1] == ' ' || cursor->at[-1] == '\t';

		if (*cursor->at == '#' && is_after_blank) {
			break;
		}
		cursor->at++;
	}
	value.len = (size_t)(cursor->at - value.ptr);
	rh_buf_add_str(out, rh_str_trim(value));
}

static int read_value(struct cursor *cursor, const char *path, struct rh_buf *out,
		      struct rh_err *err)
{
	uint64_t line = cursor->line;
	char quote;

	skip_blanks(cursor);
	quote = cursor->at < cursor->end ? *cursor->at : '\0';
	if (quote != '"' && quote != '\'') {
		read_bare(cursor, out);
		return RH_OK;
	}
	cursor->at++;
	if (!read_quoted(cursor, quote, out)) {
		int code = rh_err_set(err, RH_EUSAGE, "reading \"%s\": line %llu: quote not closed",
				      path, (unsigned long long)line);
		if (err != NULL) {
			err->line = line;
		}
		return code;
	}
	cursor->at++;
	return RH_OK;
}

static int read_pairs(struct rh_env *env, const char *path, struct rh_str text, struct rh_err *err)
{
	struct cursor cursor = {.at = text.ptr, .end = text.ptr + text.len, .line = 1};

	if (rh_str_starts(text, "\xef\xbb\xbf")) {
		cursor.at += 3;
	}
	while (cursor.at < cursor.end) {
		struct rh_str name = read_name(&cursor);

		if (name.ptr != NULL) {
			rh_buf_add_str(&env->pairs, name);
			rh_buf_add_char(&env->pairs, '\0');
			int code = read_value(&cursor, path, &env->pairs, err);
			if (code != RH_OK) {
				return code;
			}
			rh_buf_add_char(&env->pairs, '\0');
		}
		skip_line(&cursor);
	}
	return rh_buf_check(&env->pairs, path, err);
}

int rh_env_read(struct rh_env **out, const char *path, struct rh_err *err)
{
	struct rh_env *env = rh_calloc(1, sizeof(*env));
	rh_autobuf text = {0};
	int code = RH_OK;

	if (env == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to read \"%s\"", path);
	}
	rh_buf_init_secret(&env->pairs, 2 * FILE_MAX);
	rh_buf_init_secret(&text, FILE_MAX);
	if (rh_file_exists(path)) {
		code = rh_file_read(path, &text, err);
	}
	if (code == RH_OK && text.len > 0) {
		code = memchr(text.ptr, '\0', text.len) == NULL
			       ? read_pairs(env, path, rh_buf_str(&text), err)
			       : rh_err_set(err, RH_EUSAGE, "\"%s\" is not a file of text", path);
	}
	if (code != RH_OK) {
		rh_env_free(env);
		return code;
	}
	*out = env;
	return RH_OK;
}

const char *rh_env_get(const struct rh_env *env, const char *name)
{
	const char *at = env->pairs.ptr;
	const char *found = NULL;

	while (at != NULL && at < env->pairs.ptr + env->pairs.len) {
		const char *value = at + strlen(at) + 1;

		if (strcmp(at, name) == 0) {
			found = value;
		}
		at = value + strlen(value) + 1;
	}
	return found;
}

void rh_env_free(struct rh_env *env)
{
	if (env != NULL) {
		rh_buf_done(&env->pairs);
		rh_free(env);
	}
}
