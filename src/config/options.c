/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: from text into the field of a struct, and back into text. */
#include "config/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

/* A key, token or PEM file. */
#define SECRET_MAX (64U * 1024)
/* A document. */
#define CONTENT_MAX (1024U * 1024)
/* A list of a few million ids. */
#define LINES_MAX (256U * 1024 * 1024)

/* What rh_option_set was called with, for the functions behind it. */
struct assignment {
	const struct rh_option *option;
	void *field;
	char name[96]; /* "--acme-secret-key" */
	struct rh_str text;
	struct rh_arena *arena;
};

const struct rh_option *rh_option_find(const struct rh_option *table, const char *name)
{
	for (const struct rh_option *row = table; row->name != NULL; row++) {
		if (strcmp(row->name, name) == 0) {
			return row;
		}
	}
	return NULL;
}

size_t rh_option_count(const struct rh_option *table)
{
	size_t count = 0;

	while (table[count].name != NULL) {
		count++;
	}
	return count;
}

/* Says what the option takes, without the value. */
static int refuse(const struct assignment *set, const char *what, struct rh_err *err)
{
	return rh_err_set(err, RH_EUSAGE, "option \"%s\" takes %s", set->name, what);
}

static int no_memory(const struct assignment *set, struct rh_err *err)
{
	return rh_err_set(err, RH_ENOMEM, "no memory for option \"%s\"", set->name);
}

/* A file that cannot be read is the fault of the option that names it. */
static int not_read(const struct assignment *set, int code, struct rh_err *err)
{
	(void)rh_err_context(err, code, "option \"%s\"", set->name); /* the code stands below */
	if (code == RH_ENOMEM) {
		return code;
	}
	if (err != NULL) {
		err->code = RH_EUSAGE;
	}
	return RH_EUSAGE;
}

static int store_text(const struct assignment *set, struct rh_str text, struct rh_err *err)
{
	struct rh_str copy;

	if (!rh_arena_copy(set->arena, text, &copy)) {
		return no_memory(set, err);
	}
	memcpy(set->field, &copy.ptr, sizeof(copy.ptr));
	return RH_OK;
}

/* The text of a document, or the file that it stands in. */
static int set_content(const struct assignment *set, struct rh_err *err)
{
	rh_autobuf content = {0};

	if (rh_str_starts(rh_str_trim(set->text), "{")) {
		return store_text(set, set->text, err);
	}
	rh_buf_init(&content, CONTENT_MAX);
	int code = rh_file_read(set->text.ptr, &content, err);
	if (code != RH_OK) {
		return not_read(set, code, err);
	}
	struct rh_str text = rh_buf_str(&content);
	if (!rh_str_starts(rh_str_trim(text), "{") || !rh_str_is_utf8(text) ||
	    memchr(text.ptr, '\0', text.len) != NULL) {
		return refuse(set, "a file with a JSON object in UTF-8", err);
	}
	return store_text(set, text, err);
}

static int set_text(const struct assignment *set, struct rh_err *err)
{
	if (set->text.len == 0) {
		return refuse(set, "a value that is not empty", err);
	}
	if (!rh_str_is_utf8(set->text)) {
		return refuse(set, "text in UTF-8", err); /* a plan holds nothing else */
	}
	if ((set->option->flags & RH_OPTION_CONTENT) != 0) {
		return set_content(set, err);
	}
	return store_text(set, set->text, err);
}

static int set_url(const struct assignment *set, struct rh_err *err)
{
	if (!rh_url_is_safe(set->text.ptr)) {
		return refuse(set,
			      "an https address, or an http address of this machine itself, "
			      "without a password in it",
			      err);
	}
	return store_text(set, set->text, err);
}

/* One line of standard input, read byte by byte: what stands behind it belongs to somebody else. */
static int read_line(struct rh_buf *out, struct rh_err *err)
{
	for (;;) {
		char byte = 0;
		ssize_t got = read(STDIN_FILENO, &byte, 1);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return rh_err_errno(err, RH_EIO, errno, "could not read standard input");
		}
		if (got == 0 || byte == '\n') {
			return rh_buf_check(out, "a line of standard input", err);
		}
		rh_buf_add_char(out, byte);
	}
}

