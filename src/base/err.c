/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in struct rh_err; every text is built aside first, so an argument may be the old message. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

const char *rh_error_text(int code)
{
	switch (code) {
	case RH_OK:
		return "ok";
#define ERROR_CASE(name, value, text) \
	case RH_##name:               \
		return text;
		RH_ERROR_MAP(ERROR_CASE)
#undef ERROR_CASE
	}
	return "error without a name";
}

/* Copies as much of `text` as fits, cutting no code point. */
static void put_text(char *out, size_t size, const char *text)
{
	struct rh_str fits = rh_str_clip(rh_str_from(text), size - 1);

	memcpy(out, fits.ptr, fits.len);
	out[fits.len] = '\0';
}

static void fill(struct rh_err *err, int code, const char *message)
{
	put_text(err->message, sizeof(err->message), message);
	err->code = code;
	err->system = 0;
	err->line = 0;
	err->column = 0;
	err->record = 0;
	err->hint[0] = '\0';
}

int rh_err_set(struct rh_err *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->message) + 4];
	va_list args;

	if (err == NULL) {
		return code;
	}
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* cut where it is too long */
	va_end(args);
	fill(err, code, text);
	return code;
}

/* What helps against it, whatever was being done; NULL: that is for the caller to know. */
static const char *hint_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return "Free some space, then run the same command again.";
	case EROFS:
		return "The disk is mounted for reading only: mount it for writing, or use another "
		       "folder.";
	case EMFILE:
	case ENFILE:
		return "Too many files are open: close some, or raise the limit (ulimit -n).";
	case EIO:
		return "The disk reports a fault: see to it, then run the same command again.";
	default:
		return NULL;
	}
}

int rh_err_errno(struct rh_err *err, int code, int number, const char *fmt, ...)
{
	char text[sizeof(err->message)];
	char whole[2 * sizeof(text)];
	va_list args;

	if (err == NULL) {
		return code;
	}
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* cut where it is too long */
	va_end(args);
	(void)snprintf(whole, sizeof(whole), "%s: %s", text, strerror(number));
	fill(err, code, whole);
	err->system = number;
	if (hint_of_errno(number) != NULL) {
		put_text(err->hint, sizeof(err->hint), hint_of_errno(number));
	}
	return code;
}

void rh_err_hint(struct rh_err *err, const char *fmt, ...)
{
	char text[sizeof(err->hint) + 4];
	va_list args;

	if (err == NULL) {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* cut where it is too long */
	va_end(args);
	put_text(err->hint, sizeof(err->hint), text);
}

int rh_err_context(struct rh_err *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->message)];
	char whole[2 * sizeof(text) + 2];
	va_list args;

	if (err == NULL) {
		return code;
	}
	if (err->code == RH_OK) {
		fill(err, code, rh_error_text(code));
	}
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* cut where it is too long */
	va_end(args);
	(void)snprintf(whole, sizeof(whole), "%s: %s", text, err->message);
	put_text(err->message, sizeof(err->message), whole);
	return err->code;
}
