/* SPDX-License-Identifier: Apache-2.0 */
/* First bytes of what people give by mistake, each with a word of help. */
#include "read/sniff.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Enough for every magic number below and for a look at the first line. */
enum { HEAD = 512 };

struct known {
	struct rh_str start;
	const char *what;
	const char *hint;
};

#define SAVE_AS_UTF8 "Save it as UTF-8."
#define SAVE_AS_CSV "Save the sheet as CSV (UTF-8)."
#define UNPACK "Unpack it first; gzip and zstd are read as they are."
#define SIGNED_OUT "Perhaps the page that asks to sign in was saved in place of the export."

static const struct known knowns[] = {
	{RH_STR("\xff\xfe"), "UTF-16 text", SAVE_AS_UTF8},
	{RH_STR("\xfe\xff"), "UTF-16 text", SAVE_AS_UTF8},
	{RH_STR("PK\x03\x04"), "a zip archive or an XLSX sheet", SAVE_AS_CSV},
	{RH_STR("\xd0\xcf\x11\xe0"), "an XLS sheet", SAVE_AS_CSV},
	{RH_STR("%PDF"), "a PDF", "Export the data as JSON or CSV."},
	{RH_STR("\x1f\x8b"), "packed twice with gzip", UNPACK},
	{RH_STR("\x28\xb5\x2f\xfd"), "packed twice with zstd", UNPACK},
	{RH_STR("BZh"), "packed with bzip2", UNPACK},
	{RH_STR("\xfd"
		"7zXZ"),
	 "packed with xz", UNPACK},
	{RH_STR("7z\xbc\xaf"), "a 7z archive", UNPACK},
	{RH_STR("SQLite format 3"), "an SQLite database", "Export the table as JSON or CSV."},
	{RH_STR("PGDMP"), "a database dump", "Export the table as JSON or CSV."},
	{RH_STR("PAR1"), "a Parquet file", "Export the data as JSON or CSV."},
	{RH_STR("-----BEGIN"), "encrypted or signed text", "Decrypt it first."},
};

static int refuse(const char *what, const char *hint, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EINPUT, "the input is neither JSON nor CSV: it looks like %s",
			 what);
	rh_err_hint(err, "%s", hint);
	return RH_EINPUT;
}

static int look_at_start(struct rh_str head, struct rh_err *err)
{
	for (size_t i = 0; i < sizeof(knowns) / sizeof(knowns[0]); i++) {
		const struct known *known = &knowns[i];

		if (head.len >= known->start.len &&
		    memcmp(head.ptr, known->start.ptr, known->start.len) == 0) {
			return refuse(known->what, known->hint, err);
		}
	}
	/* UTF-16 without a mark: every second byte of ASCII is zero. */
	if (head.len >= 2 && (head.ptr[0] == '\0') != (head.ptr[1] == '\0')) {
		return refuse("UTF-16 text", SAVE_AS_UTF8, err);
	}
	return RH_OK;
}

static int look_at_text(struct rh_str head, struct rh_err *err)
{
	struct rh_str first;

	if (head.ptr[0] == '<') {
		struct rh_str start = rh_str_sub(head, 0, 5);
		bool is_xml = rh_str_is_nocase(start, "<?xml");

		return refuse(is_xml ? "XML" : "a web page",
			      is_xml ? "Export the data as JSON or CSV." : SIGNED_OUT, err);
	}
	/* A NUL further down makes one row bad. */
	first = rh_str_cut(&head, '\n');
	if (memchr(first.ptr, '\0', first.len) != NULL) {
		return refuse("binary data", "Export the data as JSON or CSV.", err);
	}
	return RH_OK;
}

/* Length of the blanks at the front: 1 something else follows, 0 the end, < 0 an error. */
static int measure_blanks(struct rh_window *window, size_t *len, struct rh_err *err)
{
	for (*len = 0;; (*len)++) {
		int got = rh_window_need(window, *len + 1, err);

		if (got <= 0 || memchr(" \t\r\n", rh_window_text(window)[*len], 4) == NULL) {
			return got;
		}
	}
}

/* What is there of the text. */
static struct rh_str head_of(const struct rh_window *window)
{
	return (struct rh_str){rh_window_text(window), rh_window_left(window)};
}

int rh_sniff(struct rh_window *window, bool *is_json, struct rh_err *err)
{
	int got = rh_window_need(window, HEAD, err);
	struct rh_str head;
	size_t blanks;
	int status;

	if (got < 0) {
		return got;
	}
	head = head_of(window);
	if (rh_str_starts(head, "\xef\xbb\xbf")) {
		rh_window_advance(window, 3);
		window->place.column = 1; /* the mark is no part of the first line */
		head = head_of(window);
	}
	status = look_at_start(head, err);
	if (status != RH_OK) {
		return status;
	}
	got = measure_blanks(window, &blanks, err);
	if (got == 0) {
		return rh_err_set(err, RH_EINPUT, "the input is empty");
	}
	if (got > 0) {
		got = rh_window_need(window, blanks + HEAD, err);
	}
	if (got < 0) {
		return got;
	}
	head = rh_str_sub(head_of(window), blanks, HEAD);
	*is_json = head.ptr[0] == '{' || head.ptr[0] == '[';
	if (!*is_json) {
		return look_at_text(head, err); /* blanks stay: a TAB may separate columns */
	}
	rh_window_advance(window, blanks);
	return RH_OK;
}