static int set_secret(const struct assignment *set, struct rh_err *err)
{
	rh_autobuf content = {0};
	int code = RH_OK;

	rh_buf_init_secret(&content, SECRET_MAX);
	if (rh_str_is(set->text, "-")) {
		code = read_line(&content, err);
	} else if (rh_str_starts(set->text, "@")) {
		code = rh_file_read(set->text.ptr + 1, &content, err);
	} else {
		rh_buf_add_str(&content, set->text);
		code = rh_buf_check(&content, set->option->name, err);
	}
	if (code != RH_OK) {
		return not_read(set, code, err);
	}
	struct rh_str secret = rh_buf_str(&content);
	if (rh_str_ends(secret, "\n")) {
		secret.len--;
	}
	if (rh_str_ends(secret, "\r")) {
		secret.len--;
	}
	if (secret.len == 0 || memchr(secret.ptr, '\0', secret.len) != NULL) {
		return refuse(set, "a value, @FILE, or - for a line of standard input, not empty",
			      err);
	}
	return store_text(set, secret, err);
}

static int set_number(const struct assignment *set, struct rh_err *err)
{
	uint64_t number;

	if (!rh_str_to_u64(set->text, &number)) {
		return refuse(set, "a whole number", err);
	}
	if (number == 0 && (set->option->flags & RH_OPTION_FROM_ONE) != 0) {
		return refuse(set, "a whole number from 1 on", err);
	}
	memcpy(set->field, &number, sizeof(number));
	return RH_OK;
}

static int set_bool(const struct assignment *set, struct rh_err *err)
{
	static const char *const words[][2] = {{"false", "true"},
					       {"no", "yes"},
					       {"0", "1"},
					       {"off", "on"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int value = 0; value < 2; value++) {
			if (rh_str_is_nocase(set->text, words[i][value])) {
				bool is_on = value == 1;
				memcpy(set->field, &is_on, sizeof(is_on));
				return RH_OK;
			}
		}
	}
	return refuse(set, "true or false", err);
}

static int set_choice(const struct assignment *set, struct rh_err *err)
{
	const char *const *choices = set->option->choices;
	rh_autobuf words = {0};

	rh_buf_init(&words, 512);
	for (int i = 0; choices[i] != NULL; i++) {
		if (rh_str_is(set->text, choices[i])) {
			memcpy(set->field, &i, sizeof(i));
			return RH_OK;
		}
		if (i > 0) {
			rh_buf_add_cstr(&words, choices[i + 1] == NULL ? " or " : ", ");
		}
		rh_buf_add_cstr(&words, choices[i]);
	}
	rh_buf_printf(&words, ", not \"%.*s\"", RH_STR_ARG(rh_str_clip(set->text, 60)));
	if (words.failed != 0) {
		return refuse(set, "one of its choices", err);
	}
	return refuse(set, words.ptr, err);
}

static int append(const struct assignment *set, struct rh_str text, struct rh_err *err)
{
	struct rh_text_list list;
	struct rh_str copy;

	memcpy(&list, set->field, sizeof(list));
	if (!rh_str_is_utf8(text)) {
		return refuse(set, "text in UTF-8", err);
	}
	if (!rh_arena_copy(set->arena, text, &copy)) {
		return no_memory(set, err);
	}
	/* Room is doubled at each power of two; the arena frees nothing singly. */
	if ((list.count & (list.count - 1)) == 0) {
		size_t room = list.count == 0 ? 1 : list.count * 2;
		const char **items = rh_arena_calloc(set->arena, room, sizeof(*items));

		if (items == NULL) {
			return no_memory(set, err);
		}
		if (list.count > 0) {
			memcpy(items, list.items, list.count * sizeof(*items));
		}
		list.items = items;
	}
	list.items[list.count] = copy.ptr;
	list.count++;
	memcpy(set->field, &list, sizeof(list));
	return RH_OK;
}

