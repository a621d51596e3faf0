/* SPDX-License-Identifier: Apache-2.0 */
/* Results and diagnostics; the only file that writes to standard output. */
#include "cli/print.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"

/* A document is written in pieces of about this size. */
#define DOCUMENT_PIECE (64U * 1024)
#define LINE_MAX_LEN (64U * 1024)

void rh_print_add_count(struct rh_buf *out, uint64_t count)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0) {
			rh_buf_add_char(out, ',');
		}
		rh_buf_add_char(out, digits[i]);
	}
}

/* What a terminal obeys; a newline and a TAB do no harm. */
static bool is_control(char byte)
{
	return ((unsigned char)byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;
}

/* A word with bytes that a terminal obeys, as bash, zsh and ksh read it: POSIX has no other way. */
static void add_shell_escaped(struct rh_buf *out, const char *word)
{
	rh_buf_add_cstr(out, "$'");
	for (const char *at = word; *at != '\0'; at++) {
		if (is_control(*at)) {
			rh_buf_printf(out, "\\%03o", (unsigned)(unsigned char)*at);
		} else if (*at == '\'' || *at == '\\') {
			rh_buf_printf(out, "\\%c", *at);
		} else {
			rh_buf_add_char(out, *at);
		}
	}
	rh_buf_add_char(out, '\'');
}

void rh_print_add_shell(struct rh_buf *out, const char *word)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-./:=@%+,";

	if (word[0] != '\0' && strspn(word, harmless) == strlen(word)) {
		rh_buf_add_cstr(out, word);
		return;
	}
	for (const char *at = word; *at != '\0'; at++) {
		if (is_control(*at)) {
			add_shell_escaped(out, word);
			return;
		}
	}
	rh_buf_add_char(out, '\'');
	for (const char *at = word; *at != '\0'; at++) {
		if (*at == '\'') {
			rh_buf_add_cstr(out, "'\\''");
		} else {
			rh_buf_add_char(out, *at);
		}
	}
	rh_buf_add_char(out, '\'');
}

/* Bytes of well-formed text, but for control characters. */
static void add_printable(struct rh_buf *out, struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		/* U+0080 to U+009F: two bytes in UTF-8, and some terminals obey them. */
		bool is_c1 =
			byte == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;

		if (is_c1) {
			i++;
		}
		rh_buf_add_char(out, byte < 0x20 || byte == 0x7f || is_c1 ? '?' : (char)byte);
	}
}

void rh_print_add_plain(struct rh_buf *out, struct rh_str text)
{
	while (text.len > 0) {
		size_t good = rh_str_utf8_prefix(text);

		add_printable(out, rh_str_sub(text, 0, good));
		if (good < text.len) {
			rh_buf_add_char(out, '?');
			good++;
		}
		text = rh_str_sub(text, good, text.len);
	}
}

void rh_print_add_wrapped(struct rh_buf *out, const char *text, unsigned indent, unsigned width)
{
	struct rh_str rest = rh_str_from(text);
	size_t room = width > indent + 20 ? width - indent : 20;
	size_t used = 0;

	while (rest.ptr != NULL) {
		struct rh_str word = rh_str_cut(&rest, ' ');
		size_t len = rh_str_points(word);

		if (word.len == 0) {
			continue;
		}
		if (used > 0 && used + 1 + len > room) {
			rh_buf_printf(out, "\n%*s", (int)indent, "");
			used = 0;
		} else if (used > 0) {
			rh_buf_add_char(out, ' ');
			used++;
		}
		rh_buf_add_str(out, word);
		used += len;
	}
	rh_buf_add_char(out, '\n');
}

void rh_print_bytes(struct rh_cli *cli, struct rh_str bytes)
{
	if (cli->written == 0 && bytes.len > 0 &&
	    fwrite(bytes.ptr, 1, bytes.len, stdout) != bytes.len) {
		cli->written = errno;
	}
}

void rh_print(struct rh_cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (cli->written == 0 && vfprintf(stdout, fmt, args) < 0) {
		cli->written = errno;
	}
	va_end(args);
}

void rh_print_flush(struct rh_cli *cli)
{
	if (fflush(stdout) != 0 && cli->written == 0) {
		cli->written = errno;
	}
}

/* What cannot be said on standard error cannot be said. */
static void say(struct rh_cli *cli, const char *fmt, va_list args) RH_PRINTF(2, 0);
static void say(struct rh_cli *cli, const char *fmt, va_list args)
{
	rh_term_finish(&cli->term);
	rh_print_flush(cli);
	(void)vfprintf(stderr, fmt, args);
}

void rh_print_note(struct rh_cli *cli, const char *fmt, ...)
{
	va_list args;

	if (!cli->values.quiet) {
		va_start(args, fmt);
		say(cli, fmt, args);
		va_end(args);
	}
}

