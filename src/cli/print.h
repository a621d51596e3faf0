/* SPDX-License-Identifier: Apache-2.0 */
/* Results on standard output: text for people, or the one document of --json; quoting, numbers, wrapping. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdio.h>

#include <rehome/types.h>

struct rh_buf;
struct rh_cli;
struct rh_json_writer;

/* 1234567 as "1,234,567". */
void rh_print_add_count(struct rh_buf *out, uint64_t count);
/* One word for a POSIX shell, quoted where it must be; with control characters in the way of bash. */
void rh_print_add_shell(struct rh_buf *out, const char *word);
/* `text` without bytes that a terminal would obey; every one becomes '?'. */
void rh_print_add_plain(struct rh_buf *out, struct rh_str text);
/* `text` in lines of at most `width` columns, each but the first indented; a newline behind the last. */
void rh_print_add_wrapped(struct rh_buf *out, const char *text, unsigned indent, unsigned width);

/* Standard output: what cannot be written is remembered in cli->written. */
void rh_print_bytes(struct rh_cli *cli, struct rh_str bytes);
void rh_print(struct rh_cli *cli, const char *fmt, ...) RH_PRINTF(2, 3);
/* Writes out what is held back; the first fault is remembered, too. */
void rh_print_flush(struct rh_cli *cli);
/* Standard error, unless --quiet. */
void rh_print_note(struct rh_cli *cli, const char *fmt, ...) RH_PRINTF(2, 3);
/* Standard error, only with --verbose. */
void rh_print_detail(struct rh_cli *cli, const char *fmt, ...) RH_PRINTF(2, 3);
/* An error with position and hint, on standard error. */
void rh_print_error(struct rh_cli *cli, const struct rh_err *err);

/* Opens the document: {"schema":1,"command":…; does nothing without --json or when it is open. */
void rh_print_document_begin(struct rh_cli *cli);
/* Writes out what the document has so far, when that is much. */
void rh_print_document_flush(struct rh_cli *cli);
/* Closes it: the error if one was told, "exit", the end. */
void rh_print_document_end(struct rh_cli *cli, int exit_code);
/* Members of an object: what becomes of a record, and where it stands in which input. */
void rh_print_put_where(struct rh_json_writer *json, const char *state, const char *input,
			uint64_t record);

#endif