static int append_lines(const struct assignment *set, struct rh_err *err)
{
	rh_autobuf content = {0};
	size_t lines = 0;
	int code;

	rh_buf_init(&content, LINES_MAX);
	code = rh_file_read(set->text.ptr + 1, &content, err);
	if (code != RH_OK) {
		return not_read(set, code, err);
	}
	struct rh_str rest = rh_buf_str(&content);
	if (rest.len > 0 && memchr(rest.ptr, '\0', rest.len) != NULL) {
		return refuse(set, "a file of text, one a line", err);
	}
	while (rest.ptr != NULL && code == RH_OK) {
		struct rh_str line = rh_str_trim(rh_str_cut(&rest, '\n'));

		if (line.len > 0) {
			code = append(set, line, err);
			lines++;
		}
	}
	/* No line would mean no choice, and so everybody. */
	return lines > 0 ? code : refuse(set, "a file that is not empty", err);
}

static int set_list(const struct assignment *set, struct rh_err *err)
{
	if (set->text.len == 0) {
		return refuse(set, "a value that is not empty", err);
	}
	if ((set->option->flags & RH_OPTION_LINES) != 0 && set->text.ptr[0] == '@') {
		return append_lines(set, err);
	}
	return append(set, set->text, err);
}

int rh_option_set(const struct rh_option *option, void *target, const char *prefix,
		  const char *text, struct rh_arena *arena, struct rh_err *err)
{
	struct assignment set = {
		.option = option,
		.field = (char *)target + option->offset,
		.text = rh_str_from(text),
		.arena = arena,
	};

	(void)snprintf(set.name, sizeof(set.name), "--%s%s%s", prefix != NULL ? prefix : "",
		       prefix != NULL ? "-" : "", option->name); /* cut short it still tells */
	if (text == NULL) {
		return refuse(&set, "a value", err);
	}
	switch (option->type) {
	case RH_OPTION_TEXT:
		return set_text(&set, err);
	case RH_OPTION_URL:
		return set_url(&set, err);
	case RH_OPTION_SECRET:
		return set_secret(&set, err);
	case RH_OPTION_NUMBER:
		return set_number(&set, err);
	case RH_OPTION_BOOL:
		return set_bool(&set, err);
	case RH_OPTION_CHOICE:
		return set_choice(&set, err);
	case RH_OPTION_LIST:
		return set_list(&set, err);
	}
	return rh_err_set(err, RH_EINTERNAL, "option \"%s\" has no type", option->name);
}

static void add_choice(const struct rh_option *option, const void *field, struct rh_buf *out)
{
	int choice;

	memcpy(&choice, field, sizeof(choice));
	rh_buf_add_cstr(out, option->choices[choice]);
}

static void add_list(const void *field, struct rh_buf *out)
{
	struct rh_text_list list;

	memcpy(&list, field, sizeof(list));
	for (size_t i = 0; i < list.count; i++) {
		rh_buf_add_cstr(out, i > 0 ? "," : "");
		rh_buf_add_cstr(out, list.items[i]);
	}
}

void rh_option_text(const struct rh_option *option, const void *target, struct rh_buf *out)
{
	const char *field = (const char *)target + option->offset;
	const char *text;
	uint64_t number;
	bool is_on;

	switch (option->type) {
	case RH_OPTION_TEXT:
	case RH_OPTION_URL:
		memcpy(&text, field, sizeof(text));
		rh_buf_add_str(out, rh_str_from(text));
		break;
	case RH_OPTION_SECRET:
		break;
	case RH_OPTION_NUMBER:
		memcpy(&number, field, sizeof(number));
		if (number > 0 || (option->flags & RH_OPTION_FROM_ONE) == 0) {
			rh_buf_add_u64(out, number);
		}
		break;
	case RH_OPTION_BOOL:
		memcpy(&is_on, field, sizeof(is_on));
		rh_buf_add_cstr(out, is_on ? "true" : "false");
		break;
	case RH_OPTION_CHOICE:
		add_choice(option, field, out);
		break;
	case RH_OPTION_LIST:
		add_list(field, out);
		break;
	}
}