void rh_print_detail(struct rh_cli *cli, const char *fmt, ...)
{
	va_list args;

	if (cli->values.verbose && !cli->values.quiet) {
		va_start(args, fmt);
		say(cli, fmt, args);
		va_end(args);
	}
}

void rh_print_error(struct rh_cli *cli, const struct rh_err *err)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, LINE_MAX_LEN);
	rh_buf_add_cstr(&text, "rehome: ");
	rh_print_add_plain(&text, rh_str_from(err->message[0] != '\0' ? err->message
								      : rh_error_text(err->code)));
	rh_buf_add_char(&text, '\n');
	if (err->hint[0] != '\0') {
		rh_buf_add_cstr(&text, "hint: ");
		rh_print_add_plain(&text, rh_str_from(err->hint));
		rh_buf_add_char(&text, '\n');
	}
	rh_term_finish(&cli->term);
	rh_print_flush(cli);
	if (text.failed != 0) {
		/* Constant texts need no memory. */
		(void)fprintf(stderr, "rehome: %s; no memory is left to say more\n",
			      rh_error_text(err->code));
		return;
	}
	(void)fprintf(stderr, "%.*s", RH_STR_ARG(rh_buf_str(&text)));
}

void rh_print_document_begin(struct rh_cli *cli)
{
	if (!cli->values.json || cli->has_document) {
		return;
	}
	cli->has_document = true;
	rh_json_begin_object(&cli->json);
	rh_json_key(&cli->json, "schema");
	rh_json_put_u64(&cli->json, 1);
	rh_json_key(&cli->json, "command");
	rh_json_put_cstr(&cli->json, cli->command != NULL ? cli->command->name : NULL);
}

static void write_document(struct rh_cli *cli)
{
	if (cli->document.failed != 0 && cli->written == 0) {
		cli->written = ENOMEM;
	}
	rh_print_bytes(cli, rh_buf_str(&cli->document));
	rh_buf_reset(&cli->document);
}

void rh_print_document_flush(struct rh_cli *cli)
{
	if (cli->document.len > DOCUMENT_PIECE) {
		write_document(cli);
	}
}

static const char *code_name(int code)
{
	switch (code) {
#define NAME_CASE(name, value, text) \
	case RH_##name:              \
		return #name;
		RH_ERROR_MAP(NAME_CASE)
#undef NAME_CASE
	}
	return "OK";
}

/* Messages quote what was given, which may be anything; a document is UTF-8. */
static void put_plain(struct rh_json_writer *json, const char *name, const char *text)
{
	rh_autobuf plain = {0};

	rh_buf_init(&plain, LINE_MAX_LEN);
	rh_print_add_plain(&plain, rh_str_from(text));
	rh_json_member(json, name, rh_buf_str(&plain));
}

static void put_error(struct rh_json_writer *json, const struct rh_err *err)
{
	char name[24] = {0};

	/* "EUSAGE" is "usage" outside of C. */
	const char *from = code_name(err->code);
	for (size_t i = 0; i + 1 < sizeof(name) && from[0] != '\0' && from[i + 1] != '\0'; i++) {
		name[i] = (char)(from[i + 1] - 'A' + 'a'); /* capital letters, all of them */
	}
	rh_json_key(json, "error");
	rh_json_begin_object(json);
	rh_json_member(json, "code", rh_str_from(name));
	put_plain(json, "message", err->message);
	if (err->hint[0] != '\0') {
		put_plain(json, "hint", err->hint);
	}
	if (err->record > 0) {
		rh_json_key(json, "record");
		rh_json_put_u64(json, err->record);
	}
	if (err->line > 0) {
		rh_json_key(json, "line");
		rh_json_put_u64(json, err->line);
		rh_json_key(json, "column");
		rh_json_put_u64(json, err->column);
	}
	rh_json_end_object(json);
}

void rh_print_document_end(struct rh_cli *cli, int exit_code)
{
	if (!cli->values.json || cli->has_ended) {
		return;
	}
	rh_print_document_begin(cli);
	cli->has_ended = true;
	if (cli->has_failed) {
		put_error(&cli->json, &cli->err);
	}
	rh_json_key(&cli->json, "exit");
	rh_json_put_i64(&cli->json, exit_code);
	rh_json_end_object(&cli->json);
	rh_buf_add_char(&cli->document, '\n');
	write_document(cli);
}

void rh_print_put_where(struct rh_json_writer *json, const char *state, const char *input,
			uint64_t record)
{
	rh_json_member(json, "state", rh_str_from(state));
	rh_json_member(json, "input", rh_str_from(input));
	rh_json_key(json, "row");
	rh_json_put_u64(json, record);
}