bool rh_option_is_default(const struct rh_option *option, struct rh_str text)
{
	const char *plain = option->type == RH_OPTION_BOOL ? "false" : "";

	return text.len == 0 ||
	       rh_str_is(text, option->fallback != NULL ? option->fallback : plain);
}

int rh_option_defaults(const struct rh_option *table, void *target, struct rh_arena *arena,
		       struct rh_err *err)
{
	int code = RH_OK;

	for (const struct rh_option *row = table; row->name != NULL && code == RH_OK; row++) {
		if (row->fallback != NULL) {
			code = rh_option_set(row, target, NULL, row->fallback, arena, err);
		}
	}
	return code;
}

const char *rh_option_env_name(struct rh_arena *arena, const char *prefix, const char *name)
{
	struct rh_str text = rh_arena_printf(arena, "%s%s%s", prefix != NULL ? prefix : "",
					     prefix != NULL ? "_" : "", name);
	char *letters;

	if (text.ptr == NULL) {
		return NULL;
	}
	letters = rh_arena_alloc(arena, text.len + 1);
	if (letters == NULL) {
		return NULL;
	}
	for (size_t i = 0; i <= text.len; i++) {
		char byte = text.ptr[i];

		if (byte >= 'a' && byte <= 'z') {
			byte = (char)(byte - 'a' + 'A');
		}
		letters[i] = byte == '-' ? '_' : byte;
	}
	return letters;
}

/* Whole text as a number of a dotted IPv4 address. */
static bool is_octet(struct rh_str text)
{
	uint64_t number;

	return text.len > 0 && text.len <= 3 && rh_str_to_u64(text, &number) && number <= 255;
}

static bool is_loopback(struct rh_str host)
{
	struct rh_str rest = host;
	int octets = 0;

	if (rh_str_is_nocase(host, "localhost") || rh_str_is(host, "[::1]")) {
		return true;
	}
	if (!rh_str_starts(host, "127.")) {
		return false;
	}
	while (rest.ptr != NULL && octets < 5 && is_octet(rh_str_cut(&rest, '.'))) {
		octets++;
	}
	return rest.ptr == NULL && octets == 4;
}

/* Cuts ":PORT" off; false: what stands there is no port. */
static bool cut_port(struct rh_str *host)
{
	const char *colon = memrchr(host->ptr, ':', host->len);
	size_t at;
	uint64_t port;

	if (colon == NULL || (host->ptr[0] == '[' && host->ptr[host->len - 1] == ']')) {
		return true;
	}
	at = (size_t)(colon - host->ptr);
	if (!rh_str_to_u64(rh_str_sub(*host, at + 1, host->len), &port) || port == 0 ||
	    port > 65535) {
		return false;
	}
	host->len = at;
	return host->len > 0;
}

bool rh_url_is_safe(const char *url)
{
	struct rh_str text = rh_str_from(url);
	bool is_plain = rh_str_is_nocase(rh_str_sub(text, 0, 7), "http://");
	struct rh_str host;

	if (!is_plain && !rh_str_is_nocase(rh_str_sub(text, 0, 8), "https://")) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];

		/* Readers of addresses disagree about these, and one of them decides where a key goes. */
		if (byte <= ' ' || byte >= 0x7f || byte == '\\') {
			return false;
		}
	}
	host = rh_str_sub(text, is_plain ? 7 : 8, text.len);
	host.len = strcspn(host.ptr, "/?#");
	if (host.len == 0 || rh_str_index(host, '@') >= 0 || !cut_port(&host)) {
		return false;
	}
	return !is_plain || is_loopback(host);
}
